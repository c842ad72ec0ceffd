"""Keys of requests that concern no holder: each does what it says once."""

from sqlmodel import Session, select

from core.actors import Actor
from core.engine import Engine
from core.errors import IdempotencyConflictError
from core.storage.program_tables import Program
from core.storage.service_tables import Request

_FIND = (
    "SELECT fingerprint FROM request "
    "WHERE program_id = $1 AND client_id = $2 AND idem_key = $3"
)


async def was_made(engine: Engine, by: Actor, key: str, fingerprint: bytes) -> bool:
    """Tell whether the caller made this request before.

    Raises:
        IdempotencyConflictError: the key was used for something else.
    """
    rows = await engine.database.read(_FIND, by.program_id, by.client_id, key)
    if rows and bytes(rows[0][0]) != fingerprint:
        raise IdempotencyConflictError
    return bool(rows)


def remember(
    session: Session, by: Actor, key: str, fingerprint: bytes, at_us: int
) -> bool:
    """Note a request; return False if it was made before.

    Raises:
        IdempotencyConflictError: the key was used for something else.
    """
    known = session.get(Request, (by.program_id, by.client_id, key))
    if known is not None:
        if bytes(known.fingerprint) != fingerprint:
            raise IdempotencyConflictError
        return False
    session.add(
        Request(
            program_id=by.program_id,
            client_id=by.client_id,
            idem_key=key,
            fingerprint=fingerprint,
            at_us=at_us,
        )
    )
    return True


def locked(session: Session, program_id: int) -> Program:
    """Return the program's row; who changes the program takes turns."""
    query = select(Program).where(Program.program_id == program_id)
    return session.exec(query.with_for_update()).one()
