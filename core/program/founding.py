"""New programs of an installation, each with a first key of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from core.actors import Actor, Role, Scope
from core.engine import Engine
from core.errors import ProgramCodeTakenError, ProgramFaultyError
from core.ledger.commands import fingerprint_of
from core.program import definition, drafting, requests, standing, supplies, tokens
from core.program.access import needs
from core.program.document import canonical
from core.program.enactment import enact
from core.program.faults import plain
from core.storage.program_tables import Program

_FOUND = "SELECT program_id FROM program WHERE code = $1"


@dataclass(frozen=True, slots=True)
class Founded:
    """A program; `secret` is that of its first key, None in a replay: it was shown."""

    program_id: int
    secret: str | None

    @property
    def replayed(self) -> bool:
        """Tell whether the program had been made before."""
        return self.secret is None


@needs((Scope.PROGRAM_PUBLISH, Scope.KEYS_WRITE))
async def found(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    key: str,
    values: Mapping[str, Any],
    is_sandbox: bool = False,
    clock_us: int | None = None,
) -> Founded:
    """Make a program of this installation, published at once, and an admin's key.

    Args:
        engine: the engine.
        by: the caller; needs `program:publish` and `keys:write`.
        key: idempotency key.
        values: the document; its code is the new program's.
        is_sandbox: whether it has a clock of its own.
        clock_us: what that clock shows at first; now, if None.

    Raises:
        ForbiddenError: the caller may not make programs.
        IdempotencyConflictError: the key was used for something else.
        ProgramFaultyError: the document is wrong; tells all that is.
        ProgramCodeTakenError: another program has the code.
    """
    given = {"document": plain(values), "sandbox": is_sandbox, "clock": clock_us}
    fingerprint = fingerprint_of("create program", given)
    if await requests.was_made(engine, by, key, fingerprint):
        ((program_id,),) = await engine.database.read(_FOUND, values["code"])
        return Founded(program_id, None)
    checked, faults = await standing.check(engine, None, values)
    if checked is None:
        raise ProgramFaultyError(faults=faults)
    content = checked
    text = canonical(content.document)
    now_us = engine.clock.now_us()
    own_us = (now_us if clock_us is None else clock_us) if is_sandbox else None
    starts_us = now_us if own_us is None else own_us

    def work(session: Session) -> tuple[int, int] | None:
        requests.locked(session, by.program_id)
        if not requests.remember(session, by, key, fingerprint, now_us):
            return None
        query = select(Program).where(Program.code == content.document.code)
        if session.exec(query).first() is not None:
            raise ProgramCodeTakenError
        program = definition.found_or_made(session, engine, content, own_us)
        program_id = program.program_id
        row = drafting.add(session, program_id, text, by.client_id, starts_us)
        row.published_by, row.published_at_us = by.client_id, starts_us
        session.flush()
        enact(session, engine, program, row, content)
        return program_id, row.number

    try:
        made = await engine.database.configure(work)
    except IntegrityError as error:  # another one took the code just now
        raise ProgramCodeTakenError from error
    if made is None:  # the same request came twice at once
        ((program_id,),) = await engine.database.read(_FOUND, values["code"])
        return Founded(program_id, None)
    program_id, number = made
    await supplies.supply_all(engine, program_id, content)
    await definition.finish(engine, program_id, number)
    secret = await tokens.create(engine, program_id=program_id, role=Role.ADMIN)
    return Founded(program_id, secret)
