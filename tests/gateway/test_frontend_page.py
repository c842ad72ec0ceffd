"""The page for front ends: every example is run, and answered as it says."""

import json
import re
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.clock import to_us
from core.ledger.commands import Award, Command, Earn, Step
from core.program import definition
from gateway.types.quotes import QuoteStaleReason
from tests.conftest import PROGRAM

PAGE = (Path(__file__).parents[2] / "docs" / "frontend.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(graphql|json)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def examples() -> list[tuple[str, str, str]]:
    """Return document, variables and answer of each; some share the document before."""
    found, document, given = [], "", ""
    for language, text in BLOCKS:
        if language == "graphql":
            document = text
        elif not given:
            given = text
        else:
            found.append((document, given, text))
            given = ""
    assert not given
    return found


def filled(text: str, names: dict[str, str]) -> Any:
    """Return a value in which ids stand for names."""
    for name, value in names.items():
        text = text.replace(f'"{name}"', f'"{value}"')
    return json.loads(text)


async def change_price(engine: Any, price: int) -> None:
    program: Any = deepcopy(PROGRAM)
    program["rewards"][0]["price"] = price
    await definition.apply(engine, program)


@pytest.fixture
async def member_api(caller: Any, ada: Any, engine: Any) -> Any:
    """A member's own token; the member has some points that run out."""
    ends_us = to_us(datetime(2027, 2, 1, tzinfo=UTC))
    ((currency_id,),) = await engine.database.read("SELECT currency_id FROM currency")
    award = Award(currency_id, 30, expires_at_us=ends_us)
    step = Step(ada.holder_id, Earn((award,)))
    await engine.ledger.post(Command("test:more", b"f", (step,)))
    return await caller("member", ada.holder_id)


async def test_every_example_is_answered_as_the_page_says(
    member_api: Any, engine: Any, rewards: dict[str, str]
) -> None:
    names = {code.upper(): one for code, one in rewards.items()}
    assert len(examples()) == 5
    for number, (document, given, expected) in enumerate(examples(), start=1):
        if number == 5:
            await change_price(engine, 60)
        before = await member_api.ledger()

        data = await member_api.data(document, **filled(given, names))

        if "QUOTE" not in names:
            names["QUOTE"] = data["quote"]["id"]
        assert data == filled(expected, names), number
        is_changed = await member_api.ledger() != before
        assert is_changed == (number == 3)


def test_every_reason_is_listed() -> None:
    rows = re.findall(r"^\| `([A-Z]+)` \|", PAGE, re.MULTILINE)

    assert rows == [one.name for one in QuoteStaleReason]
