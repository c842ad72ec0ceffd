"""The waiting list of a stock: who asked first is served first, when a unit is free.

A redemption that waits holds neither points nor units. When its turn comes both are set
aside, as for any other; if the member has too few points by then, it has failed and the
next one is served. Who wants more units than are left keeps its place, and those behind
it wait as well.
"""

from dataclasses import replace

from core.engine import Engine
from core.errors import OutOfStockError, RewardUnavailableError
from core.extension.answers import Refused as No
from core.extension.reward_type import AnyRewardType
from core.ledger.codes import STOCK_UNIT, RefusalCode
from core.ledger.commands import (
    Authorize,
    Command,
    Count,
    Note,
    Posted,
    Refused,
    Step,
    fingerprint_of,
)
from core.program import attempts, saga, saga_steps, stock
from core.program.redemption_row import Redemption, Status, load
from core.program.refusals import accepted, error_of
from core.program.wish import Wish

_LISTS = (
    "SELECT DISTINCT stock_holder_id FROM redemption "
    "WHERE status = 'REQUESTED' AND reward_type = $1"
)
_WAITS = (
    "SELECT 1 FROM redemption WHERE status = 'REQUESTED' AND stock_holder_id = $1 "
    "AND holder_id = $2"
)
_FIRST = (
    "SELECT holder_id, hold_id FROM redemption WHERE status = 'REQUESTED' "
    "AND stock_holder_id = $1 ORDER BY requested_at_us, holder_id, hold_id LIMIT 1"
)
_LIMIT = "SELECT limit_per_member FROM reward WHERE reward_id = $1"
_MOST_AT_ONCE = 100


async def serve_all(engine: Engine) -> int:
    """Serve every list as far as units are left, and return how many were served."""
    types = engine.registry.reward_types
    return sum([await serve_type(engine, one) for one in types])


async def serve_type(engine: Engine, reward_type: AnyRewardType) -> int:
    """Serve the lists of one reward type, and return how many were served."""
    lists = await engine.database.read(_LISTS, reward_type.code)
    return sum([await serve(engine, holder_id) for (holder_id,) in lists])


async def require_sense(engine: Engine, wish: Wish, command_key: str) -> None:
    """Check that waiting for *wish* can lead to anything.

    Raises:
        OutOfStockError: there are fewer units in all than it asks for.
        RewardUnavailableError: the slot is called off, or the member waits already.
        GuerdonError: the refusal of the ledger, if the member has too few points, has
            had it as often as is allowed, or is not active.
    """
    offer, holder_id, units = wish.offer, wish.holder_id, wish.stock_holder_id or 0
    total = await stock.total(engine, units)
    if total is None:
        raise RewardUnavailableError(reason="it was called off")
    if wish.quantity > total:
        raise OutOfStockError(requested=wish.quantity, remaining=total)
    if await engine.database.read(_WAITS, units, holder_id):
        raise RewardUnavailableError(reason="the member waits for it already")
    points = Authorize(offer.currency_id, wish.price)
    counter = saga_steps.limit_counter(offer.reward_id)
    count = Count(*counter, by=wish.quantity, limit=offer.limit_per_member)
    step = Step(holder_id, points, (count,))
    command = Command(command_key, fingerprint_of(command_key, {}), (step,))
    accepted((await engine.ledger.preview(command)).outcome)


async def serve_if_first(engine: Engine, redemption: Redemption) -> None:
    """Serve a redemption that has just begun to wait, if nobody is before it."""
    if redemption.stock_holder_id is None:
        return
    first = await _first(engine, redemption.stock_holder_id)
    if first is not None and first.token == redemption.token:
        await _serve_one(engine, redemption.stock_holder_id, first)


async def serve(engine: Engine, stock_holder_id: int) -> int:
    """Serve those who wait for a stock, and return how many were served."""
    for served in range(_MOST_AT_ONCE):
        first = await _first(engine, stock_holder_id)
        if first is None or not await _serve_one(engine, stock_holder_id, first):
            return served
    return _MOST_AT_ONCE


