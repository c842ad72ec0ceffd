"""Expressions, schedules and expiries: what is accepted, what is refused, and why."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import cel
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.clock import from_us, to_us
from core.engine import Engine
from core.errors import ConfigurationError
from core.program import definition
from core.program.rules.bounds import FEW_VALUES, FILTER_VALUES, MAX_VALUES
from core.program.rules.expiry import Expiry
from core.program.rules.expressions import (
    ExpressionError,
    Kind,
    UnknownValueError,
    compiled,
    context_of,
)
from core.program.rules.local_time import end_of_day, instant_of, local
from core.program.rules.scene import is_too_much
from core.program.rules.schedules import Schedule

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def at(text: str) -> int:
    return to_us(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no expression"),
        ("activity.a ==", "is no expression"),
        ("shop.a > 1", "shop is not known here; there are activity, member, tier"),
        ("member.email == 'x'", "member must be named in full"),
        ("member['attributes']['x'] == 1", "member must be named in full"),
        ("member.attributes['x'] == 1", "must name the attribute"),
        ("tier == 'gold'", "tier must be named in full"),
        ("activity.a.map(x, x)[0] == 1", "map is not a function"),
        ("max(activity.a, 1) > 0", "max is not a function"),
        ("activity.a.all(x, activity.a.all(y, x == y))", "all cannot stand inside"),
        ("activity.a. exists (x, activity.a .all(y, x == y))", "cannot stand inside"),
        ("activity.a.exists(tier, tier > 1)", "its own name"),
        ("activity.a > 1 // always", "one line without comments"),
        ("activity.a\n> 1", "one line without comments"),
        (r"r'\' == activity.a || 'x' == r'\'", "no prefix such as r or b"),
        ('R"a" == activity.a', "no prefix such as r or b"),
        ("b'a' == activity.a", "no prefix such as r or b"),
        ("bR'a' == activity.a", "no prefix such as r or b"),
        ("'''a''' == activity.a", "one pair of quotes"),
        ('"""a""" == activity.a', "one pair of quotes"),
        ("r'''a''' == activity.a", "no prefix such as r or b"),
        ("activity.a == .5", "a dot with nothing before it"),
        ("activity.a in .activity.b", "a dot with nothing before it"),
        ("1 + 1", "gives a number, not a condition"),
        ("'yes'", "gives something else, not a condition"),
        ("activity.a + 1", "gives a number, not a condition"),
        ("activity > 1", "cannot be evaluated"),
        ("x" * 501, "at most 500 characters"),
        ("(" * 200 + "true" + ")" * 200, "is no expression"),
    ],
)
def test_what_is_no_condition_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(ExpressionError, match=says.replace("(", r"\(")):
        compiled(text, Kind.CONDITION)


@pytest.mark.parametrize("text", ["1.5", "activity.a * 1e3", "activity.a > 1", "true"])
def test_points_are_never_fractions_or_truths(text: str) -> None:
    with pytest.raises(ExpressionError):
        compiled(text, Kind.NUMBER)


def test_what_an_expression_needs_is_known() -> None:
    found = compiled(
        "member.attributes.city == 'tier.rank' && activity.lines.exists(one, "
        "one.cents > 5) && has(member.attributes.pet) && activity.note.contains('a')",
        Kind.CONDITION,
    )

    assert found.roots == {"member", "activity"}
    assert found.attributes == {"city", "pet"}
    assert found.paths == (
        "member.attributes.city",
        "activity.lines",
        "member.attributes.pet",
        "activity.note",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("activity.a.all(x, !(-1 in activity.a))", "activity.a cannot stand inside"),
        ("activity.a.all(x, x != activity . b)", "activity.b cannot stand inside"),
        ("activity.a.all(x, activity['b'] != x)", "activity cannot stand inside"),
        ("activity.a.all(x, size(activity.b) > x)", "activity.b cannot stand inside"),
        ("activity.a.all(x, x > tier.rank[0])", "tier.rank cannot stand inside"),
        ("activity.a.all(x, member.attributes.b == x)", "cannot stand inside a macro"),
        ("activity.a.existsOne(x, activity.a.all(y, true))", "all cannot stand inside"),
        ("activity.a.all(x, x.matches('a'))", "matches cannot stand inside"),
        ("activity.a.filter(x, true).all(x, true)", "all stands on a name"),
        ("[activity.a, activity.a].all(x, 1 in x)", "all stands on a name"),
        ("(activity.a + activity.a).all(x, x > 1)", "all stands on a name"),
        (
            "activity.a.filter(x, true) == activity.b.filter(x, true)",
            "filter can stand",
        ),
        ("activity.a.matches(activity.b)", "its pattern as a text"),
        ("matches(activity.a, 'b')", "its pattern as a text"),
        (
            "activity.a.matches('b') || activity.a.matches('c')",
            "matches can stand once",
        ),
        (r"activity.a.matches('(\\d{9}){9}')", "repeats no groups"),
        (r"activity.a.matches('\\d{9}{9}')", "repeats no groups"),
        (r"activity.a.matches('a{9}b{2,12}')", "repeats at most 20 times"),
        (r"activity.a.matches('\\w+')", "has .A-Za-z., no"),
        (r"activity.a.matches('(?i)a')", "has .A-Za-z., no"),
        (r"activity.a.matches('\x7b')", "has no escapes"),
        ("activity.a.matches('" + "a" * 61 + "')", "at most 60 characters"),
        ("+".join(["activity.a"] * 12) + " == activity.b", "adds more than 10 times"),
    ],
)
def test_what_could_cost_too_much_is_refused(text: str, says: str) -> None:
    with pytest.raises(ExpressionError, match=says):
        compiled(text, Kind.CONDITION)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("activity.a.all(x, x > 1)", "all stands on what is on the line"),
        ("line.a.matches('b')", "not for each line"),
        ("line.a in activity.a || line.a in activity.b || 1 in activity.c", "names 3"),
    ],
)
def test_what_could_cost_too_much_for_each_line_is_refused(
    text: str, says: str
) -> None:
    with pytest.raises(ExpressionError, match=says):
        compiled(text, Kind.CONDITION, line=True)


@pytest.mark.parametrize(
    ("text", "line", "most"),
    [
        ("activity.a > activity.b && 5 in activity.c", False, MAX_VALUES),
        ("activity.code.matches('^[A-Z]{3}\\\\d+$')", False, FILTER_VALUES),
        ("activity.all == 1 && activity.matches == 2", False, MAX_VALUES),
        ("activity.a.exists(x, x.activity.b > 5 && 'a' in x.tags)", False, FEW_VALUES),
        ("size(activity.a.filter(x, x.day == activity.day)) > 2", False, FILTER_VALUES),
        ("activity.a.all(x, x > tier.rank) && activity.b > 1", False, FEW_VALUES),
        ("line.a.exists(x, x == 'b') && tier.rank > 1", True, FEW_VALUES),
        ("line.a > 5 && member.enrolled_days > 1", True, MAX_VALUES),
        ("line.a > activity.a && line.b < activity.b", True, FEW_VALUES),
    ],
)
def test_what_costs_little_is_accepted(text: str, *, line: bool, most: int) -> None:
    assert compiled(text, Kind.CONDITION, line=line).most_values == most


@pytest.mark.parametrize(
    "text", [r"'\''", r'"\\"', "'\"'", "''", "'a // b'", "'activity.b.all(x, x)'"]
)
def test_a_text_may_have_anything_in_it(text: str) -> None:
    found = compiled(f"{text} == activity.a || {text} == activity.c", Kind.CONDITION)

    assert found.paths == ("activity.a", "activity.c")


@given(
    st.sampled_from(["", "r", "R", "b", "rb", "Br"]),
    st.sampled_from(["'", '"', "'''", '"""']),
    st.lists(
        st.sampled_from(["\\", "'", '"', "a", " ", "tier.rank", "//", "&&", ".all(x,"])
    ),
)
def test_what_stands_in_a_text_is_not_looked_at(
    prefix: str, quotes: str, inside: list[str]
) -> None:
    text = f"{prefix}{quotes}{''.join(inside)}{quotes}"
    try:
        program = cel.compile(f"activity.a == {text} || activity.b == {text}")
        found = compiled(program.source, Kind.CONDITION)
    except ValueError:
        return

    assert found.roots == set(program.variables())
    assert {path.split(".")[0] for path in found.paths} == set(program.variables())


