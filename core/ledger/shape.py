"""The shape of a command: what could never be right, whatever the ledger holds.

Checked before anything is queued or looked up; nothing is stored of what fails here.
Numbers are whole: a bool, a float or a Decimal is none, whatever it is equal to.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, get_args

from core.errors import InvalidInputError
from core.ledger import policy
from core.ledger.change import compact
from core.ledger.codes import MAX_AMOUNT, NEVER_US, HolderKind, HolderStatus
from core.ledger.commands import (
    RESERVED,
    Adjust,
    Approve,
    Authorize,
    Award,
    Capture,
    Command,
    Count,
    Earn,
    Exchange,
    Extend,
    Note,
    Open,
    Operation,
    Receive,
    Redeem,
    Reverse,
    Send,
    SetStatus,
    Step,
    Void,
)
from core.ledger.terms import LOTS_PER_TRANSACTION

_OPERATIONS = frozenset(get_args(Operation))
_MAX_AWARDS = 1024
_MAX_ID = 2**63 - 1
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
"""Characters that not every database can store."""

_NULL = re.compile(r"(?<!\\)(\\\\)*\\u0000")
"""A null character as JSON has it; not every database can read it again."""

Check = Callable[[Any, str], None]
"""Looks at the value of a field; the field's name is for the error."""


def check(command: Command) -> None:
    """Check a command.

    Raises:
        InvalidInputError: names the field, and what it must be.
    """
    _check_fields(command)
    if command.key.startswith(RESERVED):
        raise _wrong("key", "must not begin as the ledger's own keys do")
    for step in command.steps:
        _check_step(step)
    _check_order(command.steps)
    opens = isinstance(command.steps[0].operation, Open)
    if opens and command.effective_us is not None:
        raise _wrong("effective", "must be left out: a holder is opened now")


def _check_fields(value: Any) -> None:
    """Check a value field by field."""
    for attribute, field, check_field in _FIELDS[type(value)]:
        check_field(getattr(value, attribute), field)


def _check_step(step: Step) -> None:
    operation = step.operation
    if type(operation) not in _OPERATIONS:
        raise _wrong("operation", "must be one of the ledger's")
    _check_fields(step)
    _check_fields(operation)
    for count in step.counts:
        _check_fields(count)
    match operation:
        case Earn(awards=awards):
            _check_awards(awards)
        case Adjust(amount=0):
            raise _wrong("amount", "must not be 0")
        case Exchange(currency_id=currency_id, into=into) if currency_id == into:
            raise _wrong("into", "must be another currency")


def _check_awards(awards: Sequence[Award]) -> None:
    if len(awards) > _MAX_AWARDS:
        raise _wrong("awards", f"must not be more than {_MAX_AWARDS}")
    for award in awards:
        _check_fields(award)
        ripens_at_us = award.available_at_us
        waits = ripens_at_us == award.expires_at_us == NEVER_US
        if not (ripens_at_us is None or ripens_at_us < award.expires_at_us or waits):
            raise _wrong("expiresAt", "must be after availableAt")


def _check_order(steps: Sequence[Step]) -> None:
    """Check what only the steps together can tell."""
    holders = [step.holder_id for step in steps]
    if not holders or len(set(holders)) != len(holders):
        raise _wrong("steps", "must be for one or more holders, each named once")
    before: Step | None = None
    for step in steps:
        operation = step.operation
        if isinstance(operation, Receive):
            _check_parcel(operation, before)
        elif before is not None and isinstance(before.operation, Send):
            raise _wrong("steps", "must receive what is sent")
        elif isinstance(operation, Open) and (len(steps) > 1 or step.counts):
            raise _wrong("steps", "must open a holder by itself")
        before = step
    if before is not None and isinstance(before.operation, Send):
        raise _wrong("steps", "must receive what is sent")


def _check_parcel(operation: Receive, before: Step | None) -> None:
    """Check that the step before sends, or sends back, what is received."""
    if before is None or not isinstance(before.operation, (Send, Reverse)):
        raise _wrong("steps", "must send what is received")
    if operation.sender != before.holder_id:
        raise _wrong("sender", "must be the holder of the step before")


def _wrong(field: str, reason: str) -> InvalidInputError:
    return InvalidInputError(field=field, reason=reason)


def _whole(smallest: int, largest: int, reason: str = "") -> Check:
    reason = reason or f"must be a whole number from {smallest} to {largest}"

    def check_number(value: Any, field: str) -> None:
        if type(value) is not int or not smallest <= value <= largest:
            raise _wrong(field, reason)

    return check_number


def _text(longest: int) -> Check:
    reason = f"must have 1 to {longest} characters, none of them null"

    def check_text(value: Any, field: str) -> None:
        is_text = type(value) is str and 1 <= len(value) <= longest
        if not is_text or UNSTORABLE.search(value):
            raise _wrong(field, reason)

    return check_text


