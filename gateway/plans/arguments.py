"""From the arguments of fields to what the relations of the read model take."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.clock import to_us
from core.errors import InvalidInputError
from core.ledger.codes import JournalKind
from core.ledger.shape import UNSTORABLE
from core.reads import instants
from core.reads.selection import Given

Arguments = Mapping[str, Any]


def balances_at(arguments: Arguments, now_us: int) -> tuple[str, Given]:
    """Read `asOf` and `knownAt`."""
    as_of, known_at = arguments.get("asOf"), arguments.get("knownAt")
    return instants.balances_at(_us(as_of), _us(known_at), now_us)


def transactions(arguments: Arguments, _: int) -> Given:
    """Read `kinds`, `from` and `to`."""
    given = instants.period(_us(arguments.get("from")), _us(arguments.get("to")))
    kinds = arguments.get("kinds")
    if kinds is None:
        return given
    if not kinds:
        raise InvalidInputError(field="kinds", reason="must not be empty")
    numbers = tuple({JournalKind[kind.name].value: None for kind in kinds})
    return {**given, "kinds": numbers}


def statement(arguments: Arguments, now_us: int) -> Given:
    """Read `from`, `to` and `currency`."""
    begin_us, end_us = to_us(arguments["from"]), _us(arguments.get("to"))
    given = instants.past_period(begin_us, end_us, now_us)
    currency = arguments.get("currency")
    if currency is None:
        return given
    if UNSTORABLE.search(currency):
        raise InvalidInputError(field="currency", reason="is not a code")
    return {**given, "currency": currency}


def _us(instant: datetime | None) -> int | None:
    return None if instant is None else to_us(instant)
