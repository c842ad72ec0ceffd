"""Publishing: a document becomes the rows that everything goes by, in one unit of work.

The rows of currencies, rules, tiers, rewards and types of activity follow the document,
the version before retires, and this one stands, all or nothing. Units of rewards are
supplied next; a publication that was cut there is finished by publishing again, and by
the worker.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import Session

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import (
    ConfigurationError,
    ProgramFaultyError,
    ProgramVersionNotFoundError,
    ProgramVersionOutdatedError,
    ProgramVersionStateError,
    SecondPersonNeededError,
)
from core.ledger.commands import fingerprint_of
from core.program import drafting, requests, standing, supplies, versions
from core.program.access import needs
from core.program.document import canonical
from core.program.enactment import enact
from core.program.standing import Checked
from core.program.validation import MAX_REASON, check_text
from core.program.versions import OPEN, Changed, State, Version
from core.storage.version_tables import ProgramVersion as Row

T = TypeVar("T")


@needs(Scope.PROGRAM_PUBLISH)
async def publish(
    engine: Engine, *, by: Actor, key: str, number: int, at_us: int | None = None
) -> Changed:
    """Publish a version, now or at an instant to come.

    Safe to repeat: what was published already is finished, if it was cut.

    Args:
        engine: the engine.
        by: the caller; needs `program:publish`.
        key: idempotency key.
        number: of the version.
        at_us: when; now, if None or past.

    Raises:
        ForbiddenError: the caller may not publish.
        IdempotencyConflictError: the key was used for something else.
        ProgramVersionNotFoundError: there is none of this number.
        ProgramVersionStateError: it is retired or discarded.
        ProgramVersionOutdatedError: another version was published since it was drafted.
        SecondPersonNeededError: somebody else must approve it first.
        ProgramFaultyError: it cannot be published as things are now.
    """
    fingerprint = fingerprint_of("publish program", {"number": number, "at": at_us})
    if not await requests.was_made(engine, by, key, fingerprint):
        order = Order(by.program_id, number, by.client_id)
        note = Note(by, key, fingerprint)
        if at_us is not None and at_us > await engine.clocks.now_us(by.program_id):
            return await _schedule(engine, order, note, at_us)
        return Changed(await carry_out(engine, order, note), replayed=False)
    version = await versions.get(engine, by.program_id, number)
    await finish(engine, version)
    return Changed(await versions.get(engine, by.program_id, number), replayed=True)


@needs(Scope.PROGRAM_PUBLISH)
async def roll_back(
    engine: Engine, *, by: Actor, key: str, number: int, note: str | None = None
) -> Changed:
    """Publish the document of an earlier version, as a new version.

    Where two people must agree, it is a draft that somebody else approves.

    Raises:
        ForbiddenError: the caller may not publish.
        InvalidInputError: the note is not of its form.
        IdempotencyConflictError: the key was used for something else.
        ProgramVersionNotFoundError: there is none of this number.
        ProgramVersionStateError: it never stood, or it stands.
        ProgramFaultyError: it cannot be published as things are now.
    """
    check_text(note, "note", MAX_REASON)
    given = {"number": number, "note": note}
    fingerprint = fingerprint_of("roll back program", given)
    if await requests.was_made(engine, by, key, fingerprint):
        made = await versions.of_key(engine, by, key)
        await finish(engine, made)
        return Changed(await versions.of_key(engine, by, key), replayed=True)
    target = await versions.get(engine, by.program_id, number)
    if target.state is not State.RETIRED:
        raise ProgramVersionStateError(status=target.state)
    text = canonical(await versions.document(engine, by.program_id, number))
    checked = await _checked(engine, by.program_id, text)
    now_us = await engine.clocks.now_us(by.program_id)
    await supplies.fund_new(engine, by.program_id, checked)

    def work(session: Session) -> int:
        program = requests.locked(session, by.program_id)
        if not requests.remember(session, by, key, fingerprint, now_us):
            raise ProgramVersionStateError(status=State.PUBLISHED)
        stands = drafting.standing_row(session, by.program_id)
        row = drafting.add(session, by.program_id, text, by.client_id, now_us)
        row.note, row.idem_key, row.restores = note, key, number
        session.flush()
        if not drafting.needs_two(stands, text):
            row.published_by, row.published_at_us = by.client_id, now_us
            enact(session, engine, program, row, checked)
        return row.number

    made_number = await _configure(engine, work)
    version = await versions.get(engine, by.program_id, made_number)
    await finish(engine, version)
    version = await versions.get(engine, by.program_id, made_number)
    return Changed(version, replayed=False)


async def finish(engine: Engine, version: Version) -> None:
    """Supply the units of a version that stands, if that was cut.

    What the program was when it was published is not asked again: it was fit then.

    Raises:
        ProgramFaultyError: the plugin of a reward is gone, or takes its config no more.
    """
    if version.state is not State.PUBLISHED or version.is_finished:
        return
    content = await versions.document(engine, version.program_id, version.number)
    kept = standing.kept(engine, content)
    await _supply(engine, version.program_id, version.number, kept)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be published, and who says so."""

    program_id: int
    number: int
    client_id: str


