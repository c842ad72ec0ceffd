"""From an activity to points, as a pure function."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import AmountTooLargeError
from core.ledger.codes import MAX_AMOUNT, NEVER_US
from core.ledger.commands import Award
from core.program.rules.amounts import MOST_PARTS
from core.program.rules.definition import RuleDefinition
from core.program.rules.judging import Reason, Verdict, judge
from core.program.rules.local_time import zone_of
from core.program.rules.record import judgement_of
from core.program.rules.rule import Rule
from core.program.rules.scene import Scene

DAY_US = 86_400_000_000
NOW_US = 1_800_000_000_000_000  # 2027-01-15T08:00:00Z, a Friday


def rule(number: int = 1, *, currency_id: int = 5, **given: Any) -> Rule:
    definition = RuleDefinition(**given)
    return Rule(
        number,
        f"rule_{number}",
        3,
        currency_id,
        is_qualifying=True,
        definition=definition,
    )


def scene(
    *,
    facts: dict[str, Any] | None = None,
    at_us: int = NOW_US,
    member: dict[str, Any] | None = None,
    tier: dict[str, Any] | None = None,
    waits: bool = False,
    **payload: Any,
) -> Scene:
    facts = facts or {}
    return Scene(
        activity=payload | facts,
        facts=facts,
        type="purchase",
        occurred_at_us=at_us,
        zone=zone_of("Europe/Amsterdam"),
        member=member or {},
        tier=tier or {},
        waits=waits,
    )


def only(one: Rule, on: Scene) -> Verdict:
    (verdict,) = judge([one], on)
    return verdict


def parts(verdict: Verdict) -> list[tuple[int | None, int | None, int]]:
    return [(one.order_line, one.order_unit, one.amount) for one in verdict.awards]


def test_points_once() -> None:
    verdict = only(rule(points=50), scene())

    assert verdict.awards == (Award(5, 50, None, NEVER_US, 1),)


@given(st.integers(1, 1000), st.integers(-10, 10**9))
def test_points_for_each_of_a_fact(points: int, units: int) -> None:
    verdict = only(rule(points=points, per="amount"), scene(facts={"amount": units}))

    assert verdict.desired == max(0, points * units)
    assert verdict.reason is (Reason.GIVES if units > 0 else Reason.NO_POINTS)


@given(st.integers(1, 50), st.integers(0, 10**7), st.integers(1, 10**4))
def test_points_for_so_many_of_a_fact(points: int, cents: int, each: int) -> None:
    one = rule(points=points, per="cents", for_each=each)

    assert only(one, scene(facts={"cents": cents})).desired == points * cents // each


@pytest.mark.parametrize("facts", [{"stars": "5"}, {"stars": None}, {"stars": 1.5}])
def test_a_fact_that_is_no_number_is_unknown(facts: dict[str, Any]) -> None:
    verdict = only(rule(points=2, per="stars"), scene(facts=facts))

    assert (verdict.reason, verdict.awards) == (Reason.UNKNOWN, ())
    assert verdict.unknown == "stars is no whole number"


def test_e99_more_points_than_can_be_read_are_refused() -> None:
    one = rule(points=MAX_AMOUNT, per="n")

    assert only(one, scene(facts={"n": 1})).desired == MAX_AMOUNT
    with pytest.raises(AmountTooLargeError):
        only(one, scene(facts={"n": 2}))


def test_e99_a_formula_that_overflows_is_unknown() -> None:
    verdict = only(rule(points="activity.n * activity.n"), scene(n=2**62))

    assert (verdict.reason, verdict.desired) == (Reason.UNKNOWN, 0)


@pytest.mark.parametrize(
    ("when", "met"),
    [
        ("activity.cents >= 5000", True),
        ("activity.cents > 5000", False),
        ("activity.lines.exists(one, one.category == 'care')", True),
        ("member.attributes.city == 'Utrecht' && tier.rank >= 1", True),
        ("member.enrolled_days < 30", False),
        ("tier.code in ['gold', 'silver']", True),
        ("activity.weekday == 'fri' && activity.hour == 9", True),
        ("activity.day == '2027-01-15'", True),
        ("has(activity.coupon) && activity.coupon == 'X'", False),
    ],
)
def test_conditions(when: str, met: bool) -> None:  # noqa: FBT001
    on = scene(
        cents=5000,
        lines=[{"category": "care"}],
        member={"attributes": {"city": "Utrecht"}, "enrolled_days": 30},
        tier={"code": "gold", "rank": 2},
    )

    verdict = only(rule(points=1, when=when), on)

    assert verdict.condition is met
    assert verdict.reason is (Reason.GIVES if met else Reason.CONDITION_FALSE)


@pytest.mark.parametrize(
    ("when", "unknown"),
    [
        ("activity.coupon == 'X'", "coupon is not known"),
        ("member.attributes.city == 'X'", "attributes is not known"),
        ("activity.cents > 'x'", "a value is of another kind than the rule expects"),
        ("activity.cents / 0 > 1", "divides by zero or is too large"),
        ("activity.cents", "gives a number, not a condition"),
    ],
)
def test_what_a_condition_does_not_know_is_false(when: str, unknown: str) -> None:
    verdict = only(rule(points=1, when=when), scene(cents=5000))

    assert (verdict.reason, verdict.condition) == (Reason.UNKNOWN, None)
    assert verdict.unknown == unknown


def test_what_was_looked_at_is_kept() -> None:
    when = "activity.cents > 10 && activity.shop.city == 'X' && tier.rank > 0"

    on = scene(cents=50, shop={"city": "X", "street": "Y"}, tier={"rank": 1})

    judgement = judgement_of(judge([rule(points=1, when=when)], on), on)

    assert judgement.decision()["rules"][0]["inputs"] == {
        "activity.cents": 50,
        "activity.shop.city": "X",
        "tier.rank": 1,
    }


CART = [
    {"category": "drink", "quantity": 2, "cents": 350},
    {"category": "beans", "quantity": 1, "cents": 1299},
    {"category": "drink", "quantity": 1, "cents": 425},
]


def test_points_for_each_line_and_each_unit() -> None:
    drinks = {"select": "line.category == 'drink'"}
    on = scene(lines=CART)

    by_line = only(rule(points=1, per="line", **drinks), on)
    by_unit = only(rule(points=1, per="unit", **drinks), on)
    by_money = only(rule(points="line.cents", per="unit", for_each=100), on)

    assert parts(by_line) == [(1, None, 1), (3, None, 1)]
    assert parts(by_unit) == [(1, 1, 1), (1, 2, 1), (3, 1, 1)]
    assert parts(by_money) == [(1, 1, 3), (1, 2, 3), (2, 1, 12), (3, 1, 6)]
    assert str(by_money.exact) == "606/25"


@pytest.mark.parametrize(
    ("rounding", "amounts"),
    [
        ({"at": "unit", "mode": "down"}, [3, 3, 12, 4]),
        ({"at": "unit", "mode": "up"}, [4, 4, 13, 5]),
        ({"at": "unit", "mode": "half_up"}, [4, 4, 13, 4]),
        ({"at": "unit", "mode": "half_even"}, [4, 4, 13, 4]),
        ({"at": "line", "mode": "down"}, [3, 4, 12, 4]),
        ({"at": "order", "mode": "down"}, [3, 3, 12, 6]),
        ({"at": "order", "mode": "up"}, [3, 3, 13, 6]),
    ],
)
def test_e95_fractions_are_rounded_where_the_rule_says(
    rounding: dict[str, str], amounts: list[int]
) -> None:
    lines = [
        {"quantity": 2, "cents": 350},
        {"quantity": 1, "cents": 1299},
        {"quantity": 1, "cents": 425},
    ]
    one = rule(points="line.cents", per="unit", for_each=100, rounding=rounding)

    verdict = only(one, scene(lines=lines))

    assert [award.amount for award in verdict.awards] == amounts


@given(
    lines=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 9_999)), min_size=1, max_size=8
    ),
    each=st.integers(1, 300),
    mode=st.sampled_from(["down", "up", "half_up", "half_even"]),
    at=st.sampled_from(["unit", "line", "order"]),
)
def test_e2_the_parts_of_an_order_are_its_whole(
    lines: list[tuple[int, int]], each: int, mode: str, at: str
) -> None:
    rounding = {"mode": mode, "at": at}
    cart = [{"quantity": quantity, "cents": cents} for quantity, cents in lines]
    one = rule(points="line.cents", per="unit", for_each=each, rounding=rounding)

    verdict = only(one, scene(lines=cart))

    exact = sum(quantity * cents for quantity, cents in lines)
    pieces = sum(quantity for quantity, _ in lines) if at == "unit" else len(lines)
    assert all(award.amount > 0 for award in verdict.awards)
    slack = 1 if at == "order" else max(1, pieces)
    assert abs(verdict.desired * each - exact) < slack * each or exact == 0
    if at == "order" and mode == "down":
        assert verdict.desired == exact // each


def test_e96_fractions_of_one_activity_are_dropped_as_the_rule_says() -> None:
    facts = {"cents": 40}

    down = only(rule(points=1, per="cents", for_each=100), scene(facts=facts))
    up = only(
        rule(points=1, per="cents", for_each=100, rounding={"mode": "up"}),
        scene(facts=facts),
    )

    assert (down.desired, down.reason) == (0, Reason.NO_POINTS)
    assert (up.desired, str(up.exact)) == (1, "2/5")


def test_an_order_of_very_many_units_earns_line_by_line() -> None:
    lines = [{"quantity": 10**6}, {"quantity": MOST_PARTS}]

    verdict = only(rule(points=2, per="unit"), scene(lines=lines))

    assert parts(verdict) == [(1, None, 2 * 10**6), (2, None, 2 * MOST_PARTS)]


def test_an_order_of_very_many_lines_earns_as_one() -> None:
    verdict = only(rule(points=2, per="line"), scene(lines=[{}] * (MOST_PARTS + 1)))

    assert parts(verdict) == [(None, None, 2 * (MOST_PARTS + 1))]


def test_e13_the_rule_says_what_counts() -> None:
    base = "activity.total - activity.shipping - activity.tax"
    on = scene(total=10_000, shipping=500, tax=1_900)

    assert only(rule(points=base, for_each=100), on).desired == 76


def test_e14_a_line_that_was_voided_earns_nothing() -> None:
    one = rule(points=1, per="line", select="!line.voided")
    lines: list[dict[str, Any]] = [{"voided": True}, {"voided": False}, {}]

    assert parts(only(one, scene(lines=lines))) == [(2, None, 1)]


@pytest.mark.parametrize("cents", [0, -500])
def test_e16_an_order_of_nothing_or_less_gives_nothing(cents: int) -> None:
    verdict = only(rule(points="activity.cents", for_each=100), scene(cents=cents))

    assert (verdict.reason, verdict.awards) == (Reason.NO_POINTS, ())


def test_every_rule_gives_its_own() -> None:
    rules = [rule(1, points=10), rule(2, points=1, per="n"), rule(3, points=2, per="x")]

    judgement = judgement_of(judge(rules, scene(facts={"n": 7})), scene())

    assert judgement.awards_document() == [
        {"rule": "rule_1", "version": 3, "currency": 5, "amount": 10},
        {"rule": "rule_2", "version": 3, "currency": 5, "amount": 7},
    ]
    assert [one["reason"] for one in judgement.decision()["rules"]] == [
        "GIVES",
        "GIVES",
        "NO_POINTS",
    ]


def bonuses(*multipliers: dict[str, Any], base: int = 10) -> list[int]:
    rules = [rule(1, points=base)]
    rules += [
        rule(number, multiply=one, rounding={"mode": "half_up"})
        for number, one in enumerate(multipliers, 2)
    ]
    verdicts = {one.rule.rule_id: one for one in judge(rules, scene())}
    return [verdicts[rule.rule_id].desired for rule in rules[1:]]


def test_e97_each_bonus_is_points_of_its_own() -> None:
    base, double = rule(1, points=10), rule(2, multiply={"factor": "2"})

    given = judge([double, base], scene())

    assert [(one.awards[0].sys_ref, one.awards[0].amount) for one in given] == [
        (1, 10),
        (2, 10),
    ]
    assert (given[1].base, [one.rule.code for one in given[1].of]) == (10, ["rule_1"])


def test_e97_multipliers_stack_as_they_say() -> None:
    two, three = {"factor": "2"}, {"factor": "3"}
    times = {"stacking": "multiplicative"}
    best = {"stacking": "best"}

    assert bonuses(two, three) == [10, 20]
    assert bonuses(two | times, three | times) == [10, 40]
    assert bonuses(two | best, three | best) == [0, 20]
    assert bonuses(three | times, two) == [40, 10]
    assert bonuses({"factor": "1.25"}) == [3]


def test_a_multiplier_without_a_base_gives_nothing() -> None:
    other = rule(1, points=10, currency_id=6)
    double = rule(2, multiply={"factor": "2"})
    named = rule(3, multiply={"factor": "2", "of": ["rule_9"]})

    verdicts = judge([other, double, named], scene())

    reasons = [one.reason for one in verdicts]
    assert reasons == [Reason.GIVES, *[Reason.NOTHING_TO_MULTIPLY] * 2]


def test_a_bonus_is_shared_out_like_its_base_and_lives_as_long() -> None:
    base = rule(1, points=1, per="unit", valid_days=30)
    more = rule(2, multiply={"factor": "1.5"}, rounding={"mode": "down"})

    given = judge([base, more], scene(lines=[{"quantity": 2}, {"quantity": 3}]))

    assert given[1].desired == 2
    assert sum(one.amount for one in given[1].awards) == 2
    assert {one.expires_at_us for one in given[1].awards} == {NOW_US + 30 * DAY_US}


def test_points_wait_and_then_live() -> None:
    verdict = only(rule(points=1, pending_days=14, valid_days=30), scene())

    award = verdict.awards[0]
    assert award.available_at_us == NOW_US + 14 * DAY_US
    assert award.expires_at_us == NOW_US + 44 * DAY_US


def test_life_counts_from_when_it_happened() -> None:
    award = only(rule(points=1, valid_days=30), scene()).awards[0]

    assert award.available_at_us is None
    assert award.expires_at_us == NOW_US + 30 * DAY_US


def test_a_rule_that_is_switched_off_gives_nothing() -> None:
    verdict = only(rule(points=1, active=False), scene())

    assert (verdict.reason, verdict.awards) == (Reason.INACTIVE, ())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "one of points and multiply"),
        ({"points": 0}, "a whole number from 1"),
        ({"points": -1}, "a whole number from 1"),
        ({"points": 1.5}, "a whole number from 1"),
        ({"points": True}, "a whole number from 1"),
        ({"points": MAX_AMOUNT + 1}, "a whole number from 1"),
        ({"points": "activity.a > 1"}, "gives a truth value, not a number"),
        ({"points": "1.5"}, "never as floats"),
        ({"points": "line.cents"}, "line is not known here"),
        ({"points": 1, "per": "Amount"}, "pattern"),
        ({"points": 1, "pending_days": 0}, "greater than 0"),
        ({"points": 1, "valid_days": 0}, "greater than 0"),
        ({"points": 1, "multiplier": 2}, "not permitted"),
        ({"points": 1, "multiply": {"factor": "2"}}, "one of points and multiply"),
        ({"multiply": {"factor": "1"}}, "above 1"),
        ({"multiply": {"factor": "-2"}}, "above 1"),
        ({"multiply": {"factor": "2"}, "per": "n"}, "not for a rule that multiplies"),
        ({"points": 1, "select": "line.a"}, "with per `line` or `unit`"),
        ({"points": 1, "when": "activity.a ="}, "is no expression"),
        ({"points": 1, "when": "1 + 1"}, "gives a number, not a condition"),
        ({"points": 1, "when": "orders.total > 1"}, "orders is not known here"),
        ({"points": 1, "limits": [{"times": 1}]}, "one of per and rolling_days"),
        ({"points": 1, "limits": [{"per": "day"}]}, "one of times and points"),
        ({"points": 1, "valid_days": 1, "expires": {"after_days": 1}}, "one of"),
    ],
)
def test_a_rule_that_makes_no_sense(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        RuleDefinition(**given)
