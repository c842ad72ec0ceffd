"""Root fields for types of activity, and for decisions about activities."""

from typing import Annotated, Any

import strawberry

from core.errors import RefusedError
from core.extension.earning_action import Trust, Uniqueness
from core.ids import decode_as
from core.program import activity_types, approvals
from core.program.activity_kinds import describe
from gateway import inputs, rights
from gateway.answering import INPUT, answer, given
from gateway.context import Info
from gateway.payloads import (
    ApproveActivityPayload,
    RegisterActivityTypePayload,
    RejectActivityPayload,
    done,
)
from gateway.types.activities import ActivityType
from gateway.user_errors import user_error


@strawberry.type
class ActivityMutations:
    """A part of the root type."""

    @strawberry.mutation(
        description="Registers a type of activity, or its next version; the same again "
        "changes nothing. Needs program:write.",
        metadata=rights.of(activity_types.register),
    )
    async def register_activity_type(
        self, info: Info, input: Annotated[inputs.RegisterActivityTypeInput, INPUT]
    ) -> RegisterActivityTypePayload:
        """Register."""
        schema: Any = input.schema
        trust: Any = input.trust
        uniqueness: Any = input.uniqueness
        try:
            registered = await activity_types.register(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                code=input.code,
                name=input.name,
                schema=schema,
                reference=input.reference,
                description=given(input.description),
                trust=Trust(trust.value),
                uniqueness=Uniqueness(uniqueness.value),
                needs_approval=input.needs_approval,
                facts=input.facts,
            )
        except RefusedError as error:
            return RegisterActivityTypePayload(
                activity_type=None, replayed=False, user_errors=[user_error(error)]
            )
        return RegisterActivityTypePayload(
            activity_type=ActivityType.of(describe(registered.activity_type)),
            replayed=registered.replayed,
            user_errors=[],
        )

    @strawberry.mutation(
        description="Approves an activity that waits for a decision: its points ripen, "
        "and count for the tiers. Needs activities:approve.",
        metadata=rights.of(approvals.approve),
    )
    async def approve_activity(
        self, info: Info, input: Annotated[inputs.ApproveActivityInput, INPUT]
    ) -> ApproveActivityPayload:
        """Approve."""
        holder_id, seq = decode_as(
            "transaction", input.transaction_id, field="transactionId"
        )

        async def work() -> ApproveActivityPayload:
            decided = await approvals.approve(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                holder_id=holder_id,
                seq=seq,
                reason=given(input.reason),
            )
            return done(
                ApproveActivityPayload,
                holder_id,
                seq=decided.seq,
                activity_seq=decided.activity_seq,
                replayed=decided.replayed,
            )

        return await answer(ApproveActivityPayload, work)

    @strawberry.mutation(
        description="Rejects an activity that waits for a decision: its points are "
        "taken back. Needs activities:approve.",
        metadata=rights.of(approvals.reject),
    )
    async def reject_activity(
        self, info: Info, input: Annotated[inputs.RejectActivityInput, INPUT]
    ) -> RejectActivityPayload:
        """Reject."""
        holder_id, seq = decode_as(
            "transaction", input.transaction_id, field="transactionId"
        )

        async def work() -> RejectActivityPayload:
            decided = await approvals.reject(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                holder_id=holder_id,
                seq=seq,
                reason=input.reason,
            )
            return done(
                RejectActivityPayload,
                holder_id,
                seq=decided.seq,
                activity_seq=decided.activity_seq,
                replayed=decided.replayed,
            )

        return await answer(RejectActivityPayload, work)
