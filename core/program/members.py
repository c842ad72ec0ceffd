"""Members: enroll and find them."""

import re
from dataclasses import dataclass

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import (
    IdempotencyConflictError,
    IdentifierTakenError,
    InvalidInputError,
)
from core.ledger.codes import HolderKind
from core.ledger.commands import Command, Open, Step, fingerprint_of, key_of
from core.ledger.companions import NewMember
from core.ledger.directory import Claim, Taken, Ticket, TicketReused
from core.program.access import needs
from core.program.refusals import accepted
from core.program.validation import check_text

NUMBER = "number"
"""The kind of name under which a card number stands in the directory."""

_FIND = (
    "SELECT holder_id FROM directory WHERE program_id = $1 AND kind = $2 AND value = $3"
)
_EXISTS = "SELECT 1 FROM member WHERE holder_id = $1"
_NUMBER_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_EMAIL_FORM = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_MAX_NAME = 80
_MAX_EMAIL = 320


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A member, new or (`replayed`) enrolled earlier under the same key."""

    holder_id: int
    replayed: bool


@needs(Scope.MEMBERS_WRITE)
async def enroll(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    key: str,
    number: str | None = None,
    display_name: str | None = None,
    email: str | None = None,
) -> Enrolled:
    """Enroll a member.

    Args:
        engine: the engine.
        by: the caller; needs `members:write`.
        key: idempotency key.
        number: the number on the card; unique in the program.
        display_name: name to show, at most 80 characters.
        email: e-mail address.

    Raises:
        ForbiddenError: the caller may not enroll.
        InvalidInputError: a value is not of its form.
        IdempotencyConflictError: the key was used for something else.
        IdentifierTakenError: another member has the number.
    """
    check(number, display_name, email)
    given = {"number": number, "display_name": display_name, "email": email}
    fingerprint = fingerprint_of("enroll", given)
    claim = Claim(
        by.program_id,
        engine.clock.new_id(),
        () if number is None else ((NUMBER, number),),
        Ticket(by.client_id, key, fingerprint, engine.clock.now_us()),
    )
    answer = await engine.directory.submit(claim)
    if isinstance(answer, TicketReused):
        raise IdempotencyConflictError
    if isinstance(answer, Taken):
        raise IdentifierTakenError(kind=answer.kind)
    member = NewMember(by.program_id, number, display_name, email)
    operation = Open(by.program_id, HolderKind.MEMBER)
    command = Command(
        key_of(by.client_id, key),
        fingerprint,
        (Step(answer.holder_id, operation, companions=(member,)),),
    )
    posted = accepted(await engine.ledger.post(command))
    return Enrolled(posted.holder_id, posted.replayed)


async def find(engine: Engine, *, program_id: int, number: str) -> int | None:
    """Return the member with the card *number*, or None."""
    if not _NUMBER_FORM.fullmatch(number):
        return None  # nobody has it, and no database is asked what it cannot hold
    rows = await engine.database.read(_FIND, program_id, NUMBER, number)
    return rows[0][0] if rows else None


@needs((Scope.MEMBERS_READ, Scope.MEMBERS_IDENTIFY))
async def find_by_number(engine: Engine, *, by: Actor, number: str) -> int | None:
    """Return the member of the caller's program with the card *number*, or None.

    Raises:
        ForbiddenError: the caller may not look members up.
    """
    return await find(engine, program_id=by.program_id, number=number)


async def exists(engine: Engine, holder_id: int) -> bool:
    """Tell whether a member is enrolled, not only claimed for."""
    return bool(await engine.database.read(_EXISTS, holder_id))


def check(number: str | None, display_name: str | None, email: str | None) -> None:
    """Check what a member is to be known by.

    Raises:
        InvalidInputError: a value is not of its form.
    """
    if number is not None and not _NUMBER_FORM.fullmatch(number):
        raise InvalidInputError(
            field="number", reason="must be 1 to 64 letters, digits, '.', '_' or '-'"
        )
    check_text(display_name, "displayName", _MAX_NAME)
    check_text(email, "email", _MAX_EMAIL)
    if email is not None and not _EMAIL_FORM.fullmatch(email):
        raise InvalidInputError(field="email", reason="must be an e-mail address")
