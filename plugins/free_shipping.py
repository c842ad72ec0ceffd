"""One parcel sent for free, as a code that the shop accepts.

Where the parcel may go and what it may weigh is checked by the shop, which reads it
from the reward. The code follows from the engine's secret token, as that of a discount.
"""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from guerdon import Fulfilled, RewardRequest, RewardType, derive_code, hookimpl

Region = Annotated[str, Field(pattern="^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]


class FreeShippingConfig(BaseModel):
    """What an operator sets for one kind of free shipping."""

    regions: list[Region] = Field(
        min_length=1, description="Where a parcel may go, by ISO 3166: DE, or US-CA."
    )
    maximum_weight_grams: int | None = Field(
        default=None, ge=1, description="Heaviest parcel; no limit if left out."
    )
    valid_days: int = Field(
        default=90, ge=1, le=3650, description="Days that the code is valid."
    )


class FreeShippingCode(BaseModel):
    """What the member gets."""

    code: str = Field(description="Entered at the checkout.")
    valid_until: datetime = Field(description="When the code stops being accepted.")


class FreeShipping(RewardType[FreeShippingConfig, None, FreeShippingCode]):
    """One parcel sent for free."""

    code = "free_shipping"
    config, options, fulfillment = FreeShippingConfig, None, FreeShippingCode

    def check(self, config: FreeShippingConfig) -> None:
        """Refuse a region named twice: a slip that hides a missing one."""
        if len(set(config.regions)) < len(config.regions):
            raise ValueError("regions: one is named twice")

    def fulfill(
        self, request: RewardRequest[FreeShippingConfig, None]
    ) -> FreeShippingCode:
        """Make the code of this token."""
        return FreeShippingCode(
            code=derive_code(self.code, request.token),
            valid_until=request.requested_at
            + timedelta(days=request.config.valid_days),
        )

    def probe(
        self, request: RewardRequest[FreeShippingConfig, None]
    ) -> Fulfilled[FreeShippingCode]:
        """Tell the same code: it is there as soon as there is a token."""
        return Fulfilled(self.fulfill(request))


@hookimpl
def register_reward_types() -> list[FreeShipping]:
    """Bring free shipping."""
    return [FreeShipping()]
