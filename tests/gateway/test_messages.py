"""Messages for members: catalogs in step, plurals, directions, and who may add some."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from core import errors
from core.errors import ConfigurationError
from core.extension.names import nested_name
from core.extension.registry import Registry
from gateway.catalogs import Catalogs, catalogs_of
from gateway.languages import Languages
from gateway.user_errors import SHOWN_AS
from tests.gateway.partner.acme import Lounge, Plugin

MESSAGES = Path(__file__).parents[2] / "gateway" / "messages"
LANGUAGES = ["ar", "de", "en", "es", "fr"]
BEGIN, END = "\u2068", "\u2069"


class Variables(Visitor):
    """Collects what a message is told."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802
        self.found.add(node.id.name)


def variables(language: str, folder: Path = MESSAGES) -> dict[str, set[str]]:
    """Return what each message of a catalog refers to."""
    found = {}
    text = (folder / f"{language}.ftl").read_text()
    for entry in FluentParser().parse(text).body:
        assert not isinstance(entry, ast.Junk), entry.content
        if isinstance(entry, ast.Message):
            visitor = Variables()
            visitor.visit(entry)
            found[entry.id.name] = visitor.found
    return found


@pytest.fixture(scope="module")
def catalogs() -> Catalogs:
    return Catalogs([MESSAGES])


def test_every_catalog_has_the_same_messages_and_variables(catalogs: Catalogs) -> None:
    assert sorted(path.stem for path in MESSAGES.glob("*.ftl")) == LANGUAGES
    assert list(catalogs.languages) == LANGUAGES
    for language in LANGUAGES:
        assert variables(language) == variables("en"), language


def test_messages_are_those_of_errors_and_know_their_attributes() -> None:
    shown = {kind.code: kind for kind in SHOWN_AS}
    for code, used in variables("en").items():
        told = set(shown[code].__init__.__annotations__) - {"return"}
        assert used <= told, code


def test_refusals_of_built_in_plugins_are_translated(registry: Registry) -> None:
    plugins = MESSAGES.parents[1] / "plugins"
    folders = (plugins / "messages", plugins / "product" / "messages")
    named = {
        nested_name(one.code, model): set(model.model_fields)
        for one in registry.reward_types
        for model in one.refusals
    }
    found: dict[str, set[str]] = {}
    for folder in folders:
        english = variables("en", folder)
        found |= english
        for language in LANGUAGES:
            assert variables(language, folder) == english, (folder, language)

    assert found.keys() == named.keys()
    for name, used in found.items():
        assert used <= named[name], name
    catalogs = catalogs_of(registry, "")
    told = catalogs.text("de", "ExperienceTooYoung", {"minimum_age": 18})
    assert told == "Diese Veranstaltung ist ab 18 Jahren."


