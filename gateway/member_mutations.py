"""Root fields that change what is known of a member."""

from typing import Annotated, Any

import strawberry

from core.ids import decode_as
from core.program import attributes
from gateway import inputs, rights
from gateway.answering import INPUT, answer
from gateway.context import Info
from gateway.payloads import SetMemberAttributesPayload, done


@strawberry.type
class MemberMutations:
    """A part of the root type."""

    @strawberry.mutation(
        description="Sets or removes attributes of a member. Needs members:write.",
        metadata=rights.of(attributes.change),
    )
    async def set_member_attributes(
        self,
        info: Info,
        input: Annotated[inputs.SetMemberAttributesInput, INPUT],
    ) -> SetMemberAttributesPayload:
        """Set."""
        (holder_id,) = decode_as("member", input.member_id, field="memberId")
        values: Any = input.attributes

        async def work() -> SetMemberAttributesPayload:
            posted = await attributes.change(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                holder_id=holder_id,
                attributes=values,
            )
            return done(
                SetMemberAttributesPayload,
                holder_id,
                seq=posted.seq,
                replayed=posted.replayed,
            )

        return await answer(SetMemberAttributesPayload, work)
