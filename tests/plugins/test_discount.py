"""The discount: one code per token, valid for as long as the operator says."""

from datetime import UTC, datetime

import pytest

from core.errors import ConfigurationError
from core.extension.answers import Fulfilled, Refused
from core.extension.host import Host
from core.extension.registry import Registry
from core.extension.reward_documents import accept_config
from core.extension.reward_type import RewardRequest
from guerdon import Money
from guerdon.testing import RewardTypeContract
from plugins import discount
from plugins.discount import Discount, DiscountCode, DiscountConfig


class TestContract(RewardTypeContract):
    reward_type = Discount()
    config = DiscountConfig(
        percent_off=10, minimum_order=Money(amount_minor=5_000, currency_code="EUR")
    )


def request(token: str) -> RewardRequest[DiscountConfig, None]:
    return RewardRequest(
        token=token,
        member_id="mbr_0000000000000001",
        config=DiscountConfig(percent_off=10, valid_days=30),
        options=None,
        quantity=1,
        requested_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
    )


def test_code_follows_from_token() -> None:
    code = Discount().fulfill(request("a-secret"))

    assert code == DiscountCode(
        code="94AG-YENQ-A3FM-Z11C", valid_until=datetime(2026, 7, 1, 12, tzinfo=UTC)
    )


def test_other_token_gives_other_code() -> None:
    code = Discount().fulfill(request("another-secret"))

    assert code.code != "94AG-YENQ-A3FM-Z11C"


def test_probe_tells_the_code() -> None:
    answer = Discount().probe(request("a-secret"))

    assert answer == Fulfilled(Discount().fulfill(request("a-secret")))


async def test_revoking_is_refused() -> None:
    registry = Registry.of(discount)
    (reward_type,) = registry.reward_types
    host = Host(registry)

    answer = await host.revoke(reward_type, request("a-secret"))

    assert answer == Refused("this reward cannot be taken back")


@pytest.mark.parametrize("percent_off", [0, 101])
def test_percentage_must_make_sense(percent_off: int) -> None:
    with pytest.raises(ConfigurationError, match="percent_off: Input should be"):
        accept_config(Discount(), {"percent_off": percent_off})


def test_default_is_ninety_days_and_any_order() -> None:
    config = accept_config(Discount(), {"percent_off": 25})

    assert config == DiscountConfig(percent_off=25, valid_days=90, minimum_order=None)
