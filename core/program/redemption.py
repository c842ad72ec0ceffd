"""Redeem a reward: set aside, ask the plugin, take or give back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import (
    FulfillmentRefusedError,
    InvalidInputError,
    OutOfStockError,
    PriceChangedError,
)
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
from core.program import attempts, quotes, saga_steps, stock, waiting
from core.program.access import needs, require_member
from core.program.catalog import find_offer
from core.program.redemption_row import Redemption, Status
from core.program.refusals import accepted
from core.program.wish import (
    Wish,
    check_options_for,
    precheck,
    read_wish,
    refusal,
)

_KNOWN = (
    "SELECT 1 FROM journal WHERE holder_id = $1 AND idem_key = $2 "
    "UNION ALL SELECT 1 FROM refusal WHERE holder_id = $1 AND idem_key = $2"
)
_BY_KEY = "SELECT hold_id FROM redemption WHERE holder_id = $1 AND idem_key = $2"


@dataclass(frozen=True, slots=True)
class RedemptionResult:
    """A redemption and where it stands: `UNKNOWN` means that it is being finished."""

    holder_id: int
    hold_id: int
    status: str
    replayed: bool


@needs(Scope.REDEMPTIONS_WRITE)
async def redeem(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    key: str,
    holder_id: int,
    reward_id: int | None = None,
    options: Mapping[str, Any] | None = None,
    options_for: str | None = None,
    max_points: int | None = None,
    wait: bool = False,
    quote_id: str | None = None,
) -> RedemptionResult:
    """Spend a member's points on a reward: hold, ask the plugin, capture or release.

    Points, stock and the member's limit are reserved in one transaction. If the plugin
    gives no clear answer, the points stay held and the redemption is finished later.

    Args:
        engine: the engine.
        by: the caller; needs `redemptions:write`, a member only for itself.
        key: idempotency key.
        holder_id: the member.
        reward_id: the reward; or else a quote tells.
        options: as the reward type's model says.
        options_for: the reward type that the caller chose them for, if it said so.
        max_points: refuse if it costs more than this.
        wait: if too few are left, wait for some to come back; nothing is held then.
        quote_id: redeem exactly what was quoted, reward and options with it.

    Raises:
        InvalidInputError: it needs a reward or a quote, with which options and waiting
            do not go; or it is not a quote for this member.
        QuoteStaleError: it would be something else than was quoted; nothing changed.
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
        OutOfStockError: too few are left, or others wait for them.
        FulfillmentRefusedError: the partner said no; the points are back.
        PluginFailedError: the plugin broke its contract before anything was begun.
    """
    await require_member(engine, by, holder_id)
    _check_named(reward_id, options, quote_id, wait=wait)
    given = {"reward": reward_id, "options": options, "max_points": max_points}
    command_key = key_of(by.client_id, key)
    fingerprint = fingerprint_of(
        "redeem",
        {"member": holder_id}
        | given
        | ({"wait": True} if wait else {})
        | ({} if quote_id is None else {"quote": quote_id}),
    )
    wish = promise = None
    steps: tuple[Step, ...] = (Step(holder_id, Note()),)  # if answered by its key
    if not await engine.database.read(_KNOWN, holder_id, command_key):
        if quote_id is not None:
            promise = await quotes.recall(engine, by, holder_id, quote_id)
            reward_id, options = promise.reward_id, quotes.chosen(promise)
        offer = await find_offer(engine, by.program_id, reward_id or 0)
        check_options_for(offer, options_for)
        wish = await read_wish(engine, offer, holder_id, options)
        if promise is not None:
            await quotes.require_fresh(engine, promise, wish)
        if max_points is not None and wish.price > max_points:
            raise PriceChangedError(price=wish.price, max_points=max_points)
        await precheck(engine, wish)
        steps = await _beginning(engine, wish, command_key, wait=wait)
        if promise is not None:
            steps = await quotes.held_to(engine, promise, wish, steps)
    outcome = await engine.ledger.post(Command(command_key, fingerprint, steps))
    if stale := await quotes.stale_lots(engine, by, holder_id, quote_id, outcome):
        raise stale
    posted = accepted(outcome)
    redemption = await attempts.find(engine, holder_id, posted.seq)
    if not posted.replayed and wish is not None:
        redemption = await _first_attempt(engine, wish, redemption)
    if redemption.status == Status.FAILED:
        raise failure(redemption)
    return result_of(redemption, replayed=posted.replayed)


def _check_named(
    reward_id: int | None,
    options: Mapping[str, Any] | None,
    quote_id: str | None,
    *,
    wait: bool,
) -> None:
    """Check that the reward is named once: by itself, or by a quote."""
    if (reward_id is None) == (quote_id is None):
        reason = "is needed, or else a quoteId"
        raise InvalidInputError(field="rewardId", reason=reason)
    if quote_id is not None and options is not None:
        raise InvalidInputError(field="options", reason="are those of the quote")
    if quote_id is not None and wait:
        reason = "does not go with a quote: who waits is promised nothing"
        raise InvalidInputError(field="waitIfSoldOut", reason=reason)


async def _beginning(
    engine: Engine, wish: Wish, command_key: str, *, wait: bool
) -> tuple[Step, ...]:
    """Return the steps that set points, limit and units aside, or begin to wait."""
    holder_id, offer, units = wish.holder_id, wish.offer, wish.stock_holder_id
    if wait and units is not None:
        await waiting.require_sense(engine, wish, command_key)
        waiting_one = wish.redemption(engine, command_key, is_held=False)
        return (Step(holder_id, Note(), companions=(waiting_one,)),)
    if units is not None and (await stock.left(engine, units)).waiting:
        raise OutOfStockError(requested=wish.quantity, remaining=0)
    counter = saga_steps.limit_counter(offer.reward_id)
    counts = (Count(*counter, by=wish.quantity, limit=offer.limit_per_member),)
    points = Authorize(offer.currency_id, wish.price)
    redemption = wish.redemption(engine, command_key, is_held=True)
    steps = [Step(holder_id, points, counts, (redemption,))]
    if units is not None:
        steps.append(Step(units, Authorize(STOCK_UNIT, wish.quantity)))
    return tuple(steps)


async def _first_attempt(
    engine: Engine, wish: Wish, redemption: Redemption
) -> Redemption:
    """Ask the plugin, or see whether the turn of who waits has come already."""
    if redemption.status != Status.REQUESTED:
        work = attempts.fulfill(engine, wish.offer.reward_type, redemption)
        return await engine.background.run(work)
    await waiting.serve_if_first(engine, redemption)
    return await attempts.find(engine, redemption.holder_id, redemption.hold_id)


@needs(Scope.MEMBERS_READ, Scope.MEMBER_SELF)
async def find_by_key(
    engine: Engine, *, by: Actor, key: str, holder_id: int
) -> tuple[int, int] | None:
    """Return (holder, hold) of what the caller redeemed under *key*, or None.

    Raises:
        ForbiddenError: the caller may see no member.
        MemberNotFoundError: no such member.
    """
    await require_member(engine, by, holder_id)
    command_key = key_of(by.client_id, key)
    rows = await engine.database.read(_BY_KEY, holder_id, command_key)
    return (holder_id, rows[0][0]) if rows else None


def failure(redemption: Redemption) -> FulfillmentRefusedError:
    """Return why a redemption failed."""
    return refusal(
        redemption.reward_type,
        redemption.reason or "",
        redemption.refusal_type,
        redemption.refusal,
    )


def result_of(redemption: Redemption, *, replayed: bool) -> RedemptionResult:
    """Return where a redemption stands."""
    return RedemptionResult(
        redemption.holder_id, redemption.hold_id, redemption.status, replayed
    )
