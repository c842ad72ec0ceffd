"""The stock of rewards: holders whose points are units, one for each slot.

How many units there are to be is configuration; each change of it is a revision, which
is posted to the stock's holder once, under a key of its number. A process killed in
between leaves a revision that the next change, or applying the program again, posts.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from core.engine import Engine
from core.errors import ConfigurationError
from core.ledger.codes import STOCK_UNIT, HolderKind
from core.ledger.commands import (
    Adjust,
    Command,
    Open,
    Operation,
    Outcome,
    Refused,
    Step,
    fingerprint_of,
)
from core.program.refusals import accepted
from core.storage import program_tables as tables

CODES = "codes"
"""The slot of a reward whose units are the codes of its pool."""

_FIND = "SELECT slot, holder_id FROM stock WHERE reward_id = $1"
_LATEST = (
    "SELECT holder_id, units, revision, change, is_closed FROM stock "
    "WHERE reward_id = $1 AND slot = $2"
)
_LEFT = "SELECT available FROM wallet WHERE holder_id = $1 AND currency_id = $2"
_WAITING = (
    "SELECT count(*) FROM redemption WHERE stock_holder_id = $1 "
    "AND status = 'REQUESTED'"
)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a slot, and how many redemptions wait for more."""

    units: int
    waiting: int


async def slots(engine: Engine, reward_id: int) -> Mapping[str, int]:
    """Return the holders that count a reward's units, by slot; none: no limit."""
    return dict(await engine.database.read(_FIND, reward_id))


async def left(engine: Engine, holder_id: int) -> Left:
    """Return what is left of a stock."""
    rows = await engine.database.read(_LEFT, holder_id, STOCK_UNIT)
    ((waiting,),) = await engine.database.read(_WAITING, holder_id)
    return Left(rows[0][0] if rows else 0, waiting)


async def total(engine: Engine, holder_id: int) -> int | None:
    """Return the units of a slot in all; None: it was called off."""
    sql = "SELECT units, is_closed FROM stock WHERE holder_id = $1"
    ((units, is_closed),) = await engine.database.read(sql, holder_id)
    return None if is_closed else int(units)


async def supply(
    engine: Engine, program_id: int, reward_id: int, slot: str, units: int
) -> None:
    """See to it that there are *units* of a slot in all, sold ones among them.

    A closed slot gets none; of a pool's codes there are never fewer.

    Raises:
        ConfigurationError: more than the difference is sold or reserved already.
    """
    await _ensure(engine, program_id, reward_id, slot)
    while True:
        before = await _post_latest(engine, reward_id, slot)
        is_enough = before.units == units or (slot == CODES and before.units > units)
        if is_enough or before.is_closed:
            return
        revising = _Revising(reward_id, slot, before.revision, units)
        await engine.database.configure(revising)


async def withdraw(engine: Engine, reward_id: int, slot: str) -> None:
    """Take what is left of a slot off sale."""
    holder_id = (await slots(engine, reward_id))[slot]
    while True:
        before = await _post_latest(engine, reward_id, slot)
        unsold = (await left(engine, holder_id)).units
        if not unsold:
            return
        units = before.units - unsold
        revising = _Revising(reward_id, slot, before.revision, units)
        await engine.database.configure(revising)
        with suppress(ConfigurationError):  # one was sold meanwhile
            await _post_latest(engine, reward_id, slot)


async def close(engine: Engine, reward_id: int, slot: str) -> None:
    """Take a slot off sale for good."""

    def mark(session: Session) -> None:
        row = session.get(tables.Stock, (reward_id, slot))
        if row is not None:
            row.is_closed = True
            session.add(row)

    await engine.database.configure(mark)
    await withdraw(engine, reward_id, slot)


async def _ensure(engine: Engine, program_id: int, reward_id: int, slot: str) -> None:
    """Make the slot and its holder, unless they are there."""
    new_id = engine.clock.new_id()

    def make(session: Session) -> int:
        row = session.get(tables.Stock, (reward_id, slot))
        if row is None:
            row = tables.Stock(
                reward_id=reward_id, slot=slot, program_id=program_id, holder_id=new_id
            )
            session.add(row)
        return row.holder_id

    try:
        holder_id = await engine.database.configure(make)
    except IntegrityError:  # another process made it at the same time
        holder_id = await engine.database.configure(make)
    opening = Open(program_id, HolderKind.STOCK)
    accepted(await _post(engine, holder_id, "open", opening))


class _Latest(NamedTuple):
    """The latest revision of a slot, which is posted."""

    units: int
    revision: int
    is_closed: bool


async def _post_latest(engine: Engine, reward_id: int, slot: str) -> _Latest:
    """Post the latest revision, unless it is posted, and return it.

    Raises:
        ConfigurationError: it took away more than is left, and is withdrawn.
    """
    rows = await engine.database.read(_LATEST, reward_id, slot)
    holder_id, units, revision, change, is_closed = rows[0]
    latest = _Latest(units, revision, bool(is_closed))
    if not change:
        return latest
    outcome = await _post(
        engine, holder_id, f"supply:{revision}", Adjust(STOCK_UNIT, change)
    )
    if not isinstance(outcome, Refused):
        return latest
    withdrawn = _Revising(reward_id, slot, revision, units - change, is_posted=True)
    await engine.database.configure(withdrawn)
    remaining = await left(engine, holder_id)
    raise ConfigurationError(
        f"reward slot {slot or 'of all units'!r}: {-change} units cannot be taken "
        f"away, since only {remaining.units} are left"
    )


@dataclass(frozen=True, slots=True)
class _Revising:
    """The unit of work that writes a revision, unless another one came first."""

    reward_id: int
    slot: str
    revision: int
    units: int
    is_posted: bool = False

    def __call__(self, session: Session) -> None:
        """Write it."""
        table = tables.Stock
        row = session.exec(
            select(table)
            .where(table.reward_id == self.reward_id, table.slot == self.slot)
            .with_for_update()
        ).one()
        if row.revision != self.revision:
            return
        row.change = 0 if self.is_posted else self.units - row.units
        row.units, row.revision = self.units, row.revision + 1
        session.add(row)


async def _post(
    engine: Engine, holder_id: int, name: str, operation: Operation
) -> Outcome:
    key = f"stock:{name}"
    command = Command(key, fingerprint_of(key, {}), (Step(holder_id, operation),))
    return await engine.ledger.post(command)
