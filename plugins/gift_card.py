"""A gift card of a shop or a brand, worth money, issued when it is redeemed.

Cards come from an *issuer*, a partner's system behind a protocol of three methods. It
knows a card by our reference, the secret token, so asking again gives the same card.
Without a setting there is the sandbox: its cards follow from the token alone, so all
processes know the same ones, and no shop takes them.

The price buys one unit of value. Where the operator allows several units, the member
chooses how many, and so what the card is worth, in steps between two limits.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, Field, ImportString, SecretStr

from guerdon import (
    Fulfilled,
    FulfillmentRefused,
    Money,
    NotFulfilled,
    Probed,
    RevocationRefused,
    RewardRequest,
    RewardType,
    Visibility,
    derive_code,
    hookimpl,
)

_LARGEST_VALUE = 10**12
"""In minor units."""


@dataclass(frozen=True, slots=True)
class CardOrder:
    """What an issuer is asked for, the same however often it is asked."""

    reference: str
    """Idempotency key: one reference is one card, for ever."""
    brand: str
    value: Money
    expires_at: datetime
    """When the card shall expire; an issuer with rules of its own need not care."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card that was issued."""

    number: str
    pin: str | None
    expires_at: datetime | None


class CardRefusedError(Exception):
    """The issuer's definite no: under this reference there never is a card."""


class Issuer(Protocol):
    """The system that issues cards. What it raises otherwise is doubt."""

    async def issue(self, order: CardOrder) -> Card:
        """Issue the card of a reference, or return the one that was issued.

        Raises:
            CardRefusedError: there is no card and never will be.
        """

    async def find(self, order: CardOrder) -> Card | None:
        """Return the card of a reference; None if none was issued. No effect."""

    async def cancel(self, order: CardOrder) -> bool:
        """Make a card worthless; False if it was used. Safe to repeat."""


class SandboxIssuer:
    """Issues cards that no shop takes, for tests and demonstrations.

    A brand that ends in `-REFUSED` has no cards; cards of one that ends in `-USED`
    cannot be cancelled.
    """

    async def issue(self, order: CardOrder) -> Card:
        """Return the card that follows from the reference."""
        card = await self.find(order)
        if card is None:
            raise CardRefusedError
        return card

    async def find(self, order: CardOrder) -> Card | None:
        """Return the same card: it is there as soon as there is a reference."""
        if order.brand.endswith("-REFUSED"):
            return None
        digest = hmac.digest(order.reference.encode(), b"gift_card pin", hashlib.sha256)
        return Card(
            number=derive_code("gift_card", order.reference),
            pin=f"{int.from_bytes(digest) % 1_000_000:06}",
            expires_at=order.expires_at,
        )

    async def cancel(self, order: CardOrder) -> bool:
        """Tell whether the card may be unused."""
        return not order.brand.endswith("-USED")


class GiftCardSettings(BaseModel):
    """What an installation sets for all gift cards."""

    issuer: ImportString[Callable[[Any], Issuer]] | None = Field(
        default=None,
        description="Function that makes the issuer from these settings, such as "
        "acme_cards:make_issuer; the sandbox if left out.",
    )
    issuer_url: str | None = Field(
        default=None, description="Where the issuer's system is."
    )
    issuer_key: SecretStr | None = Field(
        default=None, description="Secret that the issuer's system knows us by."
    )


class GiftCardConfig(BaseModel):
    """What an operator sets for one gift card."""

    brand: str = Field(
        min_length=1, max_length=100, description="Whose card it is, for the issuer."
    )
    unit_value: Money = Field(description="What the card is worth for each unit.")
    minimum_units: int = Field(
        default=1, ge=1, le=10_000, description="Fewest units of a card."
    )
    maximum_units: int = Field(
        default=1, ge=1, le=10_000, description="Most units of a card."
    )
    valid_days: int = Field(
        default=1095, ge=1, le=3650, description="Days that the card is valid."
    )


class GiftCardOptions(BaseModel):
    """What a member chooses when redeeming."""

    units: int = Field(
        default=1,
        ge=1,
        le=10_000,
        description="How many times the price is paid, and the value is on the card.",
    )


