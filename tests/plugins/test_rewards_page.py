"""The page of the built-in rewards says what they are, and its examples work."""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, ValueNode, parse, validate
from graphql.utilities import value_from_ast_untyped
from pydantic import BaseModel

from core.extension import in_place
from core.extension.fields import nested_types, shapes
from core.extension.names import camel, pascal
from core.extension.plugin_settings import CommonSettings, variable_prefix
from core.extension.registry import Registry
from core.extension.reward_documents import accept_config, accept_options
from core.extension.reward_type import AnyRewardType
from core.program.document import RewardPart
from gateway.schema import build_schema
from guerdon import Money
from guerdon.testing import RewardTypeContract
from plugins.gift_card import (
    GiftCardConfig,
    GiftCardOptions,
    GiftCardSettings,
    make_gift_card,
)
from plugins.product.warehouse import ProductSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rewards.md").read_text(encoding="utf-8")
SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)
CODES = ("discount", "donation", "experience", "free_shipping", "gift_card", "product")
REGISTRY = Registry.of(*(import_module(f"plugins.{code}") for code in CODES))


def section(code: str) -> str:
    (found,) = [one for one in SECTIONS if f"### Config of `{code}`" in one]
    return found


def part(code: str, title: str) -> str:
    """Return what stands under a heading of the section of *code*."""
    _, _, rest = section(code).partition(f"### {title} of `{code}`\n")
    assert rest, f"{code} has no {title}"
    return rest.split("\n### ")[0]


