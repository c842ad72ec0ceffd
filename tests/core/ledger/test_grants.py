"""Grants: what caps and budgets let through, counted in the posting transaction."""

import asyncio
from typing import Any

import pytest

from core.ledger.codes import STOCK_UNIT, HolderKind, RefusalCode
from core.ledger.commands import Adjust, Award, Earn, Open, Posted, Refused, Step
from core.ledger.companions import NewActivity
from core.ledger.grants import Cap, CapUnit, Draw, Grant, OnExceed

PTS, PROGRAM = 1, 7
ADA, BUDGET = 5, 900
MINUTE_US = 60_000_000


def times(most: int, **more: Any) -> Cap:
    more = {"periods": ("day:1",)} | more
    return Cap("rule:r:times", limit=most, unit=CapUnit.TIMES, **more)


def points(most: int, **more: Any) -> Cap:
    more = {"periods": ("day:1",)} | more
    return Cap("rule:r:points", limit=most, unit=CapUnit.POINTS, **more)


def earn(*amounts: int, grants: tuple[Grant, ...] = ()) -> Earn:
    awards = tuple(Award(PTS, one, sys_ref=at) for at, one in enumerate(amounts, 1))
    return Earn(awards, grants)


def rows(book: Any, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table in memory, in the order of their keys."""
    return [dict(row) for _, row in sorted(book.tables[table].items())]


def amounts(book: Any) -> list[int]:
    return [row["amount"] for row in rows(book, "posting")]


def balance(book: Any, holder_id: int = ADA) -> int:
    wallets = rows(book, "wallet")
    return sum(row["available"] for row in wallets if row["holder_id"] == holder_id)


async def available(database: Any) -> dict[int, int]:
    return dict(await database.read("SELECT holder_id, available FROM wallet"))


async def open_ada(book: Any) -> None:
    await book.do(ADA, Open(PROGRAM, HolderKind.MEMBER))


async def test_times_are_counted_and_no_more_are_given(book: Any) -> None:
    await open_ada(book)

    for _ in range(5):
        await book.do(ADA, earn(10, grants=(Grant(1, (times(3),)),)))

    assert balance(book) == 30


async def test_e98_what_is_left_of_a_cap_is_given(book: Any) -> None:
    await open_ada(book)
    grants = (Grant(2, (points(25),)),)

    await book.do(ADA, earn(4, 6, grants=grants))
    await book.do(ADA, earn(4, 6, grants=grants))
    await book.do(ADA, earn(4, 6, grants=grants))

    assert amounts(book) == [4, 6, 4, 6, 4, 1]


async def test_e98_or_nothing_is_given(book: Any) -> None:
    await open_ada(book)
    cap = points(25, on_exceed=OnExceed.NONE)

    for _ in range(3):
        await book.do(ADA, earn(10, grants=(Grant(1, (cap,)),)))

    assert balance(book) == 20


async def test_or_the_whole_command_is_refused(book: Any) -> None:
    await open_ada(book)
    cap = times(1, on_exceed=OnExceed.REFUSE, resets_at_us=77)
    await book.do(ADA, earn(10, 1, grants=(Grant(1, (cap,)), Grant(1))))

    refused = await book.refused(ADA, earn(10, 1, grants=(Grant(1, (cap,)), Grant(1))))

    assert refused.code is RefusalCode.LIMIT_REACHED
    assert refused.detail == {"limit": 1, "unit": "times", "resets_at": 77}


async def test_other_periods_count_for_themselves(book: Any) -> None:
    await open_ada(book)

    for day in ("day:1", "day:1", "day:2"):
        cap = times(1, periods=(day,))
        await book.do(ADA, earn(10, grants=(Grant(1, (cap,)),)))

    assert balance(book) == 20


async def test_a_rolling_cap_adds_up_days_and_counts_on_the_last(book: Any) -> None:
    await open_ada(book)

    for day in range(1, 7):
        periods = tuple(f"day:{day - back}" for back in range(3))
        caps = (times(2, periods=periods), times(9, periods=(f"day:{day}",)))
        await book.do(ADA, earn(10, grants=(Grant(1, caps),)))

    counted = {row["period"]: row["value"] for row in rows(book, "counter")}
    assert counted == {"day:1": 1, "day:2": 1, "day:4": 1, "day:5": 1}


async def test_a_gap_keeps_two_times_apart(book: Any) -> None:
    await open_ada(book)
    start_us = book.clock.us
    gap = Cap("rule:r:gap", ("last",), 10 * MINUTE_US, CapUnit.GAP, OnExceed.NONE)

    for minute in (0, 9, 10, 15, 30, 25):
        await book.do(
            ADA,
            earn(10, grants=(Grant(1, (gap,)),)),
            effective_us=start_us - 60 * MINUTE_US + minute * MINUTE_US,
        )

    assert balance(book) == 30


async def test_a_bonus_follows_what_its_base_was_given(book: Any) -> None:
    await open_ada(book)
    grants = (Grant(1, (points(25),)), Grant(1, (), (0,)))

    for _ in range(3):
        await book.do(ADA, earn(10, 20, grants=grants))

    assert amounts(book) == [10, 20, 10, 20, 5, 10]


async def test_desired_and_given_are_recorded(book: Any) -> None:
    await open_ada(book)
    fact = NewActivity(
        PROGRAM, "visit", "visit", "v1", 1, "{}", '[{"amount":10,"rule":"r"}]'
    )
    grants = (Grant(1, (points(7), times(5))),)

    await book.post(Step(ADA, earn(10, grants=grants), companions=(fact,)))

    (row,) = rows(book, "activity")
    assert row["awards"] == '[{"amount":7,"rule":"r"}]'
    assert row["decision"] == (
        '{"given":[{"amount":7,"before":[0,0],"cut_by":[0],"desired":10,'
        '"is_budget_short":false}]}'
    )


async def fund(book: Any, amount: int) -> None:
    await book.do(BUDGET, Open(PROGRAM, HolderKind.BUDGET))
    await book.do(BUDGET, Adjust(STOCK_UNIT, amount))


def drawing(holder_id: int, amount: int) -> tuple[Step, Step]:
    grants = (Grant(1, (), (), BUDGET),)
    return Step(holder_id, earn(amount, grants=grants)), Step(BUDGET, Draw(amount))


async def test_a_budget_gives_what_it_has(book: Any) -> None:
    await open_ada(book)
    await fund(book, 25)

    for _ in range(4):
        assert isinstance(await book.post(*drawing(ADA, 10)), Posted)

    assert (balance(book), balance(book, BUDGET)) == (25, 0)


async def test_without_its_budget_nothing_is_given(book: Any) -> None:
    await open_ada(book)

    refused = await book.refuse(*drawing(ADA, 10))

    assert refused.code is RefusalCode.HOLDER_UNKNOWN


async def test_e46_ten_at_once_under_a_cap_of_three(stored: tuple[Any, Any]) -> None:
    book, database = stored
    await open_ada(book)
    cap = times(3, on_exceed=OnExceed.REFUSE)

    outcomes = await asyncio.gather(
        *[book.post(Step(ADA, earn(10, grants=(Grant(1, (cap,)),)))) for _ in range(10)]
    )

    posted = [one for one in outcomes if isinstance(one, Posted)]
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert (len(posted), len(refused)) == (3, 7)
    assert {one.code for one in refused} == {RefusalCode.LIMIT_REACHED}
    assert await available(database) == {ADA: 30}


async def test_e47_a_hundred_at_once_never_pass_a_budget(
    stored: tuple[Any, Any],
) -> None:
    book, database = stored
    members = range(1_000, 1_020)
    for member in members:
        await book.do(member, Open(PROGRAM, HolderKind.MEMBER))
    await fund(book, 333)

    outcomes = await asyncio.gather(
        *[book.post(*drawing(1_000 + at % 20, 10)) for at in range(100)]
    )

    assert all(isinstance(one, Posted) for one in outcomes)
    left = await available(database)
    assert (left.pop(BUDGET), sum(left.values())) == (0, 333)


@pytest.mark.parametrize("follows", [(0,), (1,), (-1,)])
async def test_a_grant_follows_one_before_it(
    book: Any, follows: tuple[int, ...]
) -> None:
    await open_ada(book)

    with pytest.raises(Exception, match="must follow grants before them"):
        await book.post(Step(ADA, earn(10, grants=(Grant(1, (), follows),))))
