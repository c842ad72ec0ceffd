"""Keys that were made by keys: none outlives the one that it is from."""

from sqlalchemy import Update
from sqlmodel import Session, col, select, update

from core.actors import Scope
from core.clock import from_us
from core.errors import ForbiddenError, InvalidInputError
from core.storage.token_tables import Token


def check_end(session: Session, row: Token, maker_id: int) -> None:
    """Check that a new key does not outlive its maker's.

    Raises:
        ForbiddenError: the maker's key was revoked just now.
        InvalidInputError: it would.
    """
    query = select(Token.expires_at_us, Token.revoked_at_us).where(
        Token.program_id == row.program_id, Token.key_id == maker_id
    )
    found = session.exec(query).first()
    if found is None or found[1] is not None:
        raise ForbiddenError(scope=Scope.KEYS_WRITE)
    ends_us = found[0]
    if ends_us is None:
        return
    if row.expires_at_us is None or row.expires_at_us > ends_us:
        shown = from_us(ends_us).isoformat(timespec="milliseconds")
        reason = f"must not be after {shown}, when the key ends that makes it"
        raise InvalidInputError(field="expiresAt", reason=reason)


def revoked(program_id: int, key_id: int, now_us: int) -> Update:
    """Return the statement that revokes a key, and all that come from it."""
    of_program = col(Token.program_id) == program_id
    doomed = (
        select(Token.key_id)
        .where(of_program, Token.key_id == key_id)
        .cte("doomed", recursive=True)
    )
    doomed = doomed.union(
        select(Token.key_id).where(
            of_program, col(Token.made_by_key_id) == doomed.c.key_id
        )
    )
    return (
        update(Token)
        .where(
            of_program,
            col(Token.key_id).in_(select(doomed.c.key_id)),
            col(Token.revoked_at_us).is_(None),
        )
        .values(revoked_at_us=now_us)
        .execution_options(synchronize_session=False)
    )
