"""Answers of the mutations: what changed, the balances after it, and user errors.

A payload knows keys only; its fields read what the client selected, when it is asked.
"""

from typing import Any, TypeVar

import strawberry

from gateway.context import Info
from gateway.plans import rows
from gateway.scalars import Points, SafeInt
from gateway.types.activities import Activity, ActivityType
from gateway.types.ledger import Balance, Transaction
from gateway.types.members import Member
from gateway.types.rewards import Redemption
from gateway.user_error import UserError

PayloadT = TypeVar("PayloadT", bound="MutationPayload")

Key = tuple[int, ...] | None


@strawberry.interface(description="What every mutation answers.")
class MutationPayload:
    """See the description; `holder_id` is None when there are user errors."""

    replayed: bool = strawberry.field(
        description="True: the key had been used with this input, and the first answer "
        "is given again."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why nothing was done; empty on success."
    )
    holder_id: strawberry.Private[int | None]

    @strawberry.field(description="The member; null when there are user errors.")
    async def member(self, info: Info) -> Member | None:
        """Read the member."""
        if self.holder_id is None:
            return None
        key = (self.holder_id,)
        return await rows.one(info, "member", key)  # type: ignore[return-value]

    @strawberry.field(
        description="The member's balances afterwards; null when there are user errors."
    )
    async def balances(self, info: Info) -> list[Balance] | None:
        """Read the balances."""
        if self.holder_id is None:
            return None
        key = (self.holder_id,)
        return await rows.related(info, "member", key, "balances")  # type: ignore[return-value]


@strawberry.type(description="Answer of enrollMember.")
class EnrollMemberPayload(MutationPayload):
    """See the description."""


@strawberry.interface(description="What a mutation answers that posts a transaction.")
class TransactionPayload(MutationPayload):
    """See the description."""

    seq: strawberry.Private[int | None] = None

    @strawberry.field(description="The transaction; null when there are user errors.")
    async def transaction(self, info: Info) -> Transaction | None:
        """Read the transaction."""
        if self.holder_id is None or self.seq is None:
            return None
        key = (self.holder_id, self.seq)
        return await rows.one(info, "transaction", key)  # type: ignore[return-value]


@strawberry.type(description="Answer of setMemberAttributes.")
class SetMemberAttributesPayload(TransactionPayload):
    """See the description."""


@strawberry.type(description="Answer of recordActivity.")
class RecordActivityPayload(TransactionPayload):
    """See the description."""

    points_by_currency: strawberry.Private[dict[int, int] | None] = None

    @strawberry.field(description="Points earned, of all currencies together.")
    def points(self) -> Points | None:
        """Sum up what was earned."""
        earned = self.points_by_currency
        return None if earned is None else Points(sum(earned.values()))


@strawberry.interface(description="What a mutation answers that decides.")
class DecisionPayload(TransactionPayload):
    """See the description; `transaction` is the decision's own."""

    activity_seq: strawberry.Private[int | None] = None

    @strawberry.field(description="The activity; null when there are user errors.")
    async def activity(self, info: Info) -> Activity | None:
        """Read the activity."""
        if self.holder_id is None or self.activity_seq is None:
            return None
        key = (self.holder_id, self.activity_seq)
        return await rows.one(info, "activity", key)  # type: ignore[return-value]


@strawberry.type(description="Answer of approveActivity.")
class ApproveActivityPayload(DecisionPayload):
    """See the description."""


@strawberry.type(description="Answer of rejectActivity.")
class RejectActivityPayload(DecisionPayload):
    """See the description."""


@strawberry.type(description="Answer of registerActivityType.")
class RegisterActivityTypePayload:
    """See the description."""

    activity_type: ActivityType | None = strawberry.field(
        description="The type as it stands now; null when there are user errors."
    )
    replayed: bool = strawberry.field(
        description="True: the key had been used with this input."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why nothing was done; empty on success."
    )


@strawberry.type(description="Answer of reverseTransaction.")
class ReverseTransactionPayload(TransactionPayload):
    """See the description."""


@strawberry.type(description="Answer of adjustBalance.")
class AdjustBalancePayload(TransactionPayload):
    """See the description."""


@strawberry.interface(description="What a mutation answers that moves a redemption.")
class RedemptionPayload(MutationPayload):
    """See the description."""

    hold_id: strawberry.Private[int | None] = None

    @strawberry.field(description="The redemption; null when there are user errors.")
    async def redemption(self, info: Info) -> Redemption | None:
        """Read the redemption."""
        if self.holder_id is None or self.hold_id is None:
            return None
        key = (self.holder_id, self.hold_id)
        return await rows.one(info, "redemption", key)  # type: ignore[return-value]


@strawberry.type(description="Answer of redeemReward.")
class RedeemRewardPayload(RedemptionPayload):
    """See the description."""


@strawberry.type(description="Answer of cancelRedemption.")
class CancelRedemptionPayload(RedemptionPayload):
    """See the description."""


@strawberry.type(description="Answer of resolveRedemption.")
class ResolveRedemptionPayload(RedemptionPayload):
    """See the description."""


@strawberry.type(description="Answer of recallReward.")
class RecallRewardPayload:
    """See the description."""

    cancelled: SafeInt = strawberry.field(
        description="Redemptions whose points went back."
    )
    undecided: SafeInt = strawberry.field(
        description="Redemptions that have no clear answer yet; recall again later."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why nothing was done; empty on success."
    )


@strawberry.type(description="Answer of addRewardCodes.")
class AddRewardCodesPayload:
    """See the description."""

    added: SafeInt = strawberry.field(description="Codes that were new.")
    total: SafeInt = strawberry.field(
        description="Codes in the pool, used ones included."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why nothing was done; empty on success."
    )


def refused(kind: type[PayloadT], error: UserError) -> PayloadT:
    """Return the payload of a mutation that did nothing."""
    values: dict[str, Any] = {"holder_id": None}
    return kind(replayed=False, user_errors=[error], **values)


def done(kind: type[PayloadT], holder_id: int, **values: Any) -> PayloadT:
    """Return the payload of a mutation that did what was asked, now or earlier."""
    return kind(user_errors=[], holder_id=holder_id, **values)
