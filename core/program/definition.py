"""A program as one document, from whoever looks after the installation.

Applying a document makes the program what it says: a version is published that nobody
had to draft. Applying it again changes nothing. What was decided under an earlier state
stays as it was recorded.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from core.engine import Engine
from core.errors import ConfigurationError
from core.program import drafting, standing, supplies, versions
from core.program.document import canonical
from core.program.enactment import enact, write_rows
from core.program.faults import plain
from core.program.standing import Checked
from core.program.versions import State, Version
from core.storage.program_tables import Program
from core.storage.version_tables import ProgramVersion as Row

_TURNS = 10
SYSTEM = "installation"
"""Who applies documents that no API client drafted."""

T = TypeVar("T")


async def find(engine: Engine, code: str | None = None) -> int | None:
    """Return the program *code*, or the oldest; None if there is none."""
    if code is None:
        sql = "SELECT program_id FROM program ORDER BY program_id LIMIT 1"
        rows = await engine.database.read(sql)
    else:
        sql = "SELECT program_id FROM program WHERE code = $1"
        rows = await engine.database.read(sql, code)
    return rows[0][0] if rows else None


async def apply(
    engine: Engine,
    values: Mapping[str, Any],
    *,
    note: str | None = None,
    clock_us: int | None = None,
    types_may_come: bool = True,
) -> int:
    """Make the program what the document *values* says, and return its id.

    See `apply_version`.
    """
    version = await apply_version(
        engine, values, note=note, clock_us=clock_us, types_may_come=types_may_come
    )
    return version.program_id


async def apply_version(
    engine: Engine,
    values: Mapping[str, Any],
    *,
    note: str | None = None,
    clock_us: int | None = None,
    types_may_come: bool = True,
) -> Version:
    """Make the program what the document *values* says, and return its version.

    Where the program asks for two people, it is a draft that somebody else approves.

    Args:
        engine: the engine.
        values: the document; its code names the program, which is made if it is new.
        note: why.
        clock_us: a new program is a sandbox, and its clock shows this; None: it is not.
        types_may_come: rules may name types of activity that are registered later.

    Raises:
        ConfigurationError: names the parts of the document, and says what is wrong.
    """
    code = (plain(values) or {}).get("code")
    known = await find(engine, code) if isinstance(code, str) else None
    checked, faults = await standing.check(
        engine, known, values, types_may_come=types_may_come
    )
    if checked is None:
        told = "; ".join(f"{path}: {reason}" for path, reason in faults)
        raise ConfigurationError(f"program document, {told}")
    content = checked

    def save(session: Session) -> tuple[int, int]:
        program = found_or_made(session, engine, content, clock_us)
        return program.program_id, _stand(session, engine, program, content, note)

    if known is not None:
        await supplies.fund_new(engine, known, content)
    program_id, number = await in_turn(engine, save)
    version = await versions.get(engine, program_id, number)
    if version.state is State.PUBLISHED:
        await supplies.supply_all(engine, program_id, content)
        await finish(engine, program_id, number)
    return version


def found_or_made(
    session: Session, engine: Engine, checked: Checked, clock_us: int | None
) -> Program:
    """Return the program of a document, which is made if it is new."""
    document = checked.document
    query = select(Program).where(Program.code == document.code)
    program = session.exec(query.with_for_update()).first()
    if program is None:
        program = Program(
            program_id=engine.clock.new_id(),
            code=document.code,
            name=document.name,
            clock_us=clock_us,
        )
        session.add(program)
        session.flush()
    return program


def _stand(
    session: Session,
    engine: Engine,
    program: Program,
    checked: Checked,
    note: str | None,
) -> int:
    """Publish a document, unless it stands already; return the version's number."""
    text = canonical(checked.document)
    stands = drafting.standing_row(session, program.program_id)
    if stands is not None and stands.document == text:
        write_rows(session, engine, program, checked)  # what was changed by hand, ends
        return stands.number
    now_us = engine.clock.now_us() if program.clock_us is None else program.clock_us
    row = drafting.add(session, program.program_id, text, SYSTEM, now_us)
    row.note = note
    session.flush()
    if stands is not None and drafting.needs_two(stands, text):
        return row.number
    row.published_by, row.published_at_us = SYSTEM, now_us
    enact(session, engine, program, row, checked)
    return row.number


async def in_turn(engine: Engine, save: Callable[[Session], T]) -> T:
    """Write the rows; of processes that write the same at once, the last find it."""
    for _ in range(_TURNS):
        with suppress(IntegrityError):
            return await engine.database.configure(save)
    return await engine.database.configure(save)


async def finish(engine: Engine, program_id: int, number: int) -> None:
    """Note that the units of a version's rewards are supplied."""

    def mark(session: Session) -> None:
        row = session.get_one(Row, (program_id, number))
        if not row.is_finished:
            row.is_finished = True
            session.add(row)

    await engine.database.configure(mark)
