"""The page about earning says what the code does, and its examples run."""

import importlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from core.engine import Engine
from core.extension.earning_action import AnyEarningAction
from core.extension.registry import Registry
from core.extension.reports import read_report
from core.program import definition

ROOT = Path(__file__).parents[2]
BLOCK = re.MULTILINE | re.DOTALL
PAGE = (ROOT / "docs" / "earning.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## `(\w+)`\n(.*?)(?=^## |\Z)", PAGE, BLOCK))
BARE: dict[str, Any] = {
    "code": "main",
    "name": "Shop",
    "currencies": [{"code": "PTS", "name": "Points"}],
}


def _actions() -> Registry:
    """Return the built-in earning actions, whatever else is installed."""
    names = [path.stem for path in sorted((ROOT / "plugins").glob("[a-z]*.py"))]
    modules = [importlib.import_module(f"plugins.{name}") for name in names]
    return Registry.of(
        *(one for one in modules if hasattr(one, "register_earning_actions"))
    )


ACTIONS = _actions()


@pytest.fixture
def registry() -> Registry:
    return ACTIONS


@pytest.fixture
async def program_id(engine: Engine) -> int:
    return await definition.apply(engine, BARE)


@pytest.fixture
async def member_id(staff_api: Any) -> str:
    payload = await staff_api.change("enrollMember", "member { id }")
    found: str = payload["member"]["id"]
    return found


def block(code: str, kind: str) -> str:
    """Return the one block of a kind in a section."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", SECTIONS[code], BLOCK)
    return str(found)


def first_column(code: str, heading: str) -> list[str]:
    section = SECTIONS[code]
    table = section[section.index(f"| {heading} |") :].split("\n\n")[0]
    return [row.split("|")[1].strip(" `") for row in table.splitlines()[2:]]


def action_of(code: str) -> AnyEarningAction:
    action = ACTIONS.earning_action(code)
    assert action is not None
    return action


def test_every_earning_action_has_its_section() -> None:
    assert sorted(SECTIONS) == [one.code for one in ACTIONS.earning_actions]


@pytest.mark.parametrize("code", SECTIONS)
def test_the_tables_are_those_of_the_code(code: str) -> None:
    action = action_of(code)
    believed, once, approval = re.findall(
        r"^Believed: (\w+)\. Once for: (\w+)\. Approval: (\w+)\.$",
        SECTIONS[code],
        re.MULTILINE,
    )[0]

    assert first_column(code, "payload") == list(action.payload.model_fields)
    assert (believed, once) == (action.trust.value, action.uniqueness.value)
    assert approval == ("yes" if action.needs_approval else "no")


@pytest.mark.parametrize("code", SECTIONS)
async def test_the_example_earns_what_it_says(
    engine: Engine, staff_api: Any, member_id: str, code: str
) -> None:
    await definition.apply(engine, BARE | tomllib.loads(block(code, "toml")))

    found = await staff_api.data(
        block(code, "graphql"), key=f"example-of-{code:_<12}", member=member_id
    )

    assert found == {"recordActivity": json.loads(block(code, "json"))}
    ((payload,),) = await engine.database.read("SELECT payload FROM activity")
    report = read_report(action_of(code), json.loads(payload))
    assert first_column(code, "fact") == list(report.facts)


async def test_the_registered_type_earns(
    engine: Engine, caller: Any, staff_api: Any, member_id: str
) -> None:
    example = re.findall(r"^```graphql\n(.*?)^```$", PAGE, BLOCK)[0]
    admin_api = await caller("admin")
    rule = {
        "code": "ride",
        "activity": "bike_trip",
        "currency": "PTS",
        "points": 3,
        "per": "ride_kilometers",
    }
    await definition.apply(engine, BARE | {"rules": [rule]})

    registered = await admin_api.data(example, key="the-type-of-bike-trips")
    payload = await staff_api.change(
        "recordActivity",
        "points userErrors { message }",
        memberId=member_id,
        type="bike_trip",
        payload={
            "trip_id": "t1",
            "ride": {"kilometers": 4, "ended_at": "2027-01-14T12:00:00Z"},
        },
    )

    assert registered == {
        "registerActivityType": {
            "activityType": {"code": "bike_trip", "version": 1},
            "userErrors": [],
        }
    }
    assert payload == {"points": 12, "userErrors": []}
