"""Cancel a redemption; recall all of a slot that does not take place."""

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import (
    RevocationRefusedError,
)
from core.ledger.commands import (
    Command,
    Note,
    Step,
    fingerprint_of,
    key_of,
)
from core.ledger.companions import RedemptionChange
from core.program import attempts, saga, waiting
from core.program.access import needs, require_member
from core.program.redemption import RedemptionResult, result_of
from core.program.redemption_row import Redemption, Status
from core.program.refusals import accepted
from core.program.validation import MAX_REASON, check_text


@needs(Scope.REDEMPTIONS_WRITE)
async def cancel(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    key: str,
    holder_id: int,
    hold_id: int,
    reason: str | None = None,
) -> RedemptionResult:
    """Cancel a redemption: the plugin takes the reward back, and the points return.

    One that waits for its turn leaves the list.

    Raises:
        ForbiddenError: the caller may not cancel.
        InvalidInputError: the reason is empty or too long.
        MemberNotFoundError: no such member.
        RedemptionNotFoundError: no such redemption.
        IdempotencyConflictError: the key was used for something else.
        RedemptionStateError: it is not fulfilled, or cancelled already.
        RevocationRefusedError: the partner does not take it back; nothing changed.
    """
    check_text(reason, "reason", MAX_REASON)
    await require_member(engine, by, holder_id)
    redemption = await attempts.find(engine, holder_id, hold_id)
    given = {"redemption": [holder_id, hold_id], "reason": reason}
    command = Command(
        key_of(by.client_id, key),
        fingerprint_of("cancel", given),
        (Step(holder_id, Note(), companions=(_change(engine, redemption),)),),
        meta={"reason": reason, "actor": by.client_id},
    )
    posted = accepted(await engine.ledger.post(command))
    redemption = await attempts.find(engine, holder_id, hold_id)
    if not posted.replayed and redemption.status == Status.COMPENSATING:
        work = attempts.compensate(engine, redemption)
        redemption = await engine.background.run(work)
    if redemption.status == Status.CANCELLED and redemption.stock_holder_id is not None:
        engine.background.start(waiting.serve(engine, redemption.stock_holder_id))
    if redemption.status == Status.FULFILLED:
        raise RevocationRefusedError(reason=redemption.reason or "")
    return result_of(redemption, replayed=posted.replayed)


def _change(engine: Engine, redemption: Redemption) -> RedemptionChange:
    """Return the move that begins a cancellation; the ledger refuses a late one."""
    if redemption.status == Status.REQUESTED:
        return redemption.change(Status.CANCELLED, ends=True)
    reward_type = engine.registry.reward_type(redemption.reward_type)
    return redemption.change(
        Status.COMPENSATING,
        attempts=redemption.attempts + 1,
        next_attempt_us=saga.lease_us(engine, reward_type),
        review_at_us=saga.review_us(engine, reward_type),
        expected=(Status.FULFILLED.value, redemption.attempts),
    )
