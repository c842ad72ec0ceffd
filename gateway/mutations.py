"""Root fields that change something: each calls one use case.

What a rule refuses becomes a user error; whatever else is wrong is an error of the
operation. One mutation runs per request.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import strawberry

from core.clock import to_us
from core.errors import InvalidInputError, NotFoundError, RefusedError
from core.ids import decode_as
from core.program import activities, corrections, members, redemption
from gateway import inputs
from gateway.context import Info
from gateway.payloads import (
    AdjustBalancePayload,
    CancelRedemptionPayload,
    EnrollMemberPayload,
    MutationPayload,
    RecordActivityPayload,
    RedeemRewardPayload,
    ReverseTransactionPayload,
    done,
    refused,
)
from gateway.plugin_types import PluginTypes
from gateway.user_errors import user_error

PayloadT = TypeVar("PayloadT", bound=MutationPayload)
_INPUT = strawberry.argument(description="What to do.")


async def _answer(
    kind: type[PayloadT], work: Callable[[], Awaitable[PayloadT]]
) -> PayloadT:
    """Run a use case; a refusal becomes a payload with its user error."""
    try:
        return await work()
    except (RefusedError, NotFoundError) as error:
        return refused(kind, user_error(error))


def _given(value: Any) -> Any:
    """Return an optional input member: None if it was left out."""
    return None if value is strawberry.UNSET else value


def _member(info: Info, member_id: Any) -> int:
    """Return the member that is meant: the one named, or the caller's own."""
    if _given(member_id) is not None:
        (holder_id,) = decode_as("member", member_id, field="memberId")
        return holder_id
    own = info.context.actor.holder_id
    if own is None:
        raise InvalidInputError(field="memberId", reason="is needed here")
    return own


_DESCRIPTION = "Everything that changes something; one per request."


@strawberry.type(description=_DESCRIPTION)
class Mutation:
    """Each field takes one `input` with an idempotency key."""

    @strawberry.mutation(description="Enrolls a member. Needs members:write.")
    async def enroll_member(
        self,
        info: Info,
        input: Annotated[inputs.EnrollMemberInput, _INPUT],
    ) -> EnrollMemberPayload:
        """Enroll."""

        async def work() -> EnrollMemberPayload:
            enrolled = await members.enroll(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                number=_given(input.number),
                display_name=_given(input.display_name),
                email=_given(input.email),
            )
            return done(
                EnrollMemberPayload, enrolled.holder_id, replayed=enrolled.replayed
            )

        return await _answer(EnrollMemberPayload, work)

    @strawberry.mutation(
        description="Records what a member did; rules say what it earns. Needs "
        "activities:write, or a type that members may report."
    )
    async def record_activity(
        self,
        info: Info,
        input: Annotated[inputs.RecordActivityInput, _INPUT],
    ) -> RecordActivityPayload:
        """Record."""
        occurred_at = _given(input.occurred_at)

        async def work() -> RecordActivityPayload:
            recorded = await activities.record(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                holder_id=_member(info, input.member_id),
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

        return await _answer(RecordActivityPayload, work)

    @strawberry.mutation(
        description="Cancels a fulfilled redemption, if its partner takes the reward "
        "back, and gives the points back. Needs redemptions:write."
    )
    async def cancel_redemption(
        self,
        info: Info,
        input: Annotated[inputs.CancelRedemptionInput, _INPUT],
    ) -> CancelRedemptionPayload:
        """Cancel."""
        holder_id, hold_id = decode_as(
            "redemption", input.redemption_id, field="redemptionId"
        )

        async def work() -> CancelRedemptionPayload:
            result = await redemption.cancel(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                holder_id=holder_id,
                hold_id=hold_id,
                reason=_given(input.reason),
            )
            return done(
                CancelRedemptionPayload,
                result.holder_id,
                hold_id=result.hold_id,
                replayed=result.replayed,
            )

        return await _answer(CancelRedemptionPayload, work)

    @strawberry.mutation(
        description="Reverses an earning, whatever is left of it. Needs ledger:reverse."
    )
    async def reverse_transaction(
        self,
        info: Info,
        input: Annotated[inputs.ReverseTransactionInput, _INPUT],
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

        return await _answer(ReverseTransactionPayload, work)

    @strawberry.mutation(description="Corrects a balance by hand. Needs ledger:adjust.")
    async def adjust_balance(
        self,
        info: Info,
        input: Annotated[inputs.AdjustBalanceInput, _INPUT],
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
                approved_by=_given(input.approved_by),
            )
            return done(
                AdjustBalancePayload,
                holder_id,
                seq=posted.seq,
                replayed=posted.replayed,
            )

        return await _answer(AdjustBalancePayload, work)


def build_mutation(types: PluginTypes) -> type:
    """Make the root type, with the options of the plugins in `redeemReward`."""
    redeem_reward_input = inputs.redeem_input(types)

    async def redeem_reward(
        self: Any,  # noqa: ARG001  (Strawberry knows it by its name)
        info: Info,
        input: Annotated[redeem_reward_input, _INPUT],  # type: ignore[valid-type]
    ) -> RedeemRewardPayload:
        """Redeem."""
        asked: Any = input
        (reward_id,) = decode_as("reward", asked.reward_id, field="rewardId")
        chosen = types.chosen(_given(getattr(asked, "options", None)))

        async def work() -> RedeemRewardPayload:
            result = await redemption.redeem(
                info.context.engine,
                by=info.context.actor,
                key=asked.idempotency_key,
                holder_id=_member(info, asked.member_id),
                reward_id=reward_id,
                options=None if chosen is None else chosen[1],
                options_for=None if chosen is None else chosen[0],
                max_points=_given(asked.max_points),
            )
            return done(
                RedeemRewardPayload,
                result.holder_id,
                hold_id=result.hold_id,
                replayed=result.replayed,
            )

        return await _answer(RedeemRewardPayload, work)

    field = strawberry.mutation(
        redeem_reward,
        description="Spends a member's points on a reward, once per key, whatever is "
        "retried. Needs redemptions:write.",
    )
    made = type("Mutation", (Mutation,), {"redeem_reward": field})
    return strawberry.type(made, description=_DESCRIPTION)
