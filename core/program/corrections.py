"""Corrections by staff: adjust a balance by hand, reverse a transaction."""

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import InvalidInputError, NotReversibleError
from core.ledger.codes import MAX_AMOUNT
from core.ledger.commands import (
    Adjust,
    Command,
    Count,
    Posted,
    Reverse,
    Step,
    fingerprint_of,
    key_of,
)
from core.ledger.companions import WAITING
from core.program.access import needs, require_member
from core.program.activities import EARNED
from core.program.refusals import accepted
from core.program.validation import MAX_REASON, check_text

_CURRENCY = "SELECT currency_id FROM currency WHERE program_id = $1 AND code = $2"
_QUALIFYING = "SELECT currency_id FROM currency WHERE program_id = $1 AND is_qualifying"
_REDEMPTION = "SELECT 1 FROM redemption WHERE holder_id = $1 AND captured_seq = $2"
_UNDECIDED = (
    "SELECT 1 FROM activity WHERE holder_id = $1 AND seq = $2 AND approval = $3"
)
_MAX_NAME = 80


@needs(Scope.LEDGER_ADJUST)
async def adjust(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    key: str,
    holder_id: int,
    currency: str,
    amount: int,
    reason: str,
    approved_by: str | None = None,
) -> Posted:
    """Correct a balance by hand, up or down.

    Args:
        engine: the engine.
        by: the caller; needs `ledger:adjust`.
        key: idempotency key.
        holder_id: the member.
        currency: code of the currency.
        amount: minor units to give (above 0) or take (below 0).
        reason: why; recorded with the transaction.
        approved_by: who else agreed, where that is asked for; recorded as well.

    Raises:
        ForbiddenError: the caller may not adjust.
        InvalidInputError: the amount is 0 or too large, the reason or who approved it
            empty or too long, or there is no such currency.
        MemberNotFoundError: no such member.
        IdempotencyConflictError: the key was used for something else.
        InsufficientPointsError: less is available than is to be taken.
    """
    check_text(reason, "reason", MAX_REASON)
    check_text(approved_by, "approvedBy", _MAX_NAME)
    if amount == 0 or abs(amount) > MAX_AMOUNT:
        raise InvalidInputError(field="amount", reason="must not be 0, nor too large")
    await require_member(engine, by, holder_id)
    found = await engine.database.read(_CURRENCY, by.program_id, currency)
    if not found:
        raise InvalidInputError(field="currency", reason="the program has none such")
    given = {"member": holder_id, "currency": currency, "amount": amount}
    meta = {"reason": reason, "actor": by.client_id}
    if approved_by is not None:
        meta["approver"] = approved_by
    command = Command(
        key_of(by.client_id, key),
        fingerprint_of("adjust", given | {"reason": reason, "approver": approved_by}),
        (Step(holder_id, Adjust(found[0][0], amount)),),
        meta=meta,
    )
    return accepted(await engine.ledger.post(command))


@needs(Scope.LEDGER_REVERSE)
async def reverse(  # noqa: PLR0913  (keyword-only)
    engine: Engine, *, by: Actor, key: str, holder_id: int, seq: int, reason: str
) -> Posted:
    """Reverse an earning or a redemption, whatever is left of it.

    Args:
        engine: the engine.
        by: the caller; needs `ledger:reverse`.
        key: idempotency key.
        holder_id: the member.
        seq: the transaction.
        reason: why; recorded with the transaction.

    Raises:
        ForbiddenError: the caller may not reverse.
        InvalidInputError: the reason is empty or too long.
        MemberNotFoundError: no such member.
        IdempotencyConflictError: the key was used for something else.
        TransactionNotFoundError: no such transaction.
        NotReversibleError: it is reversed already, of another kind, belongs to a
            redemption, which is to be cancelled instead, or waits for a decision.
    """
    check_text(reason, "reason", MAX_REASON)
    await require_member(engine, by, holder_id)
    if await engine.database.read(_REDEMPTION, holder_id, seq):
        raise NotReversibleError(reason="cancel the redemption it belongs to")
    if await engine.database.read(_UNDECIDED, holder_id, seq, WAITING):
        raise NotReversibleError(reason="it waits for a decision; reject it instead")
    currencies = await engine.database.read(_QUALIFYING, by.program_id)
    counts = tuple(Count(*EARNED, currency_id=one) for (one,) in currencies)
    given = {"member": holder_id, "transaction": seq, "reason": reason}
    command = Command(
        key_of(by.client_id, key),
        fingerprint_of("reverse", given),
        (Step(holder_id, Reverse(seq), counts),),
        meta={"reason": reason, "actor": by.client_id},
    )
    return accepted(await engine.ledger.post(command))
