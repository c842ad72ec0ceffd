"""Points given to a good cause, answered with a receipt.

One reward may name several causes, of which the member chooses one; the cause is its
slot, so gifts are counted for each. The receipt number follows from the engine's secret
token: one donation has one number, however often it is asked for. A cause that was
closed takes no gifts. A donation is a gift, so it cannot be taken back.
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from guerdon import (
    Fact,
    Fulfilled,
    FulfillmentRefused,
    Money,
    NotFulfilled,
    RevocationRefused,
    RewardRequest,
    RewardType,
    derive_code,
    hookimpl,
)

_LARGEST_WORTH = 10**11
"""In minor units: the most units of it are still an exact number."""


class DonationCause(BaseModel):
    """One cause that a member may choose."""

    code: str = Field(
        pattern="^[a-z0-9]+(_[a-z0-9]+)*$",
        max_length=50,
        description="What members choose it by, chosen once, for ever.",
    )
    name: str = Field(
        min_length=1, max_length=100, description="Who receives the donation."
    )
    description: str | None = Field(
        default=None, max_length=1000, description="What the donation is used for."
    )
    is_closed: bool = Field(
        default=False, description="Whether the cause takes no more donations."
    )


class DonationConfig(BaseModel):
    """What an operator sets for one donation: the one cause, or several to choose."""

    cause: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Who receives the donation, if there is one cause only.",
    )
    causes: list[DonationCause] = Field(
        default=[],
        max_length=100,
        description="The causes of which the member chooses one.",
    )
    worth: Money | None = Field(
        default=None, description="What the cause gets for each unit, for the receipt."
    )


class DonationOptions(BaseModel):
    """What a member chooses when donating."""

    cause: str | None = Field(
        default=None,
        max_length=50,
        description="Code of the cause; not needed if there is only one.",
    )
    units: int = Field(
        default=1,
        ge=1,
        le=10_000,
        description="How many times the price is given.",
    )
    dedication: str | None = Field(
        default=None, max_length=200, description="In whose name or memory it is given."
    )
    is_anonymous: bool = Field(
        default=False, description="Whether the cause is not told who gave."
    )


class DonationReceipt(BaseModel):
    """What the member gets."""

    receipt_number: str = Field(description="Number under which the gift is known.")
    cause_code: str | None = Field(
        description="Code of the cause; none if the reward had one cause only."
    )
    cause_name: str = Field(description="Who receives the donation.")
    donated_at: datetime = Field(description="When the member gave.")
    units: int = Field(description="How many times the price was given.")
    worth: Money | None = Field(
        description="What the cause gets for it, if the operator said."
    )
    dedication: str | None = Field(description="In whose name or memory it was given.")
    is_anonymous: bool = Field(description="Whether the cause is not told who gave.")


class CauseClosed(BaseModel):
    """The cause takes no more donations."""

    cause: str = Field(description="Code of the cause.")
    open_causes: list[str] = Field(description="Codes of those that still take them.")


Request = RewardRequest[DonationConfig, DonationOptions]


class Donation(RewardType[DonationConfig, DonationOptions, DonationReceipt]):
    """A gift to a cause."""

    code = "donation"
    config, options, fulfillment = DonationConfig, DonationOptions, DonationReceipt
    refusals = (CauseClosed,)
    benefits_cause = True

    def check(self, config: DonationConfig) -> None:
        """Refuse a donation to nobody, or to whom is not clear."""
        if (config.cause is None) == (not config.causes):
            raise ValueError("give either cause or causes")
        codes = [cause.code for cause in config.causes]
        if len(set(codes)) < len(codes):
            raise ValueError("causes: a code is used twice")
        if config.worth is not None and config.worth.amount_minor > _LARGEST_WORTH:
            raise ValueError("worth: is more than a receipt can multiply")

    def quantity(self, options: DonationOptions) -> int:
        """Return how many times the price is given."""
        return options.units

    def slot(
        self,
        config: DonationConfig,
        options: DonationOptions,
        attributes: Mapping[str, Fact],
    ) -> str:
        """Return the code of the cause; none if the reward has one cause only."""
        cause = _chosen(config, options)
        return "" if cause is None else cause.code

    def precheck(self, request: Request) -> None:
        """Refuse a cause that takes no more donations."""
        cause = _chosen(request.config, request.options)
        if cause is not None and cause.is_closed:
            causes = request.config.causes
            detail = CauseClosed(
                cause=cause.code,
                open_causes=[one.code for one in causes if not one.is_closed],
            )
            raise FulfillmentRefused(f"{cause.name} takes no more donations", detail)

    def fulfill(self, request: Request) -> DonationReceipt:
        """Write the receipt of this token."""
        self.precheck(request)
        config, options = request.config, request.options
        cause = _chosen(config, options)
        return DonationReceipt(
            receipt_number=derive_code(self.code, request.token),
            cause_code=None if cause is None else cause.code,
            cause_name=(config.cause or "") if cause is None else cause.name,
            donated_at=request.requested_at,
            units=request.quantity,
            worth=_times(config.worth, request.quantity),
            dedication=options.dedication,
            is_anonymous=options.is_anonymous,
        )

    def probe(self, request: Request) -> Fulfilled[DonationReceipt] | NotFulfilled:
        """Tell the same receipt: it is there as soon as there is a token."""
        try:
            return Fulfilled(self.fulfill(request))
        except FulfillmentRefused:
            return NotFulfilled()

    def revoke(self, request: Request) -> None:
        """Refuse: a gift is a gift."""
        raise RevocationRefused("a donation cannot be taken back")


def _chosen(config: DonationConfig, options: DonationOptions) -> DonationCause | None:
    """Return the cause that a member chose; None if there is nothing to choose.

    Raises:
        ValueError: none of the causes was chosen.
    """
    causes = {cause.code: cause for cause in config.causes}
    match options.cause:
        case None if not causes:
            return None
        case None if len(causes) == 1:
            return config.causes[0]
        case code if code in causes:
            return causes[code]
        case _:
            known = ", ".join(causes) or "leave it out, since there is one only"
            raise ValueError(f"cause: choose one of the causes: {known}")


def _times(worth: Money | None, units: int) -> Money | None:
    if worth is None:
        return None
    return worth.model_copy(update={"amount_minor": worth.amount_minor * units})


@hookimpl
def register_reward_types() -> list[Donation]:
    """Bring the donation."""
    return [Donation()]
