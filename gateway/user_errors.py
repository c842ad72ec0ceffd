"""Refusals that a caller can act on, typed: `userErrors` of every mutation.

One table says which error of the core is shown as which type; attributes are copied.
"""

from typing import Any

import strawberry

from core import errors
from gateway.scalars import Points, SafeInt


@strawberry.interface(
    description="A refusal that the caller can act on; nothing was changed. Ask for "
    "code, message and path, and open the types you handle: plugins may add some."
)
class UserError:
    """See the description."""

    code: str = strawberry.field(
        description="Stable, upper snake case. New codes may appear."
    )
    message: str = strawberry.field(description="For a developer.")
    path: list[str] | None = strawberry.field(
        description="Input member it is about; null: the whole input."
    )


@strawberry.type(description="A refusal without further data.")
class GenericUserError(UserError):
    """See the description."""


@strawberry.type(description="The member has too few points.")
class InsufficientPoints(UserError):
    """See the description."""

    required: Points = strawberry.field(description="What is needed.")
    available: Points = strawberry.field(description="What is there.")


@strawberry.type(description="Fewer units are left than were asked for.")
class OutOfStock(UserError):
    """See the description."""

    requested: SafeInt = strawberry.field(description="Units asked for.")
    remaining: SafeInt = strawberry.field(description="Units left.")


@strawberry.type(description="The member has had this as often as is allowed.")
class LimitReached(UserError):
    """See the description."""

    limit: SafeInt = strawberry.field(description="How often that is.")


@strawberry.type(description="The reward costs more than the caller agreed to.")
class PriceChanged(UserError):
    """See the description."""

    price: Points = strawberry.field(description="What it costs now.")
    max_points: Points = strawberry.field(description="What was agreed to.")


@strawberry.type(description="The options do not fit the reward.")
class InvalidOptions(UserError):
    """See the description."""

    field: str = strawberry.field(description="The option, as a path with dots.")
    reason: str = strawberry.field(description="What is wrong with it.")


@strawberry.type(description="The payload does not fit the activity type.")
class InvalidPayload(UserError):
    """See the description."""

    field: str = strawberry.field(description="The member, as a path with dots.")
    reason: str = strawberry.field(description="What is wrong with it.")


@strawberry.type(description="The key was used before, for something else.")
class IdempotencyConflict(UserError):
    """See the description."""


@strawberry.type(description="The redemption's present state does not allow this.")
class RedemptionStateConflict(UserError):
    """See the description."""

    status: str = strawberry.field(description="Where it stands.")


SHOWN_AS: dict[type[errors.GuerdonError], tuple[type[UserError], str | None]] = {
    errors.MemberNotFoundError: (GenericUserError, "memberId"),
    errors.RewardNotFoundError: (GenericUserError, "rewardId"),
    errors.RedemptionNotFoundError: (GenericUserError, "redemptionId"),
    errors.TransactionNotFoundError: (GenericUserError, "transactionId"),
    errors.ActivityTypeNotFoundError: (GenericUserError, "type"),
    errors.InsufficientPointsError: (InsufficientPoints, None),
    errors.OutOfStockError: (OutOfStock, "rewardId"),
    errors.LimitReachedError: (LimitReached, "rewardId"),
    errors.PriceChangedError: (PriceChanged, "maxPoints"),
    errors.RewardUnavailableError: (GenericUserError, "rewardId"),
    errors.InvalidOptionsError: (InvalidOptions, "options"),
    errors.InvalidPayloadError: (InvalidPayload, "payload"),
    errors.IdempotencyConflictError: (IdempotencyConflict, "idempotencyKey"),
    errors.DuplicateActivityError: (GenericUserError, "payload"),
    errors.IdentifierTakenError: (GenericUserError, "number"),
    errors.NotReversibleError: (GenericUserError, "transactionId"),
    errors.RedemptionStateError: (RedemptionStateConflict, "redemptionId"),
    errors.MemberNotActiveError: (GenericUserError, "memberId"),
    errors.AmountTooLargeError: (GenericUserError, "amount"),
    errors.AmountTooSmallError: (GenericUserError, "amount"),
    errors.CurrencyRuleError: (GenericUserError, "currency"),
    errors.FulfillmentRefusedError: (GenericUserError, "rewardId"),
    errors.RevocationRefusedError: (GenericUserError, "redemptionId"),
}
"""Error of the core, to the type it is shown as and the input member it is about."""

TYPES: list[type] = [*dict.fromkeys(kind for kind, _ in SHOWN_AS.values())]
"""All types of user errors."""


def user_error(error: errors.GuerdonError) -> UserError:
    """Return *error* as clients see it."""
    kind, member = SHOWN_AS[type(error)]
    path = None if member is None else ["input", member]
    values: dict[str, Any] = {
        name: value
        for name, value in vars(error).items()
        if name in kind.__annotations__
    }
    return kind(code=error.code, message=str(error), path=path, **values)
