"""Root fields that change something: each calls one use case.

What a rule refuses becomes a user error; whatever else is wrong is an error of the
operation. One mutation runs per request.
"""

from typing import Annotated, Any

import strawberry

from core.clock import to_us
from core.ids import decode_as
from core.program import (
    activities,
    cancellation,
    corrections,
    members,
    redemption,
)
from gateway import inputs, rights
from gateway.activity_mutations import ActivityMutations
from gateway.answering import INPUT, answer, given, member_of
from gateway.context import Info
from gateway.key_mutations import KeyMutations
from gateway.member_mutations import MemberMutations
from gateway.operator_mutations import OperatorMutations
from gateway.payloads import (
    AdjustBalancePayload,
    CancelRedemptionPayload,
    EnrollMemberPayload,
    RecordActivityPayload,
    RedeemRewardPayload,
    ReverseTransactionPayload,
    done,
)
from gateway.plugin_types import PluginTypes
from gateway.program_mutations import ProgramMutations, SandboxMutations

_DESCRIPTION = "Everything that changes something; one per request."


@strawberry.type(description=_DESCRIPTION)
class Mutation(
    MemberMutations,
    ActivityMutations,
    ProgramMutations,
    SandboxMutations,
    KeyMutations,
):
    """Each field takes one `input` with an idempotency key."""

    @strawberry.mutation(
        description="Enrolls a member. Needs members:write.",
        metadata=rights.of(members.enroll),
    )
    async def enroll_member(
        self,
        info: Info,
        input: Annotated[inputs.EnrollMemberInput, INPUT],
    ) -> EnrollMemberPayload:
        """Enroll."""

        async def work() -> EnrollMemberPayload:
            enrolled = await members.enroll(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                number=given(input.number),
                display_name=given(input.display_name),
                email=given(input.email),
            )
            return done(
                EnrollMemberPayload, enrolled.holder_id, replayed=enrolled.replayed
            )

        return await answer(EnrollMemberPayload, work)

    @strawberry.mutation(
        description="Records what a member did; rules say what it earns. Needs "
        "activities:write, or a type that members may report.",
        metadata=rights.of(activities.record),
    )
    async def record_activity(
        self,
        info: Info,
        input: Annotated[inputs.RecordActivityInput, INPUT],
    ) -> RecordActivityPayload:
        """Record."""
        occurred_at = given(input.occurred_at)

        async def work() -> RecordActivityPayload:
            recorded = await activities.record(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                holder_id=member_of(info, input.member_id),
                activity_type=input.type,
                payload=input.payload,  # type: ignore[arg-type]
                occurred_at_us=None if occurred_at is None else to_us(occurred_at),
            )
            return done(
                RecordActivityPayload,
                recorded.holder_id,
                seq=recorded.seq,
                points_by_currency=dict(recorded.points),
                replayed=recorded.replayed,
            )

        return await answer(RecordActivityPayload, work)

    @strawberry.mutation(
        description="Cancels a fulfilled redemption, if its partner takes the reward "
        "back, and gives the points back. Needs redemptions:write.",
        metadata=rights.of(cancellation.cancel),
    )
    async def cancel_redemption(
        self,
        info: Info,
        input: Annotated[inputs.CancelRedemptionInput, INPUT],
    ) -> CancelRedemptionPayload:
        """Cancel."""
        holder_id, hold_id = decode_as(
            "redemption", input.redemption_id, field="redemptionId"
        )

        async def work() -> CancelRedemptionPayload:
            result = await cancellation.cancel(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                holder_id=holder_id,
                hold_id=hold_id,
                reason=given(input.reason),
            )
            return done(
                CancelRedemptionPayload,
                result.holder_id,
                hold_id=result.hold_id,
                replayed=result.replayed,
            )

        return await answer(CancelRedemptionPayload, work)

    @strawberry.mutation(
        description="Reverses an earning, whatever is left of it. Needs "
        "ledger:reverse.",
        metadata=rights.of(corrections.reverse),
    )
    async def reverse_transaction(
        self,
        info: Info,
        input: Annotated[inputs.ReverseTransactionInput, INPUT],
    ) -> ReverseTransactionPayload:
        """Reverse."""
        holder_id, seq = decode_as(
            "transaction", input.transaction_id, field="transactionId"
        )

        async def work() -> ReverseTransactionPayload:
            posted = await corrections.reverse(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                holder_id=holder_id,
                seq=seq,
                reason=input.reason,
            )
            return done(
                ReverseTransactionPayload,
                holder_id,
                seq=posted.seq,
                replayed=posted.replayed,
            )

        return await answer(ReverseTransactionPayload, work)

    @strawberry.mutation(
        description="Corrects a balance by hand. Needs ledger:adjust.",
        metadata=rights.of(corrections.adjust),
    )
    async def adjust_balance(
        self,
        info: Info,
        input: Annotated[inputs.AdjustBalanceInput, INPUT],
    ) -> AdjustBalancePayload:
        """Adjust."""
        (holder_id,) = decode_as("member", input.member_id, field="memberId")

        async def work() -> AdjustBalancePayload:
            posted = await corrections.adjust(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                holder_id=holder_id,
                currency=input.currency,
                amount=input.amount,
                reason=input.reason,
                approved_by=given(input.approved_by),
            )
            return done(
                AdjustBalancePayload,
                holder_id,
                seq=posted.seq,
                replayed=posted.replayed,
            )

        return await answer(AdjustBalancePayload, work)


def build_mutation(types: PluginTypes) -> type:
    """Make the root type, with the options of the plugins in `redeemReward`."""
    redeem_reward_input = inputs.redeem_input(types)

    async def redeem_reward(
        self: Any,  # noqa: ARG001  (Strawberry knows it by its name)
        info: Info,
        input: Annotated[redeem_reward_input, INPUT],  # type: ignore[valid-type]
    ) -> RedeemRewardPayload:
        """Redeem."""
        asked: Any = input
        reward_id = given(asked.reward_id)
        if reward_id is not None:
            (reward_id,) = decode_as("reward", reward_id, field="rewardId")
        chosen = types.options.chosen(given(getattr(asked, "options", None)))

        async def work() -> RedeemRewardPayload:
            result = await redemption.redeem(
                info.context.engine,
                by=info.context.actor,
                key=asked.idempotency_key,
                holder_id=member_of(info, asked.member_id),
                reward_id=reward_id,
                options=None if chosen is None else chosen[1],
                options_for=None if chosen is None else chosen[0],
                max_points=given(asked.max_points),
                wait=given(asked.wait_if_sold_out) or False,
                quote_id=given(asked.quote_id),
            )
            return done(
                RedeemRewardPayload,
                result.holder_id,
                hold_id=result.hold_id,
                replayed=result.replayed,
            )

        return await answer(RedeemRewardPayload, work, types.refusals)

    field = strawberry.mutation(
        redeem_reward,
        description="Spends a member's points on a reward, once per key, whatever is "
        "retried. Needs redemptions:write.",
        metadata=rights.of(redemption.redeem),
    )
    made = type("Mutation", (Mutation, OperatorMutations), {"redeem_reward": field})
    return strawberry.type(made, description=_DESCRIPTION)
