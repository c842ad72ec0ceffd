"""Two stale reads that a lock does not prevent, met on purpose.

Under READ COMMITTED a statement that waits for a row lock gets that one row as it is
after the wait. All else that the statement returns is as it was before: from the
snapshot with which it began to wait. So the locking statement may return nothing but
the rows that it locks, and everything else is read by later statements.

The schedule: one process has locked a holder, another waits for the lock; then the
first one writes and commits.
"""

import asyncio
from typing import Any, ClassVar

import pytest

from core.ledger.commands import Award, Command, Earn, Operation, Posted, Redeem, Step
from core.ledger.postgres_store import PostgresStore
from core.ledger.requests import GuardError
from core.ledger.transact import transact
from core.ledger.verify import verify

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PTS = 1


class Pausing(PostgresStore):
    """Stops between the lock and what follows, until it is told to go on."""

    async def _reads(self, connection: Any, selects: Any) -> Any:
        self.has_locked.set()
        await self.may_go_on.wait()
        return await super()._reads(connection, selects)

    def watch(self) -> None:
        self.has_locked = asyncio.Event()
        self.may_go_on = asyncio.Event()


class Trapped(PostgresStore):
    """Reads a table by the statement that locks, as looks so natural."""

    table: ClassVar[str]

    async def _claim(self, connection: Any, request: Any) -> Any:
        found = await connection.fetch(
            "WITH locked AS (SELECT holder_id FROM holder "
            "WHERE holder_id = ANY($1) ORDER BY 1 FOR NO KEY UPDATE) "
            f"SELECT t.* FROM locked JOIN {self.table} t USING (holder_id)",
            list(request.keys),
        )
        heads, now_us, answers = await super()._claim(connection, request)
        for place, select in enumerate(request.reads):
            if select.table == self.table:
                rows = [tuple(row[name] for name in select.columns) for row in found]
                answers[place] = rows
        return heads, now_us, answers


class LotsOfTheLock(Trapped):
    table = "lot"


class WalletOfTheLock(Trapped):
    table = "wallet"


@pytest.fixture
def in_turn(stored: Any, until_blocked: Any) -> Any:
    """One process does it under a lock for which another one waits to do it too."""
    book, database = stored

    async def do(holder_id: int, operation: Operation, waiting: Any) -> list[Any]:
        first, second = [
            await kind.open(database.url, lanes=1, clock=book.clock)
            for kind in (Pausing, waiting)
        ]
        first.watch()
        first._wary = second._wary = 1  # it takes the lock at once
        step = Step(holder_id, operation)
        one, other = Command("t:1", b"f", (step,)), Command("t:2", b"f", (step,))
        ahead = asyncio.create_task(first.run(lambda: transact([one])))
        await first.has_locked.wait()
        behind = asyncio.create_task(second.run(lambda: transact([other])))
        await until_blocked()
        first.may_go_on.set()
        outcomes = await asyncio.gather(ahead, behind, return_exceptions=True)
        await first.close()
        await second.close()
        return outcomes

    return do


async def test_lots_are_as_the_process_before_left_them(
    stored: Any, in_turn: Any
) -> None:
    """The first trap: two redeem 100 each from lots of 100 and 100."""
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 100, 100)

    outcomes = await in_turn(ada, Redeem(PTS, 100), PostgresStore)

    assert [type(one[0]) for one in outcomes] == [Posted, Posted]
    lots = await database.read("SELECT available FROM lot ORDER BY lot_id")
    assert lots == [(0,), (0,)]
    assert (await verify(database, full=True)).findings == ()


async def test_the_wallet_is_as_the_process_before_left_it(
    stored: Any, in_turn: Any
) -> None:
    """The second trap: two earn 10 each."""
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10)

    earn = Earn((Award(PTS, 10),))
    outcomes = await in_turn(ada, earn, PostgresStore)

    assert [type(one[0]) for one in outcomes] == [Posted, Posted]
    assert await database.read("SELECT available FROM wallet") == [(30,)]
    assert (await verify(database, full=True)).findings == ()


async def test_lots_read_by_the_locking_statement_are_spent_twice(
    stored: Any, in_turn: Any
) -> None:
    """The schedule springs the first trap: this is what the order of reads prevents."""
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 100, 100)

    outcomes = await in_turn(ada, Redeem(PTS, 100), LotsOfTheLock)

    assert [type(one[0]) for one in outcomes] == [Posted, Posted]
    lots = await database.read("SELECT available FROM lot ORDER BY lot_id")
    assert lots == [(0,), (100,)]  # the first was spent twice, the second never
    codes = {one.check for one in (await verify(database, full=True)).findings}
    assert codes == {"V1", "V2", "REBUILD"}


async def test_a_wallet_read_by_the_locking_statement_stops_at_the_guard(
    stored: Any, in_turn: Any
) -> None:
    """The schedule springs the second trap, and the guard of the wallet sees it."""
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10)

    earn = Earn((Award(PTS, 10),))
    first, second = await in_turn(ada, earn, WalletOfTheLock)

    assert isinstance(first[0], Posted)
    assert isinstance(second, GuardError)
    assert await database.read("SELECT available FROM wallet") == [(20,)]
    assert await database.read("SELECT max(seq) FROM journal") == [(3,)]
    assert (await verify(database, full=True)).findings == ()
