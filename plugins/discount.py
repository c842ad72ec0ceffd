"""A percentage off one order, as a code that the shop accepts.

The code follows from the engine's secret token, so nothing is kept here: asking again
gives the same code, and a probe knows it as well. A shop that is shown a code asks
Guerdon for its redemption. Once shown, a code may have been used, so it stays spent.
"""

from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from guerdon import Fulfilled, Money, RewardRequest, RewardType, derive_code, hookimpl


class DiscountConfig(BaseModel):
    """What an operator sets for one discount."""

    percent_off: int = Field(
        ge=1, le=100, description="Percentage taken off the order."
    )
    valid_days: int = Field(
        default=90, ge=1, le=3650, description="Days that the code is valid."
    )
    minimum_order: Money | None = Field(
        default=None, description="Smallest order that the code can be used for."
    )


class DiscountCode(BaseModel):
    """What the member gets."""

    code: str = Field(description="Entered at the checkout.")
    valid_until: datetime = Field(description="When the code stops being accepted.")


class Discount(RewardType[DiscountConfig, None, DiscountCode]):
    """A percentage off one order."""

    code = "discount"
    config, options, fulfillment = DiscountConfig, None, DiscountCode

    def fulfill(self, request: RewardRequest[DiscountConfig, None]) -> DiscountCode:
        """Make the code of this token."""
        return DiscountCode(
            code=derive_code(self.code, request.token),
            valid_until=request.requested_at
            + timedelta(days=request.config.valid_days),
        )

    def probe(
        self, request: RewardRequest[DiscountConfig, None]
    ) -> Fulfilled[DiscountCode]:
        """Tell the same code: it is there as soon as there is a token."""
        return Fulfilled(self.fulfill(request))


@hookimpl
def register_reward_types() -> list[Discount]:
    """Bring the discount."""
    return [Discount()]
