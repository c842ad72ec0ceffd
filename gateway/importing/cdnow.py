"""The CDNOW data set: the whole of it, and its tenth-sample.

Columns are separated by spaces: customer, date (YYYYMMDD), number of CDs, dollars; the
sample has a second column, the customer's number in the sample. The whole set begins
with a line of names. Purchases have no id: a purchase is told by its customer and its
place among that customer's lines, which is the same in both files. Lines that repeat
another are purchases of their own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from gateway.importing.orders import (
    BadLineError,
    LineError,
    Order,
    read_amount,
    read_day,
    read_text,
)

_NAMES = ["customer_id", "date", "number_of_cds", "dollar_value"]
_CENTS = 2


def read_orders(lines: Iterable[bytes]) -> Iterator[Order | LineError]:
    """Read the lines of a file, each with its end."""
    seen: Counter[str] = Counter()
    for number, line in enumerate(lines, 1):
        try:
            columns = read_text(line).split()
            if not columns:
                continue
            if number == 1 and not columns[0].isdigit():
                _check_names(columns)
                continue
            yield _order(number, columns, seen)
        except BadLineError as error:
            yield LineError(number, str(error))


def _check_names(columns: list[str]) -> None:
    unknown = [name for name in columns if name not in _NAMES]
    if unknown:
        raise BadLineError(f"unknown column {unknown[0]!r}; known: {', '.join(_NAMES)}")


def _order(number: int, columns: list[str], seen: Counter[str]) -> Order:
    customer = columns[0]
    if not customer.isascii() or not customer.isdigit():
        raise BadLineError(f"{customer!r} is not a customer id")
    seen[customer] += 1  # also for a line that is wrong: later ones keep their place
    if len(columns) not in {4, 5}:
        raise BadLineError(
            f"{len(columns)} columns; there must be 4, or 5 in the sample"
        )
    day, cds, dollars = columns[-3:]
    if not cds.isdigit():
        raise BadLineError(f"{cds!r} is not a number of CDs")
    name = f"cdnow-{customer}-{seen[customer]}"
    return Order(
        line=number,
        key=f"order:{name}",
        customer=customer,
        order_id=name,
        occurred_at_us=read_day(day, "%Y%m%d"),
        amount_minor=read_amount(dollars, _CENTS),
        currency_code="USD",
    )