def _one_of(kind: type) -> Check:
    def check_kind(value: Any, field: str) -> None:
        if not isinstance(value, kind):
            raise _wrong(field, f"must be of type {kind.__name__}")

    return check_kind


def _optional(check_given: Check) -> Check:
    def check_optional(value: Any, field: str) -> None:
        if value is not None:
            check_given(value, field)

    return check_optional


def _check_policy(value: Any, field: str) -> None:
    try:
        policy.read(value)
    except (TypeError, ValueError) as error:
        raise _wrong(field, "must be a policy") from error


def _check_reference(value: Any, field: str) -> None:
    if type(value) is not tuple or len(value) != 2:  # noqa: PLR2004  (a pair)
        raise _wrong(field, "must be a source and an external id")
    for one in value:
        _NAME(one, field)


def _check_lots(value: Any, field: str) -> None:
    if type(value) is not tuple or len(value) > LOTS_PER_TRANSACTION:
        raise _wrong(field, f"must name at most {LOTS_PER_TRANSACTION} lots")
    for one in value:
        if type(one) is not tuple or len(one) != 2:  # noqa: PLR2004  (a pair)
            raise _wrong(field, "must be lots and how much of each")
        _NUMBER(one[0], field)
        _AMOUNT(one[1], field)


def _check_meta(value: Any, field: str) -> None:
    if not value:
        return
    try:
        text = compact(dict(value))
        text.encode()
    except (TypeError, ValueError) as error:
        raise _wrong(field, "must be JSON") from error
    if _NULL.search(text):
        raise _wrong(field, "must not have a null character")


_ID = _whole(0, _MAX_ID)
_NUMBER = _whole(1, _MAX_ID)
_SIZE = _whole(0, MAX_AMOUNT)
_AMOUNT = _whole(1, MAX_AMOUNT)
_CHANGE = _whole(-MAX_AMOUNT, MAX_AMOUNT)
_INSTANT = _whole(0, NEVER_US, "must be an instant from 1970 on")
_NAME = _text(255)
_POINTS = (("currency_id", "currency", _ID), ("amount", "amount", _AMOUNT))
_HOLD = ("hold_id", "hold", _NUMBER)
_REASON = ("sys_ref", "sysRef", _optional(_ID))
_END = ("expires_at_us", "expiresAt", _INSTANT)

_FIELDS: dict[type, tuple[tuple[str, str, Check], ...]] = {
    Command: (
        ("key", "key", _text(400)),
        ("fingerprint", "fingerprint", _one_of(bytes)),
        ("effective_us", "effective", _optional(_INSTANT)),
        ("reference", "reference", _optional(_check_reference)),
        ("meta", "meta", _check_meta),
    ),
    Step: (("holder_id", "holder", _NUMBER),),
    Count: (
        ("name", "name", _NAME),
        ("period", "period", _NAME),
        ("by", "by", _CHANGE),
        ("currency_id", "currency", _optional(_ID)),
        ("limit", "limit", _optional(_SIZE)),
    ),
    Open: (
        ("program_id", "program", _NUMBER),
        ("kind", "kind", _one_of(HolderKind)),
    ),
    Award: (
        *_POINTS,
        ("available_at_us", "availableAt", _optional(_INSTANT)),
        _END,
        _REASON,
        ("order_line", "orderLine", _optional(_SIZE)),
        ("order_unit", "orderUnit", _optional(_SIZE)),
        ("policy", "policy", _check_policy),
    ),
    Earn: (("awards", "awards", _one_of(tuple)),),
    Approve: (("seq", "transaction", _NUMBER),),
    Redeem: (*_POINTS, ("cause", "cause", _one_of(bool)), _REASON),
    Authorize: (
        *_POINTS,
        ("expires_at_us", "expiresAt", _optional(_INSTANT)),
        ("expect", "expect", _optional(_check_lots)),
    ),
    Extend: (_HOLD, _END),
    Capture: (
        _HOLD,
        ("amount", "amount", _optional(_AMOUNT)),
        ("final", "final", _one_of(bool)),
        ("cause", "cause", _one_of(bool)),
        _REASON,
    ),
    Void: (_HOLD,),
    Reverse: (
        ("seq", "transaction", _NUMBER),
        ("amount", "amount", _optional(_AMOUNT)),
        ("grace_us", "grace", _optional(_SIZE)),
    ),
    Adjust: (
        ("currency_id", "currency", _ID),
        ("amount", "amount", _CHANGE),
        _END,
        ("owes", "owes", _one_of(bool)),
    ),
    Send: _POINTS,
    Receive: (("sender", "sender", _NUMBER),),
    Exchange: (
        *_POINTS,
        ("into", "into", _ID),
        ("gives", "rate", _AMOUNT),
        ("takes", "rate", _AMOUNT),
        _END,
        ("policy", "policy", _check_policy),
    ),
    SetStatus: (("status", "status", _one_of(HolderStatus)),),
    Note: (),
}
"""What each field must be: its name in Python, the one in errors, and the check."""
