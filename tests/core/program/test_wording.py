"""Names in several languages: how they are written in a program, and how refused."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from core.engine import Engine
from core.errors import ConfigurationError
from core.extension.registry import Registry
from core.program import definition
from tests.conftest import PROGRAM

CURRENCY: dict[str, Any] = PROGRAM["currencies"][0]  # type: ignore[index]


@pytest.fixture
def registry() -> Registry:
    """The built-in plugins."""
    return Registry.installed()


def program(**given: Any) -> dict[str, Any]:
    return {**PROGRAM, **given}


async def test_every_wording_is_stored_with_the_programs_own(engine: Engine) -> None:
    names = {"DE_at": "Punkterl", "ar": "\u0646\u0642\u0627\u0637"}
    currency = {**CURRENCY, "names": names}

    await definition.apply(engine, program(currencies=[currency], language="EN"))

    rows = await engine.database.read(
        "SELECT c.names, p.names, p.language FROM currency c CROSS JOIN program p"
    )
    stored, of_program, language = rows[0]
    assert json.loads(stored) == {
        "en": "Points",
        "de-AT": "Punkterl",
        "ar": "\u0646\u0642\u0627\u0637",
    }
    assert (of_program, language) == (None, "en")


async def test_the_example_of_the_page_is_a_program(engine: Engine) -> None:
    page = (Path(__file__).parents[3] / "docs" / "operators.md").read_text()
    section = page.partition("## Languages")[2]
    (example,) = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)[:1]
    values = tomllib.loads(example)

    await definition.apply(engine, {**values, "currencies": [CURRENCY]})

    rows = await engine.database.read("SELECT names, descriptions FROM reward")
    assert json.loads(rows[0][0]).keys() == {"en", "de", "de-AT", "fr"}
    assert json.loads(rows[0][1]).keys() == {"en", "de"}


async def test_translations_go_as_they_came(engine: Engine) -> None:
    translated = {**CURRENCY, "names": {"de": "Punkte"}}
    await definition.apply(engine, program(currencies=[translated]))
    await definition.apply(engine, program())

    rows = await engine.database.read("SELECT names FROM currency")

    assert [tuple(row) for row in rows] == [(None,)]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"language": "english"}, "language: .*must be a language such as de"),
        ({"names": {"english": "Shop"}}, "names: .*english: must be a language"),
        ({"names": {"de": "a", "DE": "b"}}, "names: .*de stands there twice"),
        ({"names": {"de": ""}}, r"names\.de"),
        ({"names": {"en": "Shop"}}, r"names\.en: is the program's own language"),
        ({"name": "shop\u202e"}, "name: .*must not have embeddings"),
        ({"names": {"de": "\u2067Laden"}}, r"names\.de: .*must end each isolate"),
        ({"names": {"de": "La\0den"}}, r"names\.de: .*null character"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_changes(
    engine: Engine, given: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        await definition.apply(engine, program(**given))

    assert await definition.find(engine) is None


async def test_texts_of_a_reward_are_checked(engine: Engine) -> None:
    reward = {**PROGRAM["rewards"][0], "description": "Ten."}  # type: ignore[index]
    for wrong, told in (
        ({"descriptions": {"en": "Zehn."}}, r"rewards\[0\]\.descriptions\.en: "),
        ({"descriptions": {"de": "\u202dZehn."}}, "must not have embeddings"),
    ):
        with pytest.raises(ConfigurationError, match=told):
            await definition.apply(engine, program(rewards=[{**reward, **wrong}]))
