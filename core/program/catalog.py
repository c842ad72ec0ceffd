"""The catalog: what a reward costs and what stands behind it."""

from dataclasses import dataclass

from core.engine import Engine
from core.errors import RewardNotFoundError, RewardUnavailableError
from core.extension.reward_type import AnyRewardType

_FIND = (
    "SELECT reward_type, currency_id, price, config, config_version, limit_per_member, "
    "is_active FROM reward WHERE reward_id = $1 AND program_id = $2"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward that can be redeemed; `config` is the stored document."""

    program_id: int
    reward_id: int
    reward_type: AnyRewardType
    currency_id: int
    price: int
    config: str
    config_version: int
    limit_per_member: int | None


@dataclass(frozen=True, slots=True)
class FoundReward:
    """A reward, and whether it can be redeemed at present."""

    offer: Offer
    is_on_offer: bool


async def find_offer(engine: Engine, program_id: int, reward_id: int) -> Offer:
    """Return a reward that is on offer.

    Raises:
        RewardNotFoundError: the program has none such.
        RewardUnavailableError: it is switched off, or its plugin is not installed.
    """
    found = await find_reward(engine, program_id, reward_id)
    if not found.is_on_offer:
        raise RewardUnavailableError(reason="it is switched off")
    return found.offer


async def find_reward(engine: Engine, program_id: int, reward_id: int) -> FoundReward:
    """Return a reward, on offer or not.

    Raises:
        RewardNotFoundError: the program has none such.
        RewardUnavailableError: its plugin is not installed.
    """
    rows = await engine.database.read(_FIND, reward_id, program_id)
    if not rows:
        raise RewardNotFoundError
    code, *columns, is_active = rows[0]
    reward_type = engine.registry.reward_type(code)
    if reward_type is None:
        raise RewardUnavailableError(reason="its reward type is not installed")
    offer = Offer(program_id, reward_id, reward_type, *columns)
    return FoundReward(offer, bool(is_active))
