"""The discount: one code per token, valid for as long as the operator says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from core.extension.answers import Fulfilled, NotFulfilled, Refused
from core.extension.host import Host
from core.extension.registry import Registry
from core.extension.reward_documents import accept_config
from core.extension.reward_type import RewardRequest
from guerdon import FulfillmentRefused, Money
from guerdon.testing import Case, RewardTypeContract
from plugins import discount
from plugins.discount import (
    CodeSource,
    Discount,
    DiscountCode,
    DiscountConfig,
    DiscountTerms,
    OfferEnded,
    Stacking,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TEN_EUROS = Money(amount_minor=1_000, currency_code="EUR")
FIFTY_EUROS = Money(amount_minor=5_000, currency_code="EUR")
TEN_PERCENT = DiscountConfig(percent_off=10, valid_days=30)
ENDED = DiscountConfig(percent_off=10, valid_until=NOON)
POOLED = DiscountConfig(amount_off=TEN_EUROS, code_source=CodeSource.POOL)


class TestContract(RewardTypeContract):
    reward_type = Discount()
    config = DiscountConfig(
        percent_off=10,
        minimum_order=FIFTY_EUROS,
        maximum_discount=TEN_EUROS,
        products=["P-1"],
        stacking=Stacking.WITH_SHIPPING,
        code_prefix="SUMMER",
        valid_until=datetime(2026, 7, 1, tzinfo=UTC),
    )
    refused = ((ENDED, None),)
    refused_early = (Case(ENDED),)


class TestContractOfPools(RewardTypeContract):
    reward_type = Discount()
    config = POOLED


def request(
    config: DiscountConfig, token: str = "a-secret", codes: tuple[str, ...] = ()
) -> RewardRequest[DiscountConfig, None]:
    return RewardRequest(
        token=token,
        member_id="mbr_0000000000000001",
        config=config,
        options=None,
        quantity=1,
        requested_at=NOON,
        codes=codes,
    )


def test_code_follows_from_token() -> None:
    code = Discount().fulfill(request(TEN_PERCENT))

    assert code == DiscountCode(
        code="94AG-YENQ-A3FM-Z11C",
        valid_until=datetime(2026, 7, 1, 12, tzinfo=UTC),
        terms=DiscountTerms(percent_off=10),
    )


def test_other_token_gives_other_code() -> None:
    code = Discount().fulfill(request(TEN_PERCENT, token="another-secret"))

    assert code.code != "94AG-YENQ-A3FM-Z11C"


def test_prefix_comes_first() -> None:
    prefixed = DiscountConfig(percent_off=10, code_prefix="SUMMER")

    code = Discount().fulfill(request(prefixed))

    assert code.code == "SUMMER-94AG-YENQ-A3FM-Z11C"


def test_pooled_code_is_as_it_was_loaded() -> None:
    code = Discount().fulfill(request(POOLED, codes=("xmas 1",)))

    assert Discount().uses_codes(POOLED)
    assert not Discount().uses_codes(TEN_PERCENT)
    assert code.code == "xmas 1"


async def test_pool_without_a_code_is_doubt() -> None:
    registry = Registry.of(discount)
    (reward_type,) = registry.reward_types
    host = Host(registry)

    answer = await host.fulfill(reward_type, request(POOLED))

    assert getattr(answer, "reason", None) == "fulfill raised ValueError"


def test_terms_are_those_of_the_moment() -> None:
    config = DiscountConfig(
        amount_off=TEN_EUROS,
        minimum_order=FIFTY_EUROS,
        categories=["care"],
        excluded_products=["P-9"],
        stacking=Stacking.ANY,
        code_prefix="CARE",
    )

    code = Discount().fulfill(request(config))

    assert code.terms.model_dump() == {
        "percent_off": None,
        "amount_off": {"amount_minor": 1_000, "currency_code": "EUR"},
        "minimum_order": {"amount_minor": 5_000, "currency_code": "EUR"},
        "maximum_discount": None,
        "products": [],
        "categories": ["care"],
        "excluded_products": ["P-9"],
        "stacking": Stacking.ANY,
    }


@given(
    days=st.integers(1, 3650),
    end=st.none() | st.integers(1, 4000).map(lambda days: NOON + timedelta(days=days)),
)
def test_code_ends_with_its_days_or_the_offer(days: int, end: datetime | None) -> None:
    config = DiscountConfig(percent_off=10, valid_days=days, valid_until=end)

    code = Discount().fulfill(request(config))

    assert NOON < code.valid_until <= NOON + timedelta(days=days)
    assert end is None or code.valid_until <= end
    assert code.valid_until in {NOON + timedelta(days=days), end}


def test_offer_that_has_ended_is_refused() -> None:
    with pytest.raises(FulfillmentRefused, match="not accepted any more") as caught:
        Discount().precheck(request(ENDED))

    assert caught.value.detail == OfferEnded(ended_at=NOON)
    assert Discount().probe(request(ENDED)) == NotFulfilled()


def test_last_moment_of_an_offer_counts() -> None:
    ending = DiscountConfig(
        percent_off=10, valid_until=NOON + timedelta(microseconds=1)
    )

    code = Discount().fulfill(request(ending))

    assert code.valid_until == NOON + timedelta(microseconds=1)


def test_probe_tells_the_code() -> None:
    answer = Discount().probe(request(TEN_PERCENT))

    assert answer == Fulfilled(Discount().fulfill(request(TEN_PERCENT)))


async def test_revoking_is_refused() -> None:
    registry = Registry.of(discount)
    (reward_type,) = registry.reward_types
    host = Host(registry)

    answer = await host.revoke(reward_type, request(TEN_PERCENT))

    assert answer == Refused("a code that was shown may have been used")


EUR = {"amount_minor": 1_000, "currency_code": "EUR"}
USD = {"amount_minor": 1_000, "currency_code": "USD"}
NOTHING = {"amount_minor": 0, "currency_code": "EUR"}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"percent_off": 0}, "percent_off: Input should be"),
        ({"percent_off": 101}, "percent_off: Input should be"),
        ({}, "give either percent_off or amount_off"),
        ({"percent_off": 5, "amount_off": EUR}, "give either percent_off or amount"),
        ({"amount_off": NOTHING}, "amount_off: is nothing"),
        ({"amount_off": EUR, "maximum_discount": EUR}, "is for a percentage only"),
        ({"amount_off": EUR, "minimum_order": USD}, "amount_off: is in another curr"),
        (
            {"percent_off": 5, "maximum_discount": EUR, "minimum_order": USD},
            "maximum_discount: is in another currency",
        ),
        ({"percent_off": 5, "maximum_discount": NOTHING}, "maximum_discount: is noth"),
        (
            {"percent_off": 5, "products": ["A"], "excluded_products": ["A"]},
            "excluded_products: one is among the products",
        ),
        (
            {"percent_off": 5, "code_source": "pool", "code_prefix": "X"},
            "code_prefix: codes from a pool are as they were loaded",
        ),
        ({"percent_off": 5, "code_prefix": "x y"}, "code_prefix: String should match"),
    ],
)
def test_config_must_make_sense(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        accept_config(Discount(), values)


def test_default_is_ninety_days_and_any_order() -> None:
    config = accept_config(Discount(), {"percent_off": 25})

    assert config == DiscountConfig(
        percent_off=25,
        valid_days=90,
        minimum_order=None,
        stacking=Stacking.ALONE,
        code_source=CodeSource.GENERATED,
    )