def test_a_partners_folder_is_found_and_wins_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "acme_spa"
    (package / "messages").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "messages" / "de.ftl").write_text(
        "SpaClosed = { $day } ist zu.\nREWARD_NOT_FOUND = Gekapert.\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    lounge = type("Spa", (Lounge,), {"__module__": "acme_spa.rewards"})()

    found = catalogs_of(Registry.of(Plugin(lounge)), "")

    assert found.text("de", "SpaClosed", {"day": "Montag"}) == (
        f"{BEGIN}Montag{END} ist zu."
    )
    told = found.text("de", "REWARD_NOT_FOUND", {})
    assert told == "Diese Pr\u00e4mie gibt es nicht."


@pytest.mark.parametrize("page", ["operators.md", "partners.md"])
def test_examples_of_pages_can_be_read(page: str, tmp_path: Path) -> None:
    text = (MESSAGES.parents[1] / "docs" / page).read_text()
    examples = re.findall(r"^```\n(\w+ =\n.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert examples
    (tmp_path / "pt.ftl").write_text("\n".join(examples))

    found = Catalogs([tmp_path])

    values = {"required": 2, "available": 1, "minimum_age": 18}
    for example in examples:
        name = example.partition(" ")[0]
        assert found.text("pt", name, values)


def samples() -> Iterator[tuple[str, dict[str, Any]]]:
    for number in (0, 1, 2, 3, 11, 100, 1_234_567):
        yield "INSUFFICIENT_POINTS", {"required": number, "available": 100 - number}
        yield "OUT_OF_STOCK", {"requested": 5, "remaining": number}
        yield "LIMIT_REACHED", {"limit": number}
        yield "PRICE_CHANGED", {"price": number, "max_points": 1}
        yield "QUOTE_STALE", {"price": number, "quoted_price": 1, "reason": "PRICE"}
    for code, used in variables("en").items():
        if not used or used == {"reason"}:
            yield code, {"reason": "closed on Mondays"}


def test_every_message_can_be_put_together(catalogs: Catalogs) -> None:
    for language in LANGUAGES:
        for code, values in samples():
            text = catalogs.text(language, code, values)
            assert text, (language, code)
            assert not re.search(r"[{}$]|\?\?\?", text), (language, code)


def test_plurals_are_those_of_the_language(catalogs: Catalogs) -> None:
    def price(language: str, points: int) -> str | None:
        return catalogs.text(language, "PRICE_CHANGED", {"price": points})

    assert price("en", 1) == "This costs one point now."
    assert price("en", 1_500) == "This costs 1,500 points now."
    assert price("de", 1) == "Das kostet jetzt einen Punkt."
    assert price("de", 1_500) == "Das kostet jetzt 1.500 Punkte."
    assert price("fr", 0) == "Cela co\u00fbte maintenant 0 point."
    assert price("fr", 2) == "Cela co\u00fbte maintenant 2 points."
    assert price("es", 2) == "Ahora cuesta 2 puntos."
    forms = [price("ar", n) for n in (1, 2, 3, 11, 100)]
    assert len({re.sub(r"[\d.,\u0660-\u0669]+", "", str(one)) for one in forms}) == 4
    assert "\u0646\u0642\u0637\u062a\u0627\u0646" in str(forms[1])  # the dual


def test_a_text_that_is_embedded_turns_nothing_around_it(catalogs: Catalogs) -> None:
    def refused(language: str, reason: str) -> str:
        text = catalogs.text(language, "FULFILLMENT_REFUSED", {"reason": reason})
        return str(text)

    arabic = "\u0645\u063a\u0644\u0642"
    assert refused("de", arabic) == (
        f"Diese Pr\u00e4mie wurde abgelehnt: {BEGIN}{arabic}{END}"
    )
    assert refused("ar", "closed").endswith(f": {BEGIN}closed{END}")
    assert refused("en", "a\u202eb\u2069c").endswith(f": {BEGIN}abc{END}")


def test_the_first_language_that_has_a_message_is_taken(catalogs: Catalogs) -> None:
    def text(*preferred: str) -> str | None:
        return Languages(preferred, catalogs).text("REWARD_NOT_FOUND", {})

    assert text("ja", "de-AT", "fr") == "Diese Pr\u00e4mie gibt es nicht."
    assert text("ja") is None
    assert text() is None
    assert Languages((), catalogs).text("NOT_REVERSIBLE", {"reason": "x"}) is None
    assert Languages(("de",), catalogs).text("NOT_REVERSIBLE", {"reason": "x"}) is None


def test_an_operators_folder_wins_and_adds(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "de.ftl").write_text("REWARD_NOT_FOUND = Nicht da.\n")
    (tmp_path / "pt-BR.ftl").write_text("REWARD_NOT_FOUND = N\u00e3o existe.\n")
    (tmp_path / "README.md").write_text("not a catalog")

    found = catalogs_of(registry, str(tmp_path))

    assert found.languages == ("ar", "de", "en", "es", "fr", "pt-BR")
    assert found.text("de", "REWARD_NOT_FOUND", {}) == "Nicht da."
    assert found.text("de", "MEMBER_NOT_FOUND", {}) == "Dieses Mitglied gibt es nicht."
    assert found.text("pt-BR", "REWARD_NOT_FOUND", {}) == "N\u00e3o existe."
    assert found.text("pt-BR", "MEMBER_NOT_FOUND", {}) is None


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("german.ftl", "A = b\n", "german.ftl: name: must be a language"),
        ("de.ftl", "A = { $b\n", "de.ftl, at 'A = "),
        ("de.ftl", "this is nothing\n", "de.ftl, at 'this is nothing'"),
    ],
)
def test_a_wrong_catalog_stops_the_start(
    tmp_path: Path, registry: Registry, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text)

    with pytest.raises(ConfigurationError, match=re.escape(told)):
        catalogs_of(registry, str(tmp_path))


def test_a_folder_that_is_not_there_stops_the_start(registry: Registry) -> None:
    with pytest.raises(ConfigurationError, match="nowhere is no folder"):
        catalogs_of(registry, "nowhere")


def test_a_message_that_misses_a_variable_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "de.ftl").write_text("LIMIT_REACHED = { $unknown } mal\n")

    assert Catalogs([tmp_path]).text("de", "LIMIT_REACHED", {"limit": 1}) is None


async def refusal(api: Any, member_id: str, reward_id: str, languages: str) -> Any:
    query = """mutation ($i: RedeemRewardInput!) { redeemReward(input: $i) {
      userErrors { __typename code message ... on InsufficientPoints { required } }
    } }"""
    values = {"memberId": member_id, "rewardId": reward_id}
    key = f"key-{languages}-0123456789"
    response = await api.client.post(
        "/graphql",
        json={"query": query, "variables": {"i": {**values, "idempotencyKey": key}}},
        headers={
            "Authorization": f"Bearer {api.token}",
            "Accept-Language": languages,
        },
    )
    (error,) = response.json()["data"]["redeemReward"]["userErrors"]
    return error, response.headers.get("Content-Language")


async def test_a_refusal_speaks_the_members_language(
    staff_api: Any, rewards: dict[str, str]
) -> None:
    enrolled = await staff_api.change("enrollMember", "member { id }")
    member_id = enrolled["member"]["id"]
    plain = str(errors.InsufficientPointsError(required=50, available=0))
    before = await staff_api.ledger()

    for languages, text, spoken in (
        ("*", plain, None),
        ("ja", plain, "en"),
        ("en-US", "50 points are needed, and you have none.", "en"),
        ("de-AT", "Daf\u00fcr sind 50 Punkte n\u00f6tig, und du hast keinen.", "de"),
        ("fr", "Il faut 50 points, et vous n\u2019en avez aucun.", "fr"),
    ):
        error, language = await refusal(
            staff_api, member_id, rewards["ten_percent_off"], languages
        )
        assert language == spoken
        assert error == {
            "__typename": "InsufficientPoints",
            "code": "INSUFFICIENT_POINTS",
            "message": text,
            "required": 50,
        }
    assert (await staff_api.ledger())[1:] == before[1:]
