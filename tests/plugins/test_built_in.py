"""The built-in plugins are declared as a partner's are, all of them, and load."""

import tomllib
from importlib.metadata import EntryPoint
from itertools import combinations
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.extension.fields import shapes
from core.extension.registry import Registry

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DECLARED: dict[str, str] = PROJECT["project"]["entry-points"]["guerdon"]


def test_every_module_is_declared() -> None:
    names = {path.stem for path in (ROOT / "plugins").iterdir() if path.suffix == ".py"}
    packages = {path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py")}
    modules = names - {"__init__"} | packages

    assert {name: f"plugins.{name}" for name in modules} == DECLARED


def test_all_load_together() -> None:
    points = [EntryPoint(name, path, "guerdon") for name, path in DECLARED.items()]

    registry = Registry.of(*(point.load() for point in points))

    assert [one.code for one in registry.reward_types] == [
        "discount",
        "donation",
        "experience",
        "free_shipping",
        "gift_card",
        "product",
    ]
    assert [one.code for one in registry.earning_actions] == [
        "event_check_in",
        "newsletter",
        "purchase",
        "review",
        "sign_up",
        "social_share",
        "survey",
        "visit",
    ]


def test_module_is_named_after_what_it_brings() -> None:
    points = [EntryPoint(name, path, "guerdon") for name, path in DECLARED.items()]

    registry = Registry.of(*(point.load() for point in points))

    for plugin in registry.plugins:
        (brought,) = plugin.brings
        assert brought.split()[-1] == plugin.module.removeprefix("plugins.")


def conflicts(first: type[BaseModel], second: type[BaseModel]) -> list[str]:
    """Return fields that one query could not ask of both models."""
    others = {shape.name: shape for shape in shapes(second)}
    found = []
    for shape in shapes(first):
        other = others.get(shape.name, shape)
        one, two = shape.type, other.type
        if (shape.is_list, shape.is_optional) != (other.is_list, other.is_optional):
            found.append(shape.name)
        elif issubclass(one, BaseModel) and issubclass(two, BaseModel):
            found += [f"{shape.name}.{name}" for name in conflicts(one, two)]
        elif one is not two:
            found.append(shape.name)
    return found


@pytest.mark.parametrize("part", ["config", "fulfillment"])
def test_one_query_may_ask_all_fields_of_all_rewards(part: str) -> None:
    points = [EntryPoint(name, path, "guerdon") for name, path in DECLARED.items()]
    reward_types = Registry.of(*(point.load() for point in points)).reward_types

    for one, other in combinations(reward_types, 2):
        assert conflicts(getattr(one, part), getattr(other, part)) == [], (one, other)