def test_a_fraction_of_the_payload_is_no_number_of_points() -> None:
    context = context_of({"activity": {"kilometers": 1.5}})

    with pytest.raises(UnknownValueError, match="gives a fraction, not a number"):
        compiled("activity.kilometers", Kind.NUMBER).value(context)


def test_a_payload_of_too_many_values_is_not_looked_at() -> None:
    assert not is_too_much({"a": [1] * (MAX_VALUES - 2)}, MAX_VALUES)
    assert is_too_much({"a": [1] * (MAX_VALUES - 1)}, MAX_VALUES)
    assert is_too_much({"a": [[1] * 1000] * 3}, MAX_VALUES)
    assert not is_too_much({"a": "a" * 999}, 11)
    assert is_too_much({"a": "a" * 1_000}, 11)


@given(st.integers(at("1990-01-01T00:00:00"), at("2037-01-01T00:00:00")))
def test_local_times_lead_back_to_their_first_instant(instant_us: int) -> None:
    shown = local(instant_us, AMSTERDAM)

    found = instant_of(shown, AMSTERDAM)

    assert local(found, AMSTERDAM) == shown
    assert found in {instant_us, instant_us - 3_600_000_000}


@pytest.mark.parametrize(
    ("day", "hours"), [("2027-03-28", 23), ("2027-10-31", 25), ("2027-06-01", 24)]
)
def test_e28_days_have_as_many_hours_as_they_have(day: str, hours: int) -> None:
    start = datetime.fromisoformat(day)

    length = end_of_day(start.date(), AMSTERDAM) - instant_of(start, AMSTERDAM)

    assert length == hours * 3_600_000_000


