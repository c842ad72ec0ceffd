"""The donation: one receipt per token, never taken back."""

from datetime import UTC, datetime

import pytest

from core.errors import InvalidOptionsError
from core.extension.answers import Fulfilled
from core.extension.reward_documents import accept_options
from core.extension.reward_type import RewardRequest
from guerdon import RevocationRefused
from guerdon.testing import RewardTypeContract
from plugins.donation import (
    Donation,
    DonationConfig,
    DonationOptions,
    DonationReceipt,
)


class TestContract(RewardTypeContract):
    reward_type = Donation()
    config = DonationConfig(cause="Sea rescue")
    options = DonationOptions(dedication="For Ada", is_anonymous=True)


REQUEST = RewardRequest(
    token="a-secret",
    member_id="mbr_0000000000000001",
    config=DonationConfig(cause="Sea rescue"),
    options=DonationOptions(),
    quantity=1,
    requested_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
)


def test_receipt_follows_from_token() -> None:
    receipt = Donation().fulfill(REQUEST)

    assert receipt == DonationReceipt(receipt_number="8EE4-DJM4-5P9H-R1JB")


def test_probe_tells_the_receipt() -> None:
    answer = Donation().probe(REQUEST)

    assert answer == Fulfilled(Donation().fulfill(REQUEST))


def test_gift_is_not_taken_back() -> None:
    with pytest.raises(RevocationRefused, match="a donation cannot be taken back"):
        Donation().revoke(REQUEST)


def test_choosing_nothing_is_choosing_the_defaults() -> None:
    options = accept_options(Donation(), None)

    assert options == DonationOptions(dedication=None, is_anonymous=False)


def test_dedication_has_a_limit() -> None:
    with pytest.raises(InvalidOptionsError) as caught:
        accept_options(Donation(), {"dedication": "x" * 201})

    assert caught.value.field == "dedication"
    assert caught.value.reason == "String should have at most 200 characters"
