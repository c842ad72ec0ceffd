"""A process that posts to a ledger until it is killed.

Whatever it finds in its log without an outcome it repeats first, under the same keys.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from clocks import clock_of
from intent_log import IntentLog
from workload import Workload

from core.clock import Clock, SystemClock
from core.errors import BusyError, OutcomeUnknownError
from core.ledger.commands import Command, Outcome
from core.ledger.ledger import Ledger
from core.ledger.postgres_store import PostgresStore
from core.ledger.sqlite_store import SqliteStore
from core.storage.sqlite import SqliteDatabase

TASKS = (1, 8)
"""Of each second writer: the commands of one task come alone, of many together."""

_PAUSE_S = 0.05


@dataclass(frozen=True)
class Orders:
    """What a writer is told."""

    url: str
    log: Path
    number: int
    seed: int
    members: Sequence[int]
    stock: int
    late_us: Any | None
    only_finish: bool = False


async def connect(url: str, clock: Clock) -> Ledger:
    """Open a ledger as a process of its own does; wait for a server that recovers."""
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        database = await SqliteDatabase.open(path, migrate=False)
        return Ledger(SqliteStore(database, clock), queue=1_000)
    while True:
        try:
            store = await PostgresStore.open(url, lanes=2, clock=clock)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await asyncio.sleep(_PAUSE_S)
        else:
            return Ledger(store, queue=1_000)


async def post(ledger: Ledger, log: IntentLog, command: Command) -> Outcome:
    """Post until it is known what came of it, and log that."""
    while True:
        try:
            outcome = await ledger.post(command)
        except OutcomeUnknownError:
            log.doubt(command)
            await asyncio.sleep(_PAUSE_S)
        except BusyError:  # nothing was begun
            await asyncio.sleep(_PAUSE_S)
        else:
            log.answer(command, outcome)
            return outcome


async def write(orders: Orders) -> None:
    """Finish what was begun, then go on for ever, unless told not to."""
    log = IntentLog(orders.log)
    ledger = await connect(orders.url, clock_of(orders.late_us))
    begun = log.before.unanswered()
    for command in begun:
        log.doubt(command)
    answers = await asyncio.gather(*(post(ledger, log, one) for one in begun))
    if not orders.only_finish:
        work = Workload(
            random.Random(orders.seed),
            SystemClock(),
            orders.members,
            orders.stock,
            prefix=f"writer-{orders.number}",
            first=len(log.before.intents) + 1,
        )
        for key, outcomes in log.before.outcomes.items():
            work.learn(log.before.intents[key], outcomes[0])
        for command, outcome in zip(begun, answers, strict=True):
            work.learn(command, outcome)
        tasks = TASKS[orders.number % len(TASKS)]
        await asyncio.gather(*(_go_on(ledger, log, work) for _ in range(tasks)))
    await ledger.close()
    log.close()


async def _go_on(ledger: Ledger, log: IntentLog, work: Workload) -> None:
    while True:
        command = work.next()
        log.intend(command)
        work.learn(command, await post(ledger, log, command))


def main(orders: Orders) -> None:
    """Run a writer in this process."""
    logging.basicConfig(filename=orders.log.with_suffix(".txt"))
    asyncio.run(write(orders))
