"""Drafting versions of a program, approving and discarding them.

A version is drafted against the version that stands; if another one is published in
between, it is outdated, and nobody's work is undone unseen.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session, col, func, select

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import (
    ProgramFaultyError,
    ProgramVersionNotFoundError,
    ProgramVersionStateError,
    SecondPersonNeededError,
)
from core.ledger.commands import fingerprint_of
from core.program import makers, requests, standing
from core.program.access import needs
from core.program.document import Approval, canonical, read
from core.program.faults import plain
from core.program.validation import MAX_REASON, check_text
from core.program.versions import OPEN, Changed, State, Version, of_key
from core.storage.version_tables import ProgramVersion as Row

_CODE = "SELECT code FROM program WHERE program_id = $1"


@needs(Scope.PROGRAM_WRITE)
async def draft(
    engine: Engine,
    *,
    by: Actor,
    key: str,
    values: Mapping[str, Any],
    note: str | None = None,
) -> Changed:
    """Draft the next version; its document gets the code of the caller's program.

    Args:
        engine: the engine.
        by: the caller; needs `program:write`.
        key: idempotency key.
        values: the document.
        note: why, at most 500 characters.

    Raises:
        ForbiddenError: the caller may not change the program.
        InvalidInputError: the note is not of its form.
        IdempotencyConflictError: the key was used for something else.
        ProgramFaultyError: the document is wrong; tells all that is.
    """
    check_text(note, "note", MAX_REASON)
    given = {"document": plain(values), "note": note}
    fingerprint = fingerprint_of("draft program", given)
    if await requests.was_made(engine, by, key, fingerprint):
        return Changed(await of_key(engine, by, key), replayed=True)
    ((code,),) = await engine.database.read(_CODE, by.program_id)
    checked, found = await standing.check(
        engine, by.program_id, {**values, "code": code}
    )
    if checked is None:
        raise ProgramFaultyError(faults=found)
    text = canonical(checked.document)
    now_us = await engine.clocks.now_us(by.program_id)

    def work(session: Session) -> Changed:
        requests.locked(session, by.program_id)
        if not requests.remember(session, by, key, fingerprint, now_us):
            return Changed(_keyed(session, by, key), replayed=True)
        row = add(session, by.program_id, text, by.client_id, now_us)
        row.note, row.idem_key = note, key
        return Changed(Version.of(row), replayed=False)

    return await engine.database.configure(work)


@needs(Scope.PROGRAM_PUBLISH)
async def approve(engine: Engine, *, by: Actor, key: str, number: int) -> Changed:
    """Agree with a version that somebody else drafted.

    Raises:
        ForbiddenError: the caller may not publish.
        IdempotencyConflictError: the key was used for something else.
        ProgramVersionNotFoundError: there is none of this number.
        ProgramVersionStateError: it is no draft.
        SecondPersonNeededError: the caller drafted it, or one of the two has its key
            from the other.
    """

    def change(session: Session, row: Row, now_us: int) -> None:
        if row.state != State.DRAFT:
            raise ProgramVersionStateError(status=row.state)
        if makers.are_kin(session, by, row.drafted_by):
            raise SecondPersonNeededError
        row.state, row.approved_by = State.APPROVED.value, by.client_id
        row.approved_at_us = now_us

    return await move(engine, by, key, ("approve", number), change)


@needs(Scope.PROGRAM_WRITE)
async def discard(engine: Engine, *, by: Actor, key: str, number: int) -> Changed:
    """Give up a version that was not published.

    Raises:
        ForbiddenError: the caller may not change the program.
        IdempotencyConflictError: the key was used for something else.
        ProgramVersionNotFoundError: there is none of this number.
        ProgramVersionStateError: it was published, or discarded before.
    """

    def change(_session: Session, row: Row, _now_us: int) -> None:
        if row.state not in OPEN:
            raise ProgramVersionStateError(status=row.state)
        row.state, row.publish_at_us = State.DISCARDED.value, None

    return await move(engine, by, key, ("discard", number), change)


async def move(
    engine: Engine,
    by: Actor,
    key: str,
    what: tuple[str, int],
    change: Callable[[Session, Row, int], None],
) -> Changed:
    """Change the row of a version once for a key.

    Args:
        engine: the engine.
        by: the caller.
        key: idempotency key.
        what: verb, and the number of the version.
        change: takes the session, the row and the present instant.
    """
    verb, number = what
    fingerprint = fingerprint_of(f"{verb} program version", {"number": number})
    now_us = await engine.clocks.now_us(by.program_id)

    def work(session: Session) -> Changed:
        requests.locked(session, by.program_id)
        row = session.get(Row, (by.program_id, number))
        if row is None:
            raise ProgramVersionNotFoundError
        if not requests.remember(session, by, key, fingerprint, now_us):
            return Changed(Version.of(row), replayed=True)
        change(session, row, now_us)
        session.add(row)
        return Changed(Version.of(row), replayed=False)

    return await engine.database.configure(work)


def add(
    session: Session, program_id: int, text: str, drafted_by: str, now_us: int
) -> Row:
    """Add a draft with a canonical document, based on the version that stands."""
    newest = session.exec(
        select(func.max(Row.number)).where(Row.program_id == program_id)
    ).one()
    stands = standing_row(session, program_id)
    row = Row(
        program_id=program_id,
        number=(newest or 0) + 1,
        state=State.DRAFT.value,
        document=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        base=None if stands is None else stands.number,
        drafted_by=drafted_by,
        drafted_at_us=now_us,
    )
    session.add(row)
    return row


def standing_row(session: Session, program_id: int) -> Row | None:
    """Return the row of the version that stands."""
    query = select(Row).where(
        Row.program_id == program_id, Row.state == State.PUBLISHED.value
    )
    return session.exec(query).first()


def needs_two(stands: Row | None, text: str) -> bool:
    """Tell whether two people must agree: it says so, or what stands does."""
    texts = [text] if stands is None else [text, stands.document]
    return any(read(one).approval is Approval.TWO_PEOPLE for one in texts)


def _keyed(session: Session, by: Actor, key: str) -> Version:
    query = select(Row).where(
        Row.program_id == by.program_id,
        Row.drafted_by == by.client_id,
        col(Row.idem_key) == key,
    )
    return Version.of(session.exec(query).one())
