"""Budgets: points that rules may give in all, each counted by a holder of its own.

How many there are to be is configuration; each change of it is a revision, which is
posted to the budget's holder once, under a key of its number. A process killed in
between leaves a revision that the next change, or applying the program again, posts.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import NamedTuple

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
from core.storage.program_tables import Program
from core.storage.rule_tables import Budget as Row

_LATEST = (
    "SELECT holder_id, points, revision, change FROM budget "
    "WHERE program_id = $1 AND code = $2"
)
_LEFT = (
    "SELECT b.code, b.points, coalesce(w.available, 0) FROM budget b "
    "LEFT JOIN wallet w ON w.holder_id = b.holder_id WHERE b.program_id = $1"
)


class Budget(NamedTuple):
    """A budget: its points in all, and what is left of them."""

    points: int
    left: int


async def find_all(engine: Engine, program_id: int) -> Mapping[str, Budget]:
    """Return the budgets of a program, by code."""
    rows = await engine.database.read(_LEFT, program_id)
    return {code: Budget(points, left) for code, points, left in rows}


async def supply(engine: Engine, program_id: int, code: str, points: int) -> None:
    """See to it that a budget has *points* in all, given ones among them.

    Raises:
        ConfigurationError: more than that is given already.
    """
    await engine.database.configure(_Making(engine.clock.new_id(), program_id, code))
    rows = await engine.database.read(_LATEST, program_id, code)
    holder_id = rows[0][0]
    opening = Open(program_id, HolderKind.BUDGET)
    accepted(await _post(engine, holder_id, "open", opening))
    while True:
        before, revision = await _post_latest(engine, program_id, code)
        if before == points:
            return
        revising = _Revising(holder_id, revision, points)
        await engine.database.configure(revising)


async def _post_latest(engine: Engine, program_id: int, code: str) -> tuple[int, int]:
    """Post the latest revision, unless it is posted; return its points and number.

    Raises:
        ConfigurationError: it took away more than is left, and is withdrawn.
    """
    rows = await engine.database.read(_LATEST, program_id, code)
    holder_id, points, revision, change = rows[0]
    if not change:
        return points, revision
    operation = Adjust(STOCK_UNIT, change)
    outcome = await _post(engine, holder_id, f"supply:{revision}", operation)
    if not isinstance(outcome, Refused):
        return points, revision
    withdrawn = _Revising(holder_id, revision, points - change, is_posted=True)
    await engine.database.configure(withdrawn)
    raise ConfigurationError(
        f"budget {code}: {-change} points cannot be taken away, since fewer are left"
    )


@dataclass(frozen=True, slots=True)
class _Making:
    """The unit of work that makes the row of a budget, unless it is there."""

    holder_id: int
    program_id: int
    code: str

    def __call__(self, session: Session) -> None:
        """Make it; whoever comes second finds it."""
        program = session.exec(
            select(Program)
            .where(Program.program_id == self.program_id)
            .with_for_update()
        ).one()
        known = select(Row).where(
            Row.program_id == self.program_id,
            Row.code == self.code,
        )
        if session.exec(known).first() is None:
            session.add(Row(**asdict(self)))
            program.rules_revision += 1
            session.add(program)


@dataclass(frozen=True, slots=True)
class _Revising:
    """The unit of work that writes a revision, unless another one came first."""

    holder_id: int
    revision: int
    points: int
    is_posted: bool = False

    def __call__(self, session: Session) -> None:
        """Write it."""
        row = session.exec(
            select(Row).where(Row.holder_id == self.holder_id).with_for_update()
        ).one()
        if row.revision != self.revision:
            return
        row.change = 0 if self.is_posted else self.points - row.points
        row.points, row.revision = self.points, row.revision + 1
        session.add(row)


async def _post(
    engine: Engine, holder_id: int, name: str, operation: Operation
) -> Outcome:
    key = f"budget:{name}"
    command = Command(key, fingerprint_of(key, {}), (Step(holder_id, operation),))
    return await engine.ledger.post(command)
