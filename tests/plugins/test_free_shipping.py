"""Free shipping: one code per token, for regions that the operator names."""

from datetime import UTC, datetime

import pytest

from core.errors import ConfigurationError
from core.extension.answers import Fulfilled
from core.extension.reward_documents import accept_config
from core.extension.reward_type import RewardRequest
from guerdon.testing import RewardTypeContract
from plugins.free_shipping import FreeShipping, FreeShippingCode, FreeShippingConfig


class TestContract(RewardTypeContract):
    reward_type = FreeShipping()
    config = FreeShippingConfig(regions=["DE", "US-CA"], maximum_weight_grams=5_000)


REQUEST = RewardRequest(
    token="a-secret",
    member_id="mbr_0000000000000001",
    config=FreeShippingConfig(regions=["DE"]),
    options=None,
    quantity=1,
    requested_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
)


def test_code_follows_from_token() -> None:
    code = FreeShipping().fulfill(REQUEST)

    assert code == FreeShippingCode(
        code="PFMH-BHXB-61TH-0XJ8", valid_until=datetime(2026, 8, 30, 12, tzinfo=UTC)
    )


def test_probe_tells_the_code() -> None:
    answer = FreeShipping().probe(REQUEST)

    assert answer == Fulfilled(FreeShipping().fulfill(REQUEST))


@pytest.mark.parametrize(
    ("regions", "reason"),
    [
        ([], "regions: List should have at least 1 item"),
        (["Germany"], "regions.0: String should match pattern"),
        (["DE", "AT", "DE"], "regions: one is named twice"),
    ],
)
def test_regions_must_make_sense(regions: list[str], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        accept_config(FreeShipping(), {"regions": regions})
