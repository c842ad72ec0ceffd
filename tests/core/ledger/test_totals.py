"""Totals of a program: equal to the postings, however far they are summed up."""

import asyncio
from typing import Any

from core.ledger.codes import Account, HolderKind
from core.ledger.commands import (
    Adjust,
    Authorize,
    Exchange,
    Receive,
    Redeem,
    Reverse,
    Send,
    Step,
)
from core.ledger.totals import Totals, add_up, totals
from core.ledger.verify import verify
from core.storage.database import View

PTS, MILES, PROGRAM = 1, 2, 7
DEBT_ONLY = '{"clawback":"debt"}'
FORGIVING = '{"clawback":"forgive"}'


async def tell_a_story(book: Any) -> None:
    """Move points in every way there is."""
    ada, bob = await book.open(), await book.open(HolderKind.POOL)
    earned = await book.earn(ada, 100, policy=DEBT_ONLY)
    await book.earn(ada, 50, expires_at_us=book.clock.us + 10)
    spent = await book.do(ada, Redeem(PTS, 70))
    await book.earn(ada, 8, expires_at_us=book.clock.us + 10)
    await book.do(ada, Reverse(spent.seq, amount=5))
    book.clock.us += 20
    await book.do(ada, Reverse(earned.seq, amount=95))
    await book.do(ada, Adjust(PTS, 40))
    await book.earn(bob, 30, available_at_us=book.clock.us + 1_000)
    forgiven = await book.earn(bob, 20, policy=FORGIVING)
    await book.do(bob, Redeem(PTS, 20))
    await book.do(bob, Reverse(forgiven.seq))
    await book.earn(bob, 60)
    await book.do(bob, Authorize(PTS, 10))
    await book.post(Step(bob, Send(PTS, 15)), Step(ada, Receive(bob)))
    await book.do(bob, Exchange(PTS, 11, into=MILES, gives=1, takes=5))


async def summed_from_wallets(database: Any, currency_id: int) -> int:
    sql = (
        "SELECT CAST(sum(pending + available + held - debt) AS bigint) FROM wallet "
        "WHERE currency_id = $1"
    )
    ((total,),) = await database.read(sql, currency_id)
    return int(total)


async def test_totals_say_what_became_of_the_points(stored: Any) -> None:
    book, database = stored
    await tell_a_story(book)

    found = await totals(database, PROGRAM)

    points = found[PTS]
    assert (points.issued, points.redeemed, points.expired) == (268, 85, 8)
    assert (points.adjusted, points.clawed_back, points.written_off) == (40, 115, 20)
    assert points.turnover[Account.LOSS] == (0, 20)
    assert points.turnover[Account.TRANSIT] == (15, 15)
    assert points.outstanding == await summed_from_wallets(database, PTS)
    assert found[MILES].outstanding == 2
    assert set(found) == {PTS, MILES}
    assert await totals(database, PROGRAM + 1) == {}


async def test_totals_are_the_same_however_far_they_are_summed_up(stored: Any) -> None:
    book, database = stored
    await tell_a_story(book)
    plain = await totals(database, PROGRAM)

    await add_up(database)
    settled = await totals(database, PROGRAM)
    await add_up(database)
    again = await totals(database, PROGRAM)
    ada = await book.open()
    await book.earn(ada, 7)
    grown = await totals(database, PROGRAM)

    assert plain == settled == again
    assert grown[PTS].issued == plain[PTS].issued + 7
    assert grown[PTS].outstanding == await summed_from_wallets(database, PTS)


async def test_two_who_sum_up_at_once_count_nothing_twice(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    for _ in range(5):
        await book.earn(ada, 10)
        await asyncio.gather(add_up(database), add_up(database), add_up(database))

    stored_sum = await database.read(
        "SELECT CAST(sum(outgoing) AS bigint) FROM program_total WHERE account = $1",
        int(Account.ISSUED),
    )

    assert stored_sum == [(50,)]
    assert await totals(database, PROGRAM) == {
        PTS: Totals({Account.ISSUED: (0, 50)}),
    }


class Explained(View):
    """Tells how a statement would be run, instead of running it."""

    def __init__(self, database: Any) -> None:
        self.dialect = database.dialect  # type: ignore[misc]
        self.plan = ""
        self._database = database

    async def read(self, sql: str, *parameters: Any, bounded: bool = True) -> list[Any]:
        verb = "EXPLAIN QUERY PLAN" if self.dialect == "sqlite" else "EXPLAIN"
        rows = await self._database.read(f"{verb} {sql}", *parameters, bounded=bounded)
        self.plan = "\n".join(str(row[-1]) for row in rows)
        return []


FOUND_BY_KEY = {
    "sqlite": "SEARCH p USING INDEX sqlite_autoindex_posting_1 (holder_id=? AND seq=?)",
    "postgresql": "Index Cond: ((holder_id = j.holder_id) AND (seq = j.seq))",
}


async def test_only_postings_of_what_is_new_are_read(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    await asyncio.gather(*(book.earn(ada, 1) for _ in range(1_000)))
    await database.configure(
        lambda session: session.connection().exec_driver_sql("ANALYZE")
    )
    view = Explained(database)

    await totals(view, PROGRAM)

    assert FOUND_BY_KEY[database.dialect] in view.plan


async def test_nothing_is_written_while_nothing_comes(stored: Any) -> None:
    book, database = stored
    await add_up(database)
    assert await database.read("SELECT count(*) FROM feed_cursor") == [(0,)]
    ada = await book.open()
    await book.earn(ada, 10)
    await add_up(database)
    place = await database.read("SELECT feed FROM feed_cursor")

    await add_up(database)

    assert await database.read("SELECT feed FROM feed_cursor") == place


async def test_false_totals_are_found_by_the_proof(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10)
    await add_up(database)
    assert (await verify(database, full=True)).ok
    change = "UPDATE program_total SET outgoing = outgoing + 1"
    await database.configure(
        lambda session: session.connection().exec_driver_sql(change)
    )

    report = await verify(database, full=True)

    assert [(one.check, one.item) for one in report.findings] == [("TOTALS", PROGRAM)]
    assert (await totals(database, PROGRAM))[PTS].issued == 11
