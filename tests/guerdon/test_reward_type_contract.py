"""The kit for reward types finds the mistakes that it is there for."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, Field

from guerdon import (
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    Part,
    Probed,
    RevocationRefused,
    RewardRequest,
    RewardType,
    Stored,
)
from guerdon.testing import RewardTypeContract


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
    assert len(collected(contract)) == 12


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
