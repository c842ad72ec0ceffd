"""Names in the language of the caller: by argument, by header, over sockets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine import Engine
from core.program import definition
from gateway.languages import MAX_PREFERRED, accepted
from tests.conftest import PROGRAM

ARABIC = "\u0642\u0647\u0648\u0629 \u0645\u062c\u0627\u0646\u064a\u0629 (50 %)"
REWARD = {
    "code": "coffee",
    "type": "discount",
    "name": "Free coffee",
    "names": {"de": "Gratis-Kaffee", "de-AT": "Gratis-Kaffee, eh klar", "ar": ARABIC},
    "description": "A cup.",
    "descriptions": {"de": "Eine Tasse.", "fr": "Une tasse \u00ab pleine \u00bb."},
    "currency": "PTS",
    "price": 5,
    "config": {"percent_off": 10},
}
READ = """
{ program { language name tiers { name } currencies { name } }
  catalog(first: 1) { nodes { name description } } }
"""


@pytest.fixture
async def program_id(engine: Engine) -> int:
    """The corner shop, in several languages."""
    named = {"currencies": "Punkte", "tiers": "Bronzestufe"}
    values: dict[str, Any] = {**PROGRAM, "names": {"de": "Laden", "fr": "Boutique"}}
    for part, name in named.items():
        first, *others = PROGRAM[part]  # type: ignore[misc]
        values[part] = [{**first, "names": {"de": name}}, *others]  # type: ignore[has-type]
    values["rewards"] = [*PROGRAM["rewards"], REWARD]  # type: ignore[misc]
    return await definition.apply(engine, values)


async def read(api: Any, languages: str | None, query: str = READ) -> Any:
    headers = {"Authorization": f"Bearer {api.token}"}
    if languages is not None:
        headers["Accept-Language"] = languages
    response = await api.client.post("/graphql", json={"query": query}, headers=headers)
    assert "errors" not in response.json()
    return response


def names(data: Any) -> list[str]:
    program, (reward,) = data["program"], data["catalog"]["nodes"]
    return [
        program["name"],
        program["currencies"][0]["name"],
        program["tiers"][0]["name"],
        program["tiers"][1]["name"],
        reward["name"],
        reward["description"],
    ]


ENGLISH = ["Corner Shop", "Points", "Bronze", "Silver", "Free coffee", "A cup."]
GERMAN = ["Laden", "Punkte", "Bronzestufe", "Silver", "Gratis-Kaffee", "Eine Tasse."]
AUSTRIAN = [*GERMAN[:4], "Gratis-Kaffee, eh klar", "Eine Tasse."]
FRENCH = ["Boutique", *ENGLISH[1:5], "Une tasse \u00ab pleine \u00bb."]
ASKED: list[tuple[str | None, list[str], str | None]] = [
    (None, ENGLISH, None),
    ("", ENGLISH, None),
    ("*", ENGLISH, None),
    ("de", GERMAN, "de"),
    ("de-CH", GERMAN, "de"),
    ("de-at", AUSTRIAN, "de"),
    ("fr;q=0.5, de;q=0.9", GERMAN, "de"),
    ("de;q=0, fr", FRENCH, "fr"),
    ("en, de;q=0.9", ENGLISH, "en"),
    ("en-GB, de;q=0.9", ENGLISH, "en"),
    ("ja, fr;q=0.1", FRENCH, "fr"),
    ("ja", ENGLISH, "en"),
    ("ar", [*ENGLISH[:4], ARABIC, "A cup."], "ar"),
    ("nonsense!, ;;q=, de", GERMAN, "de"),
]


async def test_names_come_in_the_language_of_the_header(staff_api: Any) -> None:
    for header, expected, language in ASKED:
        response = await read(staff_api, header)

        assert names(response.json()["data"]) == expected, header
        assert response.headers.get("content-language") == language, header
        assert "Accept-Language" in response.headers["vary"]


async def test_an_argument_wins_over_the_header(staff_api: Any) -> None:
    query = """{ catalog(first: 1) { nodes {
      plain: name german: name(locale: "de-CH") arabic: name(locale: "ar")
      english: name(locale: "EN_us") none: name(locale: "ja")
      ... on DiscountReward { mine: name(locale: "de-AT") }
      description(locale: "fr") } } }"""

    response = await read(staff_api, "de", query)

    assert response.json()["data"]["catalog"]["nodes"] == [
        {
            "plain": "Gratis-Kaffee",
            "german": "Gratis-Kaffee",
            "arabic": ARABIC,
            "english": "Free coffee",
            "none": "Free coffee",
            "mine": "Gratis-Kaffee, eh klar",
            "description": "Une tasse \u00ab pleine \u00bb.",
        }
    ]


async def test_a_locale_is_a_tag(staff_api: Any) -> None:
    literal = '{ program { name(locale: "d\u00e9") } }'
    variable = "query ($l: LanguageTag) { program { name(locale: $l) } }"

    assert await staff_api.code(literal) == "GRAPHQL_VALIDATION_FAILED"
    for wrong in ("de' --", "", 5, ["de"], "$.x", 'de"'):
        assert await staff_api.code(variable, l=wrong) == "BAD_USER_INPUT"
    found = await staff_api.data(variable, l="de_DE")
    assert found == {"program": {"name": "Laden"}}


async def test_languages_take_no_statement_more(
    staff_api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(staff_api.engine.database)
    read_rows, sent = kind.read, []

    async def counted(self: Any, sql: str, *parameters: Any, **more: Any) -> Any:
        sent.append(sql)
        return await read_rows(self, sql, *parameters, **more)

    monkeypatch.setattr(kind, "read", counted)
    counts = []
    for header in (None, "de-AT, fr;q=0.5, ar;q=0.1"):
        sent.clear()
        await read(staff_api, header)
        counts.append(len(sent))

    assert counts[0] == counts[1]


async def test_a_socket_has_the_languages_it_began_with(
    staff_api: Any, bare_socket: Any
) -> None:
    query = "query { program { name } }"
    for payload, expected in (
        ({}, "Corner Shop"),
        ({"acceptLanguage": "fr, de;q=0.5"}, "Boutique"),
        ({"Accept-Language": "de-AT"}, "Laden"),
        ({"acceptLanguage": 5}, "Corner Shop"),
    ):
        async with bare_socket(staff_api.app) as wire:
            init = {"authorization": f"Bearer {staff_api.token}", **payload}
            await wire.send({"type": "connection_init", "payload": init})
            assert await wire.next() == {"type": "connection_ack"}
            await wire.subscribe("1", query)
            answer = await wire.next()
            assert answer["payload"]["data"] == {"program": {"name": expected}}
            assert (await wire.next())["type"] == "complete"


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        (None, ()),
        ("", ()),
        ("de", ("de",)),
        ("de-at, en;q=0.8 , fr ; q=0.9", ("de-AT", "fr", "en")),
        ("de;q=0.5, de;q=0.7, en;q=0.6", ("de", "en")),
        ("de;q=0, en", ("en",)),
        ("de;q=2, en;q=-1, fr;q=nan, es;q=x, it;q=1.000", ("it",)),
        ("*, iw", ("he",)),
        (",,;;,q=1,=", ()),
    ],
)
def test_a_header_is_read_by_weight(header: str | None, tags: tuple[str, ...]) -> None:
    assert accepted(header) == tags


@given(st.text(max_size=300))
def test_no_header_does_harm(header: str) -> None:
    found = accepted(header)

    assert len(found) <= MAX_PREFERRED
    assert len(set(found)) == len(found)
