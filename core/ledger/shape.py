"""The shape of a command: what could never be right, whatever the ledger holds.

Checked before anything is queued or looked up; nothing is stored of what fails here.
"""

from collections.abc import Sequence
from typing import Any, get_args

from core.ledger.codes import NEVER_US, HolderKind, HolderStatus
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
from core.ledger.grants import Cap, CapUnit, Draw, Grant, OnExceed
from core.ledger.shape_checks import (
    AMOUNT,
    CHANGE,
    ID,
    INSTANT,
    NAME,
    NUMBER,
    SIZE,
    UNSTORABLE,
    Check,
    check_lots,
    check_meta,
    check_policy,
    check_reference,
    one_of,
    optional,
    text,
    wrong,
)

_OPERATIONS = frozenset(get_args(Operation))
_MAX_AWARDS = 1024
__all__ = ["UNSTORABLE", "check"]


def check(command: Command) -> None:
    """Check a command.

    Raises:
        InvalidInputError: names the field, and what it must be.
    """
    _check_fields(command)
    if command.key.startswith(RESERVED):
        raise wrong("key", "must not begin as the ledger's own keys do")
    for step in command.steps:
        _check_step(step)
    _check_order(command.steps)
    opens = isinstance(command.steps[0].operation, Open)
    if opens and command.effective_us is not None:
        raise wrong("effective", "must be left out: a holder is opened now")


def _check_fields(value: Any) -> None:
    """Check a value field by field."""
    for attribute, field, check_field in _FIELDS[type(value)]:
        check_field(getattr(value, attribute), field)


def _check_step(step: Step) -> None:
    operation = step.operation
    if type(operation) not in _OPERATIONS:
        raise wrong("operation", "must be one of the ledger's")
    _check_fields(step)
    _check_fields(operation)
    for count in step.counts:
        _check_fields(count)
    match operation:
        case Earn():
            _check_awards(operation.awards)
            _check_grants(operation)
        case Adjust(amount=0):
            raise wrong("amount", "must not be 0")
        case Exchange(currency_id=currency_id, into=into) if currency_id == into:
            raise wrong("into", "must be another currency")


def _check_awards(awards: Sequence[Award]) -> None:
    if len(awards) > _MAX_AWARDS:
        raise wrong("awards", f"must not be more than {_MAX_AWARDS}")
    for award in awards:
        _check_fields(award)
        ripens_at_us = award.available_at_us
        waits = ripens_at_us == award.expires_at_us == NEVER_US
        if not (ripens_at_us is None or ripens_at_us < award.expires_at_us or waits):
            raise wrong("expiresAt", "must be after availableAt")


def _check_grants(operation: Earn) -> None:
    """Check that grants have awards to give, and follow what is before them."""
    grants = operation.grants
    for at, grant in enumerate(grants):
        _check_fields(grant)
        if any(type(one) is not int or not 0 <= one < at for one in grant.follows):
            raise wrong("grants", "must follow grants before them")
        for cap in grant.caps:
            _check_fields(cap)
            if not cap.periods:
                raise wrong("caps", "must have a period")
            for period in cap.periods:
                NAME(period, "period")
    if grants and sum(grant.awards for grant in grants) != len(operation.awards):
        raise wrong("grants", "must be of all awards")


def _check_order(steps: Sequence[Step]) -> None:
    """Check what only the steps together can tell."""
    holders = [step.holder_id for step in steps]
    if not holders or len(set(holders)) != len(holders):
        raise wrong("steps", "must be for one or more holders, each named once")
    before: Step | None = None
    for step in steps:
        operation = step.operation
        if isinstance(operation, Receive):
            _check_parcel(operation, before)
        elif before is not None and isinstance(before.operation, Send):
            raise wrong("steps", "must receive what is sent")
        elif isinstance(operation, Draw) and not isinstance(steps[0].operation, Earn):
            raise wrong("steps", "must earn what they draw on a budget")
        elif isinstance(operation, Open) and (len(steps) > 1 or step.counts):
            raise wrong("steps", "must open a holder by itself")
        before = step
    if before is not None and isinstance(before.operation, Send):
        raise wrong("steps", "must receive what is sent")


