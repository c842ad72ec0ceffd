"""Who works without the lock and is overtaken begins anew, and nobody notices.

A lone command on PostgreSQL reads, decides, and writes if nobody came in between. Here
somebody does, at each point at which that is possible.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import asyncpg
import pytest

from core.ledger.codes import RefusalCode
from core.ledger.commands import (
    Award,
    Command,
    Earn,
    Operation,
    Outcome,
    Posted,
    Redeem,
    Refused,
    Reverse,
    Step,
)
from core.ledger.postgres_store import PostgresStore
from core.ledger.transact import transact
from core.ledger.verify import verify
from core.ledger.wanted import SLICE

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PTS = 1


class Pausing(PostgresStore):
    """Stops once, before it reads more or before it writes, until told to go on."""

    point: str
    begun = 0

    async def _pause(self, point: str) -> None:
        if point == self.point:
            self.is_there.set()
            await self.may_go_on.wait()

    async def _read(self, *request: Any) -> Any:
        await self._pause("read")
        return await super()._read(*request)

    async def _write_swapping(self, *request: Any) -> None:
        await self._pause("write")
        await super()._write_swapping(*request)

    async def meet(
        self, point: str, command: Command, other: Awaitable[Any]
    ) -> Outcome:
        """Run a command; at *point*, let *other* happen."""
        self.point = point
        self.is_there, self.may_go_on = asyncio.Event(), asyncio.Event()

        def begin() -> Any:
            self.begun += 1
            return transact([command])

        task = asyncio.create_task(self.run(begin))
        async with asyncio.timeout(5):
            await self.is_there.wait()
        await other
        self.may_go_on.set()
        (outcome,) = await task
        return outcome


@pytest.fixture
async def pausing(stored: Any) -> AsyncIterator[Pausing]:
    book, database = stored
    store = await Pausing.open(database.url, lanes=1, clock=book.clock)
    yield store
    await store.close()


def command(holder_id: int, operation: Operation, key: str = "k") -> Command:
    return Command(f"t:{key}", b"f", (Step(holder_id, operation),))


def earn(*amounts: int) -> Earn:
    return Earn(tuple(Award(PTS, amount) for amount in amounts))


async def available(database: Any) -> int:
    ((points,),) = await database.read("SELECT available FROM wallet")
    assert (await verify(database, full=True)).findings == ()
    return int(points)


async def test_what_was_earned_meanwhile_is_kept(stored: Any, pausing: Pausing) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 1)

    outcome = await pausing.meet(
        "write", command(ada, earn(10)), book.post(Step(ada, earn(5)))
    )

    assert outcome == Posted(ada, 4, book.clock.us, {ada: 4})
    assert pausing.begun == 2
    assert await available(database) == 16


async def test_what_was_spent_meanwhile_is_not_spent_again(
    stored: Any, pausing: Pausing
) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10)

    outcome = await pausing.meet(
        "write", command(ada, Redeem(PTS, 10)), book.post(Step(ada, Redeem(PTS, 10)))
    )

    detail = {"required": 10, "available": 0}
    assert outcome == Refused(RefusalCode.INSUFFICIENT_POINTS, detail)
    assert await available(database) == 0


async def test_what_was_done_meanwhile_under_the_same_key_is_not_done_again(
    stored: Any, pausing: Pausing
) -> None:
    book, database = stored
    ada = await book.open()
    again = command(ada, earn(10))

    outcome = await pausing.meet("write", again, book.ledger.post(again))

    assert outcome == Posted(ada, 2, book.clock.us, {ada: 2}, replayed=True)
    assert await available(database) == 10


async def test_what_was_refused_meanwhile_under_the_same_key_stays_refused(
    stored: Any, pausing: Pausing
) -> None:
    """Though there was enough when this one looked."""
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10)
    again = command(ada, Redeem(PTS, 10))

    async def meanwhile() -> None:
        await book.do(ada, Redeem(PTS, 10))
        assert isinstance(await book.ledger.post(again), Refused)
        await book.earn(ada, 10)

    outcome = await pausing.meet("write", again, meanwhile())

    assert isinstance(outcome, Refused)
    assert outcome.replayed
    assert await available(database) == 10


async def test_a_refusal_alone_overtakes_too(stored: Any, pausing: Pausing) -> None:
    """It leaves the holder's numbers as they were."""
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10)
    refused = book.post(Step(ada, Redeem(PTS, 11)), key="k")

    outcome = await pausing.meet("write", command(ada, Redeem(PTS, 10)), refused)

    assert isinstance(outcome, Posted)
    assert pausing.begun == 2
    assert await available(database) == 0


@pytest.mark.parametrize("is_changed", [False, True])
async def test_who_is_in_the_middle_of_it_is_waited_for(
    stored: Any,
    pausing: Pausing,
    until_blocked: Any,
    is_changed: bool,  # noqa: FBT001
) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10)
    other = await asyncpg.connect(database.url)
    transaction = other.transaction()
    await transaction.start()
    lock = "SELECT 1 FROM holder WHERE holder_id = $1 FOR NO KEY UPDATE"
    change = "UPDATE holder SET last_at_us = last_at_us WHERE holder_id = $1"

    await other.execute(change if is_changed else lock, ada)
    task = asyncio.create_task(
        pausing.meet("write", command(ada, earn(10)), asyncio.sleep(0))
    )
    await until_blocked()
    await transaction.commit()
    outcome = await task
    await other.close()

    assert isinstance(outcome, Posted)
    assert pausing.begun == 1 + is_changed
    assert await available(database) == 20


async def test_lots_that_were_spent_while_they_were_read_are_read_again(
    stored: Any, pausing: Pausing
) -> None:
    """Of so many that not all are read at first."""
    book, database = stored
    ada = await book.open()
    await book.earn(ada, *[1] * (SLICE + 6))
    everything = command(ada, Redeem(PTS, SLICE + 6))

    outcome = await pausing.meet(
        "read", everything, book.post(Step(ada, Redeem(PTS, SLICE + 3)))
    )

    detail = {"required": SLICE + 6, "available": 3}
    assert outcome == Refused(RefusalCode.INSUFFICIENT_POINTS, detail)
    assert await available(database) == 3


async def test_what_was_reversed_while_it_was_read_is_read_again(
    stored: Any, pausing: Pausing
) -> None:
    book, database = stored
    ada = await book.open()
    earned = await book.earn(ada, 10)

    outcome = await pausing.meet(
        "read",
        command(ada, Reverse(earned.seq)),
        book.post(Step(ada, Reverse(earned.seq))),
    )

    assert outcome == Refused(RefusalCode.NOT_REVERSIBLE, {"kind": "REVERSED"})
    assert await available(database) == 0


async def test_who_has_to_wait_for_the_holder_holds_nothing_else(
    stored: Any, until_blocked: Any
) -> None:
    """Or the one who has the holder and wants the wallet would wait for him."""
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 1)
    free = "SELECT available FROM wallet WHERE holder_id = $1 FOR UPDATE NOWAIT"
    async with database._pool.acquire() as connection, connection.transaction():
        lock = "SELECT 1 FROM holder WHERE holder_id = $1 FOR NO KEY UPDATE"
        await connection.fetch(lock, ada)
        waiting = asyncio.create_task(book.post(Step(ada, earn(10))))
        await until_blocked()

        assert await connection.fetchval(free, ada) == 1

    assert isinstance(await waiting, Posted)
    assert await available(database) == 11
