"""Mutations for those who run a program: decisions, recalls, pools of codes."""

from typing import Annotated, Any

import strawberry

from core.errors import NotFoundError, RefusedError
from core.ids import decode_as
from core.program import pools, recall, reviews
from gateway import inputs, rights
from gateway.answering import INPUT, answer, given
from gateway.context import Info
from gateway.payloads import (
    AddRewardCodesPayload,
    RecallRewardPayload,
    ResolveRedemptionPayload,
    done,
)
from gateway.scalars import SafeInt
from gateway.user_errors import user_error


@strawberry.type(description="What operators do.")
class OperatorMutations:
    """A part of the root type."""

    @strawberry.mutation(
        description="Decides about a redemption that has no clear answer. Needs "
        "redemptions:resolve.",
        metadata=rights.of(reviews.resolve),
    )
    async def resolve_redemption(
        self, info: Info, input: Annotated[inputs.ResolveRedemptionInput, INPUT]
    ) -> ResolveRedemptionPayload:
        """Decide."""
        holder_id, hold_id = decode_as(
            "redemption", input.redemption_id, field="redemptionId"
        )
        chosen: Any = input.resolution
        document: Any = given(input.fulfillment)

        async def work() -> ResolveRedemptionPayload:
            result = await reviews.resolve(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                holder_id=holder_id,
                hold_id=hold_id,
                resolution=reviews.Resolution(chosen.value),
                reason=input.reason,
                fulfillment=document,
            )
            return done(
                ResolveRedemptionPayload,
                result.holder_id,
                hold_id=result.hold_id,
                replayed=result.replayed,
            )

        return await answer(ResolveRedemptionPayload, work)

    @strawberry.mutation(
        description="Calls off a reward, or a slot of it: it goes off sale, and all "
        "who have it get their points back. Safe to repeat. Needs catalog:write.",
        metadata=rights.of(recall.recall),
    )
    async def recall_reward(
        self, info: Info, input: Annotated[inputs.RecallRewardInput, INPUT]
    ) -> RecallRewardPayload:
        """Recall."""
        (reward_id,) = decode_as("reward", input.reward_id, field="rewardId")
        try:
            recalled = await recall.recall(
                info.context.engine,
                by=info.context.actor,
                reward_id=reward_id,
                slot=given(input.slot),
                reason=input.reason,
            )
        except (RefusedError, NotFoundError) as error:
            return RecallRewardPayload(
                cancelled=SafeInt(0),
                undecided=SafeInt(0),
                user_errors=[user_error(error)],
            )
        return RecallRewardPayload(
            cancelled=SafeInt(recalled.cancelled),
            undecided=SafeInt(recalled.undecided),
            user_errors=[],
        )

    @strawberry.mutation(
        description="Loads codes into the pool of a reward. Safe to repeat: a code is "
        "loaded once. Needs catalog:write.",
        metadata=rights.of(pools.add),
    )
    async def add_reward_codes(
        self, info: Info, input: Annotated[inputs.AddRewardCodesInput, INPUT]
    ) -> AddRewardCodesPayload:
        """Load."""
        (reward_id,) = decode_as("reward", input.reward_id, field="rewardId")
        try:
            added, total = await pools.add(
                info.context.engine,
                by=info.context.actor,
                reward_id=reward_id,
                codes=input.codes,
            )
        except (RefusedError, NotFoundError) as error:
            return AddRewardCodesPayload(
                added=SafeInt(0), total=SafeInt(0), user_errors=[user_error(error)]
            )
        return AddRewardCodesPayload(
            added=SafeInt(added), total=SafeInt(total), user_errors=[]
        )