class IssuedCard(BaseModel):
    """What the member gets."""

    number: Annotated[str, Visibility.MEMBER] = Field(description="Number of the card.")
    pin: Annotated[str | None, Visibility.MEMBER] = Field(
        description="Secret of the card, if its brand has one."
    )
    value: Money = Field(description="What the card is worth.")
    brand: str = Field(description="Whose card it is.")
    expires_at: datetime | None = Field(
        description="When the card expires; never if left out."
    )


class ValueNotOffered(BaseModel):
    """There is no card of the value that the member chose."""

    minimum: Money = Field(description="Smallest value of a card.")
    maximum: Money = Field(description="Largest value of a card.")
    step: Money = Field(description="What cards differ by.")


Request = RewardRequest[GiftCardConfig, GiftCardOptions]


class GiftCard(RewardType[GiftCardConfig, GiftCardOptions, IssuedCard]):
    """A card worth money."""

    code = "gift_card"
    config, options, fulfillment = GiftCardConfig, GiftCardOptions, IssuedCard
    deadline_seconds = 10.0
    refusals = (ValueNotOffered,)

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer

    def check(self, config: GiftCardConfig) -> None:
        """Refuse cards of no value, or of none that can be chosen."""
        if config.minimum_units > config.maximum_units:
            raise ValueError("maximum_units: is below minimum_units")
        if config.unit_value.amount_minor == 0:
            raise ValueError("unit_value: is nothing")
        if config.unit_value.amount_minor * config.maximum_units > _LARGEST_VALUE:
            raise ValueError("maximum_units: a card would be worth too much")

    def quantity(self, options: GiftCardOptions) -> int:
        """Return how many units of value are on the card."""
        return options.units

    def precheck(self, request: Request) -> None:
        """Refuse a value outside the limits."""
        config = request.config
        if not _is_offered(request):
            detail = ValueNotOffered(
                minimum=_times(config.unit_value, config.minimum_units),
                maximum=_times(config.unit_value, config.maximum_units),
                step=config.unit_value,
            )
            raise FulfillmentRefused("there is no card of this value", detail)

    async def fulfill(self, request: Request) -> IssuedCard:
        """Let the card be issued."""
        self.precheck(request)
        order = _order(request)
        try:
            card = await self._issuer.issue(order)
        except CardRefusedError as error:
            raise FulfillmentRefused("the issuer does not issue this card") from error
        return _issued(order, card)

    async def probe(self, request: Request) -> Probed[IssuedCard]:
        """Ask the issuer whether there is a card."""
        if not _is_offered(request):
            return NotFulfilled()
        order = _order(request)
        card = await self._issuer.find(order)
        return NotFulfilled() if card is None else Fulfilled(_issued(order, card))

    async def revoke(self, request: Request) -> None:
        """Let the issuer make the card worthless, unless it was used."""
        if not await self._issuer.cancel(_order(request)):
            raise RevocationRefused("the card has been used")


def make_gift_card(settings: GiftCardSettings) -> GiftCard:
    """Return the reward type with the issuer that *settings* name."""
    make_issuer = settings.issuer
    return GiftCard(SandboxIssuer() if make_issuer is None else make_issuer(settings))


def _is_offered(request: Request) -> bool:
    config = request.config
    return config.minimum_units <= request.quantity <= config.maximum_units


def _order(request: Request) -> CardOrder:
    config = request.config
    return CardOrder(
        reference=request.token,
        brand=config.brand,
        value=_times(config.unit_value, request.quantity),
        expires_at=request.requested_at + timedelta(days=config.valid_days),
    )


def _issued(order: CardOrder, card: Card) -> IssuedCard:
    return IssuedCard(
        number=card.number,
        pin=card.pin,
        value=order.value,
        brand=order.brand,
        expires_at=card.expires_at,
    )


def _times(value: Money, units: int) -> Money:
    return value.model_copy(update={"amount_minor": value.amount_minor * units})


@hookimpl
def register_settings() -> type[GiftCardSettings]:
    """Ask for the issuer."""
    return GiftCardSettings


@hookimpl
def register_reward_types(settings: GiftCardSettings) -> list[GiftCard]:
    """Bring the gift card."""
    return [make_gift_card(settings)]
