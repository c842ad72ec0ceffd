"""One parcel sent for free, as a code that the shop accepts.

Where the parcel may go, what it may weigh and who carries it is checked by the shop,
which reads the terms from the redemption. The member may choose express delivery where
the operator offers it, for nothing or for a surcharge that the shop collects. The code
follows from the engine's secret token, as that of a discount, and stays spent.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

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

Region = Annotated[str, Field(pattern="^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
Carrier = Annotated[str, Field(min_length=1, max_length=50)]


class Service(StrEnum):
    """How fast a parcel travels.

    ECONOMY: When there is room for it.
    STANDARD: As parcels do.
    EXPRESS: Before all others.
    """

    ECONOMY = "economy"
    STANDARD = "standard"
    EXPRESS = "express"


class FreeShippingTerms(BaseModel):
    """Which parcels travel for free."""

    regions: list[Region] = Field(
        min_length=1,
        max_length=1000,
        description="Where a parcel may go, by ISO 3166: DE, or US-CA.",
    )
    maximum_weight_grams: int | None = Field(
        default=None, ge=1, description="Heaviest parcel; no limit if left out."
    )
    minimum_order: Money | None = Field(
        default=None, description="Smallest order that the code can be used for."
    )
    carriers: list[Carrier] = Field(
        default=[],
        max_length=100,
        description="Who may carry the parcel; anybody if none is named.",
    )


class FreeShippingConfig(FreeShippingTerms):
    """What an operator sets for one kind of free shipping."""

    service: Service = Field(
        default=Service.STANDARD, description="How fast the parcel travels."
    )
    express_surcharge: Money | None = Field(
        default=None,
        description="What the shop charges a member who chooses express instead, maybe "
        "nothing. Express cannot be chosen if left out.",
    )
    valid_days: int = Field(
        default=90, ge=1, le=3650, description="Days that the code is valid."
    )


class FreeShippingOptions(BaseModel):
    """What a member chooses when redeeming."""

    is_express: bool = Field(
        default=False, description="Whether the parcel shall travel by express."
    )


class FreeShippingCode(BaseModel):
    """What the member gets."""

    code: Annotated[str, Visibility.MEMBER] = Field(
        description="Entered at the checkout."
    )
    valid_until: datetime = Field(description="When the code stops being accepted.")
    service: Service = Field(description="How fast the parcel travels.")
    surcharge: Money | None = Field(
        description="What the shop charges for express delivery; none without it."
    )
    terms: FreeShippingTerms = Field(description="Which parcels travel for free.")


class ExpressNotOffered(BaseModel):
    """The member chose express delivery, which this reward does not have."""

    service: Service = Field(description="How fast its parcels travel.")


Request = RewardRequest[FreeShippingConfig, FreeShippingOptions]


class FreeShipping(
    RewardType[FreeShippingConfig, FreeShippingOptions, FreeShippingCode]
):
    """One parcel sent for free."""

    code = "free_shipping"
    config, options = FreeShippingConfig, FreeShippingOptions
    fulfillment = FreeShippingCode
    refusals = (ExpressNotOffered,)

    def check(self, config: FreeShippingConfig) -> None:
        """Refuse a region named twice: a slip that hides a missing one."""
        for name, values in (
            ("regions", config.regions),
            ("carriers", config.carriers),
        ):
            if len(set(values)) < len(values):
                raise ValueError(f"{name}: one is named twice")
        is_express = config.service is Service.EXPRESS
        if is_express and config.express_surcharge is not None:
            raise ValueError("express_surcharge: the parcel travels by express anyway")

    def precheck(self, request: Request) -> None:
        """Refuse express delivery where there is none."""
        service = request.config.service
        if service is Service.EXPRESS or not request.options.is_express:
            return
        if request.config.express_surcharge is None:
            detail = ExpressNotOffered(service=service)
            raise FulfillmentRefused("express delivery is not offered", detail)

    def fulfill(self, request: Request) -> FreeShippingCode:
        """Make the code of this token."""
        self.precheck(request)
        config = request.config
        is_express = request.options.is_express
        terms = FreeShippingTerms.model_fields
        return FreeShippingCode(
            code=derive_code(self.code, request.token),
            valid_until=request.requested_at + timedelta(days=config.valid_days),
            service=Service.EXPRESS if is_express else config.service,
            surcharge=config.express_surcharge if is_express else None,
            terms=FreeShippingTerms(**{name: getattr(config, name) for name in terms}),
        )

    def probe(self, request: Request) -> Fulfilled[FreeShippingCode] | NotFulfilled:
        """Tell the same code: it is there as soon as there is a token."""
        try:
            return Fulfilled(self.fulfill(request))
        except FulfillmentRefused:
            return NotFulfilled()

    def revoke(self, request: Request) -> None:
        """Refuse: only the shop knows whether the code was used."""
        raise RevocationRefused("a code that was shown may have been used")


@hookimpl
def register_reward_types() -> list[FreeShipping]:
    """Bring free shipping."""
    return [FreeShipping()]
