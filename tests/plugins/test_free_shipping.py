"""Free shipping: one code per token, for regions that the operator names."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import ConfigurationError
from core.extension.answers import Fulfilled, NotFulfilled
from core.extension.reward_documents import accept_config
from core.extension.reward_type import RewardRequest
from guerdon import FulfillmentRefused, Money, RevocationRefused
from guerdon.testing import Case, RewardTypeContract
from plugins.free_shipping import (
    ExpressNotOffered,
    FreeShipping,
    FreeShippingCode,
    FreeShippingConfig,
    FreeShippingOptions,
    FreeShippingTerms,
    Service,
)

FIVE_EUROS = Money(amount_minor=500, currency_code="EUR")
GERMANY = FreeShippingConfig(regions=["DE"])
UPGRADABLE = FreeShippingConfig(
    regions=["DE", "US-CA"],
    maximum_weight_grams=5_000,
    minimum_order=FIVE_EUROS,
    carriers=["DHL"],
    service=Service.ECONOMY,
    express_surcharge=FIVE_EUROS,
)
EXPRESS = FreeShippingOptions(is_express=True)


class TestContract(RewardTypeContract):
    reward_type = FreeShipping()
    config = UPGRADABLE
    options = EXPRESS
    refused = ((GERMANY, EXPRESS),)
    refused_early = (Case(GERMANY, EXPRESS),)


def request(
    config: FreeShippingConfig, options: FreeShippingOptions | None = None
) -> RewardRequest[FreeShippingConfig, FreeShippingOptions]:
    return RewardRequest(
        token="a-secret",
        member_id="mbr_0000000000000001",
        config=config,
        options=options or FreeShippingOptions(),
        quantity=1,
        requested_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
    )


def test_code_follows_from_token() -> None:
    code = FreeShipping().fulfill(request(GERMANY))

    assert code == FreeShippingCode(
        code="PFMH-BHXB-61TH-0XJ8",
        valid_until=datetime(2026, 8, 30, 12, tzinfo=UTC),
        service=Service.STANDARD,
        surcharge=None,
        terms=FreeShippingTerms(regions=["DE"]),
    )


def test_terms_are_those_of_the_moment() -> None:
    code = FreeShipping().fulfill(request(UPGRADABLE))

    assert code.service is Service.ECONOMY
    assert code.surcharge is None
    assert code.terms == FreeShippingTerms(
        regions=["DE", "US-CA"],
        maximum_weight_grams=5_000,
        minimum_order=FIVE_EUROS,
        carriers=["DHL"],
    )


def test_express_has_its_surcharge() -> None:
    code = FreeShipping().fulfill(request(UPGRADABLE, EXPRESS))

    assert (code.service, code.surcharge) == (Service.EXPRESS, FIVE_EUROS)


def test_express_for_all_has_none() -> None:
    express = FreeShippingConfig(regions=["DE"], service=Service.EXPRESS)

    code = FreeShipping().fulfill(request(express, EXPRESS))

    assert (code.service, code.surcharge) == (Service.EXPRESS, None)


def test_express_that_is_not_offered_is_refused() -> None:
    with pytest.raises(FulfillmentRefused, match="express delivery is not") as caught:
        FreeShipping().precheck(request(GERMANY, EXPRESS))

    assert caught.value.detail == ExpressNotOffered(service=Service.STANDARD)
    assert FreeShipping().probe(request(GERMANY, EXPRESS)) == NotFulfilled()


def test_probe_tells_the_code() -> None:
    answer = FreeShipping().probe(request(GERMANY))

    assert answer == Fulfilled(FreeShipping().fulfill(request(GERMANY)))


def test_code_is_not_taken_back() -> None:
    with pytest.raises(RevocationRefused, match="may have been used"):
        FreeShipping().revoke(request(GERMANY))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"regions": []}, "regions: List should have at least 1 item"),
        ({"regions": ["Germany"]}, "regions.0: String should match pattern"),
        ({"regions": ["DE", "AT", "DE"]}, "regions: one is named twice"),
        ({"regions": ["DE"], "carriers": ["A", "A"]}, "carriers: one is named twice"),
        ({"regions": ["DE"], "service": "drone"}, "service: Input should be"),
        (
            {
                "regions": ["DE"],
                "service": "express",
                "express_surcharge": {"amount_minor": 0, "currency_code": "EUR"},
            },
            "express_surcharge: the parcel travels by express anyway",
        ),
    ],
)
def test_config_must_make_sense(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        accept_config(FreeShipping(), values)
