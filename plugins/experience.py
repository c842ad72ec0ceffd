"""An event with a limited number of seats: a tasting, a tour, an evening backstage.

It takes place once, or in several showings of which the member chooses one. A member
may bring guests; every person takes a seat and costs the price once. Seats are kept by
the engine, which reserves them together with the points, never oversells, and keeps a
waiting list. Redeeming ends when booking closes, giving back ends at the cutoff.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from guerdon import (
    Fact,
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    RevocationRefused,
    RewardRequest,
    RewardType,
    Visibility,
    derive_code,
    hookimpl,
)

BIRTH_DATE = "birth_date"
"""Attribute of a member: a date as text, such as 1990-12-31."""


class ExperienceShowing(BaseModel):
    """One time at which the event takes place."""

    code: str = Field(
        pattern="^[a-z0-9]+([-_][a-z0-9]+)*$",
        max_length=50,
        description="What members choose it by, chosen once, for ever.",
    )
    starts_at: AwareDatetime = Field(description="When it starts.")
    ends_at: AwareDatetime | None = Field(default=None, description="When it ends.")
    venue: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Where it takes place, if not where the others do.",
    )
    seats: int = Field(ge=0, le=1_000_000, description="How many people may come.")


class ExperienceConfig(BaseModel):
    """What an operator sets for one event: when it takes place, or its showings."""

    venue: str = Field(
        min_length=1, max_length=200, description="Where it takes place."
    )
    starts_at: AwareDatetime | None = Field(
        default=None, description="When it starts, if there is one time only."
    )
    ends_at: AwareDatetime | None = Field(
        default=None, description="When it ends, if there is one time only."
    )
    seats: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="How many people may come, if there is one time only.",
    )
    showings: list[ExperienceShowing] = Field(
        default=[], max_length=500, description="Times of which the member chooses one."
    )
    maximum_guests: int = Field(
        default=9, ge=0, le=9, description="How many people a member may bring."
    )
    minimum_age: int | None = Field(
        default=None,
        ge=1,
        le=120,
        description="Age in years that a member needs on the day; no limit if none.",
    )
    booking_closes_hours: int = Field(
        default=0,
        ge=0,
        le=8760,
        description="Hours before the start at which redeeming ends.",
    )
    is_cancellable: bool = Field(
        default=True, description="Whether a ticket can be given back for its points."
    )
    cancellation_hours: int = Field(
        default=0,
        ge=0,
        le=8760,
        description="Hours before the start at which giving back ends.",
    )


class ExperienceOptions(BaseModel):
    """What a member chooses when redeeming."""

    showing: str | None = Field(
        default=None,
        max_length=50,
        description="Code of the showing; not needed if there is only one.",
    )
    guests: int = Field(default=0, ge=0, le=9, description="People who come along.")


class ExperienceTicket(BaseModel):
    """What the member gets."""

    ticket: Annotated[str, Visibility.MEMBER] = Field(description="Shown at the door.")
    admits: int = Field(description="How many people it lets in.")
    venue: str = Field(description="Where the event takes place.")
    starts_at: AwareDatetime = Field(description="When the event starts.")
    ends_at: AwareDatetime | None = Field(description="When it ends, if that is known.")
    showing: str | None = Field(description="Code of the showing, if there are more.")


class BookingClosed(BaseModel):
    """It is too late to redeem for this event."""

    closed_at: datetime = Field(description="When booking closed.")
    starts_at: datetime = Field(description="When the event starts.")


class TooManyGuests(BaseModel):
    """The member wants to bring more people than this event allows."""

    maximum_guests: int = Field(description="How many people a member may bring.")


class TooYoung(BaseModel):
    """The member will not be old enough on the day of the event."""

    minimum_age: int = Field(description="Age in years that a member needs.")


class AgeUnknown(BaseModel):
    """The event has a minimum age, and the member's date of birth is not known."""

    minimum_age: int = Field(description="Age in years that a member needs.")


@dataclass(frozen=True, slots=True)
class _Occasion:
    """The event, once."""

    showing: str
    starts_at: datetime
    ends_at: datetime | None
    venue: str


Request = RewardRequest[ExperienceConfig, ExperienceOptions]


