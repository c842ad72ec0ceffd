"""Redeem a reward, cancel a redemption, finish what another process left."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import (
    FulfillmentRefusedError,
    GuerdonError,
    InvalidOptionsError,
    PriceChangedError,
    RedemptionNotFoundError,
    RevocationRefusedError,
)
from core.extension import in_place
from core.extension.answers import NotFulfilled
from core.extension.documents import write
from core.extension.reward_documents import accept_options
from core.extension.reward_type import AnyRewardType
from core.ledger.codes import STOCK_UNIT
from core.ledger.commands import (
    Authorize,
    Command,
    Count,
    Note,
    Step,
    fingerprint_of,
    key_of,
)
from core.ledger.companions import NewRedemption
from core.program import saga
from core.program.access import require, require_member
from core.program.catalog import Offer, find_offer
from core.program.refusals import accepted
from core.program.saga import Redemption, Status
from core.program.validation import MAX_REASON, check_text

_KNOWN = "SELECT 1 FROM journal WHERE holder_id = $1 AND idem_key = $2"
_BY_KEY = "SELECT hold_id FROM redemption WHERE holder_id = $1 AND idem_key = $2"
_RECOVERY_BATCH = 32

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RedemptionResult:
    """A redemption and where it stands: `UNKNOWN` means that it is being finished."""

    holder_id: int
    hold_id: int
    status: str
    replayed: bool


async def redeem(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    key: str,
    holder_id: int,
    reward_id: int,
    options: Mapping[str, Any] | None = None,
    options_for: str | None = None,
    max_points: int | None = None,
) -> RedemptionResult:
    """Spend a member's points on a reward: hold, ask the plugin, capture or release.

    Points, stock and the member's limit are reserved in one transaction. If the plugin
    gives no clear answer, the points stay held and the redemption is finished later.

    Args:
        engine: the engine.
        by: the caller; needs `redemptions:write`, a member only for itself.
        key: idempotency key.
        holder_id: the member.
        reward_id: the reward.
        options: as the reward type's model says.
        options_for: the reward type that the caller chose them for, if it said so.
        max_points: refuse if it costs more than this.

    Raises:
        ForbiddenError: the caller may not redeem.
        MemberNotFoundError: no such member.
        RewardNotFoundError: no such reward.
        RewardUnavailableError: it is not on offer.
        InvalidOptionsError: the options do not fit.
        PriceChangedError: it costs more than *max_points*.
        IdempotencyConflictError: the key was used for something else.
        MemberNotActiveError: the member is frozen or closed.
        InsufficientPointsError: the member has too few points.
        LimitReachedError: the member has had it as often as is allowed.
        OutOfStockError: too few are left.
        FulfillmentRefusedError: the partner said no; the points are back.
    """
    require(by, Scope.REDEMPTIONS_WRITE)
    await require_member(engine, by, holder_id)
    given = {"reward": reward_id, "options": options, "max_points": max_points}
    command_key = key_of(by.client_id, key)
    fingerprint = fingerprint_of("redeem", {"member": holder_id} | given)
    if await engine.database.read(_KNOWN, holder_id, command_key):
        steps: tuple[Step, ...] = (Step(holder_id, Note()),)  # answered by its key
        reward_type = None
    else:
        offer = await find_offer(engine, by.program_id, reward_id)
        _check_options_for(offer, options_for)
        reward_type = offer.reward_type
        steps = _reservation(engine, offer, command_key, holder_id, options, max_points)
    command = Command(command_key, fingerprint, steps)
    posted = accepted(await engine.ledger.post(command))
    redemption = await _load(engine, holder_id, posted.seq)
    if not posted.replayed and reward_type is not None:
        work = _fulfill(engine, reward_type, redemption)
        redemption = await engine.background.run(work)
    if redemption.status == Status.FAILED:
        raise FulfillmentRefusedError(reason=redemption.reason or "")
    return _result(redemption, replayed=posted.replayed)


def _check_options_for(offer: Offer, code: str | None) -> None:
    if code is not None and code != offer.reward_type.code:
        raise InvalidOptionsError(
            field=code, reason=f"this reward is of type {offer.reward_type.code}"
        )


def _reservation(  # noqa: PLR0913, PLR0917  (one call)
    engine: Engine,
    offer: Offer,
    command_key: str,
    holder_id: int,
    options: Mapping[str, Any] | None,
    max_points: int | None,
) -> tuple[Step, ...]:
    """Return the steps that set points, limit and stock aside."""
    chosen = accept_options(offer.reward_type, options)
    quantity = in_place.quantity(offer.reward_type, chosen)
    price = offer.price * quantity
    if max_points is not None and price > max_points:
        raise PriceChangedError(price=price, max_points=max_points)
    redemption = NewRedemption(
        program_id=offer.program_id,
        idem_key=command_key,
        reward_id=offer.reward_id,
        reward_type=offer.reward_type.code,
        config=offer.config,
        config_version=offer.config_version,
        options=None if chosen is None else write(chosen),
        quantity=quantity,
        currency_id=offer.currency_id,
        price=price,
        status=Status.FULFILLING,
        token=secrets.token_urlsafe(24),
        stock_holder_id=offer.stock_holder_id,
        next_attempt_us=saga.lease_us(engine, offer.reward_type),
    )
    counter = saga.limit_counter(offer.reward_id)
    counts = (Count(*counter, by=quantity, limit=offer.limit_per_member),)
    points = Authorize(offer.currency_id, price)
    steps = [Step(holder_id, points, counts, (redemption,))]
    if offer.stock_holder_id is not None:
        steps.append(Step(offer.stock_holder_id, Authorize(STOCK_UNIT, quantity)))
    return tuple(steps)


async def cancel(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    key: str,
    holder_id: int,
    hold_id: int,
    reason: str | None = None,
) -> RedemptionResult:
    """Cancel a fulfilled redemption: the plugin takes the reward back, points return.

    Raises:
        ForbiddenError: the caller may not cancel.
        InvalidInputError: the reason is empty or too long.
        MemberNotFoundError: no such member.
        RedemptionNotFoundError: no such redemption.
        IdempotencyConflictError: the key was used for something else.
        RedemptionStateError: it is not fulfilled, or cancelled already.
        RevocationRefusedError: the partner does not take it back; nothing changed.
    """
    require(by, Scope.REDEMPTIONS_WRITE)
    check_text(reason, "reason", MAX_REASON)
    await require_member(engine, by, holder_id)
    redemption = await _load(engine, holder_id, hold_id)
    change = redemption.change(
        Status.COMPENSATING,
        attempts=redemption.attempts + 1,
        next_attempt_us=saga.lease_us(engine, None),
        expected=(Status.FULFILLED.value, redemption.attempts),
    )
    given = {"redemption": [holder_id, hold_id], "reason": reason}
    command = Command(
        key_of(by.client_id, key),
        fingerprint_of("cancel", given),
        (Step(holder_id, Note(), companions=(change,)),),
        meta={"reason": reason, "actor": by.client_id},
    )
    posted = accepted(await engine.ledger.post(command))
    redemption = await _load(engine, holder_id, hold_id)
    if not posted.replayed:
        redemption = await engine.background.run(_compensate(engine, redemption))
    if redemption.status == Status.FULFILLED:
        raise RevocationRefusedError(reason=redemption.reason or "")
    return _result(redemption, replayed=posted.replayed)


async def find_by_key(
    engine: Engine, *, by: Actor, key: str, holder_id: int
) -> tuple[int, int] | None:
    """Return (holder, hold) of what the caller redeemed under *key*, or None."""
    await require_member(engine, by, holder_id)
    command_key = key_of(by.client_id, key)
    rows = await engine.database.read(_BY_KEY, holder_id, command_key)
    return (holder_id, rows[0][0]) if rows else None


async def recover(engine: Engine) -> int:
    """Move on with redemptions that wait for it, and return how many were moved.

    Any number of processes may do so at once.
    """
    due = await saga.load_due(engine, _RECOVERY_BATCH)
    moved = await asyncio.gather(*(_recover_one(engine, one) for one in due))
    return sum(moved)


async def _recover_one(engine: Engine, redemption: Redemption) -> bool:
    taken = await saga.claim(engine, redemption)
    if taken is None:
        return False
    reward_type = engine.registry.reward_type(taken.reward_type)
    if reward_type is None:
        _log.warning("no plugin brings %s: a redemption waits", taken.reward_type)
        return False
    try:
        if taken.status == Status.COMPENSATING:
            await _compensate(engine, taken)
        else:
            await _resume(engine, reward_type, taken)
    except GuerdonError:
        _log.exception("a redemption could not be moved on; it is tried again")
        return False
    return True


async def _resume(
    engine: Engine, reward_type: AnyRewardType, redemption: Redemption
) -> None:
    """Ask what became of it; what certainly did not happen is asked for again."""
    request = saga.request_of(reward_type, redemption)
    answer = await engine.host.probe(reward_type, request)
    if isinstance(answer, NotFulfilled):
        await _fulfill(engine, reward_type, redemption)
    else:
        await saga.settle(engine, redemption, answer)


async def _fulfill(
    engine: Engine, reward_type: AnyRewardType, redemption: Redemption
) -> Redemption:
    request = saga.request_of(reward_type, redemption)
    answer = await engine.host.fulfill(reward_type, request)
    await saga.settle(engine, redemption, answer)
    return await _load(engine, redemption.holder_id, redemption.hold_id)


async def _compensate(engine: Engine, redemption: Redemption) -> Redemption:
    reward_type = engine.registry.reward_type(redemption.reward_type)
    if reward_type is not None:
        request = saga.request_of(reward_type, redemption)
        answer = await engine.host.revoke(reward_type, request)
        await saga.settle_revocation(engine, redemption, answer)
    return await _load(engine, redemption.holder_id, redemption.hold_id)


async def _load(engine: Engine, holder_id: int, hold_id: int) -> Redemption:
    redemption = await saga.load(engine, holder_id, hold_id)
    if redemption is None:
        raise RedemptionNotFoundError
    return redemption


def _result(redemption: Redemption, *, replayed: bool) -> RedemptionResult:
    return RedemptionResult(
        redemption.holder_id, redemption.hold_id, redemption.status, replayed
    )
