"""Approvals: what a person decides about activities that wait for it.

Approved, the points ripen as their rule says and count for the tiers; rejected, they
are taken back and never counted. Of two who decide at once, one does.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import ApprovalStateError, TransactionNotFoundError
from core.ledger.codes import RefusalCode
from core.ledger.commands import (
    Approve,
    Command,
    Count,
    Note,
    Operation,
    Refused,
    Reverse,
    Step,
    fingerprint_of,
    key_of,
)
from core.ledger.companions import ActivityDecision
from core.program.access import needs, require_member
from core.program.activities import EARNED, points_of
from core.program.refusals import accepted
from core.program.validation import MAX_REASON, check_text

_FIND = "SELECT awards, approval FROM activity WHERE holder_id = $1 AND seq = $2"
_QUALIFYING = "SELECT currency_id FROM currency WHERE program_id = $1 AND is_qualifying"


class Approval(StrEnum):
    """Where the approval of an activity stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Decided:
    """The transaction of a decision; `activity_seq` is what it is about."""

    holder_id: int
    seq: int
    activity_seq: int
    replayed: bool


@needs(Scope.ACTIVITIES_APPROVE)
async def approve(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    key: str,
    holder_id: int,
    seq: int,
    reason: str | None = None,
) -> Decided:
    """Let the points of an activity ripen that waits for a decision.

    Args:
        engine: the engine.
        by: the caller; needs `activities:approve`.
        key: idempotency key.
        holder_id: the member.
        seq: the transaction of the activity.
        reason: why; recorded with the transaction.

    Raises:
        ForbiddenError: the caller may not decide.
        InvalidInputError: the reason is empty or too long.
        MemberNotFoundError: no such member.
        TransactionNotFoundError: no such activity.
        ApprovalStateError: it needs no decision, or one was made.
        IdempotencyConflictError: the key was used for something else.
        AmountTooLargeError: a counter would exceed 2^53-1.
    """
    decision = _Decision(holder_id, seq, Approval.APPROVED, reason)
    points = await _points(engine, by, decision)
    qualifying = await engine.database.read(_QUALIFYING, by.program_id)
    counts = tuple(
        Count(*EARNED, by=points[currency_id])
        for (currency_id,) in qualifying
        if currency_id in points
    )
    operation = Approve(seq) if points else Note()
    return await _decide(engine, by, key, decision, operation, counts)


@needs(Scope.ACTIVITIES_APPROVE)
async def reject(  # noqa: PLR0913  (keyword-only)
    engine: Engine, *, by: Actor, key: str, holder_id: int, seq: int, reason: str
) -> Decided:
    """Take the points of an activity back that waits for a decision.

    Args:
        engine: the engine.
        by: the caller; needs `activities:approve`.
        key: idempotency key.
        holder_id: the member.
        seq: the transaction of the activity.
        reason: why; recorded with the transaction.

    Raises:
        ForbiddenError: the caller may not decide.
        InvalidInputError: the reason is empty or too long.
        MemberNotFoundError: no such member.
        TransactionNotFoundError: no such activity.
        ApprovalStateError: it needs no decision, or one was made.
        IdempotencyConflictError: the key was used for something else.
    """
    decision = _Decision(holder_id, seq, Approval.REJECTED, reason)
    points = await _points(engine, by, decision)
    operation = Reverse(seq) if points else Note()
    return await _decide(engine, by, key, decision, operation)


@dataclass(frozen=True, slots=True)
class _Decision:
    holder_id: int
    seq: int
    approval: Approval
    reason: str | None


async def _points(engine: Engine, by: Actor, decision: _Decision) -> dict[int, int]:
    """Check what is decided about; return the points that it is about."""
    check_text(decision.reason, "reason", MAX_REASON)
    await require_member(engine, by, decision.holder_id)
    rows = await engine.database.read(_FIND, decision.holder_id, decision.seq)
    if not rows:
        raise TransactionNotFoundError
    ((awards, approval),) = rows
    if approval is None:
        raise ApprovalStateError(status="NOT_NEEDED")
    return points_of(awards)


async def _decide(  # noqa: PLR0913, PLR0917  (one call each)
    engine: Engine,
    by: Actor,
    key: str,
    decision: _Decision,
    operation: Operation,
    counts: tuple[Count, ...] = (),
) -> Decided:
    holder_id, seq, approval = decision.holder_id, decision.seq, decision.approval
    given = {"member": holder_id, "transaction": seq, "reason": decision.reason}
    meta = {"actor": by.client_id}
    if decision.reason is not None:
        meta["reason"] = decision.reason
    change = ActivityDecision(seq, approval.value)
    command = Command(
        key_of(by.client_id, key),
        fingerprint_of(approval.value, given),
        (Step(holder_id, operation, counts, (change,)),),
        meta=meta,
    )
    outcome = await engine.ledger.post(command)
    if isinstance(outcome, Refused) and outcome.code is RefusalCode.STATE_CONFLICT:
        raise ApprovalStateError(status=str(outcome.detail["status"]))
    posted = accepted(outcome)
    return Decided(holder_id, posted.seq, seq, posted.replayed)