class Experience(RewardType[ExperienceConfig, ExperienceOptions, ExperienceTicket]):
    """Seats at an event."""

    code = "experience"
    config, options, fulfillment = ExperienceConfig, ExperienceOptions, ExperienceTicket
    refusals = (BookingClosed, TooManyGuests, TooYoung, AgeUnknown)
    reads_attributes = (BIRTH_DATE,)

    def check(self, config: ExperienceConfig) -> None:
        """Refuse an event without a time, or with times that cannot be."""
        single = (config.starts_at, config.seats)
        if config.showings and any((*single, config.ends_at)):
            raise ValueError("showings: each has its own starts_at, ends_at and seats")
        if not config.showings and not all(single):
            raise ValueError("give either starts_at and seats, or showings")
        codes = [one.code for one in config.showings]
        if len(set(codes)) < len(codes):
            raise ValueError("showings: a code is used twice")
        for occasion in _occasions(config).values():
            if occasion.ends_at is not None and occasion.ends_at <= occasion.starts_at:
                raise ValueError("ends_at: is not after starts_at")
        if config.cancellation_hours and not config.is_cancellable:
            raise ValueError("cancellation_hours: tickets are not cancellable at all")

    def capacity(self, config: ExperienceConfig) -> int | Mapping[str, int] | None:
        """Return the number of seats, for each showing."""
        return {one.code: one.seats for one in config.showings} or config.seats

    def slot(
        self,
        config: ExperienceConfig,
        options: ExperienceOptions,
        attributes: Mapping[str, Fact],
    ) -> str:
        """Return the code of the showing that was chosen; none without."""
        return _chosen(config, options).showing

    def quantity(self, options: ExperienceOptions) -> int:
        """Return the number of people who come."""
        return 1 + options.guests

    def precheck(self, request: Request) -> None:
        """Refuse who comes too late, is too young, or brings too many."""
        config = request.config
        starts_at = _chosen(config, request.options).starts_at
        closed_at = starts_at - timedelta(hours=config.booking_closes_hours)
        if request.requested_at >= closed_at:
            closed = BookingClosed(closed_at=closed_at, starts_at=starts_at)
            raise FulfillmentRefused("booking for this event has closed", closed)
        if request.options.guests > config.maximum_guests:
            many = TooManyGuests(maximum_guests=config.maximum_guests)
            raise FulfillmentRefused("this event allows fewer guests", many)
        if config.minimum_age is not None:
            born = request.attributes.get(BIRTH_DATE)
            _check_age(born, starts_at.date(), config.minimum_age)

    def fulfill(self, request: Request) -> ExperienceTicket:
        """Write the ticket of this token."""
        self.precheck(request)
        occasion = _chosen(request.config, request.options)
        return ExperienceTicket(
            ticket=derive_code(self.code, request.token),
            admits=request.quantity,
            venue=occasion.venue,
            starts_at=occasion.starts_at,
            ends_at=occasion.ends_at,
            showing=occasion.showing or None,
        )

    def probe(self, request: Request) -> Fulfilled[ExperienceTicket] | NotFulfilled:
        """Tell the same ticket: it is there as soon as there is a token."""
        try:
            return Fulfilled(self.fulfill(request))
        except FulfillmentRefused:
            return NotFulfilled()

    def revoke(self, request: Request) -> None:
        """Take the ticket back before the cutoff; the engine frees the seats."""
        config = request.config
        if not config.is_cancellable:
            raise RevocationRefused("tickets for this event cannot be given back")
        starts_at = _chosen(config, request.options).starts_at
        cutoff = starts_at - timedelta(hours=config.cancellation_hours)
        if (request.asked_at or request.requested_at) >= cutoff:
            raise RevocationRefused("it is too late to give the ticket back")


def age_on(day: date, born: date) -> int:
    """Return the age in years on *day*; 29 February is 1 March in common years."""
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (not had_birthday)


def _check_age(born: Fact | None, day: date, minimum_age: int) -> None:
    try:
        age = age_on(day, date.fromisoformat(str(born)))
    except ValueError:
        unknown = AgeUnknown(minimum_age=minimum_age)
        reason = f"from {minimum_age} years, and your date of birth is not known"
        raise FulfillmentRefused(reason, unknown) from None
    if age < minimum_age:
        young = TooYoung(minimum_age=minimum_age)
        raise FulfillmentRefused(f"from {minimum_age} years on the day", young)


def _chosen(config: ExperienceConfig, options: ExperienceOptions) -> _Occasion:
    """Return the occasion that a member chose.

    Raises:
        ValueError: none of the showings was chosen.
    """
    occasions = _occasions(config)
    if options.showing is None and len(occasions) == 1:
        return next(iter(occasions.values()))
    if options.showing is None or options.showing not in occasions:
        codes = ", ".join(one.code for one in config.showings)
        known = codes or "leave it out, since there is one time only"
        raise ValueError(f"showing: choose one of the showings: {known}")
    return occasions[options.showing]


def _occasions(config: ExperienceConfig) -> dict[str, _Occasion]:
    """Return when the event takes place, by showing; without, that is once."""
    if config.starts_at is not None:
        return {"": _Occasion("", config.starts_at, config.ends_at, config.venue)}
    return {
        one.code: _Occasion(
            one.code, one.starts_at, one.ends_at, one.venue or config.venue
        )
        for one in config.showings
    }


@hookimpl
def register_reward_types() -> list[Experience]:
    """Bring the experience."""
    return [Experience()]
