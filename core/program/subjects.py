"""Subjects: the names under which an identity provider knows members.

They stand in the directory beside card numbers, together with the issuer: what one
provider calls `17` is somebody else to another.
"""

from sqlmodel import Session, col, delete

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import IdentifierTakenError, InvalidInputError
from core.ledger.directory import Claim, Taken
from core.ledger.shape import UNSTORABLE
from core.program.access import needs, require_member
from core.storage.service_tables import Directory

SUBJECT = "oidc"
"""The kind of name under which a subject stands in the directory."""

_FIND = (
    "SELECT m.holder_id FROM directory d JOIN member m ON m.holder_id = d.holder_id "
    "WHERE d.program_id = $1 AND d.kind = $2 AND d.value = $3 AND m.program_id = $1"
)
_PROGRAM = "SELECT program_id FROM program WHERE $1 IN ('', code) LIMIT 2"
_MAX_SUBJECT = 255


async def program_of_issuer(engine: Engine) -> int | None:
    """Return the program that the issuer's tokens are for; None if that is unclear."""
    rows = await engine.database.read(_PROGRAM, engine.settings.oidc_program)
    return rows[0][0] if len(rows) == 1 else None


async def find(engine: Engine, *, program_id: int, subject: str) -> int | None:
    """Return the member whom the installation's issuer calls *subject*, or None."""
    value = _value(engine, subject)
    rows = await engine.database.read(_FIND, program_id, SUBJECT, value)
    return rows[0][0] if rows else None


@needs(Scope.MEMBERS_WRITE)
async def link(engine: Engine, *, by: Actor, holder_id: int, subject: str) -> None:
    """Let a member sign in as *subject*. Safe to repeat.

    Raises:
        ForbiddenError: the caller may not write members.
        InvalidInputError: no issuer is set up, or that is no subject.
        MemberNotFoundError: no such member.
        IdentifierTakenError: another member has the subject.
    """
    value = _checked(engine, subject)
    await require_member(engine, by, holder_id)
    claim = Claim(by.program_id, holder_id, ((SUBJECT, value),))
    if isinstance(await engine.directory.submit(claim), Taken):
        raise IdentifierTakenError(kind=SUBJECT)


@needs(Scope.MEMBERS_WRITE)
async def unlink(engine: Engine, *, by: Actor, holder_id: int, subject: str) -> None:
    """Let a member no longer sign in as *subject*. Safe to repeat.

    Raises:
        ForbiddenError: the caller may not write members.
        InvalidInputError: no issuer is set up, or that is no subject.
        MemberNotFoundError: no such member.
    """
    value = _checked(engine, subject)
    await require_member(engine, by, holder_id)
    unlinked = delete(Directory).where(
        col(Directory.program_id) == by.program_id,
        col(Directory.kind) == SUBJECT,
        col(Directory.value) == value,
        col(Directory.holder_id) == holder_id,
    )

    def work(session: Session) -> None:
        session.exec(unlinked)

    await engine.database.configure(work)


def is_subject(text: object) -> bool:
    """Tell whether something could be a subject."""
    is_short = isinstance(text, str) and 0 < len(text) <= _MAX_SUBJECT
    return is_short and not UNSTORABLE.search(str(text))


def _checked(engine: Engine, subject: str) -> str:
    if not engine.settings.oidc_issuer:
        reason = "no issuer is set up (GUERDON_OIDC_ISSUER)"
        raise InvalidInputError(field="subject", reason=reason)
    if not is_subject(subject):
        reason = f"must be a text of 1 to {_MAX_SUBJECT} characters"
        raise InvalidInputError(field="subject", reason=reason)
    return _value(engine, subject)


def _value(engine: Engine, subject: str) -> str:
    return f"{engine.settings.oidc_issuer} {subject}"
