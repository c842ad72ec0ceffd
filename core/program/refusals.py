"""From a refusal of the ledger, which is data, to the error that callers handle."""

from collections.abc import Callable

from core import errors
from core.clock import from_us
from core.ledger.codes import RefusalCode
from core.ledger.commands import Outcome, Posted, Refused
from core.ledger.state import Detail

_WHY: dict[str, str] = {
    "REVERSED": "it is reversed already",
    "SEVERAL_CURRENCIES": "it moved several currencies; reverse it whole",
    "NOT_RECEIVED": "a transfer goes back to the holder who sent it",
    "NOT_SENT": "it was not received from another holder",
}


def _limit_reached(detail: Detail) -> errors.LimitReachedError:
    """Return the error of a limit; to come too soon is to come more than once."""
    unit = str(detail.get("unit", "times"))
    resets_at_us = detail.get("resets_at")
    return errors.LimitReachedError(
        limit=1 if unit == "gap" else int(detail["limit"]),
        unit="times" if unit == "gap" else unit,
        resets_at=None if resets_at_us is None else from_us(int(resets_at_us)),
        is_of_rule="unit" in detail,
    )


_ERRORS: dict[RefusalCode, Callable[[Detail], errors.GuerdonError]] = {
    RefusalCode.INSUFFICIENT_POINTS: lambda detail: errors.InsufficientPointsError(
        required=int(detail["required"]), available=int(detail["available"])
    ),
    RefusalCode.OUT_OF_STOCK: lambda detail: errors.OutOfStockError(
        requested=int(detail["required"]), remaining=int(detail["available"])
    ),
    RefusalCode.LIMIT_REACHED: _limit_reached,
    RefusalCode.HOLDER_UNKNOWN: lambda _: errors.MemberNotFoundError(),
    RefusalCode.HOLDER_NOT_ACTIVE: lambda _: errors.MemberNotActiveError(),
    RefusalCode.HOLDER_EXISTS: lambda _: errors.IdentifierTakenError(kind="member"),
    RefusalCode.TRANSACTION_UNKNOWN: lambda _: errors.TransactionNotFoundError(),
    RefusalCode.HOLD_UNKNOWN: lambda _: errors.RedemptionNotFoundError(),
    RefusalCode.HOLD_CLOSED: lambda _: errors.RedemptionStateError(status="ENDED"),
    RefusalCode.HOLD_EXPIRED: lambda _: errors.RedemptionStateError(status="EXPIRED"),
    RefusalCode.STATE_CONFLICT: lambda detail: errors.RedemptionStateError(
        status=str(detail["status"])
    ),
    RefusalCode.KEY_REUSED: lambda _: errors.IdempotencyConflictError(),
    RefusalCode.REFERENCE_REUSED: lambda _: errors.IdempotencyConflictError(),
    RefusalCode.AMOUNT_TOO_LARGE: lambda _: errors.AmountTooLargeError(),
    RefusalCode.TOO_MANY_LOTS: lambda _: errors.AmountTooLargeError(),
    RefusalCode.HOLDER_CLOSED: lambda _: errors.MemberNotActiveError(),
    RefusalCode.CURRENCY_UNKNOWN: lambda _: errors.InvalidInputError(
        field="currency", reason="the program has none such"
    ),
    RefusalCode.NOT_REDEEMABLE: lambda _: errors.CurrencyRuleError(
        rule="it cannot be spent"
    ),
    RefusalCode.NOT_TRANSFERABLE: lambda _: errors.CurrencyRuleError(
        rule="it cannot be transferred"
    ),
    RefusalCode.AMOUNT_TOO_SMALL: lambda detail: errors.AmountTooSmallError(
        required=int(detail["required"])
    ),
    RefusalCode.EXPIRY_NOT_LATER: lambda _: errors.InvalidInputError(
        field="expiresAt", reason="must be later than now, and than the present end"
    ),
    RefusalCode.NOT_WAITING: lambda _: errors.ApprovalStateError(status="DECIDED"),
    RefusalCode.IN_THE_FUTURE: lambda detail: not_in_the_past(int(detail["now"])),
    RefusalCode.NOT_REVERSIBLE: lambda detail: errors.NotReversibleError(
        reason=_WHY.get(str(detail["kind"]), f"it is of kind {detail['kind']}")
    ),
    RefusalCode.QUOTE_STALE: lambda detail: errors.QuoteStaleError(
        reason="LOTS",
        quoted_price=int(detail["required"]),
        price=int(detail["required"]),
    ),
    RefusalCode.EXCEEDS_ORIGINAL: lambda detail: errors.NotReversibleError(
        reason=f"only {detail['available']} are left of it"
    ),
}


def accepted(outcome: Outcome) -> Posted:
    """Return what was posted.

    Raises:
        GuerdonError: the one that says why it was refused.
    """
    if isinstance(outcome, Refused):
        raise error_of(outcome)
    return outcome


def not_in_the_past(now_us: int) -> errors.InvalidInputError:
    """Return the error of an instant that lies ahead; it tells the server's time."""
    now = from_us(now_us).isoformat(timespec="milliseconds")
    return errors.InvalidInputError(
        field="occurredAt", reason=f"must lie between 1970 and now, {now}"
    )


def error_of(refused: Refused) -> errors.GuerdonError:
    """Return the error that a refusal is shown as."""
    return _ERRORS[refused.code](refused.detail)
