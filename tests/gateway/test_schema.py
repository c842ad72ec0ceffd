"""The schema: printed as committed, described throughout, in step with the core."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.extension.checks import FULFILLMENT_FIELDS, REWARD_FIELDS
from core.extension.registry import Registry
from core.ledger.codes import JournalKind
from core.program.redemption_row import Status
from gateway.limits.directives import Cost, ListSize
from gateway.provider import Provider
from gateway.schema import build_schema
from gateway.types.ledger import TransactionKind
from gateway.types.rewards import RedemptionStatus
from plugins import purchase
from tests.gateway.partner.acme import Lounge, Plugin
from tests.gateway.schema_parts import is_trivial, parts

ROOT = Path(__file__).parents[2]


def test_the_committed_schema_is_the_printed_one(registry: Registry) -> None:
    committed = (ROOT / "schema.graphql").read_text()

    assert committed == build_schema(registry).as_str() + "\n", (
        "guerdon schema > schema.graphql"
    )


@pytest.fixture(params=["built-in", "partner"])
def schema(request: pytest.FixtureRequest, registry: Registry) -> Any:
    """The schema with the built-in plugins, and with a partner's."""
    if request.param == "partner":
        registry = Registry.of(purchase, Plugin(Lounge()))
    return build_schema(registry)._schema


def test_everything_is_described(schema: Any) -> None:
    bare = {
        place: one.description
        for place, one in parts(schema)
        if is_trivial(place, one.description)
    }

    assert bare == {}


def test_a_description_that_says_nothing_is_found() -> None:
    assert is_trivial("Member.displayName", None)
    assert is_trivial("Member.displayName", "The display name.")
    assert is_trivial("Query.members(first)", "First.")
    assert is_trivial("Member", "A person without a period")
    assert not is_trivial("Member.displayName", "Name to show.")


@pytest.mark.parametrize("directive", [Provider, Cost, ListSize])
def test_directives_are_described(directive: Any) -> None:
    # Of their arguments, Strawberry does not print what is said here.
    definition = directive.__strawberry_directive__

    for place, one in (
        (f"@{definition.python_name}", definition),
        *((field.python_name, field) for field in definition.fields),
    ):
        assert not is_trivial(place, one.description), place


def test_what_is_deprecated_says_what_to_use_and_when_it_goes(schema: Any) -> None:
    released = last_release((ROOT / "CHANGELOG.md").read_text())

    for place, one in parts(schema):
        reason = getattr(one, "deprecation_reason", None)
        if reason is not None:
            assert deprecation_fault(reason, released) is None, place


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        ("Use `name`. Goes on 2027-06-01.", None),
        ("Use `a` and `b(c:)`. Goes on 2027-06-01.", None),
        ("No longer supported", "say: Use `x`. Goes on YYYY-MM-DD."),
        ("Use name. Goes on 2027-06-01.", "say: Use `x`. Goes on YYYY-MM-DD."),
        ("Use `x`. Goes on 2027-13-01.", "say: Use `x`. Goes on YYYY-MM-DD."),
        ("Use `x`. Goes on 2027-03-31.", "stays 90 days: 2027-04-01 at the earliest"),
    ],
)
def test_the_form_of_a_deprecation(reason: str, fault: str | None) -> None:
    assert deprecation_fault(reason, date(2027, 1, 1)) == fault


def test_the_last_release_is_read() -> None:
    log = "## Unreleased\n\n## 0.3.0 - 2027-02-03\n\n## 0.2.0 - 2027-01-03\n"

    assert last_release(log) == date(2027, 2, 3)
    assert last_release("## Unreleased\n") == date.min


_DEPRECATION = re.compile(r"Use `.+`\. Goes on (\d{4}-\d\d-\d\d)\.")
_RELEASE = re.compile(r"^## \d+\.\d+\.\d+ - (\d{4}-\d\d-\d\d)$", re.MULTILINE)


def last_release(log: str) -> date:
    """Return when the newest release was; the first day, if there is none."""
    dates = map(date.fromisoformat, _RELEASE.findall(log))
    return max(dates, default=date.min)


def deprecation_fault(reason: str, released: date) -> str | None:
    """Return what is wrong with a reason; it is announced by the release to come."""
    match = _DEPRECATION.fullmatch(reason)
    try:
        goes = date.fromisoformat(match[1]) if match else None
    except ValueError:
        goes = None
    if goes is None:
        return "say: Use `x`. Goes on YYYY-MM-DD."
    earliest = released + timedelta(days=90)
    return None if goes >= earliest else f"stays 90 days: {earliest} at the earliest"


def test_the_page_names_enums_that_there_are(registry: Registry) -> None:
    page = (ROOT / "docs" / "schema-changes.md").read_text()
    _, _, section = page.partition("## Enums may grow")
    named = re.findall(r"`([A-Z]\w+)`", section.partition("\n## ")[0])
    kinds: Any = build_schema(registry)._schema.type_map

    enums = {name for name, kind in kinds.items() if hasattr(kind, "values")}

    assert set(named) - {"UserError"} <= enums
    assert len(named) > 3


def test_enumerations_are_those_of_the_core() -> None:
    assert [one.name for one in TransactionKind] == [one.name for one in JournalKind]
    assert [one.name for one in RedemptionStatus] == [one.name for one in Status]


def test_plugins_cannot_take_the_names_of_common_fields(registry: Registry) -> None:
    schema: Any = build_schema(registry)._schema

    def snake(name: str) -> str:
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)

    reward = {snake(name) for name in schema.type_map["Reward"].fields}
    fulfillment = {snake(name) for name in schema.type_map["Fulfillment"].fields}
    assert reward <= REWARD_FIELDS
    assert fulfillment <= FULFILLMENT_FIELDS


def test_a_schema_without_plugins_has_no_options() -> None:
    printed = build_schema(Registry.of()).as_str()

    assert "RedemptionOptionsInput" not in printed
    assert "type RetiredReward implements Reward & Node" in printed
