"""Keys: bearer tokens that are made once, for one program, and can be revoked.

A secret has 256 random bits. Nobody can try so many, so a plain SHA-256 keeps it: a
slow hash would protect what people choose, and only make every request slow here. A key
is looked up in the database each time, by its hash: once revoked, it is good no more.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from core.actors import SCOPES, Actor, Role, Scope
from core.engine import Engine
from core.errors import InvalidInputError
from core.storage import token_tables as tables
from core.storage.database import View

PREFIX = "gdn_"
"""Begins every secret, so that one that leaked can be recognized."""

HINT_LENGTH = 8
"""So many characters of a secret are shown to tell keys apart: 24 of its 256 bits."""

_COLUMNS = "key_id, program_id, client_id, role, scopes, holder_id, expires_at_us"
_IS_GOOD = "revoked_at_us IS NULL AND (expires_at_us IS NULL OR expires_at_us > $2)"
_FIND = f"SELECT {_COLUMNS} FROM token WHERE token_hash = $1 AND {_IS_GOOD}"  # noqa: S608
_ALIVE = f"SELECT 1 FROM token WHERE key_id = $1 AND {_IS_GOOD}"  # noqa: S608
_ALIVE_OF = {
    "postgresql": "SELECT key_id FROM token "  # noqa: S608
    f"WHERE key_id = ANY($1::bigint[]) AND {_IS_GOOD}",
    "sqlite": "SELECT key_id FROM token "  # noqa: S608
    f"WHERE key_id IN (SELECT value FROM json_each($1)) AND {_IS_GOOD}",
}
_CLIENT_FORM = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_RESERVED = {"due", "step", "saga", "definition"}
"""Prefixes of keys that the engine makes itself."""
_RESERVED_BEGINNINGS = ("member-", "oidc-")
"""Begin the clients of members, and of subjects of an issuer: nobody chooses those."""


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A key that is good now, and who holds it."""

    actor: Actor
    expires_at_us: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key that is to be made.

    Attributes:
        program_id: the one program it is good for.
        role: what it is for.
        client_id: name of the API client, which scopes idempotency keys and stays the
            same when the key is renewed; the role's, if None. Not for members.
        holder_id: the member, for role MEMBER and only for it.
        scopes: the only ones of the role that it has; None: all.
        expires_at_us: end of its life; None: it has none.
        created_by: client that makes it; None: the command line.
        made_by_key_id: key by which that client comes; None: it comes by none.
    """

    program_id: int
    role: Role
    client_id: str | None = None
    holder_id: int | None = None
    scopes: frozenset[Scope] | None = None
    expires_at_us: int | None = None
    created_by: str | None = None
    made_by_key_id: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A new key: its row, and its secret, which is known this once."""

    row: tables.Token
    secret: str


def make(wanted: Wanted, *, key_id: int, now_us: int) -> Made:
    """Make a key, which is not stored yet.

    Raises:
        InvalidInputError: what is wanted does not go together.
    """
    role, holder_id = wanted.role, wanted.holder_id
    if (role is Role.MEMBER) != (holder_id is not None):
        raise InvalidInputError(
            field="member", reason="goes with the role member, and only with it"
        )
    if wanted.expires_at_us is not None and wanted.expires_at_us <= now_us:
        raise InvalidInputError(field="expiresAt", reason="must be in the future")
    secret = PREFIX + secrets.token_urlsafe(32)
    row = tables.Token(
        token_hash=_hash(secret),
        key_id=key_id,
        hint=secret[:HINT_LENGTH],
        program_id=wanted.program_id,
        client_id=_client(wanted),
        role=role.value,
        scopes=_narrowed(role, wanted.scopes),
        holder_id=holder_id,
        created_at_us=now_us,
        created_by=wanted.created_by,
        made_by_key_id=wanted.made_by_key_id,
        expires_at_us=wanted.expires_at_us,
    )
    return Made(row, secret)


async def create(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    program_id: int,
    role: Role,
    client_id: str | None = None,
    holder_id: int | None = None,
    scopes: frozenset[Scope] | None = None,
    expires_at_us: int | None = None,
) -> str:
    """Make a key for whoever has the database, and return its secret.

    The arguments are those of `Wanted`.

    Raises:
        InvalidInputError: the arguments do not go together.
    """
    wanted = Wanted(program_id, role, client_id, holder_id, scopes, expires_at_us)
    made = make(wanted, key_id=engine.clock.new_id(), now_us=engine.clock.now_us())
    await engine.database.configure(lambda session: session.add(made.row))
    return made.secret


async def authenticate(engine: Engine, secret: str) -> KnownToken | None:
    """Return whose *secret* it is; None if nobody's, or no longer."""
    found = await engine.database.read(_FIND, _hash(secret), engine.clock.now_us())
    if not found:
        return None
    key_id, program_id, client_id, role, scopes, holder_id, expires_at_us = found[0]
    narrowed_to = None if scopes is None else read_scopes(scopes)
    actor = Actor(
        program_id,
        client_id,
        Role(role),
        holder_id,
        narrowed_to,
        key_id,
        expires_at_us,
    )
    return KnownToken(actor, expires_at_us)


async def is_alive(engine: Engine, key_id: int) -> bool:
    """Tell whether a key is good now."""
    return bool(await engine.database.read(_ALIVE, key_id, engine.clock.now_us()))


async def alive(engine: Engine, key_ids: Sequence[int]) -> set[int]:
    """Return those of some keys that are good now; one statement."""
    view: View = engine.database
    is_postgres = view.dialect == "postgresql"
    given = list(key_ids) if is_postgres else json.dumps(list(key_ids))
    sql = _ALIVE_OF[view.dialect]
    rows = await view.read(sql, given, engine.clock.now_us())
    return {key_id for (key_id,) in rows}


def read_scopes(text: str) -> frozenset[Scope]:
    """Return stored scopes; those that are no more are left out."""
    known = {scope.value for scope in Scope}
    return frozenset(Scope(one) for one in text.split() if one in known)


def _narrowed(role: Role, scopes: frozenset[Scope] | None) -> str | None:
    if scopes is None:
        return None
    if not scopes:
        raise InvalidInputError(field="scopes", reason="must not be empty")
    beyond = sorted(scopes - SCOPES[role])
    if beyond:
        reason = f"the role {role.value} does not have {', '.join(beyond)}"
        raise InvalidInputError(field="scopes", reason=reason)
    return " ".join(sorted(scopes))


def _client(wanted: Wanted) -> str:
    if wanted.holder_id is not None:
        return client_of_member(wanted.holder_id)
    client_id = wanted.client_id or wanted.role.value
    is_reserved = client_id in _RESERVED or client_id.startswith(_RESERVED_BEGINNINGS)
    if is_reserved or not _CLIENT_FORM.fullmatch(client_id):
        raise InvalidInputError(
            field="client",
            reason="must be 1 to 64 of a-z, 0-9, '.', '_' and '-', and not reserved",
        )
    return client_id


def client_of_member(holder_id: int) -> str:
    """Return the client that a member is, whatever credential it has."""
    return f"member-{holder_id:016x}"


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
