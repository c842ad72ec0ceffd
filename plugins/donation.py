"""Points given to a good cause, answered with a receipt.

The receipt number follows from the engine's secret token: one donation has one number,
however often it is asked for. A donation is a gift, so it cannot be taken back.
"""

from pydantic import BaseModel, Field

from guerdon import (
    Fulfilled,
    RevocationRefused,
    RewardRequest,
    RewardType,
    derive_code,
    hookimpl,
)


class DonationConfig(BaseModel):
    """What an operator sets for one cause."""

    cause: str = Field(
        min_length=1, max_length=100, description="Who receives the donation."
    )


class DonationOptions(BaseModel):
    """What a member chooses when donating."""

    dedication: str | None = Field(
        default=None, max_length=200, description="In whose name or memory it is given."
    )
    is_anonymous: bool = Field(
        default=False, description="Whether the cause is not told who gave."
    )


class DonationReceipt(BaseModel):
    """What the member gets."""

    receipt_number: str = Field(description="Number under which the gift is known.")


class Donation(RewardType[DonationConfig, DonationOptions, DonationReceipt]):
    """A gift to a cause."""

    code = "donation"
    config, options, fulfillment = DonationConfig, DonationOptions, DonationReceipt

    def fulfill(
        self, request: RewardRequest[DonationConfig, DonationOptions]
    ) -> DonationReceipt:
        """Number the gift."""
        return DonationReceipt(receipt_number=derive_code(self.code, request.token))

    def probe(
        self, request: RewardRequest[DonationConfig, DonationOptions]
    ) -> Fulfilled[DonationReceipt]:
        """Tell the same number: it is there as soon as there is a token."""
        return Fulfilled(self.fulfill(request))

    def revoke(self, request: RewardRequest[DonationConfig, DonationOptions]) -> None:
        """Refuse: a gift is a gift."""
        raise RevocationRefused("a donation cannot be taken back")


@hookimpl
def register_reward_types() -> list[Donation]:
    """Bring the donation."""
    return [Donation()]
