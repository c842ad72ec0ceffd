"""The experience: a seat for everybody who comes, while the event has not started."""

from datetime import UTC, datetime

import pytest

from core.errors import ConfigurationError, InvalidOptionsError
from core.extension import in_place
from core.extension.answers import Fulfilled, NotFulfilled
from core.extension.reward_documents import accept_config, accept_options
from core.extension.reward_type import RewardRequest
from guerdon import FulfillmentRefused, RevocationRefused
from guerdon.testing import RewardTypeContract
from plugins.experience import (
    Experience,
    ExperienceConfig,
    ExperienceOptions,
    ExperienceTicket,
)

STARTS_AT = datetime(2026, 6, 20, 18, tzinfo=UTC)
TASTING = ExperienceConfig(venue="Old cellar", starts_at=STARTS_AT, seats=50)
FINAL = TASTING.model_copy(update={"is_cancellable": False})
OVER = TASTING.model_copy(update={"starts_at": datetime(2026, 6, 1, tzinfo=UTC)})


class TestContract(RewardTypeContract):
    reward_type = Experience()
    config = TASTING
    options = ExperienceOptions(guests=2)
    refused = ((OVER, ExperienceOptions()),)


class TestContractOfFinalTickets(RewardTypeContract):
    reward_type = Experience()
    config = FINAL
    options = ExperienceOptions()


def request(
    config: ExperienceConfig, requested_at: datetime = datetime(2026, 6, 1, tzinfo=UTC)
) -> RewardRequest[ExperienceConfig, ExperienceOptions]:
    return RewardRequest(
        token="a-secret",
        member_id="mbr_0000000000000001",
        config=config,
        options=ExperienceOptions(guests=2),
        quantity=3,
        requested_at=requested_at,
    )


def test_ticket_admits_everybody_who_was_paid_for() -> None:
    ticket = Experience().fulfill(request(TASTING))

    assert ticket == ExperienceTicket(
        ticket="HW0Q-D5P5-YHR4-FQN5", admits=3, starts_at=STARTS_AT
    )


def test_guests_take_seats_too() -> None:
    assert in_place.quantity(Experience(), ExperienceOptions(guests=2)) == 3
    assert in_place.capacity(Experience(), TASTING) == 50


def test_event_that_has_started_is_refused() -> None:
    late = request(TASTING, requested_at=STARTS_AT)

    with pytest.raises(FulfillmentRefused, match="the event has started"):
        Experience().fulfill(late)
    assert Experience().probe(late) == NotFulfilled()


def test_last_moment_is_accepted() -> None:
    moment = datetime(2026, 6, 20, 17, 59, 59, 999_999, tzinfo=UTC)

    answer = Experience().probe(request(TASTING, requested_at=moment))

    assert isinstance(answer, Fulfilled)


def test_final_ticket_is_not_taken_back() -> None:
    with pytest.raises(RevocationRefused, match="cannot be given back"):
        Experience().revoke(request(FINAL))


@pytest.mark.parametrize("guests", [-1, 10])
def test_number_of_guests_has_limits(guests: int) -> None:
    with pytest.raises(InvalidOptionsError) as caught:
        accept_options(Experience(), {"guests": guests})

    assert caught.value.field == "guests"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("seats", 0, "seats: Input should be greater than or equal to 1"),
        ("starts_at", "2026-06-20T18:00:00", "starts_at: Input should have timezone"),
        ("venue", "", "venue: String should have at least 1 character"),
    ],
)
def test_config_must_make_sense(field: str, value: object, reason: str) -> None:
    values = {"venue": "Old cellar", "starts_at": STARTS_AT, "seats": 50, field: value}

    with pytest.raises(ConfigurationError, match=reason):
        accept_config(Experience(), values)
