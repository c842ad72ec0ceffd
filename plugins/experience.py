"""An event with a limited number of seats: a tasting, a tour, an evening backstage.

A member may bring guests; every person takes a seat and costs the price once. Seats are
kept by the engine, which reserves them together with the points and never oversells.
Redeeming ends when the event starts.
"""

from pydantic import AwareDatetime, BaseModel, Field

from guerdon import (
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    RevocationRefused,
    RewardRequest,
    RewardType,
    derive_code,
    hookimpl,
)


class ExperienceConfig(BaseModel):
    """What an operator sets for one event."""

    venue: str = Field(
        min_length=1, max_length=200, description="Where it takes place."
    )
    starts_at: AwareDatetime = Field(description="When it starts.")
    seats: int = Field(ge=1, le=1_000_000, description="How many people may come.")
    is_cancellable: bool = Field(
        default=True, description="Whether a ticket can be given back for its points."
    )


class ExperienceOptions(BaseModel):
    """What a member chooses when redeeming."""

    guests: int = Field(
        default=0, ge=0, le=9, description="People who come along with the member."
    )


class ExperienceTicket(BaseModel):
    """What the member gets."""

    ticket: str = Field(description="Shown at the door.")
    admits: int = Field(description="How many people it lets in.")
    starts_at: AwareDatetime = Field(description="When the event starts.")


Request = RewardRequest[ExperienceConfig, ExperienceOptions]


class Experience(RewardType[ExperienceConfig, ExperienceOptions, ExperienceTicket]):
    """Seats at an event."""

    code = "experience"
    config, options, fulfillment = ExperienceConfig, ExperienceOptions, ExperienceTicket

    def capacity(self, config: ExperienceConfig) -> int:
        """Return the number of seats."""
        return config.seats

    def quantity(self, options: ExperienceOptions) -> int:
        """Return the number of people who come."""
        return 1 + options.guests

    def fulfill(self, request: Request) -> ExperienceTicket:
        """Write the ticket of this token."""
        if request.requested_at >= request.config.starts_at:
            raise FulfillmentRefused("the event has started")
        return ExperienceTicket(
            ticket=derive_code(self.code, request.token),
            admits=request.quantity,
            starts_at=request.config.starts_at,
        )

    def probe(self, request: Request) -> Fulfilled[ExperienceTicket] | NotFulfilled:
        """Tell the same ticket: it is there as soon as there is a token."""
        try:
            return Fulfilled(self.fulfill(request))
        except FulfillmentRefused:
            return NotFulfilled()

    def revoke(self, request: Request) -> None:
        """Take the ticket back; the engine frees the seats."""
        if not request.config.is_cancellable:
            raise RevocationRefused("tickets for this event cannot be given back")


@hookimpl
def register_reward_types() -> list[Experience]:
    """Bring the experience."""
    return [Experience()]
