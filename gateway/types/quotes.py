"""Quotes: what a redemption would cost and do, and why one can be stale."""

from collections.abc import Iterable
from enum import Enum
from typing import Self

import strawberry

from core.clock import from_us
from core.ledger.codes import NEVER_US
from core.program import conditions, quotes
from gateway.scalars import DateTime, Points, SafeInt


@strawberry.enum(description="What must be so for a redemption.")
class QuoteConditionName(Enum):
    """See the description."""

    ON_OFFER = strawberry.enum_value("ON_OFFER", description="The reward is on offer.")
    MEMBER_ACTIVE = strawberry.enum_value(
        "MEMBER_ACTIVE", description="The member is neither frozen nor closed."
    )
    ENOUGH_POINTS = strawberry.enum_value(
        "ENOUGH_POINTS", description="The member can spend the price."
    )
    WITHIN_LIMIT = strawberry.enum_value(
        "WITHIN_LIMIT", description="The member may have so many units of it."
    )
    IN_STOCK = strawberry.enum_value(
        "IN_STOCK", description="So many units are left, and nobody waits for them."
    )
    PARTNER_AGREES = strawberry.enum_value(
        "PARTNER_AGREES", description="The partner answers, and does not refuse."
    )


@strawberry.enum(description="Why a redemption would not be what was quoted.")
class QuoteStaleReason(Enum):
    """See the description."""

    EXPIRED = strawberry.enum_value("EXPIRED", description="`validUntil` has passed.")
    CURRENCY = strawberry.enum_value(
        "CURRENCY", description="It costs points of another currency."
    )
    QUANTITY = strawberry.enum_value(
        "QUANTITY", description="The options make another number of units."
    )
    PRICE = strawberry.enum_value("PRICE", description="It costs more, or less.")
    CONFIG = strawberry.enum_value(
        "CONFIG",
        description="The settings of the reward, its plugin's version or what is known "
        "of the member are others.",
    )
    LOTS = strawberry.enum_value(
        "LOTS",
        description="Other points of the member would be used, or some are gone.",
    )


@strawberry.type(description="Points of one earning.")
class QuotedLot:
    """See the description."""

    points: Points = strawberry.field(description="How many of them.")
    expires_at: DateTime | None = strawberry.field(
        description="When they run out; null: never."
    )

    @classmethod
    def all_of(cls, lots: Iterable[tuple[int, int, int]]) -> list[Self]:
        """Return lots, each given as its number, an amount and an instant."""
        return [cls(points=Points(n), expires_at=_instant(end)) for _, n, end in lots]


@strawberry.type(description="Points that run out at one instant.")
class ExpiryEffect:
    """See the description."""

    points: Points = strawberry.field(description="How many.")
    expires_at: DateTime = strawberry.field(description="When they run out.")

    @classmethod
    def of(cls, expiry: quotes.Expiry) -> Self:
        """Return what the core says."""
        at = DateTime(from_us(expiry.expires_at_us))
        return cls(points=Points(expiry.amount), expires_at=at)


@strawberry.type(description="Something that must be so, and whether it is.")
class QuoteCondition:
    """See the description."""

    name: QuoteConditionName = strawberry.field(description="What must be so.")
    is_met: bool = strawberry.field(description="Whether it is so.")
    message: str = strawberry.field(description="For a developer.")
    required: SafeInt | None = strawberry.field(
        description="Points or units that it takes, where it is about how many."
    )
    available: SafeInt | None = strawberry.field(
        description="How many there are; null: any number."
    )
    missing: SafeInt | None = strawberry.field(
        description="How many are missing: 0, if it is met."
    )

    @classmethod
    def of(cls, condition: conditions.Condition) -> Self:
        """Return what the core says."""
        return cls(
            name=QuoteConditionName(condition.check.value),
            is_met=condition.is_met,
            message=condition.message,
            required=_number(condition.required),
            available=_number(condition.available),
            missing=_number(condition.missing),
        )


@strawberry.type(
    description="What a redemption would cost and do now. Nothing is set aside: "
    "`redeemReward(quoteId:)` does exactly this, or answers QuoteStale."
)
class Quote:
    """See the description."""

    id: strawberry.ID = strawberry.field(
        description="For `redeemReward`. Opaque, and no global id: it holds what was "
        "asked, and grows with it."
    )
    price: Points = strawberry.field(description="Price of all units.")
    quantity: SafeInt = strawberry.field(description="Units of the reward.")
    currency: str = strawberry.field(description="Code of the currency of the price.")
    lots: list[QuotedLot] = strawberry.field(
        description="The points that would be used, in their order; none, if the price "
        "cannot be paid."
    )
    expiry_effects: list[ExpiryEffect] = strawberry.field(
        description="Those of them that would have run out one day if they were kept, "
        "the soonest first."
    )
    next_expiration: ExpiryEffect | None = strawberry.field(
        description="Which points run out next once it is redeemed; null: none do."
    )
    conditions: list[QuoteCondition] = strawberry.field(
        description="All that must be so, whether it is or not."
    )
    is_redeemable: bool = strawberry.field(description="Whether all of it is so.")
    valid_until: DateTime = strawberry.field(
        description="From then on the quote is stale."
    )

    @classmethod
    def of(cls, quote: quotes.Quote) -> Self:
        """Return what the core says."""
        following = quote.next_expiry
        return cls(
            id=strawberry.ID(quote.quote_id),
            price=Points(quote.price),
            quantity=SafeInt(quote.quantity),
            currency=quote.currency,
            lots=QuotedLot.all_of(quote.lots),
            expiry_effects=[ExpiryEffect.of(one) for one in quote.would_expire],
            next_expiration=None if following is None else ExpiryEffect.of(following),
            conditions=[QuoteCondition.of(one) for one in quote.conditions],
            is_redeemable=quote.is_redeemable,
            valid_until=DateTime(from_us(quote.valid_until_us)),
        )


def _instant(at_us: int) -> DateTime | None:
    return None if at_us == NEVER_US else DateTime(from_us(at_us))


def _number(value: int | None) -> SafeInt | None:
    return None if value is None else SafeInt(value)
