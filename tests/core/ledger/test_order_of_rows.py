"""A database promises no order but the one that it was asked for."""

import random
import secrets
from typing import Any

from workload import Workload, openings

from core.ledger.commands import Authorize, Award, Capture, Earn, Redeem
from core.ledger.ledger import Ledger
from core.ledger.memory_store import MemoryStore
from core.ledger.requests import Row, Select
from core.ledger.wanted import SLICE

PTS = 1


class Shuffled(MemoryStore):
    """Gives rows in any order."""

    chance: random.Random

    def _select(self, request: Select) -> list[Row]:
        rows = super()._select(request)
        self.chance.shuffle(rows)
        return rows


async def test_rows_in_any_order_give_the_same_ledger(
    memory: MemoryStore, clock: Any
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201
    chance = random.Random(seed)
    shuffled = Shuffled(clock)
    shuffled.chance = random.Random(seed)
    for (currency_id,), row in memory.tables["currency"].items():
        shuffled.tables["currency"][currency_id,] = row
    ledgers = [Ledger(store, queue=10) for store in (memory, shuffled)]
    *members, stock = [clock.new_id() for _ in range(4)]
    work = Workload(chance, clock, members, stock, prefix="w")

    async def post(command: Any) -> Any:
        outcome, other = [await ledger.post(command) for ledger in ledgers]
        assert other == outcome
        return outcome

    for command in openings(members, stock, 5):
        await post(command)
    for _ in range(400):
        clock.us += chance.choice([0, 1_000, 100_000])
        command = work.next()
        work.learn(command, await post(command))

    assert shuffled.tables == memory.tables


async def test_what_runs_out_first_is_spent_first_of_very_many(stored: Any) -> None:
    """Though it came last, and not all lots are read; whatever index serves."""
    book, database = stored
    await database.configure(
        lambda session: session.connection().exec_driver_sql("DROP INDEX lot_fifo")
    )
    ada = await book.open()
    soon_us = book.clock.us + 1_000
    later = [Award(PTS, 1, expires_at_us=soon_us + n) for n in range(SLICE, 0, -1)]
    await book.do(ada, Earn((*later, Award(PTS, 1, expires_at_us=soon_us))))

    spent = await book.do(ada, Redeem(PTS, 3))

    first = 2 * 1024
    rows = await database.read(
        "SELECT src_lot FROM posting WHERE seq = $1 ORDER BY line", spent.seq
    )
    assert rows == [(first + SLICE,), (first + SLICE - 1,), (first + SLICE - 2,)]


async def test_a_hold_is_captured_in_the_order_in_which_it_was_set_aside(
    stored: Any,
) -> None:
    """Which is not that of the lots' numbers."""
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10, expires_at_us=book.clock.us + 2_000)
    await book.earn(ada, 10, expires_at_us=book.clock.us + 1_000)
    hold = await book.do(ada, Authorize(PTS, 20))

    taken = await book.do(ada, Capture(hold.seq, 15, final=False))

    rows = await database.read(
        "SELECT src_lot, amount FROM posting WHERE seq = $1 ORDER BY line", taken.seq
    )
    assert rows == [(3 * 1024, 10), (2 * 1024, 5)]
