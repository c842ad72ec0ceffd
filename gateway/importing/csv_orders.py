"""Orders as CSV: one line per order, the first line names the columns.

| column | what it holds |
| --- | --- |
| `customer_number` | the customer's number: 1 to 64 letters, digits, `.`, `_` or `-` |
| `order_id` | what the shop calls the order; unique in the program |
| `date` | the day (`2026-11-24`) or the instant (`2026-11-24T18:03:00Z`) |
| `amount` | what was paid, in major units: `29.33` |
| `currency` | ISO 4217 code; optional, USD if the column is left out |
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from core.clock import to_us
from core.extension.money import minor_digits
from gateway.importing.orders import (
    BadLineError,
    LineError,
    Order,
    read_amount,
    read_day,
    read_text,
)

REQUIRED = ("customer_number", "order_id", "date", "amount")
OPTIONAL = ("currency",)

_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DAY_LENGTH = len("2026-11-24")
_MAX_ORDER_ID = 128


def read_orders(lines: Iterable[bytes]) -> Iterator[Order | LineError]:
    """Read the lines of a file, each with its end."""
    names: list[str] | None = None
    for number, line in enumerate(lines, 1):
        try:
            text = read_text(line)
            if names is None:
                names = _columns(text.removeprefix("\ufeff"))
                _check_names(names)
            elif text.strip():
                yield _order(number, _values(names, text))
        except BadLineError as error:
            yield LineError(number, str(error))
            if names is None or not set(REQUIRED) <= set(names):
                return  # without these columns no line can be read


def _columns(text: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([text], strict=True), [])]
    except csv.Error as error:
        raise BadLineError(f"not CSV: {error}") from None


def _check_names(names: list[str]) -> None:
    for name in REQUIRED:
        if name not in names:
            raise BadLineError(f"the column {name!r} is missing")
    for name in names:
        if name not in REQUIRED + OPTIONAL:
            known = ", ".join(REQUIRED + OPTIONAL)
            raise BadLineError(f"unknown column {name!r}; known: {known}")


def _values(names: list[str], text: str) -> dict[str, str]:
    cells = _columns(text)
    if len(cells) != len(names):
        raise BadLineError(f"{len(cells)} columns; the first line names {len(names)}")
    return dict(zip(names, cells, strict=True))


def _order(number: int, values: dict[str, str]) -> Order:
    customer, order_id = values["customer_number"], values["order_id"]
    currency = values.get("currency") or "USD"
    if not _NUMBER.fullmatch(customer):
        raise BadLineError(f"customer_number: {customer!r} is not a customer number")
    if not 0 < len(order_id) <= _MAX_ORDER_ID:
        raise BadLineError(f"order_id: must have 1 to {_MAX_ORDER_ID} characters")
    if not _CURRENCY.fullmatch(currency):
        raise BadLineError(f"currency: {currency!r} is not an ISO 4217 code")
    return Order(
        line=number,
        key=f"order:{order_id}",
        customer=customer,
        order_id=order_id,
        occurred_at_us=_instant(values["date"]),
        amount_minor=read_amount(values["amount"], minor_digits(currency)),
        currency_code=currency,
    )


def _instant(text: str) -> int:
    if len(text) == _DAY_LENGTH:
        return read_day(text, "%Y-%m-%d")
    try:
        return to_us(datetime.fromisoformat(text))
    except ValueError:
        reason = f"{text!r} is not a date, nor an instant with a zone"
        raise BadLineError(f"date: {reason}") from None
