"""The shape of a command: what could never be right, whatever the ledger holds.

Checked before anything is queued or looked up; nothing is stored of what fails here.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from core.errors import InvalidInputError
from core.ledger import policy
from core.ledger.codes import MAX_AMOUNT, NEVER_US
from core.ledger.commands import (
    Adjust,
    Authorize,
    Award,
    Capture,
    Command,
    Earn,
    Exchange,
    Extend,
    Receive,
    Redeem,
    Reverse,
    Send,
    Void,
)

_MAX_AWARDS = 1024
_MAX_KEY = 400


def check(command: Command) -> None:
    """Check a command.

    Raises:
        InvalidInputError: names the field, and what it must be.
    """
    if not 1 <= len(command.key) <= _MAX_KEY:
        raise InvalidInputError(
            field="key", reason=f"must have 1 to {_MAX_KEY} characters"
        )
    holders = [step.holder_id for step in command.steps]
    if not holders or len(set(holders)) != len(holders):
        raise InvalidInputError(
            field="steps", reason="must be for one or more holders, each named once"
        )
    _check_parcels(command)
    if command.effective_us is not None:
        _check_instant(command.effective_us, "effective")
    for step in command.steps:
        check_operation = _CHECKS.get(type(step.operation))
        if check_operation is not None:
            check_operation(step.operation)


def _check_parcels(command: Command) -> None:
    """What is sent must be received by the next step, and nothing else."""
    for step, after in pairwise(command.steps):
        is_received = (
            isinstance(after.operation, Receive)
            and after.operation.sender == step.holder_id
        )
        if isinstance(step.operation, Send) and not is_received:
            raise InvalidInputError(field="steps", reason="must receive what is sent")
    if isinstance(command.steps[-1].operation, Send):
        raise InvalidInputError(field="steps", reason="must receive what is sent")


def _check_earn(operation: Earn) -> None:
    if len(operation.awards) > _MAX_AWARDS:
        raise InvalidInputError(
            field="awards", reason=f"must not be more than {_MAX_AWARDS}"
        )
    for award in operation.awards:
        _check_award(award)


def _check_adjust(operation: Adjust) -> None:
    _check_amount(abs(operation.amount))
    _check_instant(operation.expires_at_us, "expiresAt")


def _check_spending(operation: Redeem | Send) -> None:
    _check_amount(operation.amount)


def _check_authorize(operation: Authorize) -> None:
    _check_amount(operation.amount)
    if operation.expires_at_us is not None:
        _check_instant(operation.expires_at_us, "expiresAt")


def _check_extend(operation: Extend) -> None:
    _check_number(operation.hold_id, "hold")
    _check_instant(operation.expires_at_us, "expiresAt")


def _check_capture(operation: Capture) -> None:
    _check_number(operation.hold_id, "hold")
    if operation.amount is not None:
        _check_amount(operation.amount)


def _check_void(operation: Void) -> None:
    _check_number(operation.hold_id, "hold")


def _check_reverse(operation: Reverse) -> None:
    _check_number(operation.seq, "transaction")
    if operation.amount is not None:
        _check_amount(operation.amount)
    if operation.grace_us is not None and not 0 <= operation.grace_us <= MAX_AMOUNT:
        raise InvalidInputError(field="grace", reason="must not be negative")


def _check_award(award: Award) -> None:
    _check_amount(award.amount)
    _check_policy(award.policy)
    _check_instant(award.expires_at_us, "expiresAt")
    if award.available_at_us is not None:
        _check_instant(award.available_at_us, "availableAt")
        if award.available_at_us >= award.expires_at_us:
            raise InvalidInputError(
                field="expiresAt", reason="must be after availableAt"
            )


def _check_exchange(operation: Exchange) -> None:
    _check_amount(operation.amount)
    _check_policy(operation.policy)
    _check_instant(operation.expires_at_us, "expiresAt")
    if operation.currency_id == operation.into:
        raise InvalidInputError(field="into", reason="must be another currency")
    for number in (operation.gives, operation.takes):
        if not 1 <= number <= MAX_AMOUNT:
            raise InvalidInputError(field="rate", reason="must be of positive numbers")


def _check_amount(amount: int) -> None:
    if type(amount) is not int or not 1 <= amount <= MAX_AMOUNT:
        raise InvalidInputError(
            field="amount", reason=f"must be a whole number from 1 to {MAX_AMOUNT}"
        )


def _check_number(number: int, field: str) -> None:
    if type(number) is not int or number < 1:
        raise InvalidInputError(field=field, reason="must be a positive number")


def _check_instant(instant_us: int, field: str) -> None:
    if type(instant_us) is not int or not 0 <= instant_us <= NEVER_US:
        raise InvalidInputError(field=field, reason="must be an instant from 1970 on")


def _check_policy(text: str) -> None:
    try:
        policy.read(text)
    except ValueError as error:
        raise InvalidInputError(field="policy", reason=str(error)) from error


_CHECKS: dict[type, Callable[[Any], None]] = {
    Earn: _check_earn,
    Adjust: _check_adjust,
    Redeem: _check_spending,
    Send: _check_spending,
    Authorize: _check_authorize,
    Extend: _check_extend,
    Capture: _check_capture,
    Void: _check_void,
    Reverse: _check_reverse,
    Exchange: _check_exchange,
}
"""Operations that carry numbers; the others have no shape to be wrong in."""
