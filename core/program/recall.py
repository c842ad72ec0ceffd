"""Calling off what does not take place: everybody gets the points back.

The operator gives them back, so no plugin is asked for permission; it is told, as far
as it can be reached. A recall that was interrupted goes on when it is asked for again.
"""

import logging
from dataclasses import dataclass

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import GuerdonError, InvalidInputError, RewardNotFoundError
from core.ledger.codes import RefusalCode
from core.ledger.commands import Command, Refused, fingerprint_of
from core.program import saga, saga_steps, stock
from core.program.access import needs
from core.program.redemption_row import Redemption, Status, load
from core.program.refusals import accepted
from core.program.validation import MAX_REASON, check_text

_REWARD = "SELECT 1 FROM reward WHERE reward_id = $1 AND program_id = $2"
_PAGE = (
    "SELECT holder_id, hold_id, status FROM redemption WHERE reward_id = $1 "
    "AND (holder_id > $2 OR (holder_id = $2 AND hold_id > $3)) "
    "AND ($4 = 0 OR slot = $5) ORDER BY holder_id, hold_id LIMIT 500"
)
_OPEN = {Status.FULFILLING, Status.UNKNOWN, Status.COMPENSATING}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a recall did: redemptions cancelled, and those that are not decided yet."""

    cancelled: int
    undecided: int


@needs(Scope.CATALOG_WRITE)
async def recall(
    engine: Engine, *, by: Actor, reward_id: int, slot: str | None, reason: str
) -> Recalled:
    """Take a slot of a reward off sale, and give back the points of all who have it.

    Points return as with any refund: to lots of the old dates, with the grace of their
    policy. Redemptions that have no clear answer yet are left to it; recall again then.

    Args:
        engine: the engine.
        by: the caller; needs `catalog:write`.
        reward_id: the reward.
        slot: which slot; None: all of them.
        reason: why, 1 to 500 characters; the members read it.

    Raises:
        ForbiddenError: the caller may not.
        InvalidInputError: the reason is empty or too long, or there is no such slot.
        RewardNotFoundError: the program has none such.
    """
    check_text(reason, "reason", MAX_REASON)
    if not await engine.database.read(_REWARD, reward_id, by.program_id):
        raise RewardNotFoundError
    slots = await stock.slots(engine, reward_id)
    if slot is not None and slot not in slots:
        raise InvalidInputError(field="slot", reason="the reward has none such")
    for one in slots if slot is None else (slot,):
        await stock.close(engine, reward_id, one)
    cancelled = undecided = 0
    place = (0, 0)
    while True:
        rows = await engine.database.read(
            _PAGE, reward_id, *place, int(slot is not None), slot or ""
        )
        for holder_id, hold_id, status in rows:
            place = (holder_id, hold_id)
            is_ready = status in {Status.FULFILLED, Status.REQUESTED}
            if is_ready and await _call_off(engine, by, place, reason):
                cancelled += 1
            elif is_ready or status in _OPEN:
                undecided += 1
        if not rows:
            return Recalled(cancelled, undecided)


async def _call_off(
    engine: Engine, by: Actor, place: tuple[int, int], reason: str
) -> bool:
    """Give the points back; False: it moved on meanwhile. Its units stay sold."""
    redemption = await load(engine, *place)
    if redemption is None:
        return False
    operation = saga.refund_of(redemption)
    change = redemption.change(Status.CANCELLED, reason=reason, ends=True)
    (own, *_) = await saga_steps.steps_of(engine, redemption, operation, change, None)
    steps = (own,)
    key = f"recall:{redemption.hold_id}:{redemption.attempts}:{redemption.status}"
    command = Command(
        key,
        fingerprint_of(key, {}),
        steps,
        meta={"reason": reason, "actor": by.client_id},
    )
    outcome = await engine.ledger.post(command)
    if isinstance(outcome, Refused) and outcome.code is RefusalCode.STATE_CONFLICT:
        return False
    accepted(outcome)
    await _tell(engine, redemption)
    return True


async def _tell(engine: Engine, redemption: Redemption) -> None:
    """Tell the plugin; whatever it says, the points are back."""
    reward_type = engine.registry.reward_type(redemption.reward_type)
    if reward_type is None or redemption.status != Status.FULFILLED:
        return
    try:
        request = await saga.request_of(engine, reward_type, redemption)
    except GuerdonError as error:
        _log.warning("a plugin could not be told of a recall: %s", error)
        return
    await engine.background.run(engine.host.revoke(reward_type, request))
