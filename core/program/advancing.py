"""The clock of a sandbox program is moved by hand, forward only.

On the way all that falls due is done, each thing at its instant: the clock is set to
the next instant at which anything is due, the work of that instant is done, and so on
to the end. So the same script leaves the same ledger, whatever the database, and how
far the clock is moved at a time changes nothing. The order of work of one instant:

1. versions of the program that are to be published then;
2. for each holder, in the order of their ids: pending points ripen, holds run out, then
   lots run out.

What was cut is finished by moving the clock again.
"""

import asyncio
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import Session, col

from core.actors import Actor, Scope
from core.clock import from_us
from core.engine import Engine
from core.errors import InvalidInputError, NotASandboxError
from core.ledger.commands import fingerprint_of
from core.program import due, requests
from core.program.access import needs
from core.storage.program_tables import Program

_NEXT = (
    "SELECT min(due) FROM ("
    "SELECT min(next_due_us) AS due FROM holder "
    "WHERE program_id = $1 AND next_due_us <= $2 UNION ALL "
    "SELECT min(publish_at_us) FROM program_version "
    "WHERE program_id = $1 AND publish_at_us <= $2) d"
)
_HELD_ELSEWHERE_S = 0.01
"""Pause when all that is due is in work of somebody else."""

LAST_US = 4_102_444_800_000_000
"""The end of 2099: no clock is moved further."""


@dataclass(frozen=True, slots=True)
class Advanced:
    """What the clock shows, and whether the key was used before."""

    clock_us: int
    replayed: bool


@needs(Scope.PROGRAM_WRITE)
async def advance(engine: Engine, *, by: Actor, key: str, to_us: int) -> Advanced:
    """Move the clock of the caller's program, and do what falls due on the way.

    Args:
        engine: the engine.
        by: the caller; needs `program:write`.
        key: idempotency key.
        to_us: what the clock is to show.

    Raises:
        ForbiddenError: the caller may not do this.
        NotASandboxError: the program goes by the real time.
        InvalidInputError: the clock shows this, or later, already; or it is too far.
        IdempotencyConflictError: the key was used for something else.
        BusyError: the database does not answer; send it again.
    """
    program_id = by.program_id
    own_us = await engine.clocks.own_us(program_id)
    if own_us is None:
        raise NotASandboxError
    fingerprint = fingerprint_of("advance clock", {"to": to_us})
    replayed = await requests.was_made(engine, by, key, fingerprint)
    if not replayed:
        _check(own_us, to_us)

        def note(session: Session) -> None:
            requests.locked(session, program_id)
            requests.remember(session, by, key, fingerprint, own_us)

        await engine.database.configure(note)
    return Advanced(await move(engine, program_id, to_us), replayed)


async def move(engine: Engine, program_id: int, to_us: int) -> int:
    """Move a sandbox's clock, and return what it shows; never back.

    Raises:
        BusyError: the database does not answer; try again.
    """
    while True:
        ((due_us,),) = await engine.database.read(
            _NEXT, program_id, to_us, bounded=False
        )
        if due_us is None:
            break
        now_us = await _set(engine, program_id, due_us)
        await due.publish_due(engine, program_id)
        done = 0
        while swept := await engine.ledger.sweep_program(program_id, now_us):
            done += swept
        if not done:
            await asyncio.sleep(_HELD_ELSEWHERE_S)
    return await _set(engine, program_id, to_us)


async def _set(engine: Engine, program_id: int, to_us: int) -> int:
    """Set the clock, unless it is ahead; return what it shows."""

    def work(session: Session) -> int:
        session.exec(
            update(Program)
            .where(col(Program.program_id) == program_id, col(Program.clock_us) < to_us)
            .values(clock_us=to_us)
        )
        return session.get_one(Program, program_id).clock_us or 0

    return await engine.database.configure(work)


def _check(own_us: int, to_us: int) -> None:
    if to_us <= own_us:
        shown = from_us(own_us).isoformat(timespec="milliseconds")
        reason = f"the clock shows {shown}, and moves forward only"
        raise InvalidInputError(field="to", reason=reason)
    if to_us > LAST_US:
        raise InvalidInputError(field="to", reason="must be before the year 2100")
