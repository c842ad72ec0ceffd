"""What every format gives: orders, and lines that are none."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from core.clock import to_us

_AMOUNT = re.compile(r"(-?)(\d{1,13})(?:\.(\d{1,4}))?")


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase as a line of a file tells it; `key` is the same at every import."""

    line: int
    key: str
    customer: str
    order_id: str
    occurred_at_us: int
    amount_minor: int
    currency_code: str


@dataclass(frozen=True, slots=True)
class LineError:
    """A line from which nothing is taken, and why."""

    line: int
    reason: str


class BadLineError(Exception):
    """Raised while a line is read; the message is the reason."""


def read_amount(text: str, digits: int) -> int:
    """Return an amount of money in minor units.

    Args:
        text: such as `12.5`, in major units.
        digits: decimals that the currency has.

    Raises:
        BadLineError: no amount, below zero, or finer than the currency.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise BadLineError(f"{text!r} is not an amount")
    sign, whole, fraction = match[1], match[2], match[3] or ""
    if sign:
        raise BadLineError(f"the amount {text} is negative")
    if len(fraction) > digits:
        raise BadLineError(f"the amount {text} has more than {digits} decimals")
    return int(whole + fraction.ljust(digits, "0"))


def read_day(text: str, form: str) -> int:
    """Return midnight UTC of a day.

    Raises:
        BadLineError: there is no such day.
    """
    try:
        return to_us(datetime.strptime(text, form).replace(tzinfo=UTC))
    except ValueError:
        raise BadLineError(f"{text!r} is not a date") from None


def read_text(line: bytes) -> str:
    """Return a line as text, without its end.

    Raises:
        BadLineError: it has no end, so the file was cut off; or it is not UTF-8.
    """
    if not line.endswith(b"\n"):
        raise BadLineError("the file ends in the middle of this line")
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadLineError("the line is not UTF-8 text") from None
