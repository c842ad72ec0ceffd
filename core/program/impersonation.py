"""Leave to act for a member: an integrator gives it to the member's page, briefly."""

from dataclasses import dataclass

from core.actors import SCOPES, Actor, Role, Scope
from core.engine import Engine
from core.errors import InvalidInputError
from core.program.access import needs, require_member
from core.program.tokens import client_of_member

MIN_LIFE_S, DEFAULT_LIFE_S, MAX_LIFE_S = 60, 900, 3_600

_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to act for a member until an instant; `actor` is who does."""

    actor: Actor
    issued_at_us: int
    expires_at_us: int


@needs(Scope.MEMBERS_IMPERSONATE)
async def permit(
    engine: Engine, *, by: Actor, holder_id: int, life_s: int = DEFAULT_LIFE_S
) -> Permit:
    """Permit whoever is told to act for a member.

    It can do what a member can, as far as the caller can do it too, and as long as the
    caller's key is good: it ends with the caller's credential, if that ends sooner.
    Nothing is stored.

    Args:
        engine: the engine.
        by: the caller; needs `members:impersonate`.
        holder_id: the member.
        life_s: how long, in seconds.

    Raises:
        ForbiddenError: the caller may not.
        InvalidInputError: too short or too long.
        MemberNotFoundError: no such member.
    """
    if not MIN_LIFE_S <= life_s <= MAX_LIFE_S:
        reason = f"must be {MIN_LIFE_S} to {MAX_LIFE_S} seconds"
        raise InvalidInputError(field="expiresInSeconds", reason=reason)
    await require_member(engine, by, holder_id)
    allowed = SCOPES[Role.MEMBER] & (by.scopes | {Scope.MEMBER_SELF})
    now_us = engine.clock.now_us()
    now_us -= now_us % _SECOND_US  # tokens tell whole seconds
    ends_us = now_us + life_s * _SECOND_US
    if by.expires_at_us is not None:
        own_us = by.expires_at_us - by.expires_at_us % _SECOND_US
        ends_us = min(ends_us, own_us)
    actor = Actor(
        by.program_id,
        client_of_member(holder_id),
        Role.MEMBER,
        holder_id,
        allowed,
        by.key_id,
        ends_us,
    )
    return Permit(actor, now_us, ends_us)
