"""An import of finished history: members with their transactions, from a file.

A member is imported whole or not at all, many of them in one database transaction. So
whatever stops an import, the next run of it finds those that are done and goes on.
"""

import asyncio
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.bulk.batch import Job
from core.bulk.index import Index, Lines
from core.bulk.lines import LineError
from core.bulk.past import Setting, Unit
from core.bulk.rows import Part
from core.bulk.workers import CarryOut, working
from core.engine import Engine
from core.errors import InvalidInputError
from core.ledger.state import Currency
from core.ledger.totals import Totals

BATCH = 2_000
"""So many lines at least are written in one transaction."""

_LINES_PER_WORKER = 50_000
"""A process more must be worth the second that its start takes."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CURRENCIES = (
    "SELECT code, is_qualifying, currency_id, is_redeemable, is_transferable, floor "
    "FROM currency WHERE program_id = $1"
)
Progress = Callable[[int], None]
"""Told of so many lines that are done."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported, under which name, and how.

    `workers` are processes beside this one; None: as many as are worth it.
    """

    path: Path
    name: str
    is_dry: bool = False
    workers: int | None = None
    batch: int = BATCH


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did, or would do.

    Attributes:
        is_written: whether it was done.
        members: that were imported.
        transactions: of these members, also their opening balances.
        skipped: lines that were there already.
        left_out: members that were not imported since something is wrong with them.
        errors: what is wrong, by line.
        totals: what became of the points, by code of currency.
    """

    is_written: bool
    members: int
    transactions: int
    skipped: int
    left_out: int
    errors: tuple[LineError, ...]
    totals: Mapping[str, Totals]


async def import_history(
    engine: Engine,
    program_id: int,
    order: Order,
    progress: Progress = lambda _: None,
) -> Summary:
    """Import a file; nothing is written if a line of it cannot be assigned to a member.

    Raises:
        InvalidInputError: the name is not of its form.
        DatabaseFailedError: the database broke off; run the import again.
    """
    if not _NAME.fullmatch(order.name):
        reason = "must be 1 to 64 letters, digits, '.', '_' or '-'"
        raise InvalidInputError(field="name", reason=reason)
    units = await _units(engine, program_id)
    setting = Setting(
        order.name, program_id, units, await engine.clocks.now_us(program_id)
    )
    index = Index(order.path)
    job = Job(setting, order.path, is_dry=order.is_dry or bool(index.errors))
    workers = order.workers
    if workers is None:
        workers = min(os.cpu_count() or 1, len(index) // _LINES_PER_WORKER)
    part = Part(errors=list(index.errors))
    async with working(engine, job, workers) as carry_out:
        await _all(
            index.batches(order.batch), carry_out, 2 * workers or 2, part, progress
        )
    codes = {unit.currency.currency_id: code for code, unit in units.items()}
    return Summary(
        is_written=not job.is_dry,
        members=part.members,
        transactions=part.transactions,
        skipped=part.skipped,
        left_out=part.left_out,
        errors=tuple(sorted(part.errors, key=lambda one: (one.line, str(one)))),
        totals={
            codes[currency_id]: Totals({one: (a, b) for one, (a, b) in moved.items()})
            for currency_id, moved in sorted(part.turnover.items())
        },
    )


async def _units(engine: Engine, program_id: int) -> dict[str, Unit]:
    rows = await engine.database.read(_CURRENCIES, program_id)
    return {
        code: Unit(
            Currency(currency_id, program_id, bool(redeems), bool(transfers), floor),
            bool(qualifies),
        )
        for code, qualifies, currency_id, redeems, transfers, floor in rows
    }


async def _all(
    batches: Iterable[list[Lines]],
    carry_out: CarryOut,
    at_once: int,
    part: Part,
    progress: Progress,
) -> None:
    """Carry out all batches, some at once, and add up what becomes of them."""
    room = asyncio.Semaphore(at_once)

    async def one(batch: list[Lines]) -> None:
        part.add(await carry_out(batch))
        progress(sum(len(lines) for lines in batch))
        room.release()

    try:
        async with asyncio.TaskGroup() as tasks:
            for batch in batches:
                await room.acquire()
                tasks.create_task(one(batch))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None  # the others were cancelled by it