async def _first(engine: Engine, stock_holder_id: int) -> Redemption | None:
    rows = await engine.database.read(_FIRST, stock_holder_id)
    return await load(engine, *rows[0]) if rows else None


async def _serve_one(
    engine: Engine, stock_holder_id: int, redemption: Redemption
) -> bool:
    """Serve the first in line; False: not now."""
    reward_type = engine.registry.reward_type(redemption.reward_type)
    if reward_type is None or engine.host.rests(reward_type):
        return False
    total = await stock.total(engine, stock_holder_id)
    if total is None or redemption.quantity > total:
        await _give_up(engine, redemption, "there are not so many units any more")
        return True
    if not await _can_pay(engine, reward_type, redemption):
        return True  # it makes room for the next one
    if (await stock.left(engine, stock_holder_id)).units < redemption.quantity:
        return False
    outcome = await _hold(engine, reward_type, redemption)
    if isinstance(outcome, Posted):
        held = await attempts.find(engine, redemption.holder_id, redemption.hold_id)
        if not outcome.replayed:
            await engine.background.run(attempts.fulfill(engine, reward_type, held))
    elif outcome.code is RefusalCode.OUT_OF_STOCK:
        # Somebody was quicker. The refusal stays under its key: take another one.
        await saga.claim(engine, redemption)
        return False
    elif outcome.code is not RefusalCode.STATE_CONFLICT:  # else another served it
        await _give_up(engine, redemption, str(error_of(outcome)))
    return True


async def _can_pay(
    engine: Engine, reward_type: AnyRewardType, redemption: Redemption
) -> bool:
    """Tell whether points and limit allow it; if not, it has failed."""
    (own, *_) = await _holding(engine, reward_type, redemption)
    key = f"saga:{redemption.hold_id}:{redemption.attempts}:look"
    own = replace(own, companions=())
    command = Command(key, fingerprint_of(key, {}), (own,))
    outcome = (await engine.ledger.preview(command)).outcome
    if isinstance(outcome, Refused):
        await _give_up(engine, redemption, str(error_of(outcome)))
    return not isinstance(outcome, Refused)


async def _hold(
    engine: Engine, reward_type: AnyRewardType, redemption: Redemption
) -> Posted | Refused:
    """Set points, limit and units aside."""
    steps = await _holding(engine, reward_type, redemption)
    key = f"saga:{redemption.hold_id}:{redemption.attempts}:hold"
    return await engine.ledger.post(Command(key, fingerprint_of(key, {}), steps))


async def _holding(
    engine: Engine, reward_type: AnyRewardType, redemption: Redemption
) -> tuple[Step, ...]:
    rows = await engine.database.read(_LIMIT, redemption.reward_id)
    counter = saga_steps.limit_counter(redemption.reward_id)
    count = Count(*counter, by=redemption.quantity, limit=rows[0][0] if rows else None)
    change = redemption.change(
        Status.FULFILLING,
        holds=True,
        next_attempt_us=saga.lease_us(engine, reward_type),
        review_at_us=saga.review_us(engine, reward_type),
    )
    points = Authorize(redemption.currency_id, redemption.price)
    steps = [Step(redemption.holder_id, points, (count,), (change,))]
    if redemption.stock_holder_id is not None:
        units = Authorize(STOCK_UNIT, redemption.quantity)
        steps.append(Step(redemption.stock_holder_id, units))
    return tuple(steps)


async def _give_up(engine: Engine, redemption: Redemption, reason: str) -> None:
    change = redemption.change(Status.FAILED, reason=reason, ends=True)
    await saga.move(engine, redemption, "give up", Note(), change)


async def look_again(
    engine: Engine, reward_type: AnyRewardType, redemption: Redemption
) -> None:
    """Ask the plugin whether it still makes sense to wait."""
    request = await saga.request_of(engine, reward_type, redemption)
    answer = await engine.host.precheck(reward_type, request)
    if isinstance(answer, No):
        await _give_up(engine, redemption, answer.reason)
        return
    change = redemption.change(
        Status.REQUESTED, next_attempt_us=saga.look_again_us(engine)
    )
    await saga.move(engine, redemption, "wait on", Note(), change)
