"""Two clocks: when something happened, and when it was recorded."""

from typing import Any

import pytest

from core.ledger.codes import RefusalCode
from core.ledger.commands import MAX_SKEW_US, Award, Earn, Note, Posted, Redeem
from core.ledger.verify import verify

PTS = 1
DAY_US = 86_400_000_000


async def test_what_happened_earlier_says_both_instants(book: Any) -> None:
    ada = await book.open()
    now_us = book.clock.us
    happened_us = now_us - 3 * DAY_US

    told = await book.earn(ada, 10)
    late = await book.do(ada, Earn((Award(PTS, 5),)), effective_us=happened_us)

    told_row, late_row = book.journal(ada, told.seq), book.journal(ada, late.seq)
    assert (told_row["effective_us"], told_row["at_us"]) == (now_us, now_us)
    assert (late_row["effective_us"], late_row["at_us"]) == (happened_us, now_us)
    assert late.at_us == now_us


async def test_a_backdated_fact_changes_the_balance_of_now_alone(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 10)
    await book.do(ada, Redeem(PTS, 10))
    before = [row["balances"] for _, row in sorted(book.tables["journal"].items())]

    await book.do(ada, Earn((Award(PTS, 5),)), effective_us=1)

    after = [row["balances"] for _, row in sorted(book.tables["journal"].items())]
    assert after == [*before, "[[1,5,0,0,0,5,0,0,0]]"]
    assert book.wallet(ada) == (0, 5, 0, 0)


async def test_points_that_were_ripe_when_they_were_told_are_available(
    book: Any,
) -> None:
    ada = await book.open()
    happened_us = book.clock.us - 3 * DAY_US
    award = Award(PTS, 5, available_at_us=happened_us + DAY_US)

    await book.do(ada, Earn((award,)), effective_us=happened_us)

    assert book.wallet(ada) == (0, 5, 0, 0)
    row = book.tables["lot"][ada, 2 * 1024]
    assert row["available_at_us"] == happened_us + DAY_US


async def test_e31_points_that_had_run_out_when_they_were_told_come_and_go(
    book: Any,
) -> None:
    ada = await book.open()
    happened_us = book.clock.us - 3 * DAY_US
    gone = Award(PTS, 5, expires_at_us=happened_us + DAY_US)
    there = Award(PTS, 7, expires_at_us=happened_us + 4 * DAY_US)

    posted = await book.do(ada, Earn((gone, there)), effective_us=happened_us)

    assert book.postings(ada, posted.seq) == [
        (5, "ISSUED", "AVAILABLE"),
        (5, "AVAILABLE", "BREAKAGE"),
        (7, "ISSUED", "AVAILABLE"),
    ]
    assert book.wallet(ada) == (0, 7, 0, 0)
    assert book.ends(ada) == [happened_us + DAY_US, happened_us + 4 * DAY_US]


async def test_lots_are_spent_by_their_ends_whenever_they_were_told(
    book: Any,
) -> None:
    ada = await book.open()
    now_us = book.clock.us
    await book.earn(ada, 5, expires_at_us=now_us + 20)
    late = Award(PTS, 5, expires_at_us=now_us + 10)
    await book.do(ada, Earn((late,)), effective_us=now_us - DAY_US)

    await book.do(ada, Redeem(PTS, 5))

    assert book.lots(ada) == [(5, 0, 5, 0), (5, 0, 0, 0)]


async def test_e32_a_clock_that_runs_ahead_a_little_is_forgiven(book: Any) -> None:
    ada = await book.open()
    ahead_us = book.clock.us + MAX_SKEW_US

    told = await book.do(ada, Note(), effective_us=ahead_us)

    assert book.journal(ada, told.seq)["effective_us"] == ahead_us
    assert told.at_us == book.clock.us


async def test_e32_what_is_yet_to_happen_is_refused_with_the_time_it_is(
    book: Any,
) -> None:
    ada = await book.open()
    ahead_us = book.clock.us + MAX_SKEW_US + 1

    refused = await book.refused(ada, Note(), key="k", effective_us=ahead_us)
    book.clock.us += 1
    told = await book.do(ada, Note(), key="k", effective_us=ahead_us)

    assert refused.code is RefusalCode.IN_THE_FUTURE
    assert refused.detail == {"now": book.clock.us - 1}
    assert isinstance(told, Posted)
    assert not told.replayed  # nothing was stored of the refusal


async def test_a_known_key_answers_though_the_clock_was_set_back(book: Any) -> None:
    ada = await book.open()
    happened_us = book.clock.us
    first = await book.do(ada, Note(), key="k", effective_us=happened_us)

    book.clock.us -= DAY_US
    again = await book.do(ada, Note(), key="k", effective_us=happened_us)

    assert (again.seq, again.replayed) == (first.seq, True)


@pytest.mark.parametrize("late_us", [0, 7, DAY_US])
async def test_what_time_did_is_effective_when_it_was_due(
    book: Any, late_us: int
) -> None:
    ada = await book.open()
    ripe_us, ends_us = book.clock.us + 100, book.clock.us + 200
    await book.earn(ada, 10, available_at_us=ripe_us, expires_at_us=ends_us)

    book.clock.us = ends_us + late_us
    await book.do(ada, Note())

    rows = [book.journal(ada, seq) for seq in (3, 4)]
    assert [row["effective_us"] for row in rows] == [ripe_us, ends_us]
    assert [row["at_us"] for row in rows] == [ends_us + late_us] * 2
    assert book.wallet(ada) == (0, 0, 0, 0)


async def test_backdated_facts_prove_themselves(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    happened_us = book.clock.us - 3 * DAY_US
    awards = (
        Award(PTS, 5, expires_at_us=happened_us + DAY_US),
        Award(PTS, 7, available_at_us=happened_us + DAY_US),
        Award(PTS, 9, available_at_us=happened_us + 9 * DAY_US),
    )
    await book.do(ada, Earn(awards), effective_us=happened_us)

    report = await verify(database, full=True)

    assert report.findings == ()
    sql = "SELECT pending, available FROM wallet"
    assert await database.read(sql) == [(9, 7)]
    sql = "SELECT effective_us, at_us FROM journal WHERE seq = 2"
    assert await database.read(sql) == [(happened_us, book.clock.us)]
