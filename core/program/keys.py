"""Keys for those who manage them: make, list, revoke, and tell when one was used."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_, select, update

from core.actors import SCOPES, Actor, Role, Scope
from core.engine import Engine
from core.errors import (
    ForbiddenError,
    IdempotencyConflictError,
    KeyNotFoundError,
)
from core.ledger.commands import fingerprint_of
from core.program import lineage, requests, tokens
from core.program.access import needs, require_member
from core.storage.service_tables import Request
from core.storage.token_tables import Token

_LIST = (
    "SELECT key_id, hint, client_id, role, scopes, holder_id, created_at_us, "
    "created_by, expires_at_us, revoked_at_us, last_used_at_us FROM token "
    "WHERE program_id = $1 ORDER BY key_id"
)


@dataclass(frozen=True, slots=True)
class Key:
    """A key, as it can be shown: without its secret. Instants in microseconds."""

    key_id: int
    hint: str
    client_id: str
    role: Role
    scopes: frozenset[Scope]
    holder_id: int | None
    created_at_us: int
    created_by: str | None
    expires_at_us: int | None
    revoked_at_us: int | None
    last_used_at_us: int | None

    @property
    def is_narrowed(self) -> bool:
        """Tell whether it may do less than its role."""
        return self.scopes != SCOPES[self.role]

    def state_at(self, now_us: int) -> str:
        """Return what it is at an instant: `good`, `expired` or `revoked`."""
        if self.revoked_at_us is not None:
            return "revoked"
        is_over = self.expires_at_us is not None and self.expires_at_us <= now_us
        return "expired" if is_over else "good"


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A key, and its secret; None in a replay: it was shown, and is stored nowhere."""

    key_id: int
    secret: str | None

    @property
    def replayed(self) -> bool:
        """Tell whether the key had been made before."""
        return self.secret is None


@needs(Scope.KEYS_WRITE)
async def create(
    engine: Engine, *, by: Actor, key: str, wanted: tokens.Wanted
) -> CreatedKey:
    """Make a key in the caller's program; it can do nothing that its maker cannot.

    If the caller comes by a key, it does not outlive that one, either.

    Args:
        engine: the engine.
        by: the caller; needs `keys:write`.
        key: idempotency key.
        wanted: the key; its program and maker are the caller's.

    Raises:
        ForbiddenError: the caller may not make keys, or none of these rights.
        InvalidInputError: what is wanted does not go together, or outlives the
            caller's key.
        MemberNotFoundError: no such member.
        IdempotencyConflictError: the key was used for something else.
    """
    wanted = replace(
        wanted,
        program_id=by.program_id,
        created_by=by.client_id,
        made_by_key_id=by.key_id,
    )
    now_us, key_id = engine.clock.now_us(), engine.clock.new_id()
    fingerprint = fingerprint_of("create_key", _given(wanted))
    replayed = await _replayed(engine, by, key, fingerprint)
    if replayed is not None:
        return replayed
    made = tokens.make(wanted, key_id=key_id, now_us=now_us)
    _require_own(by, wanted)
    if wanted.holder_id is not None:
        await require_member(engine, by, wanted.holder_id)
    request = Request(
        program_id=by.program_id,
        client_id=by.client_id,
        idem_key=key,
        fingerprint=fingerprint,
        holder_id=key_id,
        at_us=now_us,
    )

    def work(session: Session) -> None:
        requests.locked(session, by.program_id)  # who revokes takes turns with us
        if by.key_id is not None:
            lineage.check_end(session, made.row, by.key_id)
        session.add_all([request, made.row])

    try:
        await engine.database.configure(work)
    except IntegrityError as error:  # the same request came twice at once
        replayed = await _replayed(engine, by, key, fingerprint)
        if replayed is None:
            raise IdempotencyConflictError from error
        return replayed
    return CreatedKey(key_id, made.secret)


@needs(Scope.KEYS_WRITE)
async def revoke(engine: Engine, *, by: Actor, key_id: int) -> None:
    """Revoke a key of the caller's program, and all made by it, for ever.

    Safe to repeat.

    Raises:
        ForbiddenError: the caller may not manage keys.
        KeyNotFoundError: there is no such key.
    """
    await revoke_in(engine, program_id=by.program_id, key_id=key_id)


async def revoke_in(engine: Engine, *, program_id: int, key_id: int) -> None:
    """Revoke a key, and all made by it, for whoever has the database.

    Raises:
        KeyNotFoundError: there is no such key.
    """
    now_us = engine.clock.now_us()

    def work(session: Session) -> bool:
        query = select(Token.key_id).where(
            Token.program_id == program_id, Token.key_id == key_id
        )
        if session.exec(query).first() is None:
            return False
        requests.locked(session, program_id)  # who makes keys takes turns with us
        session.exec(lineage.revoked(program_id, key_id, now_us))
        return True

    if not await engine.database.configure(work):
        raise KeyNotFoundError


async def list_all(engine: Engine, *, program_id: int) -> list[Key]:
    """Return all keys of a program, the oldest first, for whoever has the database."""
    rows = await engine.database.read(_LIST, program_id)
    return [_key(*row) for row in rows]


async def note_use(engine: Engine, *, key_id: int, used_at_us: int) -> None:
    """Write down that a key was used; an earlier use than the last changes nothing."""

    def work(session: Session) -> None:
        session.exec(_used(key_id, used_at_us))

    await engine.database.configure(work)


def scopes_of(role: Role, narrowed_to: str | None) -> frozenset[Scope]:
    """Return what a stored key may do."""
    of_role = SCOPES[role]
    return of_role if narrowed_to is None else of_role & tokens.read_scopes(narrowed_to)


def _used(key_id: int, used_at_us: int) -> Update:
    last = col(Token.last_used_at_us)
    is_later = or_(last.is_(None), last < used_at_us)
    changed = update(Token).where(col(Token.key_id) == key_id, is_later)
    return changed.values(last_used_at_us=used_at_us)


def _given(wanted: tokens.Wanted) -> dict[str, Any]:
    """Return the caller's own input."""
    scopes = None if wanted.scopes is None else sorted(wanted.scopes)
    return {
        "role": wanted.role.value,
        "client": wanted.client_id,
        "member": wanted.holder_id,
        "scopes": scopes,
        "expires_at_us": wanted.expires_at_us,
    }


def _require_own(by: Actor, wanted: tokens.Wanted) -> None:
    """Check that the key can do nothing that its maker cannot."""
    scopes = SCOPES[wanted.role] if wanted.scopes is None else wanted.scopes
    own = by.scopes
    if Scope.MEMBERS_IMPERSONATE in own:
        own |= {Scope.MEMBER_SELF}
    beyond = sorted(scopes - own)
    if beyond:
        raise ForbiddenError(scope=" and ".join(beyond))


async def _replayed(
    engine: Engine, by: Actor, key: str, fingerprint: bytes
) -> CreatedKey | None:
    def work(session: Session) -> Request | None:
        return session.get(Request, (by.program_id, by.client_id, key))

    known = await engine.database.configure(work)
    if known is None:
        return None
    if bytes(known.fingerprint) != fingerprint or known.holder_id is None:
        raise IdempotencyConflictError
    return CreatedKey(known.holder_id, None)


def _key(key_id: int, hint: str, client_id: str, role: str, *rest: Any) -> Key:
    narrowed_to, *others = rest
    kind = Role(role)
    return Key(key_id, hint, client_id, kind, scopes_of(kind, narrowed_to), *others)
