"""Checks of single values: what a number, a name or a reference can be at all.

Numbers are whole: a bool, a float or a Decimal is none, whatever it is equal to.
"""

import re
from collections.abc import Callable
from typing import Any

from core.errors import InvalidInputError
from core.ledger import policy
from core.ledger.change import compact
from core.ledger.codes import MAX_AMOUNT, NEVER_US
from core.ledger.terms import LOTS_PER_TRANSACTION

_MAX_ID = 2**63 - 1
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
"""Characters that not every database can store."""

_NULL = re.compile(r"(?<!\\)(\\\\)*\\u0000")
"""A null character as JSON has it; not every database can read it again."""

Check = Callable[[Any, str], None]
"""Looks at the value of a field; the field's name is for the error."""


def wrong(field: str, reason: str) -> InvalidInputError:
    """Return the error of a field, and what it must be."""
    return InvalidInputError(field=field, reason=reason)


def whole(smallest: int, largest: int, reason: str = "") -> Check:
    """Return the check of a whole number."""
    reason = reason or f"must be a whole number from {smallest} to {largest}"

    def check_number(value: Any, field: str) -> None:
        if type(value) is not int or not smallest <= value <= largest:
            raise wrong(field, reason)

    return check_number


def text(longest: int) -> Check:
    """Return the check of a text that is not empty."""
    reason = f"must have 1 to {longest} characters, none of them null"

    def check_text(value: Any, field: str) -> None:
        is_text = type(value) is str and 1 <= len(value) <= longest
        if not is_text or UNSTORABLE.search(value):
            raise wrong(field, reason)

    return check_text


def one_of(kind: type) -> Check:
    """Return the check of a type."""

    def check_kind(value: Any, field: str) -> None:
        if not isinstance(value, kind):
            raise wrong(field, f"must be of type {kind.__name__}")

    return check_kind


def optional(check_given: Check) -> Check:
    """Return a check that lets None through."""

    def check_optional(value: Any, field: str) -> None:
        if value is not None:
            check_given(value, field)

    return check_optional


def check_policy(value: Any, field: str) -> None:
    """Check the policy of a lot."""
    try:
        policy.read(value)
    except (TypeError, ValueError) as error:
        raise wrong(field, "must be a policy") from error


def check_reference(value: Any, field: str) -> None:
    """Check a business reference."""
    if type(value) is not tuple or len(value) != 2:  # noqa: PLR2004  (a pair)
        raise wrong(field, "must be a source and an external id")
    for one in value:
        NAME(one, field)


def check_lots(value: Any, field: str) -> None:
    """Check lots, and how much of each."""
    if type(value) is not tuple or len(value) > LOTS_PER_TRANSACTION:
        raise wrong(field, f"must name at most {LOTS_PER_TRANSACTION} lots")
    for one in value:
        if type(one) is not tuple or len(one) != 2:  # noqa: PLR2004  (a pair)
            raise wrong(field, "must be lots and how much of each")
        NUMBER(one[0], field)
        AMOUNT(one[1], field)


def check_meta(value: Any, field: str) -> None:
    """Check what is recorded with a transaction."""
    if not value:
        return
    try:
        document = compact(dict(value))
        document.encode()
    except (TypeError, ValueError) as error:
        raise wrong(field, "must be JSON") from error
    if _NULL.search(document):
        raise wrong(field, "must not have a null character")


ID = whole(0, _MAX_ID)
NUMBER = whole(1, _MAX_ID)
SIZE = whole(0, MAX_AMOUNT)
AMOUNT = whole(1, MAX_AMOUNT)
CHANGE = whole(-MAX_AMOUNT, MAX_AMOUNT)
INSTANT = whole(0, NEVER_US, "must be an instant from 1970 on")
NAME = text(255)
