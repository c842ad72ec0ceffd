"""The units of rewards, and the points of budgets, that a document wants."""

import logging
from contextlib import suppress

from core.engine import Engine
from core.errors import ConfigurationError
from core.program import budgets, pools, stock
from core.program.definition_rows import RewardConfig
from core.program.standing import Checked

_REWARDS = "SELECT code, reward_id FROM reward WHERE program_id = $1"

_log = logging.getLogger(__name__)


async def supply_all(engine: Engine, program_id: int, checked: Checked) -> None:
    """See to it that each slot has its units, and each budget its points.

    A slot that is gone sells no more.

    Safe to repeat, and to finish after it was cut.
    """
    rows = await engine.database.read(_REWARDS, program_id)
    await _fund(engine, program_id, checked)
    ids: dict[str, int] = dict(rows)
    for part, config in zip(checked.document.rewards, checked.configs, strict=True):
        await _supply(engine, program_id, ids[part.code], config)


async def fund_new(engine: Engine, program_id: int, checked: Checked) -> None:
    """Give the budgets that are new their points, before any rule may want them.

    Those that were there get theirs once the document is published.
    """
    known = await budgets.find_all(engine, program_id)
    for one in checked.document.budgets:
        if one.code not in known:
            await budgets.supply(engine, program_id, one.code, one.points)


async def _fund(engine: Engine, program_id: int, checked: Checked) -> None:
    for one in checked.document.budgets:
        try:
            await budgets.supply(engine, program_id, one.code, one.points)
        except ConfigurationError as error:  # some were given since it was checked
            _log.warning("program %d: %s", program_id, error)


async def _supply(
    engine: Engine, program_id: int, reward_id: int, config: RewardConfig
) -> None:
    wanted = dict(config.capacity or {})
    present = await stock.slots(engine, reward_id)
    if config.uses_codes:
        wanted = {stock.CODES: await pools.count(engine, reward_id)}
    for slot, units in wanted.items():
        try:
            await stock.supply(engine, program_id, reward_id, slot, units)
        except ConfigurationError as error:
            # Some were sold since the document was checked: none are left, then.
            _log.warning("reward %d: %s", reward_id, error)
            with suppress(ConfigurationError):
                await stock.withdraw(engine, reward_id, slot)
    for slot in present.keys() - wanted.keys():
        await stock.withdraw(engine, reward_id, slot)