def test_e40_a_time_that_is_skipped_is_the_next_that_exists() -> None:
    assert instant_of(datetime(2027, 3, 28, 2, 30), AMSTERDAM) == at(  # noqa: DTZ001
        "2027-03-28T01:00:00"
    )


def test_a_recurrence_counts_from_its_start() -> None:
    every_other = Schedule.model_validate(
        {
            "start": "2027-01-15",
            "repeats": "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
            "lasts_hours": 72,
        }
    )

    covered = [
        from_us(one).strftime("%m-%d %H")
        for day in range(35)
        for hour in (0, 12)
        if every_other.covers(
            one := at("2027-01-10T00:00:00") + (day * 24 + hour) * 3_600_000_000,
            ZoneInfo("UTC"),
        )
    ]

    assert covered == [
        *("01-15 00", "01-15 12", "01-16 00", "01-16 12", "01-17 00", "01-17 12"),
        *("01-29 00", "01-29 12", "01-30 00", "01-30 12", "01-31 00", "01-31 12"),
        *("02-12 00", "02-12 12", "02-13 00", "02-13 12"),
    ]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"start": "2027-01-02", "end": "2027-01-02"}, "must end after its start"),
        ({"start": "2027-01-02T00:00:00Z"}, "timezone"),
        ({"zone": "Europe/Utrecht"}, "is no IANA time zone"),
        ({"weekdays": ["friday"]}, "'fri'"),
        ({"hours": {"start": "12:00", "end": "11:00"}}, "must end after its start"),
        ({"hours": {"end": "24:30"}}, "at 24:00 at the latest"),
        ({"repeats": "FREQ=DAILY"}, "go together"),
        ({"repeats": "FREQ=DAILY", "lasts_hours": 1}, "needs a start"),
    ],
)
def test_a_schedule_that_makes_no_sense(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Schedule.model_validate(given)


@pytest.mark.parametrize(
    ("repeats", "says"),
    [
        ("FREQ=HOURLY", "a FREQ of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("weekly", "a FREQ of"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL cannot be '0'"),
        ("FREQ=DAILY;BYMONTHDAY=30", "BYMONTHDAY is not known with DAILY"),
        ("FREQ=WEEKLY;BYDAY=XX", "is no RRULE"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never comes to pass"),
        ("FREQ=DAILY;UNTIL=20200101", "never comes to pass"),
    ],
)
def test_a_recurrence_that_makes_no_sense(repeats: str, says: str) -> None:
    given = {"start": "2027-01-15", "repeats": repeats, "lasts_hours": 1}

    with pytest.raises(ValidationError, match=says):
        Schedule.model_validate(given)


@given(
    st.dates(
        datetime(1970, 1, 2, tzinfo=UTC).date(), datetime(2150, 1, 1, tzinfo=UTC).date()
    ),
    st.integers(1, 400),
)
def test_e25_months_later_is_the_same_day_or_the_last(day: Any, months: int) -> None:
    noon_us = to_us(datetime(day.year, day.month, day.day, 12, tzinfo=AMSTERDAM))

    end_us = Expiry(after_months=months).end_us(noon_us, AMSTERDAM)

    last = local(end_us - 1, AMSTERDAM).date()
    assert (last.year * 12 + last.month) - (day.year * 12 + day.month) == months
    assert last.day == day.day or (
        last.day < day.day and (last + timedelta(days=1)).day == 1
    )


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "one of after_days, after_months and on"),
        ({"after_days": 1, "on": ["12-31"]}, "one of"),
        ({"on": ["13-01"]}, "is no day of the year"),
        ({"on": ["31-12"]}, "is no day of the year"),
        ({"after_days": 1, "at_least_days": 1}, "goes with `on`"),
    ],
)
def test_an_expiry_that_makes_no_sense(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Expiry.model_validate(given)


def program(*rules: dict[str, Any]) -> dict[str, Any]:
    base = {"activity": "review", "currency": "PTS"}
    return {
        "code": "main",
        "name": "Main",
        "currencies": [{"code": "PTS", "name": "Points"}],
        "rules": [base | one for one in rules],
    }


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            {"code": "a", "points": 1, "when": "shop.open"},
            (
                "program document, rules[1].when: shop is not known here; "
                "there are activity, member, tier"
            ),
        ),
        (
            {"code": "a", "points": 1, "budget": "none"},
            "program document, rules[1].budget: there is no budget 'none'",
        ),
        (
            {"code": "a", "multiply": {"factor": "2", "of": ["b"]}},
            "program document, rules[1].multiply.of: 'b' is no rule with points",
        ),
        (
            {"code": "a", "multiply": {"factor": "2", "of": ["visit"]}},
            (
                "program document, rules[1].multiply.of: 'visit' is of another "
                "activity or currency"
            ),
        ),
    ],
)
async def test_a_program_is_told_which_rule_is_wrong_and_where(
    engine: Engine, rule: dict[str, Any], says: str
) -> None:
    visit = {"code": "visit", "activity": "visit", "points": 1}

    with pytest.raises(ConfigurationError) as caught:
        await definition.apply(engine, program(visit, rule))

    assert str(caught.value) == says
    assert await engine.database.read("SELECT 1 FROM program") == []
