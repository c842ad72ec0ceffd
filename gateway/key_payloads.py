"""Inputs and answers of the mutations for credentials."""

from typing import Any

import strawberry

from core.program.impersonation import DEFAULT_LIFE_S, MAX_LIFE_S, MIN_LIFE_S
from gateway.context import Info
from gateway.plans import rows
from gateway.scalars import DateTime, IdempotencyKey
from gateway.types.keys import ApiKey, KeyRole
from gateway.types.members import Member
from gateway.user_error import UserError

_USER_ERRORS = "Why nothing was done; empty on success."


def _field(description: str, *, optional: bool = False) -> Any:
    if optional:
        return strawberry.field(description=description, default=strawberry.UNSET)
    return strawberry.field(description=description)


@strawberry.input(description="A new key.")
class CreateApiKeyInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(
        "Names this one intended action: a retry sends the same key and the same input."
    )
    role: KeyRole = _field("What it is for.")
    client: str | None = _field(
        "Name of the client that gets it: 1 to 64 of a-z, 0-9, '.', '_' and '-'. The "
        "role's, if left out. Not for members.",
        optional=True,
    )
    member_id: strawberry.ID | None = _field(
        "The member, for the role MEMBER and only for it.", optional=True
    )
    scopes: list[str] | None = _field(
        "The only scopes of the role that it gets; all of them, if left out.",
        optional=True,
    )
    expires_at: DateTime | None = _field(
        "From when it is good no more; it is for ever, if left out.", optional=True
    )


@strawberry.input(description="Which key to revoke.")
class RevokeApiKeyInput:
    """See the description."""

    key_id: strawberry.ID = _field("Which one is good no more.")


@strawberry.input(description="A token for a member's own page.")
class CreateMemberTokenInput:
    """See the description."""

    member_id: strawberry.ID = _field("For whom it is good.")
    expires_in_seconds: int = strawberry.field(
        default=DEFAULT_LIFE_S,
        description=f"How long it is good: {MIN_LIFE_S} to {MAX_LIFE_S} seconds.",
    )


@strawberry.input(description="Who is to sign in as which member.")
class LinkMemberInput:
    """See the description."""

    member_id: strawberry.ID = _field("Who is meant by the subject.")
    subject: str = _field("What the issuer calls the person: `sub` of its tokens.")


@strawberry.input(description="Who is to sign in no longer as which member.")
class UnlinkMemberInput:
    """See the description."""

    member_id: strawberry.ID = _field("Who was meant by the subject.")
    subject: str = _field("What the issuer calls the person: `sub` of its tokens.")


@strawberry.type(description="Answer of createApiKey.")
class CreateApiKeyPayload:
    """See the description."""

    key_id: strawberry.Private[int | None]
    secret: str | None = strawberry.field(
        description="What the client sends as bearer token. Shown this once: null in a "
        "replay."
    )
    replayed: bool = strawberry.field(
        description="True: the idempotency key had been used with this input."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)

    @strawberry.field(description="The key; null when there are user errors.")
    async def api_key(self, info: Info) -> ApiKey | None:
        """Read the key."""
        if self.key_id is None:
            return None
        return await rows.one(info, "api_key", (self.key_id,))  # type: ignore[return-value]


@strawberry.type(description="Answer of revokeApiKey.")
class RevokeApiKeyPayload:
    """See the description."""

    key_id: strawberry.Private[int | None]
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)

    @strawberry.field(description="The key; null when there are user errors.")
    async def api_key(self, info: Info) -> ApiKey | None:
        """Read the key."""
        if self.key_id is None:
            return None
        return await rows.one(info, "api_key", (self.key_id,))  # type: ignore[return-value]


@strawberry.type(description="Answer of createMemberToken.")
class CreateMemberTokenPayload:
    """See the description."""

    token: str | None = strawberry.field(
        description="What the member's page sends as bearer token."
    )
    expires_at: DateTime | None = strawberry.field(
        description="From then on it is good no more."
    )
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)


@strawberry.type(description="Answer of linkMember.")
class LinkMemberPayload:
    """See the description."""

    holder_id: strawberry.Private[int | None]
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)

    @strawberry.field(description="The member; null when there are user errors.")
    async def member(self, info: Info) -> Member | None:
        """Read the member."""
        if self.holder_id is None:
            return None
        return await rows.one(info, "member", (self.holder_id,))  # type: ignore[return-value]


@strawberry.type(description="Answer of unlinkMember.")
class UnlinkMemberPayload:
    """See the description."""

    holder_id: strawberry.Private[int | None]
    user_errors: list[UserError] = strawberry.field(description=_USER_ERRORS)

    @strawberry.field(description="The member; null when there are user errors.")
    async def member(self, info: Info) -> Member | None:
        """Read the member."""
        if self.holder_id is None:
            return None
        return await rows.one(info, "member", (self.holder_id,))  # type: ignore[return-value]
