"""Money off one order, as a code that the shop accepts.

A code is either generated, then it follows from the engine's secret token, or it comes
from the pool that the operator loaded. Either way nothing is kept here: asking again
gives the same code, and a probe knows it as well. A shop that is shown a code asks
Guerdon for its redemption, which tells the terms as they were when the member redeemed.
Once shown, a code may have been used, so it stays spent.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from guerdon import (
    Fulfilled,
    FulfillmentRefused,
    Money,
    NotFulfilled,
    RevocationRefused,
    RewardRequest,
    RewardType,
    Visibility,
    derive_code,
    hookimpl,
)

ShopCode = Annotated[str, Field(min_length=1, max_length=100)]


class CodeSource(StrEnum):
    """Where codes come from.

    GENERATED: Each is made for its redemption.
    POOL: They were given by the shop beforehand.
    """

    GENERATED = "generated"
    POOL = "pool"


class Stacking(StrEnum):
    """What else may be used for the same order.

    ALONE: Nothing else.
    WITH_SHIPPING: Free shipping, and nothing else.
    ANY: Whatever there is.
    """

    ALONE = "alone"
    WITH_SHIPPING = "with_shipping"
    ANY = "any"


class DiscountTerms(BaseModel):
    """What the shop takes off, and from what."""

    percent_off: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="Percentage taken off; this or an amount.",
    )
    amount_off: Money | None = Field(
        default=None, description="Amount taken off; this or a percentage."
    )
    minimum_order: Money | None = Field(
        default=None, description="Smallest order that the code can be used for."
    )
    maximum_discount: Money | None = Field(
        default=None, description="Most that a percentage takes off; no limit if none."
    )
    products: list[ShopCode] = Field(
        default=[],
        max_length=1000,
        description="The shop's codes of the products it holds for.",
    )
    categories: list[ShopCode] = Field(
        default=[],
        max_length=1000,
        description="The shop's codes of the categories it holds for. It holds for the "
        "whole order if neither products nor categories are named.",
    )
    excluded_products: list[ShopCode] = Field(
        default=[],
        max_length=1000,
        description="Codes of products that it never holds for.",
    )
    stacking: Stacking = Field(
        default=Stacking.ALONE,
        description="Whether the order may use other rewards: none, free shipping, or "
        "any.",
    )


class DiscountConfig(DiscountTerms):
    """What an operator sets for one discount."""

    code_source: CodeSource = Field(
        default=CodeSource.GENERATED,
        description="Whether codes are generated or come from the reward's pool.",
    )
    code_prefix: str | None = Field(
        default=None,
        pattern="^[A-Z0-9]{1,10}$",
        description="What generated codes begin with.",
    )
    valid_days: int = Field(
        default=90, ge=1, le=3650, description="Days that the code is valid."
    )
    valid_until: AwareDatetime | None = Field(
        default=None,
        description="When codes stop being accepted, even if their days are not over.",
    )


class DiscountCode(BaseModel):
    """What the member gets."""

    code: Annotated[str, Visibility.MEMBER] = Field(
        description="Entered at the checkout."
    )
    valid_until: datetime = Field(description="When the code stops being accepted.")
    terms: DiscountTerms = Field(description="What it takes off, and from what.")


class OfferEnded(BaseModel):
    """Codes of this discount are not accepted any more."""

    ended_at: datetime = Field(description="When they stopped being accepted.")


Request = RewardRequest[DiscountConfig, None]


class Discount(RewardType[DiscountConfig, None, DiscountCode]):
    """Money off one order."""

    code = "discount"
    config, options, fulfillment = DiscountConfig, None, DiscountCode
    refusals = (OfferEnded,)

    def check(self, config: DiscountConfig) -> None:
        """Refuse terms that contradict each other."""
        if (config.percent_off is None) == (config.amount_off is None):
            raise ValueError("give either percent_off or amount_off")
        if config.amount_off is not None:
            _check_amount_off(config, config.amount_off)
        minimum, maximum = config.minimum_order, config.maximum_discount
        if minimum and maximum and minimum.currency_code != maximum.currency_code:
            raise ValueError("maximum_discount: is in another currency than the order")
        if maximum is not None and maximum.amount_minor == 0:
            raise ValueError("maximum_discount: is nothing")
        if set(config.products) & set(config.excluded_products):
            raise ValueError("excluded_products: one is among the products, too")
        if config.code_prefix is not None and self.uses_codes(config):
            raise ValueError("code_prefix: codes from a pool are as they were loaded")

    def uses_codes(self, config: DiscountConfig) -> bool:
        """Tell whether the codes are loaded by the operator."""
        return config.code_source is CodeSource.POOL

    def precheck(self, request: Request) -> None:
        """Refuse a code that nobody could use any more."""
        ended_at = request.config.valid_until
        if ended_at is not None and request.requested_at >= ended_at:
            reason = "codes of this discount are not accepted any more"
            raise FulfillmentRefused(reason, OfferEnded(ended_at=ended_at))

    def fulfill(self, request: Request) -> DiscountCode:
        """Hand out the code of this token."""
        self.precheck(request)
        config = request.config
        valid_until = request.requested_at + timedelta(days=config.valid_days)
        if config.valid_until is not None:
            valid_until = min(valid_until, config.valid_until)
        return DiscountCode(
            code=self._code(request),
            valid_until=valid_until,
            terms=DiscountTerms(
                **{name: getattr(config, name) for name in DiscountTerms.model_fields}
            ),
        )

    def probe(self, request: Request) -> Fulfilled[DiscountCode] | NotFulfilled:
        """Tell the same code: it is there as soon as there is a token."""
        try:
            return Fulfilled(self.fulfill(request))
        except FulfillmentRefused:
            return NotFulfilled()

    def revoke(self, request: Request) -> None:
        """Refuse: only the shop knows whether the code was used."""
        raise RevocationRefused("a code that was shown may have been used")

    def _code(self, request: Request) -> str:
        if self.uses_codes(request.config):
            (code,) = request.codes
            return code
        code = derive_code(self.code, request.token)
        prefix = request.config.code_prefix
        return code if prefix is None else f"{prefix}-{code}"


def _check_amount_off(config: DiscountConfig, amount_off: Money) -> None:
    if amount_off.amount_minor == 0:
        raise ValueError("amount_off: is nothing")
    if config.maximum_discount is not None:
        raise ValueError("maximum_discount: is for a percentage only")
    minimum = config.minimum_order
    if minimum is not None and minimum.currency_code != amount_off.currency_code:
        raise ValueError("amount_off: is in another currency than minimum_order")


@hookimpl
def register_reward_types() -> list[Discount]:
    """Bring the discount."""
    return [Discount()]
