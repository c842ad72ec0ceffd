"""The experience: a seat for everybody who comes, until booking closes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError, InvalidOptionsError
from core.extension import in_place
from core.extension.answers import Fulfilled, NotFulfilled
from core.extension.earning_action import Fact
from core.extension.reward_documents import accept_config, accept_options
from core.extension.reward_type import RewardRequest
from guerdon import FulfillmentRefused, RevocationRefused
from guerdon.testing import Case, RewardTypeContract
from plugins.experience import (
    AgeUnknown,
    BookingClosed,
    Experience,
    ExperienceConfig,
    ExperienceOptions,
    ExperienceShowing,
    ExperienceTicket,
    TooManyGuests,
    TooYoung,
    age_on,
)

STARTS_AT = datetime(2026, 6, 20, 18, tzinfo=UTC)
LATER = datetime(2026, 6, 27, 18, tzinfo=UTC)
WITH_TWO = ExperienceOptions(guests=2)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
TASTING = ExperienceConfig(venue="Old cellar", starts_at=STARTS_AT, seats=50)
FINAL = TASTING.model_copy(update={"is_cancellable": False})
OVER = TASTING.model_copy(update={"starts_at": JUNE})
ADULT = TASTING.model_copy(update={"minimum_age": 18})
QUIET = TASTING.model_copy(update={"maximum_guests": 1})
TOUR = ExperienceConfig(
    venue="Main gate",
    showings=[
        ExperienceShowing(code="early", starts_at=STARTS_AT, ends_at=LATER, seats=2),
        ExperienceShowing(code="late", starts_at=LATER, venue="Side gate", seats=30),
    ],
    booking_closes_hours=48,
    cancellation_hours=24,
)


class TestContract(RewardTypeContract):
    reward_type = Experience()
    config = TASTING
    options = ExperienceOptions(guests=2)
    refused = ((OVER, ExperienceOptions()),)
    refused_early = (Case(OVER, ExperienceOptions()), Case(QUIET, options))


class TestContractOfFinalTickets(RewardTypeContract):
    reward_type = Experience()
    config = FINAL
    options = ExperienceOptions()


class TestContractOfShowings(RewardTypeContract):
    reward_type = Experience()
    config = TOUR
    options = ExperienceOptions(showing="late", guests=9)


class TestContractOfAge(RewardTypeContract):
    reward_type = Experience()
    config = ADULT
    options = ExperienceOptions()
    attributes = {"birth_date": "1990-12-31"}  # noqa: RUF012 - as a partner may write
    refused = (
        Case(ADULT, options),
        Case(ADULT, options, {"birth_date": "2008-06-21"}),
    )
    refused_early = refused


def request(
    config: ExperienceConfig,
    requested_at: datetime = JUNE,
    options: ExperienceOptions = WITH_TWO,
    **attributes: Fact,
) -> RewardRequest[ExperienceConfig, ExperienceOptions]:
    return RewardRequest(
        token="a-secret",
        member_id="mbr_0000000000000001",
        config=config,
        options=options,
        quantity=1 + options.guests,
        requested_at=requested_at,
        attributes=attributes,
    )


def test_ticket_admits_everybody_who_was_paid_for() -> None:
    ticket = Experience().fulfill(request(TASTING))

    assert ticket == ExperienceTicket(
        ticket="HW0Q-D5P5-YHR4-FQN5",
        admits=3,
        venue="Old cellar",
        starts_at=STARTS_AT,
        ends_at=None,
        showing=None,
    )


@pytest.mark.parametrize(
    ("showing", "venue", "starts_at", "ends_at"),
    [
        ("early", "Main gate", STARTS_AT, LATER),
        ("late", "Side gate", LATER, None),
    ],
)
def test_ticket_is_for_the_chosen_showing(
    showing: str, venue: str, starts_at: datetime, ends_at: datetime | None
) -> None:
    options = ExperienceOptions(showing=showing)

    ticket = Experience().fulfill(request(TOUR, options=options))

    assert ticket == ExperienceTicket(
        ticket="HW0Q-D5P5-YHR4-FQN5",
        admits=1,
        venue=venue,
        starts_at=starts_at,
        ends_at=ends_at,
        showing=showing,
    )


def test_guests_take_seats_too() -> None:
    assert in_place.quantity(Experience(), ExperienceOptions(guests=2)) == 3


def test_each_showing_has_seats_of_its_own() -> None:
    late = ExperienceOptions(showing="late")

    assert Experience().capacity(TOUR) == {"early": 2, "late": 30}
    assert in_place.slot(Experience(), TOUR, late, {}) == "late"
    assert Experience().capacity(TASTING) == 50
    assert in_place.slot(Experience(), TASTING, ExperienceOptions(), {}) == ""


def test_only_showing_need_not_be_chosen() -> None:
    single = TOUR.model_copy(update={"showings": TOUR.showings[:1]})

    assert in_place.slot(Experience(), single, ExperienceOptions(), {}) == "early"


@pytest.mark.parametrize(
    ("config", "showing", "reason"),
    [
        (TOUR, None, "showing: choose one of the showings: early, late"),
        (TOUR, "noon", "showing: choose one of the showings: early, late"),
        (TASTING, "late", "showing: choose one of the showings: leave it out, since"),
    ],
)
def test_showing_must_be_one_of_them(
    config: ExperienceConfig, showing: str | None, reason: str
) -> None:
    options = ExperienceOptions(showing=showing)

    with pytest.raises(InvalidOptionsError) as caught:
        in_place.slot(Experience(), config, options, {})

    assert caught.value.reason.startswith(reason)


def test_event_that_has_started_is_refused() -> None:
    late = request(TASTING, requested_at=STARTS_AT)

    with pytest.raises(FulfillmentRefused, match="booking for this event") as caught:
        Experience().fulfill(late)

    assert caught.value.detail == BookingClosed(
        closed_at=STARTS_AT, starts_at=STARTS_AT
    )
    assert Experience().probe(late) == NotFulfilled()


def test_last_moment_is_accepted() -> None:
    moment = datetime(2026, 6, 20, 17, 59, 59, 999_999, tzinfo=UTC)

    answer = Experience().probe(request(TASTING, requested_at=moment))

    assert isinstance(answer, Fulfilled)


def test_booking_closes_before_the_chosen_showing() -> None:
    closed_at = datetime(2026, 6, 18, 18, tzinfo=UTC)
    early = request(TOUR, closed_at, ExperienceOptions(showing="early"))
    late = request(TOUR, closed_at, ExperienceOptions(showing="late"))

    with pytest.raises(FulfillmentRefused) as caught:
        Experience().precheck(early)

    assert caught.value.detail == BookingClosed(
        closed_at=closed_at, starts_at=STARTS_AT
    )
    Experience().precheck(late)
    Experience().precheck(
        replace(early, requested_at=closed_at - timedelta(microseconds=1))
    )


def test_guests_are_limited_by_the_event() -> None:
    with pytest.raises(FulfillmentRefused) as caught:
        Experience().precheck(request(QUIET))

    assert caught.value.detail == TooManyGuests(maximum_guests=1)
    Experience().precheck(request(QUIET, options=ExperienceOptions(guests=1)))


def test_member_must_be_old_enough_on_the_day() -> None:
    Experience().precheck(request(ADULT, birth_date="2008-06-20"))
    with pytest.raises(FulfillmentRefused, match="from 18 years on the day") as caught:
        Experience().precheck(request(ADULT, birth_date="2008-06-21"))

    assert caught.value.detail == TooYoung(minimum_age=18)


@pytest.mark.parametrize("known", [{}, {"birth_date": "soon"}, {"birth_date": True}])
def test_age_that_is_not_known_is_refused(known: dict[str, Fact]) -> None:
    with pytest.raises(FulfillmentRefused, match="is not known") as caught:
        Experience().precheck(request(ADULT, **known))

    assert caught.value.detail == AgeUnknown(minimum_age=18)


def test_event_for_all_ages_asks_for_none() -> None:
    assert isinstance(Experience().probe(request(TASTING)), Fulfilled)


@pytest.mark.parametrize(
    ("day", "age"),
    [(date(2026, 2, 28), 17), (date(2026, 3, 1), 18), (date(2028, 2, 29), 20)],
)
def test_leap_day_is_the_first_of_march_in_common_years(day: date, age: int) -> None:
    assert age_on(day, date(2008, 2, 29)) == age


@given(born=st.dates(date(1900, 1, 1), date(2050, 1, 1)), days=st.integers(0, 40_000))
def test_age_never_falls_and_grows_once_a_year(born: date, days: int) -> None:
    day = born + timedelta(days=days)
    age, next_day = age_on(day, born), age_on(day + timedelta(days=1), born)

    assert next_day in {age, age + 1}
    assert age * 365.2425 - 2 <= days < (age + 1) * 365.2425 + 2


def revoke(config: ExperienceConfig, asked_at: datetime | None) -> None:
    wish = request(config, options=ExperienceOptions())
    Experience().revoke(replace(wish, asked_at=asked_at))


def test_final_ticket_is_not_taken_back() -> None:
    with pytest.raises(RevocationRefused, match="cannot be given back"):
        revoke(FINAL, JUNE)


def test_ticket_is_taken_back_before_the_cutoff() -> None:
    cutoff = datetime(2026, 6, 19, 18, tzinfo=UTC)
    config = TASTING.model_copy(update={"cancellation_hours": 24})

    revoke(config, cutoff - timedelta(microseconds=1))
    with pytest.raises(RevocationRefused, match="too late to give the ticket back"):
        revoke(config, cutoff)


def test_ticket_is_not_taken_back_once_it_started() -> None:
    revoke(TASTING, STARTS_AT - timedelta(microseconds=1))
    with pytest.raises(RevocationRefused, match="too late to give the ticket back"):
        revoke(TASTING, STARTS_AT)


@pytest.mark.parametrize("guests", [-1, 10])
def test_number_of_guests_has_limits(guests: int) -> None:
    with pytest.raises(InvalidOptionsError) as caught:
        accept_options(Experience(), {"guests": guests})

    assert caught.value.field == "guests"


ONCE: dict[str, Any] = {"venue": "Old cellar", "starts_at": STARTS_AT, "seats": 50}
SHOWING = {"code": "a", "starts_at": STARTS_AT, "seats": 5}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"seats": 0}, "seats: Input should be greater than or equal to 1"),
        ({"starts_at": "2026-06-20T18:00:00"}, "starts_at: Input should have timezone"),
        ({"venue": ""}, "venue: String should have at least 1 character"),
        ({"seats": None}, "give either starts_at and seats, or showings"),
        ({"showings": [SHOWING]}, "showings: each has its own starts_at, ends_at"),
        ({"ends_at": STARTS_AT}, "ends_at: is not after starts_at"),
        (
            {"is_cancellable": False, "cancellation_hours": 1},
            "cancellation_hours: tickets are not cancellable at all",
        ),
        (
            {"starts_at": None, "seats": None, "showings": [SHOWING, SHOWING]},
            "showings: a code is used twice",
        ),
        (
            {
                "starts_at": None,
                "seats": None,
                "showings": [SHOWING | {"ends_at": JUNE}],
            },
            "ends_at: is not after starts_at",
        ),
    ],
)
def test_config_must_make_sense(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        accept_config(Experience(), ONCE | values)