@dataclass(frozen=True, slots=True)
class Note:
    """The request that is noted with it."""

    by: Actor
    key: str
    fingerprint: bytes


async def carry_out(engine: Engine, order: Order, note: Note | None = None) -> Version:
    """Publish what is ordered, and note the request, if it comes from one.

    Raises:
        RefusedError: it cannot be published as things are now.
    """
    program_id, number = order.program_id, order.number
    version = await versions.get(engine, program_id, number)
    if version.state is State.PUBLISHED:
        await finish(engine, version)
        return await versions.get(engine, program_id, number)
    if version.state not in OPEN:
        raise ProgramVersionStateError(status=version.state)
    text = canonical(await versions.document(engine, program_id, number))
    checked = await _checked(engine, program_id, text)
    now_us = await engine.clocks.now_us(program_id)
    await engine.database.configure(
        lambda session: _ready(session, program_id, number).state
    )
    await supplies.fund_new(engine, program_id, checked)

    def work(session: Session) -> None:
        program = requests.locked(session, program_id)
        row = _ready(session, program_id, number)
        if note is not None:
            requests.remember(session, note.by, note.key, note.fingerprint, now_us)
        if row.state != State.PUBLISHED:
            row.published_by, row.published_at_us = order.client_id, now_us
            enact(session, engine, program, row, checked)

    await _configure(engine, work)
    await _supply(engine, program_id, number, checked)
    return await versions.get(engine, program_id, number)


async def _schedule(engine: Engine, order: Order, note: Note, at_us: int) -> Changed:
    now_us = await engine.clocks.now_us(order.program_id)

    def work(session: Session) -> Changed:
        requests.locked(session, order.program_id)
        row = _ready(session, order.program_id, order.number)
        if row.state == State.PUBLISHED:
            raise ProgramVersionStateError(status=row.state)
        requests.remember(session, note.by, note.key, note.fingerprint, now_us)
        row.publish_at_us, row.published_by = at_us, order.client_id
        row.failure = None
        session.add(row)
        return Changed(Version.of(row), replayed=False)

    return await engine.database.configure(work)


def _ready(session: Session, program_id: int, number: int) -> Row:
    """Return the row of a version that may be published, or stands already."""
    row = session.get(Row, (program_id, number))
    if row is None:
        raise ProgramVersionNotFoundError
    if row.state == State.PUBLISHED:
        return row
    if row.state not in OPEN:
        raise ProgramVersionStateError(status=row.state)
    stands = drafting.standing_row(session, program_id)
    if stands is not None and row.base != stands.number:
        raise ProgramVersionOutdatedError(published=stands.number)
    if row.state == State.DRAFT and drafting.needs_two(stands, row.document):
        raise SecondPersonNeededError
    return row


async def _checked(engine: Engine, program_id: int, text: str) -> Checked:
    """Return a stored document as it is to be stored now."""
    checked, faults = await standing.check(engine, program_id, json.loads(text))
    if checked is None:
        raise ProgramFaultyError(faults=faults)
    return checked


async def _configure(engine: Engine, work: Callable[[Session], T]) -> T:
    """Run the unit of work; what came in between the check and it is a fault, too."""
    try:
        return await engine.database.configure(work)
    except ConfigurationError as error:
        raise ProgramFaultyError(faults=[("", error.reason)]) from error


async def _supply(
    engine: Engine, program_id: int, number: int, checked: Checked
) -> None:
    await supplies.supply_all(engine, program_id, checked)

    def mark(session: Session) -> None:
        row = session.get_one(Row, (program_id, number))
        row.is_finished = True
        session.add(row)

    await engine.database.configure(mark)