def block(text: str, language: str) -> str:
    (found,) = re.findall(
        rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    return str(found)


def reward_type(code: str) -> AnyRewardType:
    found = REGISTRY.reward_type(code)
    assert found is not None
    return found


def models(*roots: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for kind in {*roots, *nested_types(*roots)} - {Money}:
        if issubclass(kind, BaseModel):
            yield kind


def assert_described(text: str, model: type[BaseModel]) -> None:
    for shape in shapes(model):
        rows = re.findall(rf"^\|.*`{shape.name}` \|.*$", text, re.MULTILINE)
        place = f"{model.__name__}.{shape.name}"
        assert rows, f"{place} is missing"
        assert any(shape.description in one for one in rows), f"{place} differs"


def test_every_built_in_reward_has_a_section() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {one.lower().replace(" ", "-") for one in headings}

    assert tuple(one.code for one in REGISTRY.reward_types) == CODES
    assert sorted(re.findall(r"^### Config of `(\w+)`$", PAGE, re.MULTILINE)) == list(
        CODES
    )
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= anchors


@pytest.mark.parametrize("code", CODES)
def test_every_field_is_described(code: str) -> None:
    one = reward_type(code)
    config, fulfillment = part(code, "Config"), part(code, "Fulfillment")

    for model in models(one.config):
        assert_described(config, model)
    for model in models(one.fulfillment):
        assert_described(fulfillment + config, model)
    options = part(code, "Options")
    if one.options is None:
        assert "There is nothing to choose." in options
        return
    for model in models(one.options):
        assert_described(options, model)


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_is_described(code: str) -> None:
    text = part(code, "Refusals")

    assert reward_type(code).refusals
    for model in reward_type(code).refusals:
        assert f"`{pascal(code)}{model.__name__}`" in text
        assert_described(text, model)


@pytest.mark.parametrize("code", CODES)
def test_page_names_no_field_that_is_not_there(code: str) -> None:
    one = reward_type(code)
    roots = [one.config, one.fulfillment, *one.refusals]
    roots += [one.options] if one.options else []
    known = {shape.name for model in models(*roots) for shape in shapes(model)}
    refusals = {f"{pascal(code)}{model.__name__}" for model in one.refusals}

    named = set(re.findall(r"^\| `(\w+)` \| ", section(code), re.MULTILINE))

    assert named <= known | refusals


def example(code: str) -> RewardPart:
    (reward,) = tomllib.loads(block(part(code, "Config"), "toml"))["rewards"]
    return RewardPart.model_validate(reward)


@pytest.mark.parametrize("code", CODES)
def test_example_config_is_accepted(code: str) -> None:
    reward = example(code)

    config = accept_config(reward_type(code), reward.config)

    assert reward.type == code
    assert isinstance(config, reward_type(code).config)


@pytest.mark.parametrize("code", CODES)
def test_example_mutation_is_valid(code: str) -> None:
    schema: Any = build_schema(REGISTRY)._schema
    mutation = block(part(code, "Options"), "graphql")

    assert validate(schema, parse(mutation)) == []
    assert f"... on {pascal(code)}Fulfillment" in mutation


def example_options(code: str) -> Any:
    (operation,) = parse(block(part(code, "Options"), "graphql")).definitions
    assert isinstance(operation, OperationDefinitionNode)
    field: Any = operation.selection_set.selections[0]
    value: ValueNode = field.arguments[0].value
    ((member, given),) = value_from_ast_untyped(value)["options"].items()
    assert member == camel(code)
    return snake(given)


def snake(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        re.sub("([A-Z])", r"_\1", name).lower(): snake(one)
        for name, one in value.items()
    }


@pytest.mark.parametrize("code", [code for code in CODES if code != "discount"])
def test_example_mutation_fits_the_example_config(code: str) -> None:
    one = reward_type(code)
    config = accept_config(one, example(code).config)

    options = accept_options(one, example_options(code))

    slot = in_place.slot(one, config, options, {})
    units = in_place.capacity(one, config)
    assert in_place.quantity(one, options) >= 1
    assert units is None or slot in units


@pytest.mark.parametrize(
    ("plugin", "model"), [("gift_card", GiftCardSettings), ("product", ProductSettings)]
)
def test_every_setting_is_described(plugin: str, model: type[BaseModel]) -> None:
    prefix = variable_prefix(plugin)
    for name, field in model.model_fields.items():
        assert f"| `{prefix}{name.upper()}` | {field.description} |" in PAGE


def test_every_variable_is_a_setting() -> None:
    fields = {
        "gift_card": {*GiftCardSettings.model_fields, *CommonSettings.model_fields},
        "product": {*ProductSettings.model_fields, *CommonSettings.model_fields},
    }
    variables = {
        variable_prefix(plugin) + name.upper()
        for plugin, names in fields.items()
        for name in names
    }

    assert set(re.findall(r"\bGUERDON_PLUGIN_\w+", PAGE)) <= variables


@pytest.fixture
def acme_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The issuer of the page, as a module that can be imported."""
    module = r"^`acme_cards.py`\n\n```python\n(.*?)^```$"
    (source,) = re.findall(module, PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "acme_cards.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield "acme_cards:make_issuer"
    sys.modules.pop("acme_cards", None)


def test_issuer_of_the_page_passes_the_contract(acme_cards: str) -> None:
    settings = GiftCardSettings.model_validate(
        {"issuer": acme_cards, "issuer_url": "https://acme.test", "issuer_key": "key"}
    )

    class Contract(RewardTypeContract):
        reward_type = make_gift_card(settings)
        config = GiftCardConfig(
            brand="BOOKS", unit_value=Money(amount_minor=500, currency_code="EUR")
        )
        options = GiftCardOptions()

    contract = Contract()
    tests = [name for name in dir(contract) if name.startswith("test_")]
    for name in tests:
        getattr(contract, name)()
    assert len(tests) == 24


def test_issuer_of_the_page_is_chosen_by_a_variable(acme_cards: str) -> None:
    plugin = import_module("plugins.gift_card")
    prefix = variable_prefix("plugins.gift_card")
    environment = {
        f"{prefix}ISSUER": acme_cards,
        f"{prefix}ISSUER_URL": "https://acme.test",
        f"{prefix}ISSUER_KEY": "a-secret-of-acme",
    }

    registry = Registry.of(plugin, environment=environment)

    (gift_card,) = registry.reward_types
    assert type(gift_card._issuer).__module__ == "acme_cards"
    assert "a-secret-of-acme" not in repr(registry.plugins)