def _check_parcel(operation: Receive, before: Step | None) -> None:
    """Check that the step before sends, or sends back, what is received."""
    if before is None or not isinstance(before.operation, (Send, Reverse)):
        raise wrong("steps", "must send what is received")
    if operation.sender != before.holder_id:
        raise wrong("sender", "must be the holder of the step before")


_POINTS = (("currency_id", "currency", ID), ("amount", "amount", AMOUNT))
_HOLD = ("hold_id", "hold", NUMBER)
_REASON = ("sys_ref", "sysRef", optional(ID))
_END = ("expires_at_us", "expiresAt", INSTANT)

_FIELDS: dict[type, tuple[tuple[str, str, Check], ...]] = {
    Command: (
        ("key", "key", text(400)),
        ("fingerprint", "fingerprint", one_of(bytes)),
        ("effective_us", "effective", optional(INSTANT)),
        ("reference", "reference", optional(check_reference)),
        ("meta", "meta", check_meta),
    ),
    Step: (("holder_id", "holder", NUMBER),),
    Count: (
        ("name", "name", NAME),
        ("period", "period", NAME),
        ("by", "by", CHANGE),
        ("currency_id", "currency", optional(ID)),
        ("limit", "limit", optional(SIZE)),
    ),
    Open: (
        ("program_id", "program", NUMBER),
        ("kind", "kind", one_of(HolderKind)),
    ),
    Award: (
        *_POINTS,
        ("available_at_us", "availableAt", optional(INSTANT)),
        _END,
        _REASON,
        ("order_line", "orderLine", optional(SIZE)),
        ("order_unit", "orderUnit", optional(SIZE)),
        ("policy", "policy", check_policy),
    ),
    Earn: (
        ("awards", "awards", one_of(tuple)),
        ("grants", "grants", one_of(tuple)),
    ),
    Grant: (
        ("awards", "grants", SIZE),
        ("caps", "caps", one_of(tuple)),
        ("follows", "grants", one_of(tuple)),
        ("budget", "budget", optional(NUMBER)),
    ),
    Cap: (
        ("name", "name", NAME),
        ("periods", "period", one_of(tuple)),
        ("limit", "limit", AMOUNT),
        ("unit", "unit", one_of(CapUnit)),
        ("on_exceed", "onExceed", one_of(OnExceed)),
        ("resets_at_us", "resetsAt", optional(INSTANT)),
    ),
    Draw: (("amount", "amount", SIZE),),
    Approve: (("seq", "transaction", NUMBER),),
    Redeem: (*_POINTS, ("cause", "cause", one_of(bool)), _REASON),
    Authorize: (
        *_POINTS,
        ("expires_at_us", "expiresAt", optional(INSTANT)),
        ("expect", "expect", optional(check_lots)),
    ),
    Extend: (_HOLD, _END),
    Capture: (
        _HOLD,
        ("amount", "amount", optional(AMOUNT)),
        ("final", "final", one_of(bool)),
        ("cause", "cause", one_of(bool)),
        _REASON,
    ),
    Void: (_HOLD,),
    Reverse: (
        ("seq", "transaction", NUMBER),
        ("amount", "amount", optional(AMOUNT)),
        ("grace_us", "grace", optional(SIZE)),
    ),
    Adjust: (
        ("currency_id", "currency", ID),
        ("amount", "amount", CHANGE),
        _END,
        ("owes", "owes", one_of(bool)),
    ),
    Send: _POINTS,
    Receive: (("sender", "sender", NUMBER),),
    Exchange: (
        *_POINTS,
        ("into", "into", ID),
        ("gives", "rate", AMOUNT),
        ("takes", "rate", AMOUNT),
        _END,
        ("policy", "policy", check_policy),
    ),
    SetStatus: (("status", "status", one_of(HolderStatus)),),
    Note: (),
}
"""What each field must be: its name in Python, the one in errors, and the check."""
