"""The donation: one receipt per token, for one of the causes, never taken back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError, InvalidOptionsError
from core.extension import in_place
from core.extension.answers import Fulfilled, NotFulfilled
from core.extension.reward_documents import accept_config, accept_options
from core.extension.reward_type import RewardRequest
from guerdon import FulfillmentRefused, Money, RevocationRefused
from guerdon.testing import Case, RewardTypeContract
from plugins.donation import (
    CauseClosed,
    Donation,
    DonationCause,
    DonationConfig,
    DonationOptions,
    DonationReceipt,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
RESCUE = DonationConfig(cause="Sea rescue")
SEVERAL = DonationConfig(
    causes=[
        DonationCause(code="trees", name="Trees for Tomorrow"),
        DonationCause(code="sea", name="Sea rescue", description="A new boat."),
        DonationCause(code="school", name="Music school", is_closed=True),
    ],
    worth=Money(amount_minor=250, currency_code="EUR"),
)
TO_SCHOOL = DonationOptions(cause="school")


class TestContract(RewardTypeContract):
    reward_type = Donation()
    config = RESCUE
    options = DonationOptions(dedication="For Ada", is_anonymous=True)


class TestContractOfSeveralCauses(RewardTypeContract):
    reward_type = Donation()
    config = SEVERAL
    options = DonationOptions(cause="sea", units=3)
    refused = ((SEVERAL, TO_SCHOOL),)
    refused_early = (Case(SEVERAL, TO_SCHOOL),)


def request(
    config: DonationConfig, options: DonationOptions
) -> RewardRequest[DonationConfig, DonationOptions]:
    return RewardRequest(
        token="a-secret",
        member_id="mbr_0000000000000001",
        config=config,
        options=options,
        quantity=options.units,
        requested_at=NOON,
    )


def test_receipt_follows_from_token() -> None:
    receipt = Donation().fulfill(request(RESCUE, DonationOptions()))

    assert receipt == DonationReceipt(
        receipt_number="8EE4-DJM4-5P9H-R1JB",
        cause_code=None,
        cause_name="Sea rescue",
        donated_at=NOON,
        units=1,
        worth=None,
        dedication=None,
        is_anonymous=False,
    )


def test_receipt_names_the_chosen_cause_and_its_worth() -> None:
    options = DonationOptions(
        cause="sea", units=3, dedication="For Ada", is_anonymous=True
    )

    receipt = Donation().fulfill(request(SEVERAL, options))

    assert receipt == DonationReceipt(
        receipt_number="8EE4-DJM4-5P9H-R1JB",
        cause_code="sea",
        cause_name="Sea rescue",
        donated_at=NOON,
        units=3,
        worth=Money(amount_minor=750, currency_code="EUR"),
        dedication="For Ada",
        is_anonymous=True,
    )


def test_points_are_counted_for_the_cause() -> None:
    chosen = DonationOptions(cause="trees")

    assert Donation.benefits_cause
    assert in_place.slot(Donation(), SEVERAL, chosen, {}) == "trees"
    assert in_place.slot(Donation(), RESCUE, DonationOptions(), {}) == ""
    assert in_place.capacity(Donation(), SEVERAL) is None


def test_only_cause_need_not_be_chosen() -> None:
    single = DonationConfig(causes=SEVERAL.causes[:1])

    receipt = Donation().fulfill(request(single, DonationOptions()))

    assert (receipt.cause_code, receipt.cause_name) == ("trees", "Trees for Tomorrow")


@pytest.mark.parametrize(
    ("config", "cause", "reason"),
    [
        (SEVERAL, None, "cause: choose one of the causes: trees, sea, school"),
        (SEVERAL, "whales", "cause: choose one of the causes: trees, sea, school"),
        (RESCUE, "sea", "cause: choose one of the causes: leave it out, since there"),
    ],
)
def test_cause_must_be_one_of_them(
    config: DonationConfig, cause: str | None, reason: str
) -> None:
    options = DonationOptions(cause=cause)

    with pytest.raises(InvalidOptionsError) as caught:
        in_place.slot(Donation(), config, options, {})

    assert caught.value.reason.startswith(reason)


def test_closed_cause_is_refused() -> None:
    wish = request(SEVERAL, TO_SCHOOL)
    closed = CauseClosed(cause="school", open_causes=["trees", "sea"])

    with pytest.raises(FulfillmentRefused, match="Music school takes no more") as early:
        Donation().precheck(wish)
    with pytest.raises(FulfillmentRefused) as late:
        Donation().fulfill(wish)

    assert early.value.detail == late.value.detail == closed
    assert Donation().probe(wish) == NotFulfilled()


def test_probe_tells_the_receipt() -> None:
    wish = request(SEVERAL, DonationOptions(cause="trees"))

    assert Donation().probe(wish) == Fulfilled(Donation().fulfill(wish))


def test_gift_is_not_taken_back() -> None:
    with pytest.raises(RevocationRefused, match="a donation cannot be taken back"):
        Donation().revoke(request(RESCUE, DonationOptions()))


@given(amount=st.integers(1, 10**11), units=st.integers(1, 10_000))
def test_worth_is_exact(amount: int, units: int) -> None:
    worth = {"amount_minor": amount, "currency_code": "EUR"}
    config = accept_config(Donation(), {"cause": "Sea rescue", "worth": worth})
    assert isinstance(config, DonationConfig)

    receipt = Donation().fulfill(request(config, DonationOptions(units=units)))

    assert receipt.worth is not None
    assert receipt.worth.amount_minor == amount * units <= 2**53 - 1


def test_choosing_nothing_is_choosing_the_defaults() -> None:
    options = accept_options(Donation(), None)

    assert options == DonationOptions(
        cause=None, units=1, dedication=None, is_anonymous=False
    )


def test_dedication_has_a_limit() -> None:
    with pytest.raises(InvalidOptionsError) as caught:
        accept_options(Donation(), {"dedication": "x" * 201})

    assert caught.value.field == "dedication"
    assert caught.value.reason == "String should have at most 200 characters"


TREES = {"code": "trees", "name": "Trees for Tomorrow"}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "give either cause or causes"),
        ({"cause": "Sea rescue", "causes": [TREES]}, "give either cause or causes"),
        ({"causes": [TREES, TREES]}, "causes: a code is used twice"),
        ({"causes": [TREES | {"code": "Two words"}]}, "causes.0.code: String should"),
        (
            {
                "cause": "Sea rescue",
                "worth": {"amount_minor": 10**11 + 1, "currency_code": "EUR"},
            },
            "worth: is more than a receipt can multiply",
        ),
    ],
)
def test_config_must_make_sense(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        accept_config(Donation(), values)
