"""Redemptions that a person decides: no clear answer came in time.

The longest waiting comes first. What a person decided is recorded with its reason, and
wins over a partner's answer that comes later; who decides second is told so.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import (
    InvalidInputError,
    InvalidPayloadError,
    RedemptionNotFoundError,
    RedemptionStateError,
)
from core.extension.documents import UnacceptableError, accept, write
from core.ledger.codes import STOCK_UNIT
from core.ledger.commands import (
    Capture,
    Command,
    Count,
    Note,
    Operation,
    Redeem,
    Step,
    Void,
    fingerprint_of,
    key_of,
)
from core.ledger.companions import RedemptionChange
from core.program import attempts, saga, saga_steps
from core.program.access import needs
from core.program.redemption import RedemptionResult, result_of
from core.program.redemption_row import Redemption, Status
from core.program.refusals import accepted
from core.program.validation import MAX_REASON, check_text

_QUEUE = (
    "SELECT holder_id, hold_id FROM redemption WHERE program_id = $1 "
    "AND review_at_us IS NOT NULL AND review_at_us <= $2 "
    "ORDER BY review_at_us, holder_id, hold_id LIMIT $3"
)


class Resolution(StrEnum):
    """What a person decides."""

    FULFILLED = "FULFILLED"
    """The member has it: the points are taken."""

    FULFILLED_FREE = "FULFILLED_FREE"
    """The member has it, and keeps the points that came back too."""

    FAILED = "FAILED"
    """The member does not have it: the points stay with the member."""

    CANCELLED = "CANCELLED"
    """It was taken back: the points return."""


ALLOWED = {
    Status.FULFILLING: {Resolution.FULFILLED, Resolution.FAILED},
    Status.UNKNOWN: {Resolution.FULFILLED, Resolution.FAILED},
    Status.COMPENSATING: {Resolution.FULFILLED, Resolution.CANCELLED},
    Status.FAILED: set(Resolution) - {Resolution.CANCELLED},
}
"""What can be decided, by where the redemption stands."""


@needs(Scope.REDEMPTIONS_RESOLVE)
async def queue(engine: Engine, *, by: Actor, first: int) -> list[tuple[int, int]]:
    """Return the redemptions that wait for a person, as (holder, hold).

    Raises:
        ForbiddenError: the caller lacks `redemptions:resolve`.
    """
    now_us = engine.clock.now_us()
    rows = await engine.database.read(_QUEUE, by.program_id, now_us, first)
    return [(holder_id, hold_id) for holder_id, hold_id in rows]


@needs(Scope.REDEMPTIONS_RESOLVE)
async def resolve(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    key: str,
    holder_id: int,
    hold_id: int,
    resolution: Resolution,
    reason: str,
    fulfillment: Mapping[str, Any] | None = None,
) -> RedemptionResult:
    """Decide what became of a redemption that waits for a person.

    Args:
        engine: the engine.
        by: the caller; needs `redemptions:resolve`.
        key: idempotency key.
        holder_id: the member.
        hold_id: the redemption's number.
        resolution: the decision.
        reason: why, 1 to 500 characters; recorded.
        fulfillment: what the member got, as the reward type's model has it; what a
            partner told late is kept if this is None.

    Raises:
        ForbiddenError: the caller may not.
        InvalidInputError: the reason is empty or too long.
        InvalidPayloadError: the fulfillment does not fit.
        RedemptionNotFoundError: no such redemption.
        RedemptionStateError: it does not wait for a person, or not for this decision.
        InsufficientPointsError: the points that came back are spent.
        OutOfStockError: the units that came back are taken.
        IdempotencyConflictError: the key was used for something else.
    """
    check_text(reason, "reason", MAX_REASON)
    redemption = await attempts.find(engine, holder_id, hold_id)
    if redemption.program_id != by.program_id:
        raise RedemptionNotFoundError
    given = {
        "redemption": [holder_id, hold_id],
        "resolution": resolution,
        "reason": reason,
        "fulfillment": fulfillment,
    }
    command_key = key_of(by.client_id, key)
    steps: tuple[Step, ...] = (Step(holder_id, Note()),)  # if answered by its key
    if await _is_new(engine, holder_id, command_key):
        _check(engine, redemption, resolution)
        document = _document(engine, redemption, resolution, fulfillment)
        steps = await _steps(engine, redemption, resolution, reason, document)
    command = Command(
        command_key,
        fingerprint_of("resolve", given),
        steps,
        meta={"reason": reason, "actor": by.client_id, "resolution": resolution},
    )
    posted = accepted(await engine.ledger.post(command))
    return result_of(
        await attempts.find(engine, holder_id, hold_id), replayed=posted.replayed
    )


async def _is_new(engine: Engine, holder_id: int, command_key: str) -> bool:
    sql = "SELECT 1 FROM journal WHERE holder_id = $1 AND idem_key = $2"
    return not await engine.database.read(sql, holder_id, command_key)


def _check(engine: Engine, redemption: Redemption, resolution: Resolution) -> None:
    due_us = redemption.review_at_us
    is_waiting = due_us is not None and due_us <= engine.clock.now_us()
    allowed = ALLOWED.get(Status(redemption.status), set())
    if not is_waiting or resolution not in allowed:
        raise RedemptionStateError(status=redemption.status)


def _document(
    engine: Engine,
    redemption: Redemption,
    resolution: Resolution,
    fulfillment: Mapping[str, Any] | None,
) -> tuple[str | None, int | None]:
    """Return the fulfillment to be stored, and its version."""
    kept = (redemption.fulfillment, redemption.fulfillment_version)
    if fulfillment is None:
        return kept
    if resolution not in {Resolution.FULFILLED, Resolution.FULFILLED_FREE}:
        reason = "is given only when the member has it"
        raise InvalidInputError(field="fulfillment", reason=reason)
    reward_type = engine.registry.reward_type(redemption.reward_type)
    if reward_type is None:
        reason = "cannot be read: no plugin brings its type"
        raise InvalidInputError(field="fulfillment", reason=reason)
    try:
        model = accept(reward_type.fulfillment, fulfillment)
    except UnacceptableError as error:
        raise InvalidPayloadError(field=error.field, reason=error.reason) from error
    return write(model), reward_type.version


async def _steps(
    engine: Engine,
    redemption: Redemption,
    resolution: Resolution,
    reason: str,
    document: tuple[str | None, int | None],
) -> tuple[Step, ...]:
    """Return what is posted for a decision."""
    status = Status.FULFILLED
    if resolution in {Resolution.FAILED, Resolution.CANCELLED}:
        status = Status(resolution.value)
    operation = _operation(engine, redemption, resolution)
    units = redemption.fulfilled_quantity or redemption.quantity
    takes = isinstance(operation, (Capture, Redeem))
    is_late = status is Status.FULFILLED and redemption.status == Status.FAILED
    change = redemption.change(
        status,
        reason=reason,
        fulfillment=None if status is Status.FAILED else document[0],
        fulfillment_version=None if status is Status.FAILED else document[1],
        fulfilled_quantity=units if status is Status.FULFILLED else None,
        captures=takes,
        holds=is_late,
        ends=True,
    )
    if is_late:
        return _delivered_late(redemption, operation, change, units)
    return await saga_steps.steps_of(engine, redemption, operation, change, units)


def _operation(
    engine: Engine, redemption: Redemption, resolution: Resolution
) -> Operation:
    reward_type = engine.registry.reward_type(redemption.reward_type)
    is_cause = reward_type is not None and reward_type.benefits_cause
    sys_ref = redemption.reward_id
    match Status(redemption.status), resolution:
        case ((Status.FULFILLING | Status.UNKNOWN), Resolution.FULFILLED):
            return Capture(redemption.held, sys_ref=sys_ref, cause=is_cause)
        case ((Status.FULFILLING | Status.UNKNOWN), _):
            return Void(redemption.held)
        case Status.COMPENSATING, Resolution.CANCELLED:
            return saga.refund_of(redemption)
        case Status.FAILED, Resolution.FULFILLED:
            units = redemption.fulfilled_quantity or redemption.quantity
            price = redemption.price // redemption.quantity * units
            currency_id = redemption.currency_id
            return Redeem(currency_id, price, sys_ref=sys_ref, cause=is_cause)
        case _:
            return Note()


def _delivered_late(
    redemption: Redemption,
    operation: Operation,
    change: RedemptionChange,
    units: int,
) -> tuple[Step, ...]:
    """Take what had gone back: the units, and unless it is free the points."""
    counter = saga_steps.limit_counter(redemption.reward_id)
    counts = (Count(*counter, by=units),)
    steps = [Step(redemption.holder_id, operation, counts, (change,))]
    if redemption.stock_holder_id is not None:
        steps.append(Step(redemption.stock_holder_id, Redeem(STOCK_UNIT, units)))
    return tuple(steps)
