"""The gift card: one card per token, of a value within the operator's limits."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import ConfigurationError
from core.extension import in_place
from core.extension.answers import Doubt, Fulfilled, NotFulfilled
from core.extension.hookspecs import hookimpl
from core.extension.host import Host
from core.extension.registry import Registry
from core.extension.reward_documents import accept_config
from core.extension.reward_type import AnyRewardType, RewardRequest
from guerdon import FulfillmentRefused, Money, RevocationRefused
from guerdon.testing import Case, RewardTypeContract
from plugins.gift_card import (
    Card,
    CardOrder,
    CardRefusedError,
    GiftCard,
    GiftCardConfig,
    GiftCardOptions,
    GiftCardSettings,
    IssuedCard,
    SandboxIssuer,
    ValueNotOffered,
    make_gift_card,
)

TEN_EUROS = Money(amount_minor=1_000, currency_code="EUR")
FIXED = GiftCardConfig(brand="BOOKS", unit_value=TEN_EUROS)
CHOSEN = GiftCardConfig(
    brand="BOOKS",
    unit_value=Money(amount_minor=500, currency_code="EUR"),
    minimum_units=2,
    maximum_units=20,
    valid_days=365,
)
REFUSED = FIXED.model_copy(update={"brand": "BOOKS-REFUSED"})
USED = FIXED.model_copy(update={"brand": "BOOKS-USED"})


class CountingIssuer:
    """An issuer with books of its own, as a real one has."""

    def __init__(self) -> None:
        self.cards: dict[str, list[Card]] = {}
        self.cancelled: set[str] = set()
        self.lock = threading.Lock()

    async def issue(self, order: CardOrder) -> Card:
        if order.brand == "closed":
            raise CardRefusedError
        with self.lock:
            cards = self.cards.setdefault(order.reference, [])
            if not cards:
                cards.append(Card(f"C-{len(self.cards)}", None, None))
            return cards[0]

    async def find(self, order: CardOrder) -> Card | None:
        cards = self.cards.get(order.reference)
        return cards[0] if cards else None

    async def cancel(self, order: CardOrder) -> bool:
        self.cancelled.add(order.reference)
        return True


ISSUER = CountingIssuer()


class TestContract(RewardTypeContract):
    reward_type = GiftCard(SandboxIssuer())
    config = CHOSEN
    options = GiftCardOptions(units=4)
    refused = (
        (CHOSEN, GiftCardOptions(units=1)),
        (CHOSEN, GiftCardOptions(units=21)),
        (REFUSED, GiftCardOptions()),
    )
    refused_early = (Case(CHOSEN, GiftCardOptions(units=21)),)


class TestContractWithBooks(RewardTypeContract):
    reward_type = GiftCard(ISSUER)
    config = FIXED
    options = GiftCardOptions()
    refused = ((FIXED.model_copy(update={"brand": "closed"}), options),)

    def effects(self, token: str) -> int:
        return len(ISSUER.cards.get(token, []))


class TestContractOfUsedCards(RewardTypeContract):
    reward_type = GiftCard(SandboxIssuer())
    config = USED
    options = GiftCardOptions()


def request(
    config: GiftCardConfig, units: int = 1
) -> RewardRequest[GiftCardConfig, GiftCardOptions]:
    return RewardRequest(
        token="a-secret",
        member_id="mbr_0000000000000001",
        config=config,
        options=GiftCardOptions(units=units),
        quantity=units,
        requested_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
    )


async def test_card_of_the_sandbox_follows_from_token() -> None:
    card = await GiftCard(SandboxIssuer()).fulfill(request(CHOSEN, units=4))

    assert card == IssuedCard(
        number="J7F5-GBJ1-NHJE-B529",
        pin="523867",
        value=Money(amount_minor=2_000, currency_code="EUR"),
        brand="BOOKS",
        expires_at=datetime(2027, 6, 1, 12, tzinfo=UTC),
    )


async def test_another_process_knows_the_card() -> None:
    card = await GiftCard(SandboxIssuer()).fulfill(request(FIXED))

    found = await GiftCard(SandboxIssuer()).probe(request(FIXED))

    assert found == Fulfilled(card)


def test_price_is_paid_for_each_unit() -> None:
    assert in_place.quantity(GiftCard(ISSUER), GiftCardOptions(units=4)) == 4


@pytest.mark.parametrize("units", [1, 21])
async def test_value_outside_the_limits_is_refused(units: int) -> None:
    with pytest.raises(FulfillmentRefused, match="no card of this value") as caught:
        GiftCard(ISSUER).precheck(request(CHOSEN, units))

    assert caught.value.detail == ValueNotOffered(
        minimum=Money(amount_minor=1_000, currency_code="EUR"),
        maximum=Money(amount_minor=10_000, currency_code="EUR"),
        step=Money(amount_minor=500, currency_code="EUR"),
    )
    assert await GiftCard(ISSUER).probe(request(CHOSEN, units)) == NotFulfilled()


@pytest.mark.parametrize("units", [2, 20])
def test_limits_themselves_are_offered(units: int) -> None:
    GiftCard(ISSUER).precheck(request(CHOSEN, units))


async def test_issuers_no_gives_the_points_back() -> None:
    with pytest.raises(FulfillmentRefused, match="does not issue this card"):
        await GiftCard(SandboxIssuer()).fulfill(request(REFUSED))


async def test_issuer_that_is_down_is_doubt() -> None:
    class Down(SandboxIssuer):
        async def issue(self, order: CardOrder) -> Card:
            raise ConnectionError

    gift_card = GiftCard(Down())

    class Plugin:
        @hookimpl
        def register_reward_types(self) -> list[AnyRewardType]:
            return [gift_card]

    host = Host(Registry.of(Plugin()))
    answer = await host.fulfill(gift_card, request(FIXED))
    host.close()

    assert answer == Doubt("fulfill raised ConnectionError")


async def test_issuer_decides_when_its_cards_expire() -> None:
    card = await GiftCard(CountingIssuer()).fulfill(request(FIXED))

    assert (card.number, card.pin, card.expires_at) == ("C-1", None, None)


async def test_unused_card_is_cancelled() -> None:
    issuer = CountingIssuer()

    await GiftCard(issuer).revoke(request(FIXED))

    assert issuer.cancelled == {"a-secret"}


async def test_used_card_is_not_taken_back() -> None:
    with pytest.raises(RevocationRefused, match="the card has been used"):
        await GiftCard(SandboxIssuer()).revoke(request(USED))


@given(
    amount=st.integers(1, 10**8),
    units=st.integers(1, 10_000),
)
async def test_value_is_exact(amount: int, units: int) -> None:
    unit_value = Money(amount_minor=amount, currency_code="JPY")
    config = GiftCardConfig(brand="B", unit_value=unit_value, maximum_units=10_000)
    GiftCard(ISSUER).check(config)

    card = await GiftCard(SandboxIssuer()).fulfill(request(config, units))

    assert card.value == Money(amount_minor=amount * units, currency_code="JPY")


def make_counting_issuer(settings: GiftCardSettings) -> CountingIssuer:
    assert settings.issuer_key is not None
    assert settings.issuer_key.get_secret_value() == "s3cret"
    return CountingIssuer()


async def test_settings_name_the_issuer() -> None:
    name = f"{__name__}:make_counting_issuer"
    settings = GiftCardSettings.model_validate(
        {"issuer": name, "issuer_key": "s3cret", "issuer_url": "https://cards.test"}
    )

    card = await make_gift_card(settings).fulfill(request(FIXED))

    assert card.number == "C-1"
    assert "s3cret" not in repr(settings)


async def test_sandbox_is_the_default() -> None:
    card = await make_gift_card(GiftCardSettings()).fulfill(request(FIXED))

    assert card.number == "J7F5-GBJ1-NHJE-B529"


def test_issuer_that_is_not_there_is_told() -> None:
    with pytest.raises(ValidationError, match="No module named 'acme_nowhere'"):
        GiftCardSettings.model_validate({"issuer": "acme_nowhere:make"})


EUR = {"amount_minor": 500, "currency_code": "EUR"}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"minimum_units": 2}, "maximum_units: is below minimum_units"),
        ({"unit_value": EUR | {"amount_minor": 0}}, "unit_value: is nothing"),
        (
            {"unit_value": EUR | {"amount_minor": 10**12}, "maximum_units": 2},
            "maximum_units: a card would be worth too much",
        ),
        ({"brand": ""}, "brand: String should have at least 1 character"),
    ],
)
def test_config_must_make_sense(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        accept_config(GiftCard(ISSUER), {"brand": "B", "unit_value": EUR} | values)
