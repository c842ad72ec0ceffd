"""Inputs of the mutations; that of `redeemReward` is made with the plugins' options."""

from typing import Any

import strawberry

from gateway.plugin_types import PluginTypes
from gateway.scalars import DateTime, IdempotencyKey, Payload, Points

_KEY = (
    "Names this one intended action: a retry sends the same key and the same input, "
    "and gets the first answer again."
)


def _field(description: str, *, optional: bool = False) -> Any:
    if optional:
        return strawberry.field(description=description, default=strawberry.UNSET)
    return strawberry.field(description=description)


@strawberry.input(description="A new member.")
class EnrollMemberInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(_KEY)
    number: str | None = _field(
        "Number on the card, unique in the program: 1 to 64 letters, digits, '.', '_' "
        "or '-'.",
        optional=True,
    )
    display_name: str | None = _field("Name to show.", optional=True)
    email: str | None = _field("E-mail address.", optional=True)


@strawberry.input(description="Something that a member did.")
class RecordActivityInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(_KEY)
    member_id: strawberry.ID | None = _field(
        "Who; the caller's own member if left out.", optional=True
    )
    type: str = _field("Code of the activity type, such as purchase.")
    payload: Payload = _field("What its plugin wants to know; names in snake_case.")
    occurred_at: DateTime | None = _field(
        "When it happened; now if left out.", optional=True
    )


@strawberry.input(description="Which redemption to cancel.")
class CancelRedemptionInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(_KEY)
    redemption_id: strawberry.ID = _field("Which.")
    reason: str | None = _field(
        "Why, for the record: 1 to 500 characters.", optional=True
    )


@strawberry.input(description="Which transaction to reverse.")
class ReverseTransactionInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(_KEY)
    transaction_id: strawberry.ID = _field("Which: an earning.")
    reason: str = _field("Why, for the record: 1 to 500 characters.")


@strawberry.input(description="A correction of a balance by hand.")
class AdjustBalanceInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(_KEY)
    member_id: strawberry.ID = _field("Whose.")
    currency: str = _field("Code of the currency.")
    amount: Points = _field("Points to give, or below 0 to take.")
    reason: str = _field("Why, for the record: 1 to 500 characters.")
    approved_by: str | None = _field(
        "Who else agreed, for the record: 1 to 80 characters.", optional=True
    )


def redeem_input(types: PluginTypes) -> Any:
    """Make the input of `redeemReward`, whose options are those of the plugins."""
    fields: dict[str, tuple[Any, Any]] = {
        "idempotency_key": (IdempotencyKey, _field(_KEY)),
        "member_id": (
            strawberry.ID | None,
            _field("Whose points; the caller's own if left out.", optional=True),
        ),
        "reward_id": (strawberry.ID, _field("What.")),
        "max_points": (
            Points | None,
            _field("Refuse if it costs more than this in all.", optional=True),
        ),
    }
    if types.options_input is not None:
        chosen = _field(
            "What the member chooses, where there is a choice.", optional=True
        )
        fields["options"] = (types.options_input | None, chosen)
    body: dict[str, Any] = {name: field for name, (_, field) in fields.items()}
    body["__annotations__"] = {name: kind for name, (kind, _) in fields.items()}
    made = type("RedeemRewardInput", (), body)
    return strawberry.input(made, description="What to redeem, and how.")
