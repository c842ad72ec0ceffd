"""The purchase: unique by its order, worth what was paid."""

import pytest

from core.errors import InvalidPayloadError
from core.extension.earning_action import Trust, Uniqueness
from core.extension.reports import read_report
from guerdon.testing import EarningActionContract
from plugins.purchase import Purchase, PurchasePayload


class TestContract(EarningActionContract):
    earning_action = Purchase()
    payload = PurchasePayload(order_id="1001", amount_minor=2_933, currency_code="USD")
    other_payload = PurchasePayload(
        order_id="1002",
        amount_minor=0,
        currency_code="USD",
        item_count=3,
        channel="store",
        store_id="graz-1",
    )
    refused = (({"amount_minor": -1}, "amount_minor"), ({"store_id": ""}, "store_id"))


def test_report_says_what_was_paid() -> None:
    report = read_report(
        Purchase(), {"order_id": "1001", "amount_minor": 2_933, "currency_code": "USD"}
    )

    assert report.reference == "1001"
    assert report.occurred_at is None
    assert report.facts == {
        "amount_minor": 2_933,
        "amount_major": 29,
        "currency_code": "USD",
        "item_count": 0,
        "channel": "unknown",
        "store_id": "",
    }
    assert report.document == (
        '{"order_id":"1001","amount_minor":2933,"currency_code":"USD","item_count":0,'
        '"channel":"unknown","store_id":null}'
    )


def test_report_says_where_and_how_much() -> None:
    bought = {"item_count": 3, "channel": "store", "store_id": "graz-1"}
    order = {"order_id": "1001", "amount_minor": 2_933, "currency_code": "USD"}

    report = read_report(Purchase(), order | bought)

    assert {name: report.facts[name] for name in bought} == bought


@pytest.mark.parametrize(
    ("amount_minor", "currency_code", "amount_major"),
    [
        (0, "USD", 0),
        (99, "USD", 0),
        (100, "USD", 1),
        (199, "EUR", 1),
        (199, "JPY", 199),
        (1_999, "KWD", 1),
        (2**53 - 1, "USD", 90_071_992_547_409),
    ],
)
def test_major_units_are_rounded_down(
    amount_minor: int, currency_code: str, amount_major: int
) -> None:
    payload = {
        "order_id": "1001",
        "amount_minor": amount_minor,
        "currency_code": currency_code,
    }

    report = read_report(Purchase(), payload)

    assert report.facts["amount_major"] == amount_major


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("amount_minor", -1, "Input should be greater than or equal to 0"),
        ("amount_minor", "100", "Input should be a valid integer"),
        ("amount_minor", 1.5, "Input should be a valid integer"),
        ("amount_minor", 2**53, "is not within ±9007199254740991"),
        ("currency_code", "usd", "String should match pattern '^[A-Z]{3}$'"),
        ("order_id", "", "String should have at least 1 character"),
        ("order_id", "a\0b", "must not contain a zero character"),
        ("item_count", -1, "Input should be greater than or equal to 0"),
        ("channel", "", "String should have at least 1 character"),
        ("tip_minor", 100, "Extra inputs are not permitted"),
    ],
)
def test_wrong_field_is_named(field: str, value: object, reason: str) -> None:
    payload = {
        "order_id": "1001",
        "amount_minor": 2_933,
        "currency_code": "USD",
        field: value,
    }

    with pytest.raises(InvalidPayloadError) as caught:
        read_report(Purchase(), payload)

    assert (caught.value.field, caught.value.reason) == (field, reason)


def test_members_do_not_report_purchases() -> None:
    assert Purchase().trust is Trust.INTEGRATOR
    assert Purchase().uniqueness is Uniqueness.PROGRAM
