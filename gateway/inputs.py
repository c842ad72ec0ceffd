"""Inputs of the mutations, and of a quote.

Those that have options of a reward are made with the options of the plugins.
"""

from typing import Any

import strawberry

from gateway.plugin_types import PluginTypes
from gateway.scalars import DateTime, IdempotencyKey, JsonObject, Payload, Points
from gateway.types.activities import ActivityTrust, ActivityUniqueness
from gateway.types.rewards import RedemptionResolution

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


@strawberry.input(description="What is known of a member.")
class SetMemberAttributesInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(_KEY)
    member_id: strawberry.ID = _field("Of whom.")
    attributes: JsonObject = _field(
        "By name in snake_case, 1 to 100 of them: a text of at most 500 characters, a "
        "whole number, true or false; null removes one. Those left out stay."
    )


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


@strawberry.input(description="Something that might happen.")
class EstimateEarnInput:
    """See the description."""

    member_id: strawberry.ID | None = _field(
        "Who would do it; the caller's own member, or nobody, if left out.",
        optional=True,
    )
    type: str = _field("Code of the activity type, such as purchase.")
    payload: Payload = _field("As `recordActivity` takes it.")
    occurred_at: DateTime | None = _field("When; now if left out.", optional=True)


@strawberry.input(
    description="A type of activity, or the next version of one: no code is needed."
)
class RegisterActivityTypeInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(_KEY)
    code: str = _field("Its name in snake_case, for ever; none that a plugin brings.")
    name: str = _field("Shown to people: 1 to 80 characters.")
    schema: JsonObject = _field(
        "JSON Schema 2020-12 of the payload, an object. Members that it does not name "
        "are refused, but where it says additionalProperties."
    )
    reference: str = _field(
        "Which member makes an activity unique: its path, with dots. It must be "
        "required, and a string or an integer."
    )
    description: str | None = _field(
        "What it is for: 1 to 500 characters.", optional=True
    )
    trust: ActivityTrust = strawberry.field(
        description="Whose report is believed.", default=ActivityTrust.INTEGRATOR
    )
    uniqueness: ActivityUniqueness = strawberry.field(
        description="Where a reference may occur once only.",
        default=ActivityUniqueness.PROGRAM,
    )
    needs_approval: bool = strawberry.field(
        description="Whether points wait until a person has decided.", default=False
    )
    facts: list[str] = strawberry.field(
        description="Paths of the members that rules may use, each a string, an "
        "integer or a boolean. Rules know `order.total_cents` as `order_total_cents`.",
        default_factory=list,
    )


@strawberry.input(description="Which activity to approve.")
class ApproveActivityInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(_KEY)
    transaction_id: strawberry.ID = _field("The earning that recorded it.")
    reason: str | None = _field(
        "Why, for the record: 1 to 500 characters.", optional=True
    )


@strawberry.input(description="Which activity to reject.")
class RejectActivityInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(_KEY)
    transaction_id: strawberry.ID = _field("The earning that recorded it.")
    reason: str = _field("Why, for the record: 1 to 500 characters.")


@strawberry.input(description="Which redemption to cancel.")
class CancelRedemptionInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(_KEY)
    redemption_id: strawberry.ID = _field("Which.")
    reason: str | None = _field(
        "Why, for the record: 1 to 500 characters.", optional=True
    )


@strawberry.input(description="A decision about a redemption that waits for a person.")
class ResolveRedemptionInput:
    """See the description."""

    idempotency_key: IdempotencyKey = _field(_KEY)
    redemption_id: strawberry.ID = _field("Which: one of `redemptionQueue`.")
    resolution: RedemptionResolution = _field("The decision.")
    reason: str = _field("Why, for the record and the member: 1 to 500 characters.")
    fulfillment: Payload | None = _field(
        "What the member got, as its reward type has it; names in snake_case.",
        optional=True,
    )


@strawberry.input(description="What does not take place.")
class RecallRewardInput:
    """See the description."""

    reward_id: strawberry.ID = _field("Which reward.")
    slot: str | None = _field("Which slot of it; all if left out.", optional=True)
    reason: str = _field("Why; the members read it: 1 to 500 characters.")


@strawberry.input(description="Codes for the pool of a reward.")
class AddRewardCodesInput:
    """See the description."""

    reward_id: strawberry.ID = _field("Which reward.")
    codes: list[str] = _field(
        "At most 10000, each of 1 to 200 characters; those it has are left out."
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
        "reward_id": (
            strawberry.ID | None,
            _field("What; or else a quoteId.", optional=True),
        ),
        "quote_id": (
            strawberry.ID | None,
            _field(
                "Id of a quote: redeem exactly that, reward and options with it, or "
                "answer QuoteStale. It goes with neither rewardId nor options, nor "
                "with waiting.",
                optional=True,
            ),
        ),
        "max_points": (
            Points | None,
            _field("Refuse if it costs more than this in all.", optional=True),
        ),
    }
    fields["wait_if_sold_out"] = (
        bool | None,
        _field(
            "If too few units are left, wait for some to come back, first come first "
            "served: the redemption is REQUESTED, and nothing is held until then.",
            optional=True,
        ),
    )
    return _with_options("RedeemRewardInput", "What to redeem, and how.", fields, types)


def quote_input(types: PluginTypes) -> Any:
    """Make the input of `quote`, whose options are those of the plugins."""
    fields: dict[str, tuple[Any, Any]] = {
        "member_id": (
            strawberry.ID | None,
            _field("Whose points; the caller's own if left out.", optional=True),
        ),
        "reward_id": (strawberry.ID, _field("What.")),
    }
    return _with_options("QuoteInput", "What to quote.", fields, types)


def _with_options(
    name: str, description: str, fields: dict[str, tuple[Any, Any]], types: PluginTypes
) -> Any:
    if types.options.type is not None:
        chosen = _field(
            "What the member chooses, where there is a choice.", optional=True
        )
        fields["options"] = (types.options.type | None, chosen)
    body: dict[str, Any] = {one: field for one, (_, field) in fields.items()}
    body["__annotations__"] = {one: kind for one, (kind, _) in fields.items()}
    return strawberry.input(type(name, (), body), description=description)
