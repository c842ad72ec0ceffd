"""Versions that are due, and publications that were cut: the worker sees to them.

Each fails alone, so that none keeps another program waiting.
"""

import logging

from sqlmodel import Session

from core.engine import Engine
from core.errors import GuerdonError, UnavailableError
from core.program import publishing, versions
from core.program.publishing import Order
from core.program.versions import OPEN
from core.storage.version_tables import ProgramVersion as Row

_DUE = (
    "SELECT v.program_id, v.number, v.drafted_by, v.published_by "
    "FROM program_version v JOIN program p ON p.program_id = v.program_id "
    "WHERE v.publish_at_us <= coalesce(p.clock_us, $1) ORDER BY v.publish_at_us"
)
_CUT = (
    "SELECT program_id, number FROM program_version "
    "WHERE state = 'PUBLISHED' AND NOT is_finished"
)

_log = logging.getLogger(__name__)


async def publish_due(engine: Engine, program_id: int | None = None) -> int:
    """Publish what is due by the clock of its program, and finish what was cut.

    Args:
        engine: the engine.
        program_id: of this program alone; None: of all.

    Returns:
        How many were published. One that cannot be tells why, and is due no more.

    Raises:
        UnavailableError: the database does not answer, and it is for one program. For
            all, it is logged, and done later.
    """
    done = 0
    for owner, number, drafted_by, ordered_by in await engine.database.read(
        _DUE, engine.clock.now_us()
    ):
        if program_id not in {None, owner}:
            continue
        try:
            done += await _publish(
                engine, Order(owner, number, ordered_by or drafted_by)
            )
        except GuerdonError as error:
            _tell(error, owner, number, program_id)
    for owner, number in await engine.database.read(_CUT):
        if program_id not in {None, owner}:
            continue
        try:
            version = await versions.get(engine, owner, number)
            await publishing.finish(engine, version)
        except GuerdonError as error:
            _tell(error, owner, number, program_id)
    return done


async def _publish(engine: Engine, order: Order) -> bool:
    """Publish a version that is due; tell whether it could be."""
    try:
        await publishing.carry_out(engine, order)
    except UnavailableError:
        raise
    except GuerdonError as error:
        _log.warning(
            "version %d of program %d: %s", order.number, order.program_id, error
        )
        await _fail(engine, order, str(error))
        return False
    return True


async def _fail(engine: Engine, order: Order, why: str) -> None:
    def mark(session: Session) -> None:
        row = session.get_one(Row, (order.program_id, order.number))
        if row.state in OPEN:  # else it stands, and is finished later
            row.publish_at_us, row.failure = None, why
            session.add(row)

    await engine.database.configure(mark)


def _tell(error: GuerdonError, owner: int, number: int, program_id: int | None) -> None:
    """Log why a version must wait; who moves one program's clock is told, too."""
    _log.warning("version %d of program %d: %s", number, owner, error)
    if program_id is not None and isinstance(error, UnavailableError):
        raise error
