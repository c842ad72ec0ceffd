"""Root fields that explain what rules did, or tell what they would do."""

from typing import Annotated, Any

import strawberry

from core.actors import Scope
from core.clock import to_us
from core.errors import MemberNotFoundError, TransactionNotFoundError
from core.ids import decode_as
from core.program import estimates, explanations
from gateway import inputs, rights
from gateway.answering import given
from gateway.context import Info
from gateway.types.explanations import EarnEstimate, TransactionExplanation

_ALL_OF_A_MEMBER = {Scope.MEMBERS_READ, Scope.MEMBERS_CONTACT}
"""Who may see attributes of members may see what rules made of them."""

_ID = strawberry.argument(description="Global id of the transaction.")
_ASKED = strawberry.argument(description="What would happen.")


@strawberry.type
class ExplainingQueries:
    """A part of the root type."""

    @strawberry.field(
        description="Why a transaction is what it is: each rule that was considered, "
        "what it looked at, its limits and its rounding, as recorded when it was "
        "decided. Null when it is absent or not the caller's to see.",
        metadata=rights.of(explanations.explain_transaction),
    )
    async def explain_transaction(
        self, info: Info, id: Annotated[strawberry.ID, _ID]
    ) -> TransactionExplanation | None:
        """Explain."""
        holder_id, seq = decode_as("transaction", id)
        context = info.context
        try:
            found = await explanations.explain_transaction(
                context.engine, by=context.actor, holder_id=holder_id, seq=seq
            )
        except (MemberNotFoundError, TransactionNotFoundError):
            return None
        is_open = context.actor.scopes >= _ALL_OF_A_MEMBER
        return TransactionExplanation.of(found, is_open=is_open)

    @strawberry.field(
        description="What an activity would earn, of a member or of nobody in "
        "particular, and on each tier. Nothing is written. Null, with an error, if "
        "there is no such type or member, or the payload does not fit.",
        metadata=rights.of(estimates.estimate),
    )
    async def estimate_earn(
        self, info: Info, input: Annotated[inputs.EstimateEarnInput, _ASKED]
    ) -> EarnEstimate | None:
        """Estimate."""
        context = info.context
        holder_id = context.actor.holder_id
        if given(input.member_id) is not None:
            member_id: Any = input.member_id
            (holder_id,) = decode_as("member", member_id, field="memberId")
        occurred_at = given(input.occurred_at)
        payload: Any = input.payload
        found = await estimates.estimate(
            context.engine,
            by=context.actor,
            holder_id=holder_id,
            activity_type=input.type,
            payload=payload,
            occurred_at_us=None if occurred_at is None else to_us(occurred_at),
        )
        is_open = context.actor.scopes >= _ALL_OF_A_MEMBER
        return EarnEstimate.of(found, is_open=is_open)
