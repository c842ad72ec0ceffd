"""The reward type: a visit to one lounge."""

from collections.abc import Mapping
from typing import Any

from acme_lounge.desk import Booking, Desk, EnteredError, FullyBookedError, State
from acme_lounge.models import (
    Closed,
    FullyBooked,
    LoungeConfig,
    LoungeOptions,
    LoungePass,
    Meal,
    TooYoung,
)
from guerdon import (
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    Probed,
    RevocationRefused,
    RewardRequest,
    RewardType,
    Unknown,
)

Request = RewardRequest[LoungeConfig, LoungeOptions]


class Lounge(RewardType[LoungeConfig, LoungeOptions, LoungePass]):
    """A visit to an airport lounge."""

    code = "lounge"
    config, options, fulfillment = LoungeConfig, LoungeOptions, LoungePass
    refusals = (TooYoung, Closed, FullyBooked)
    reads_attributes = ("age",)
    review_after_hours = 2.0

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def check(self, config: LoungeConfig) -> None:
        """Refuse a season that ends before it begins."""
        if config.open_until < config.open_from:
            raise ValueError("open_until is before open_from")

    def quantity(self, options: LoungeOptions) -> int:
        """Charge the member and each guest."""
        return 1 + len(options.guests)

    def precheck(self, request: Request) -> None:
        """Look at the age, the season and the menu, before points are set aside."""
        config, options = request.config, request.options
        age = request.attributes.get("age")
        if isinstance(age, int) and age < config.minimum_age:
            detail = TooYoung(minimum_age=config.minimum_age)
            raise FulfillmentRefused("you are too young for this lounge", detail)
        if not config.open_from <= options.visit_on <= config.open_until:
            season = Closed(open_from=config.open_from, open_until=config.open_until)
            raise FulfillmentRefused("the lounge is closed on that day", season)
        if options.meal not in {Meal.NONE, *config.meals}:
            raise FulfillmentRefused(f"there is no {options.meal} in this lounge")

    def fulfill(self, request: Request) -> LoungePass | Unknown:
        """Book; the desk knows the token, so that a second call books nothing."""
        visit = request.options.model_dump(mode="json")
        airport = request.config.airport
        try:
            booking = self._desk.book(request.token, {**visit, "airport": airport})
        except FullyBookedError as error:
            detail = FullyBooked(next_free_on=error.next_free_on)
            raise FulfillmentRefused("there is no room on that day", detail) from error
        if booking.state is State.DECLINED:
            raise FulfillmentRefused("the kitchen is closed on that day")
        answer = _answer(request, booking)
        return answer.fulfillment if isinstance(answer, Fulfilled) else Unknown()

    def probe(self, request: Request) -> Probed[LoungePass]:
        """Ask the desk what it has."""
        booking = self._desk.find(request.token)
        return NotFulfilled() if booking is None else _answer(request, booking)

    def receive(
        self, request: Request, message: Mapping[str, Any]
    ) -> Probed[LoungePass]:
        """Take the kitchen's no; whatever else is told is looked up."""
        if message.get("state") == State.DECLINED:
            raise FulfillmentRefused("the kitchen is closed on that day")
        return self.probe(request)

    def revoke(self, request: Request) -> None:
        """Call it off, unless the member has been there."""
        try:
            self._desk.cancel(request.token)
        except EnteredError as error:
            raise RevocationRefused("the visit has taken place") from error


def _answer(request: Request, booking: Booking) -> Probed[LoungePass]:
    """Return what a booking says of the reward."""
    if booking.state is State.PENDING:
        return Unknown()
    if booking.state is not State.CONFIRMED:
        return NotFulfilled()
    return Fulfilled(
        LoungePass(
            code=booking.code,
            visit_on=request.options.visit_on,
            valid_until=booking.valid_until,
            worth=booking.worth,
            visitors=request.quantity,
        )
    )
