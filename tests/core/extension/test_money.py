"""Money: exact, and rounded down only where asked."""

import pytest
from pydantic import ValidationError

from core.extension.money import Money


@pytest.mark.parametrize(
    ("amount_minor", "currency_code", "amount_major"),
    [
        (199, "USD", 1),
        (200, "EUR", 2),
        (199, "JPY", 199),
        (1_999, "KWD", 1),
        (19_999, "CLF", 1),
    ],
)
def test_major_units_follow_the_currency(
    amount_minor: int, currency_code: str, amount_major: int
) -> None:
    money = Money(amount_minor=amount_minor, currency_code=currency_code)

    assert money.amount_major == amount_major


@pytest.mark.parametrize(
    ("amount_minor", "currency_code"),
    [(-1, "USD"), (2**53, "USD"), (1, "usd"), (1, "US"), (1, "USDT")],
)
def test_impossible_money_is_refused(amount_minor: int, currency_code: str) -> None:
    with pytest.raises(ValidationError):
        Money(amount_minor=amount_minor, currency_code=currency_code)


def test_money_does_not_change() -> None:
    money = Money(amount_minor=199, currency_code="USD")

    with pytest.raises(ValidationError, match="Instance is frozen"):
        money.amount_minor = 200  # type: ignore[misc]
