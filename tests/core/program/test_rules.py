"""From facts to points, as a pure function."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.ledger.codes import MAX_AMOUNT, NEVER_US
from core.ledger.commands import Award
from core.program.rules import Rule, RuleDefinition, evaluate

DAY_US = 86_400_000_000
NOW_US = 1_800_000_000_000_000


def rule(rule_id: int = 1, **given: Any) -> Rule:
    definition = RuleDefinition(**given)
    return Rule(
        rule_id, f"rule_{rule_id}", 3, 5, is_qualifying=True, definition=definition
    )


def amounts(rules: list[Rule], facts: dict[str, Any]) -> list[int]:
    return [one.award.amount for one in evaluate(rules, facts, NOW_US)]


def test_points_once() -> None:
    assert evaluate([rule(points=50)], {}, NOW_US)[0].award == Award(
        5, 50, None, NEVER_US, 1
    )


@given(st.integers(1, 1000), st.integers(-10, 10**9))
def test_points_per_unit(points: int, units: int) -> None:
    found = amounts([rule(points=points, per="amount_major")], {"amount_major": units})

    assert found == ([points * units] if units > 0 else [])


@pytest.mark.parametrize("facts", [{}, {"stars": "5"}, {"stars": None}, {"stars": 1.5}])
def test_a_fact_that_is_no_number_earns_nothing(facts: dict[str, Any]) -> None:
    assert amounts([rule(points=2, per="stars")], facts) == []


def test_no_amount_is_too_large_to_be_read() -> None:
    assert amounts([rule(points=MAX_AMOUNT, per="n")], {"n": 7}) == [MAX_AMOUNT]


def test_every_rule_gives_its_own() -> None:
    rules = [rule(1, points=10), rule(2, points=1, per="n"), rule(3, points=2, per="x")]

    found = evaluate(rules, {"n": 7}, NOW_US)

    assert [(one.rule.rule_id, one.award.amount) for one in found] == [(1, 10), (2, 7)]
    assert found[1].document() == {
        "rule": "rule_2",
        "version": 3,
        "currency": 5,
        "amount": 7,
    }


def test_points_wait_and_then_live() -> None:
    found = evaluate([rule(points=1, pending_days=14, valid_days=30)], {}, NOW_US)

    award = found[0].award
    assert award.available_at_us == NOW_US + 14 * DAY_US
    assert award.expires_at_us == NOW_US + 44 * DAY_US


def test_life_counts_from_when_it_happened() -> None:
    found = evaluate([rule(points=1, valid_days=30)], {}, NOW_US)

    assert found[0].award.available_at_us is None
    assert found[0].award.expires_at_us == NOW_US + 30 * DAY_US


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"points": 0},
        {"points": -1},
        {"points": MAX_AMOUNT + 1},
        {"points": 1, "per": "Amount"},
        {"points": 1, "pending_days": 0},
        {"points": 1, "valid_days": 0},
        {"points": 1, "multiplier": 2},
    ],
)
def test_a_rule_that_makes_no_sense(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RuleDefinition(**given)
