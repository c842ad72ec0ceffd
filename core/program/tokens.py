"""Bearer tokens: made once, stored as SHA-256, scoped to one program."""

import hashlib
import re
import secrets

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import InvalidInputError
from core.storage import program_tables as tables

PREFIX = "gdn_"
"""Begins every token, so that one that leaked can be recognized."""

_FIND = (
    "SELECT program_id, client_id, role, holder_id FROM token "
    "WHERE token_hash = $1 AND revoked_at_us IS NULL "
    "AND (expires_at_us IS NULL OR expires_at_us > $2)"
)
_CLIENT_FORM = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_RESERVED = {"due", "step", "saga", "definition"}
"""Prefixes of keys that the engine makes itself."""


async def create(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    program_id: int,
    role: Role,
    client_id: str | None = None,
    holder_id: int | None = None,
    expires_at_us: int | None = None,
) -> str:
    """Make a token and return its secret, which is shown this once.

    Args:
        engine: the engine.
        program_id: the one program it is good for.
        role: what it may do.
        client_id: name of the API client, which scopes idempotency keys and stays the
            same when the token is renewed. Not for members.
        holder_id: the member, for role MEMBER and only for it.
        expires_at_us: end of its life; None for no end.

    Raises:
        InvalidInputError: the arguments do not go together.
    """
    if (role is Role.MEMBER) != (holder_id is not None):
        raise InvalidInputError(
            field="member", reason="goes with the role member, and only with it"
        )
    client_id = client_id or role.value
    if holder_id is not None:
        client_id = f"member-{holder_id:016x}"
    if not _CLIENT_FORM.fullmatch(client_id) or client_id in _RESERVED:
        raise InvalidInputError(
            field="client",
            reason="must be 1 to 64 of a-z, 0-9, '.', '_' and '-', and not reserved",
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    row = tables.Token(
        token_hash=_hash(secret),
        program_id=program_id,
        client_id=client_id,
        role=role.value,
        holder_id=holder_id,
        created_at_us=engine.clock.now_us(),
        expires_at_us=expires_at_us,
    )
    await engine.database.configure(lambda session: session.add(row))
    return secret


async def authenticate(engine: Engine, secret: str) -> Actor | None:
    """Return who holds *secret*; None if nobody does, or no longer."""
    found = await engine.database.read(_FIND, _hash(secret), engine.clock.now_us())
    if not found:
        return None
    program_id, client_id, role, holder_id = found[0]
    return Actor(program_id, client_id, Role(role), holder_id)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
