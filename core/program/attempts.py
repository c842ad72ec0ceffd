"""One attempt at a redemption: ask the plugin once, and move on by its answer."""

from core.engine import Engine
from core.errors import RedemptionNotFoundError
from core.extension.answers import NotFulfilled
from core.extension.reward_type import AnyRewardType
from core.program import saga
from core.program.redemption_row import Redemption, load


async def fulfill(
    engine: Engine, reward_type: AnyRewardType, redemption: Redemption
) -> Redemption:
    """Ask for the reward, and return the redemption as it stands then."""
    request = await saga.request_of(engine, reward_type, redemption)
    answer = await engine.host.fulfill(reward_type, request)
    await saga.settle(engine, redemption, answer)
    return await find(engine, redemption.holder_id, redemption.hold_id)


async def resume(
    engine: Engine, reward_type: AnyRewardType, redemption: Redemption
) -> None:
    """Ask what became of it; what certainly did not happen is asked for again."""
    request = await saga.request_of(engine, reward_type, redemption)
    answer = await engine.host.probe(reward_type, request)
    if isinstance(answer, NotFulfilled):
        await fulfill(engine, reward_type, redemption)
    else:
        await saga.settle(engine, redemption, answer)


async def compensate(engine: Engine, redemption: Redemption) -> Redemption:
    """Ask to take the reward back, and return the redemption as it stands then."""
    reward_type = engine.registry.reward_type(redemption.reward_type)
    if reward_type is not None:
        request = await saga.request_of(engine, reward_type, redemption)
        answer = await engine.host.revoke(reward_type, request)
        await saga.settle_revocation(engine, redemption, answer)
    return await find(engine, redemption.holder_id, redemption.hold_id)


async def find(engine: Engine, holder_id: int, hold_id: int) -> Redemption:
    """Return a redemption as it stands.

    Raises:
        RedemptionNotFoundError: there is none such.
    """
    redemption = await load(engine, holder_id, hold_id)
    if redemption is None:
        raise RedemptionNotFoundError
    return redemption
