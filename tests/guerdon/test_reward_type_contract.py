"""The kit for reward types finds the mistakes that it is there for."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, Field

from guerdon import (
    Fact,
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    Part,
    PartlyFulfilled,
    Probed,
    RevocationRefused,
    RewardRequest,
    RewardType,
    Stored,
    Unknown,
)
from guerdon.testing import Case, RewardTypeContract


class Config(BaseModel):
    place: str = Field(description="Where.")


class Card(BaseModel):
    number: str = Field(description="Number of the card.")
    made_at: datetime | None = Field(default=None, description="When it was made.")


Request = RewardRequest[Config, None]


class Issuer:
    """Hands out one card for each token, and counts."""

    def __init__(self) -> None:
        self.cards: dict[str, list[Card]] = {}
        self.lock = threading.Lock()

    def issue(self, token: str) -> Card:
        card = Card(number=f"C-{len(self.cards) + 1}")
        self.cards.setdefault(token, []).append(card)
        return card


class GiftCard(RewardType[Config, None, Card]):
    """A correct reward type; each test breaks one thing of it."""

    code = "gift_card"
    config, options, fulfillment = Config, None, Card

    def __init__(self) -> None:
        self.issuer = Issuer()

    def fulfill(self, request: Request) -> Card:
        if request.config.place == "closed":
            raise FulfillmentRefused("closed")
        with self.issuer.lock:
            earlier = self.issuer.cards.get(request.token)
            return earlier[0] if earlier else self.issuer.issue(request.token)

    def probe(self, request: Request) -> Probed[Card]:
        cards = self.issuer.cards.get(request.token)
        return Fulfilled(cards[0]) if cards else NotFulfilled()

    def revoke(self, request: Request) -> None:
        if request.config.place == "final":
            raise RevocationRefused("final")


def contract_of(gift_card: GiftCard) -> RewardTypeContract:
    class Contract(RewardTypeContract):
        reward_type = gift_card
        config = Config(place="Graz")
        refused = ((Config(place="closed"), None),)

        def effects(self, token: str) -> int:
            return len(gift_card.issuer.cards.get(token, []))

    return Contract()


def collected(contract: RewardTypeContract) -> dict[str, Callable[[], None]]:
    names = [name for name in dir(contract) if name.startswith("test_")]
    return {name: getattr(contract, name) for name in names}


def failures(contract: RewardTypeContract) -> set[str]:
    failed = set()
    for name, test in collected(contract).items():
        try:
            test()
        except Exception:  # noqa: BLE001 - whatever pytest would show as a failure
            failed.add(name)
    return failed


def test_correct_reward_type_passes() -> None:
    contract = contract_of(GiftCard())

    assert failures(contract) == set()
    assert len(collected(contract)) == 24


def test_second_effect_is_found() -> None:
    class Forgetful(GiftCard):
        def fulfill(self, request: Request) -> Card:
            if request.config.place == "closed":
                raise FulfillmentRefused("closed")
            return self.issuer.issue(request.token)

    assert {
        "test_asking_again_changes_nothing",
        "test_parallel_calls_have_one_effect",
    } <= failures(contract_of(Forgetful()))


def test_hidden_second_effect_is_found_by_counting() -> None:
    class Hiding(GiftCard):
        def fulfill(self, request: Request) -> Card:
            first = super().fulfill(request)
            self.issuer.issue(request.token)
            return first

    assert "test_asking_again_changes_nothing" in failures(contract_of(Hiding()))


def test_race_is_found() -> None:
    class Racing(GiftCard):
        def fulfill(self, request: Request) -> Card:
            if request.config.place == "closed":
                raise FulfillmentRefused("closed")
            earlier = self.issuer.cards.get(request.token)
            time.sleep(0.01)
            return earlier[0] if earlier else self.issuer.issue(request.token)

    assert failures(contract_of(Racing())) == {"test_parallel_calls_have_one_effect"}


def test_lying_probe_is_found() -> None:
    class Lying(GiftCard):
        def probe(self, request: Request) -> Probed[Card]:
            return NotFulfilled()

    assert failures(contract_of(Lying())) == {
        "test_crash_after_success_is_found_by_probe"
    }


def test_probe_with_an_effect_is_found() -> None:
    class Buying(GiftCard):
        def probe(self, request: Request) -> Probed[Card]:
            return Fulfilled(self.fulfill(request))

    assert "test_probe_has_no_effect" in failures(contract_of(Buying()))


def test_unclear_refusal_is_found() -> None:
    class Unclear(GiftCard):
        def fulfill(self, request: Request) -> Card:
            if request.config.place == "closed":
                raise RuntimeError("closed")
            return super().fulfill(request)

    assert failures(contract_of(Unclear())) == {"test_refusals_are_refusals"}


def test_second_revocation_that_fails_is_found() -> None:
    class Once(GiftCard):
        def revoke(self, request: Request) -> None:
            del self.issuer.cards[request.token]

    assert failures(contract_of(Once())) == {"test_revoking_twice_is_revoking_once"}


def test_slow_fulfillment_is_found() -> None:
    class Slow(GiftCard):
        deadline_seconds = 0.01

        def fulfill(self, request: Request) -> Card:
            time.sleep(0.05)
            return super().fulfill(request)

    assert "test_fulfillment_survives_storage" in failures(contract_of(Slow()))


def test_instant_without_zone_is_found() -> None:
    class Zoneless(GiftCard):
        def fulfill(self, request: Request) -> Card:
            card = super().fulfill(request)
            return card.model_copy(update={"made_at": datetime(2026, 6, 1)})  # noqa: DTZ001

    assert "test_fulfillment_survives_storage" in failures(contract_of(Zoneless()))


def test_undescribed_field_is_found() -> None:
    class Bare(BaseModel):
        number: str

    class Undescribed(GiftCard):
        fulfillment = Bare  # type: ignore[assignment]

    assert "test_loads" in failures(contract_of(Undescribed()))


def test_version_without_samples_is_found() -> None:
    class Second(GiftCard):
        version = 2

    assert failures(contract_of(Second())) == {"test_old_documents_are_upgraded"}


def test_samples_of_earlier_versions_are_read() -> None:
    class Second(GiftCard):
        version = 2

        def upgrade(self, old: Stored) -> dict[str, Any]:
            return {"place": old.document["town"]}

    class Contract(RewardTypeContract):
        reward_type = Second()
        config = Config(place="Graz")
        stored = (Stored(Part.CONFIG, 1, {"town": "Graz"}),)

    assert failures(Contract()) == set()


@pytest.mark.parametrize("instant", [datetime(2030, 1, 1, tzinfo=UTC)])
def test_instant_of_the_request_can_be_chosen(instant: datetime) -> None:
    seen = []

    class Looking(GiftCard):
        def fulfill(self, request: Request) -> Card:
            seen.append(request.requested_at)
            return super().fulfill(request)

    class Contract(RewardTypeContract):
        reward_type = Looking()
        config = Config(place="Graz")
        requested_at = instant

    Contract().test_fulfillment_survives_storage()

    assert seen == [instant]


class TourConfig(BaseModel):
    days: list[str] = Field(description="When it takes place.")
    places: int = Field(default=5, description="Places on each day.")
    is_pooled: bool = Field(default=False, description="Whether tickets are loaded.")


class TourOptions(BaseModel):
    day: str | None = Field(default=None, description="The day that was chosen.")
    people: int = Field(default=1, description="Who come.")


class Tickets(BaseModel):
    tickets: list[str] = Field(description="One for each person.")
    seat: str | None = Field(default=None, description="Where the first one sits.")


class DaysLeft(BaseModel):
    days: list[str] = Field(description="When there are places.")


class Undeclared(BaseModel):
    days: list[str] = Field(description="When there are places.")


TourRequest = RewardRequest[TourConfig, TourOptions]


class Tour(RewardType[TourConfig, TourOptions, Tickets]):
    """Correct, with slots, codes, prechecks, messages; each test breaks one of them.

    Of more than three people it takes three. Whom the guide knows late, a message
    tells the seat.
    """

    code = "tour"
    config, options, fulfillment = TourConfig, TourOptions, Tickets
    refusals = (DaysLeft,)
    reads_attributes = ("day", "is_late")

    def __init__(self) -> None:
        self.booked: list[str] = []

    def capacity(self, config: TourConfig) -> Mapping[str, int] | None:
        return None if config.is_pooled else dict.fromkeys(config.days, config.places)

    def uses_codes(self, config: TourConfig) -> bool:
        return config.is_pooled

    def quantity(self, options: TourOptions) -> int:
        return options.people

    def slot(
        self, config: TourConfig, options: TourOptions, attributes: Mapping[str, Fact]
    ) -> str:
        day = options.day or attributes.get("day")
        if day is None:
            raise ValueError("choose a day")
        return str(day)

    def precheck(self, request: TourRequest) -> None:
        if request.slot not in request.config.days:
            detail = DaysLeft(days=request.config.days)
            raise FulfillmentRefused("not on this day", detail)

    def fulfill(
        self, request: TourRequest
    ) -> Tickets | PartlyFulfilled[Tickets] | Unknown:
        Tour.precheck(self, request)
        if request.token not in self.booked:
            self.booked.append(request.token)
        if request.attributes.get("is_late"):
            return Unknown()
        people = min(request.quantity, 3)
        tickets = self.tickets(request, people)
        return tickets if people == request.quantity else self.part(tickets, people)

    def tickets(self, request: TourRequest, people: int) -> Tickets:
        made = [f"{request.token[:4]}-{n}" for n in range(people)]
        return Tickets(tickets=list(request.codes) or made)

    def part(self, tickets: Tickets, people: int) -> PartlyFulfilled[Tickets]:
        return PartlyFulfilled(tickets, people)

    def probe(self, request: TourRequest) -> Probed[Tickets]:
        if request.token not in self.booked:
            return NotFulfilled()
        answer = self.fulfill(request)
        return Fulfilled(answer) if isinstance(answer, Tickets) else answer

    def receive(
        self, request: TourRequest, message: Mapping[str, Any]
    ) -> Probed[Tickets]:
        if "seat" not in message or not request.attributes.get("is_late"):
            return self.probe(request)
        tickets = self.tickets(request, request.quantity)
        return Fulfilled(tickets.model_copy(update={"seat": message["seat"]}))

    def revoke(self, request: TourRequest) -> None:
        return None


DAYS = ["mon", "tue"]


def contract_of_tour(tour: Tour, **samples: object) -> RewardTypeContract:
    class Contract(RewardTypeContract):
        reward_type = tour
        config = TourConfig(days=DAYS)
        options = TourOptions(people=2)
        attributes = {"day": "mon"}  # noqa: RUF012 - as a partner may write it
        refused_early = (Case(config, TourOptions(day="sun")),)
        partly = (Case(config, TourOptions(day="tue", people=5)),)
        late = (Case(config, TourOptions(day="tue"), {"is_late": True}),)

        def messages(self, request: TourRequest) -> Sequence[Mapping[str, Any]]:
            return ({"seat": "A1"},)

        def effects(self, token: str) -> int:
            return tour.booked.count(token)

    for name, value in samples.items():
        setattr(Contract, name, value)
    return Contract()


POOLED = TourConfig(days=DAYS, is_pooled=True)


def test_correct_tour_passes() -> None:
    assert failures(contract_of_tour(Tour())) == set()
    assert failures(contract_of_tour(Tour(), config=POOLED)) == set()


def test_precheck_that_refuses_the_sample_is_found() -> None:
    class Closed(Tour):
        def precheck(self, request: TourRequest) -> None:
            raise FulfillmentRefused("closed")

    assert failures(contract_of_tour(Closed())) == {
        "test_precheck_lets_the_sample_pass"
    }


def test_precheck_with_an_effect_is_found() -> None:
    class Booking(Tour):
        def precheck(self, request: TourRequest) -> None:
            super().precheck(request)
            self.booked.append(request.token)

    assert failures(contract_of_tour(Booking())) == {
        "test_precheck_lets_the_sample_pass",
        "test_precheck_refuses_and_nothing_else",
    }


def test_precheck_that_raises_something_else_is_found() -> None:
    class Raising(Tour):
        def precheck(self, request: TourRequest) -> None:
            if request.slot not in request.config.days:
                raise LookupError(request.slot)

    assert failures(contract_of_tour(Raising())) == {
        "test_precheck_refuses_and_nothing_else"
    }


def test_precheck_that_forgets_to_refuse_is_found() -> None:
    class Generous(Tour):
        def precheck(self, request: TourRequest) -> None:
            return None

    assert failures(contract_of_tour(Generous())) == {
        "test_precheck_refuses_and_nothing_else"
    }


def test_precheck_that_needs_a_token_is_found() -> None:
    class Impatient(Tour):
        def precheck(self, request: TourRequest) -> None:
            assert request.token

    assert "test_precheck_lets_the_sample_pass" in failures(
        contract_of_tour(Impatient())
    )


def test_undeclared_detail_is_found() -> None:
    class Surprising(Tour):
        def precheck(self, request: TourRequest) -> None:
            if request.slot not in request.config.days:
                raise FulfillmentRefused("not then", Undeclared(days=DAYS))

    assert failures(contract_of_tour(Surprising())) == {
        "test_details_of_refusals_are_declared"
    }


def test_refusal_without_a_reason_is_found() -> None:
    class Curt(Tour):
        def precheck(self, request: TourRequest) -> None:
            if request.slot not in request.config.days:
                raise FulfillmentRefused(" ")

    assert failures(contract_of_tour(Curt())) == {
        "test_details_of_refusals_are_declared"
    }


def test_detail_without_description_is_found() -> None:
    class Bare(BaseModel):
        day: str

    class Undescribed(Tour):
        refusals = (DaysLeft, Bare)

    assert "test_refusals_can_be_published" in failures(contract_of_tour(Undescribed()))


def test_slot_without_units_is_found() -> None:
    class Elsewhere(Tour):
        def capacity(self, config: TourConfig) -> Mapping[str, int] | None:
            return {"sat": 5}

    assert failures(contract_of_tour(Elsewhere())) == {
        "test_slot_is_one_of_the_capacity"
    }


def test_slot_that_moves_is_found() -> None:
    class Moving(Tour):
        asked = 0

        def slot(
            self,
            config: TourConfig,
            options: TourOptions,
            attributes: Mapping[str, Fact],
        ) -> str:
            self.asked += 1
            return DAYS[self.asked % 2]

    found = failures(contract_of_tour(Moving(), refused_early=()))
    assert found == {"test_slot_is_one_of_the_capacity"}


def test_units_that_are_not_whole_are_found() -> None:
    class Negative(Tour):
        def capacity(self, config: TourConfig) -> Mapping[str, int] | None:
            return {"mon": -1, "tue": 5}

    assert "test_units_are_whole" in failures(contract_of_tour(Negative()))


def test_code_that_is_not_handed_out_is_found() -> None:
    class Thrifty(Tour):
        def tickets(self, request: TourRequest, people: int) -> Tickets:
            return Tickets(tickets=list(request.codes)[:1])

    found = failures(contract_of_tour(Thrifty(), config=POOLED))
    assert found == {"test_codes_of_the_pool_are_handed_out"}


def test_capacity_beside_a_pool_is_found() -> None:
    class Both(Tour):
        def capacity(self, config: TourConfig) -> Mapping[str, int] | None:
            return {"mon": 5, "tue": 5}

    found = failures(contract_of_tour(Both(), config=POOLED))
    assert found == {"test_codes_of_the_pool_are_handed_out"}


@pytest.mark.parametrize("units", [0, 5, 6])
def test_part_that_is_no_part_is_found(units: int) -> None:
    class Miscounting(Tour):
        def part(self, tickets: Tickets, people: int) -> PartlyFulfilled[Tickets]:
            return PartlyFulfilled(tickets, units)

    assert "test_part_stays_the_same_part" in failures(contract_of_tour(Miscounting()))


def test_part_that_changes_is_found() -> None:
    class Searching(Tour):
        searched = 0

        def part(self, tickets: Tickets, people: int) -> PartlyFulfilled[Tickets]:
            self.searched += 1
            return PartlyFulfilled(tickets, 1 + self.searched % 4)

    assert "test_part_stays_the_same_part" in failures(contract_of_tour(Searching()))


def test_reward_type_that_needs_an_attribute_is_found() -> None:
    class Nosy(Tour):
        def slot(
            self,
            config: TourConfig,
            options: TourOptions,
            attributes: Mapping[str, Fact],
        ) -> str:
            return options.day or "mon"

        def fulfill(
            self, request: TourRequest
        ) -> Tickets | PartlyFulfilled[Tickets] | Unknown:
            assert request.attributes
            return super().fulfill(request)

    assert "test_unknown_attributes_are_no_fault" in failures(contract_of_tour(Nosy()))


def test_attribute_that_is_not_read_is_found() -> None:
    contract = contract_of_tour(Tour(), attributes={"day": "mon", "shoe_size": 42})

    assert failures(contract) == {"test_unknown_attributes_are_no_fault"}


def test_message_that_contradicts_is_found() -> None:
    class Contradicting(Tour):
        def receive(
            self, request: TourRequest, message: Mapping[str, Any]
        ) -> Probed[Tickets]:
            return Fulfilled(Tickets(tickets=["other"], seat=message.get("seat")))

    assert "test_messages_agree_with_calls" in failures(
        contract_of_tour(Contradicting())
    )


def test_message_that_has_an_effect_is_found() -> None:
    class Obeying(Tour):
        def receive(
            self, request: TourRequest, message: Mapping[str, Any]
        ) -> Probed[Tickets]:
            self.booked.append(request.token)
            return super().receive(request, message)

    assert {
        "test_message_has_no_effect_of_its_own",
        "test_messages_agree_with_calls",
    } <= failures(contract_of_tour(Obeying()))


def test_message_that_is_read_only_once_is_found() -> None:
    class Once(Tour):
        def __init__(self) -> None:
            super().__init__()
            self.seen: set[tuple[str, str]] = set()

        def receive(
            self, request: TourRequest, message: Mapping[str, Any]
        ) -> Probed[Tickets]:
            seen = (request.token, str(message))
            if seen in self.seen:
                return NotFulfilled()
            self.seen.add(seen)
            return Unknown()

    assert "test_message_repeats_its_answer" in failures(contract_of_tour(Once()))


def test_message_that_is_not_understood_is_found() -> None:
    class Strict(Tour):
        def receive(
            self, request: TourRequest, message: Mapping[str, Any]
        ) -> Probed[Tickets]:
            return super().receive(request, {"seat": message["seat"]})

    assert "test_message_repeats_its_answer" in failures(contract_of_tour(Strict()))


def test_late_answer_that_never_comes_is_found() -> None:
    class Silent(Tour):
        def receive(
            self, request: TourRequest, message: Mapping[str, Any]
        ) -> Probed[Tickets]:
            return self.probe(request)

    assert failures(contract_of_tour(Silent())) == {
        "test_late_answers_come_by_message",
        "test_messages_agree_with_calls",
    }


def test_revocation_that_changes_its_mind_is_found() -> None:
    class Wavering(Tour):
        asked = 0

        def revoke(self, request: TourRequest) -> None:
            self.asked += 1
            if self.asked == 3:
                raise RevocationRefused("no more")

    assert failures(contract_of_tour(Wavering())) == {
        "test_revoking_twice_is_revoking_once"
    }


@pytest.mark.parametrize(
    ("method", "test"),
    [
        ("precheck", "test_precheck_lets_the_sample_pass"),
        ("probe", "test_crash_after_success_is_found_by_probe"),
        ("receive", "test_message_repeats_its_answer"),
        ("revoke", "test_revoking_twice_is_revoking_once"),
    ],
)
def test_slow_answer_is_found(method: str, test: str) -> None:
    def slow(self: Tour, *arguments: Any) -> object:
        time.sleep(0.2)
        return getattr(Tour, method)(self, *arguments)

    slow_tour = type("Slow", (Tour,), {method: slow, "deadline_seconds": 0.1})

    found = failures(contract_of_tour(slow_tour()))

    assert test in found
    assert "test_asking_again_changes_nothing" not in found


def test_failure_says_what_to_do() -> None:
    class Thrifty(Tour):
        def tickets(self, request: TourRequest, people: int) -> Tickets:
            return Tickets(tickets=[])

    contract = contract_of_tour(Thrifty(), config=POOLED)

    with pytest.raises(
        AssertionError, match=r"every code of request\.codes must be in"
    ):
        contract.test_codes_of_the_pool_are_handed_out()
