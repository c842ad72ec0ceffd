"""Finishing what another process left: any number of processes may do so at once.

Each plugin's redemptions are looked after apart from those of others, so that one which
hangs keeps nobody else waiting.
"""

import asyncio
import logging

from core.engine import Engine
from core.errors import GuerdonError
from core.extension.answers import Doubt
from core.extension.breaker import State
from core.extension.reward_type import AnyRewardType
from core.program import attempts, saga, waiting
from core.program.redemption_row import Redemption, Status, load_due

_BATCH = 32
_ORPHANS = (
    "SELECT reward_type, count(*) FROM redemption "
    "WHERE next_attempt_us IS NOT NULL GROUP BY reward_type"
)

_log = logging.getLogger(__name__)


async def recover(engine: Engine) -> int:
    """Move on with redemptions that wait for it, and return how many were moved."""
    moved = await asyncio.gather(
        *(recover_type(engine, one) for one in engine.registry.reward_types)
    )
    return sum(moved)


async def recover_type(engine: Engine, reward_type: AnyRewardType) -> int:
    """Move on with the redemptions of one reward type, unless its plugin rests."""
    most = {State.CLOSED: _BATCH, State.TRYING: 1, State.OPEN: 0}
    limit = most[engine.host.state(reward_type)]
    due = await load_due(engine, reward_type.code, limit) if limit else []
    moved = await asyncio.gather(
        *(_recover_one(engine, reward_type, one) for one in due)
    )
    return sum(moved)


async def orphans(engine: Engine) -> dict[str, int]:
    """Return reward types that no plugin brings, and how many redemptions wait."""
    rows = await engine.database.read(_ORPHANS, bounded=False)
    return {
        code: count for code, count in rows if engine.registry.reward_type(code) is None
    }


async def _recover_one(
    engine: Engine, reward_type: AnyRewardType, redemption: Redemption
) -> bool:
    taken = await saga.claim(engine, redemption)
    if taken is None:
        return False
    try:
        if taken.status == Status.REQUESTED:
            await waiting.look_again(engine, reward_type, taken)
        elif taken.status == Status.COMPENSATING:
            await attempts.compensate(engine, taken)
        else:
            await attempts.resume(engine, reward_type, taken)
    except GuerdonError as error:
        _log.warning("a redemption could not be moved on, it is tried later: %s", error)
        await _try_later(engine, taken)
        return False
    return True


async def _try_later(engine: Engine, redemption: Redemption) -> None:
    """Ask again later each time, as after any other doubt."""
    doubt = Doubt("could not be asked", was_asked=False)
    if redemption.status == Status.COMPENSATING:
        await saga.settle_revocation(engine, redemption, doubt)
    elif redemption.status != Status.REQUESTED:
        await saga.settle(engine, redemption, doubt)
