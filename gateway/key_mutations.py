"""Root fields for credentials: keys, member tokens, who signs in as which member."""

from typing import Annotated, Any

import strawberry

from core.actors import Role, Scope
from core.clock import from_us, to_us
from core.errors import (
    IdentifierTakenError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
)
from core.ids import decode_as
from core.program import impersonation, keys, subjects
from core.program.tokens import Wanted
from gateway import rights
from gateway.answering import INPUT, given
from gateway.context import Info
from gateway.key_payloads import (
    CreateApiKeyInput,
    CreateApiKeyPayload,
    CreateMemberTokenInput,
    CreateMemberTokenPayload,
    LinkMemberInput,
    LinkMemberPayload,
    RevokeApiKeyInput,
    RevokeApiKeyPayload,
    UnlinkMemberInput,
    UnlinkMemberPayload,
)
from gateway.scalars import DateTime
from gateway.user_errors import user_error


@strawberry.type
class KeyMutations:
    """A part of the root type."""

    @strawberry.mutation(
        description="Makes a key. It can do nothing that its maker cannot. A retry "
        "with the same idempotency key makes no second one, and shows no secret "
        "again: that is stored nowhere. Needs keys:write.",
        metadata=rights.of(keys.create),
    )
    async def create_api_key(
        self, info: Info, input: Annotated[CreateApiKeyInput, INPUT]
    ) -> CreateApiKeyPayload:
        """Create."""
        actor = info.context.actor
        try:
            made = await keys.create(
                info.context.engine,
                by=actor,
                key=input.idempotency_key,
                wanted=_wanted(actor.program_id, input),
            )
        except (RefusedError, NotFoundError) as error:
            return CreateApiKeyPayload(
                key_id=None,
                secret=None,
                replayed=False,
                user_errors=[user_error(error)],
            )
        return CreateApiKeyPayload(
            key_id=made.key_id,
            secret=made.secret,
            replayed=made.replayed,
            user_errors=[],
        )

    @strawberry.mutation(
        description="Revokes a key, for ever: it is refused at once, and "
        "its streams end within seconds. Safe to repeat. Needs keys:write.",
        metadata=rights.of(keys.revoke),
    )
    async def revoke_api_key(
        self, info: Info, input: Annotated[RevokeApiKeyInput, INPUT]
    ) -> RevokeApiKeyPayload:
        """Revoke."""
        (key_id,) = decode_as("api_key", input.key_id, field="keyId")
        context = info.context
        try:
            await keys.revoke(context.engine, by=context.actor, key_id=key_id)
        except (RefusedError, NotFoundError) as error:
            return RevokeApiKeyPayload(key_id=None, user_errors=[user_error(error)])
        return RevokeApiKeyPayload(key_id=key_id, user_errors=[])

    @strawberry.mutation(
        description="Makes a token for a member's own page, good for minutes. It may "
        "do what a member may, as far as the caller may, as long as the caller's key "
        "is good. Nothing is stored; each call makes another one. Needs "
        "members:impersonate.",
        metadata=rights.of(impersonation.permit),
    )
    async def create_member_token(
        self, info: Info, input: Annotated[CreateMemberTokenInput, INPUT]
    ) -> CreateMemberTokenPayload:
        """Permit, and sign."""
        (holder_id,) = decode_as("member", input.member_id, field="memberId")
        context = info.context
        try:
            permit = await impersonation.permit(
                context.engine,
                by=context.actor,
                holder_id=holder_id,
                life_s=input.expires_in_seconds,
            )
        except (RefusedError, NotFoundError) as error:
            return CreateMemberTokenPayload(
                token=None, expires_at=None, user_errors=[user_error(error)]
            )
        return CreateMemberTokenPayload(
            token=await context.sign(permit),
            expires_at=DateTime(from_us(permit.expires_at_us)),
            user_errors=[],
        )

    @strawberry.mutation(
        description="Lets a member sign in as a subject of the OpenID issuer. Safe to "
        "repeat. Needs members:write.",
        metadata=rights.of(subjects.link),
    )
    async def link_member(
        self, info: Info, input: Annotated[LinkMemberInput, INPUT]
    ) -> LinkMemberPayload:
        """Link."""
        (holder_id,) = decode_as("member", input.member_id, field="memberId")
        context = info.context
        try:
            await subjects.link(
                context.engine,
                by=context.actor,
                holder_id=holder_id,
                subject=input.subject,
            )
        except (RefusedError, NotFoundError) as error:
            shown = user_error(error)
            if isinstance(error, IdentifierTakenError):
                shown.path = ["input", "subject"]
            return LinkMemberPayload(holder_id=None, user_errors=[shown])
        return LinkMemberPayload(holder_id=holder_id, user_errors=[])

    @strawberry.mutation(
        description="Takes a subject of the OpenID issuer from a member again. "
        "Safe to repeat. Needs members:write.",
        metadata=rights.of(subjects.unlink),
    )
    async def unlink_member(
        self, info: Info, input: Annotated[UnlinkMemberInput, INPUT]
    ) -> UnlinkMemberPayload:
        """Unlink."""
        (holder_id,) = decode_as("member", input.member_id, field="memberId")
        context = info.context
        try:
            await subjects.unlink(
                context.engine,
                by=context.actor,
                holder_id=holder_id,
                subject=input.subject,
            )
        except (RefusedError, NotFoundError) as error:
            return UnlinkMemberPayload(holder_id=None, user_errors=[user_error(error)])
        return UnlinkMemberPayload(holder_id=holder_id, user_errors=[])


def _wanted(program_id: int, input: CreateApiKeyInput) -> Wanted:
    role: Any = input.role
    member_id, expires_at = given(input.member_id), given(input.expires_at)
    holder_id = None
    if member_id is not None:
        (holder_id,) = decode_as("member", member_id, field="memberId")
    return Wanted(
        program_id,
        Role(role.value),
        given(input.client),
        holder_id,
        _scopes(given(input.scopes)),
        None if expires_at is None else to_us(expires_at),
    )


def _scopes(names: list[str] | None) -> frozenset[Scope] | None:
    if names is None:
        return None
    try:
        return frozenset(map(Scope, names))
    except ValueError:
        known = ", ".join(sorted(Scope))
        reason = f"one is no scope; there are {known}"
        raise InvalidInputError(field="scopes", reason=reason) from None
