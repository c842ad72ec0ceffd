"""Refusals that a caller can act on, typed: `userErrors` of every mutation.

One table says which error of the core is shown as which type; attributes are copied.
"""

from collections.abc import Sequence
from typing import Any

import strawberry

from core import errors
from gateway.refusals import Refusals
from gateway.scalars import DateTime, Points, SafeInt
from gateway.types.limits import LimitUnit
from gateway.types.quotes import QuotedLot, QuoteStaleReason
from gateway.types.versions import ProgramFault
from gateway.user_error import Message, UserError


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

    limit: SafeInt = strawberry.field(
        description="How often, or how many points, that is."
    )
    unit: strawberry.Private[str]
    resets_at: DateTime | None = strawberry.field(
        description="From when on it is allowed again; null where that is not known."
    )

    @strawberry.field(name="unit", description="What is counted.")
    def shown_unit(self) -> LimitUnit:
        """Return the unit as an enumeration."""
        return LimitUnit(self.unit)


@strawberry.type(description="The reward costs more than the caller agreed to.")
class PriceChanged(UserError):
    """See the description."""

    price: Points = strawberry.field(description="What it costs now.")
    max_points: Points = strawberry.field(description="What was agreed to.")


@strawberry.type(
    description="The redemption would not be what was quoted. Ask for a new quote."
)
class QuoteStale(UserError):
    """See the description; what is private is shown by a field of another form."""

    reason: strawberry.Private[str]
    quoted_price: Points = strawberry.field(description="Price that was quoted.")
    price: Points = strawberry.field(description="What it costs now.")
    quoted_lots: strawberry.Private[Sequence[tuple[int, int, int]] | None]
    lots: strawberry.Private[Sequence[tuple[int, int, int]]]

    @strawberry.field(name="reason", description="What differs.")
    def shown_reason(self) -> QuoteStaleReason:
        """Return the reason as an enumeration."""
        return QuoteStaleReason(self.reason)

    @strawberry.field(
        name="quotedLots",
        description="Points that were quoted and would not be used like that; null: "
        "the quote was of so many lots that it does not list them.",
    )
    def shown_quoted_lots(self) -> list[QuotedLot] | None:
        """Return the lots in the form of a quote."""
        quoted = self.quoted_lots
        return None if quoted is None else QuotedLot.all_of(quoted)

    @strawberry.field(
        name="lots",
        description="Points that would be used instead: all, if quotedLots is null.",
    )
    def shown_lots(self) -> list[QuotedLot]:
        """Return the lots in the form of a quote."""
        return QuotedLot.all_of(self.lots)


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


@strawberry.type(description="The activity waits for no decision.")
class ApprovalStateConflict(UserError):
    """See the description."""

    status: str = strawberry.field(
        description="APPROVED or REJECTED; NOT_NEEDED if it never waited for one."
    )


@strawberry.type(description="A program document is wrong; nothing was stored.")
class ProgramFaulty(UserError):
    """See the description; what is private is shown by a field of another form."""

    faults: strawberry.Private[Sequence[tuple[str, str]]]

    @strawberry.field(name="faults", description="All that is wrong in it.")
    def shown_faults(self) -> list[ProgramFault]:
        """Return the faults as objects."""
        return ProgramFault.all_of(self.faults)


@strawberry.type(description="The version's present state does not allow this.")
class ProgramVersionStateConflict(UserError):
    """See the description."""

    status: str = strawberry.field(description="Where it stands.")


@strawberry.type(
    description="Another version was published since this one was drafted."
)
class ProgramVersionOutdated(UserError):
    """See the description."""

    published: int = strawberry.field(description="The one that stands now.")


SHOWN_AS: dict[type[errors.GuerdonError], tuple[type[UserError], str | None]] = {
    errors.MemberNotFoundError: (GenericUserError, "memberId"),
    errors.RewardNotFoundError: (GenericUserError, "rewardId"),
    errors.RedemptionNotFoundError: (GenericUserError, "redemptionId"),
    errors.TransactionNotFoundError: (GenericUserError, "transactionId"),
    errors.ActivityTypeNotFoundError: (GenericUserError, "type"),
    errors.KeyNotFoundError: (GenericUserError, "keyId"),
    errors.InsufficientPointsError: (InsufficientPoints, None),
    errors.OutOfStockError: (OutOfStock, "rewardId"),
    errors.LimitReachedError: (LimitReached, "rewardId"),
    errors.PriceChangedError: (PriceChanged, "maxPoints"),
    errors.QuoteStaleError: (QuoteStale, "quoteId"),
    errors.RewardUnavailableError: (GenericUserError, "rewardId"),
    errors.InvalidOptionsError: (InvalidOptions, "options"),
    errors.InvalidPayloadError: (InvalidPayload, "payload"),
    errors.IdempotencyConflictError: (IdempotencyConflict, "idempotencyKey"),
    errors.DuplicateActivityError: (GenericUserError, "payload"),
    errors.IdentifierTakenError: (GenericUserError, "number"),
    errors.NotReversibleError: (GenericUserError, "transactionId"),
    errors.ApprovalStateError: (ApprovalStateConflict, "transactionId"),
    errors.RedemptionStateError: (RedemptionStateConflict, "redemptionId"),
    errors.MemberNotActiveError: (GenericUserError, "memberId"),
    errors.AmountTooLargeError: (GenericUserError, "amount"),
    errors.AmountTooSmallError: (GenericUserError, "amount"),
    errors.CurrencyRuleError: (GenericUserError, "currency"),
    errors.FulfillmentRefusedError: (GenericUserError, "rewardId"),
    errors.RevocationRefusedError: (GenericUserError, "redemptionId"),
    errors.ProgramVersionNotFoundError: (GenericUserError, "number"),
    errors.ProgramFaultyError: (ProgramFaulty, "document"),
    errors.ProgramVersionStateError: (ProgramVersionStateConflict, "number"),
    errors.ProgramVersionOutdatedError: (ProgramVersionOutdated, "number"),
    errors.SecondPersonNeededError: (GenericUserError, "number"),
    errors.ProgramCodeTakenError: (GenericUserError, "document"),
    errors.NotASandboxError: (GenericUserError, "to"),
}
"""Error of the core, to the type it is shown as and the input member it is about."""

TYPES: list[type] = [*dict.fromkeys(kind for kind, _ in SHOWN_AS.values())]
"""All types of user errors, but for those of plugins."""


def user_error(
    error: errors.GuerdonError, refusals: Refusals | None = None
) -> UserError:
    """Return *error* as clients see it.

    Args:
        error: what was raised.
        refusals: those of plugins, which have types of their own; one whose plugin or
            type is gone is shown as a GenericUserError.
    """
    kind, member = SHOWN_AS[type(error)]
    if isinstance(error, errors.LimitReachedError) and error.is_of_rule:
        member = "type"
    path = None if member is None else ["input", member]
    if isinstance(error, errors.FulfillmentRefusedError) and error.detail is not None:
        refusal = (refusals or {}).get((error.reward_type, error.refusal_type))
        if refusal is not None:
            shown = refusal.show(error.reason, error.detail, path)
            if shown is not None:
                return shown
    values: dict[str, Any] = {
        name: value
        for name, value in vars(error).items()
        if name in kind.__annotations__
    }
    said = Message(error.code, str(error), vars(error))
    return kind(code=error.code, said=said, path=path, **values)
