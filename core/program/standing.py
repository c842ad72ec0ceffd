"""What a program that stands does not allow of the next document.

What members have cannot be taken from them by configuration: a currency with a history
stays, and so do its scale, the type of a reward, and units that are sold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.engine import Engine
from core.errors import ConfigurationError, PluginFailedError, ProgramFaultyError
from core.program import activity_types, budgets, faults, stock
from core.program.activity_types import RegisteredType
from core.program.definition_rows import RewardConfig
from core.program.document import Document
from core.program.document import read as read_document
from core.program.fitting import Fault
from core.program.reward_configs import Kept, config_of, standing

_DOCUMENT = (
    "SELECT document FROM program_version WHERE program_id = $1 AND state = 'PUBLISHED'"
)
_CURRENCIES = "SELECT code, scale, currency_id FROM currency WHERE program_id = $1"
_IS_HAD = "SELECT 1 FROM wallet WHERE currency_id = $1 LIMIT 1"
_IS_PRICE = "SELECT 1 FROM reward WHERE currency_id = $1 LIMIT 1"
_REWARDS = "SELECT code, reward_type, reward_id FROM reward WHERE program_id = $1"
_UNITS = (
    "SELECT s.slot, s.units, coalesce(w.available, 0), s.is_closed FROM stock s "
    "LEFT JOIN wallet w ON w.holder_id = s.holder_id WHERE s.reward_id = $1"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A document without faults, and what its parts are stored as, in its order."""

    document: Document
    configs: tuple[RewardConfig, ...]
    types: tuple[RegisteredType, ...] = ()


async def check(
    engine: Engine,
    program_id: int | None,
    values: Any,
    *,
    types_may_come: bool = False,
) -> tuple[Checked | None, list[Fault]]:
    """Check a document whole; without faults it comes as it is to be stored.

    Args:
        engine: the engine.
        program_id: the program that it is for; None: a new one.
        values: the document.
        types_may_come: rules may name types of activity that are registered later.
    """
    codes: set[str] | None = set()
    if types_may_come:
        codes = None
    elif program_id is not None:
        codes = await _registered(engine, program_id)
    kept = {} if program_id is None else await standing(engine, program_id)
    untouched = {code: one.part for code, one in kept.items()}
    read = faults.read(values, engine.registry, codes, untouched)
    found = list(read.faults)
    if program_id is not None and "currencies" in read.parts:
        found += await _of_currencies(engine, program_id, read)
        found += await _of_rewards(engine, program_id, read, kept)
        found += await _of_budgets(engine, program_id, read)
    if found or read.document is None:
        return None, found
    document = read.document
    return (
        Checked(
            document,
            tuple(config_of(engine, one, kept) for one in document.rewards),
            tuple(_type(engine, one) for one in document.activities),
        ),
        [],
    )


def kept(engine: Engine, document: Document) -> Checked:
    """Return the document of a version that stands, to supply what it wants.

    It was checked when the version was published. Its types of activity are left out:
    they are rows already.

    Raises:
        ProgramFaultyError: the plugin of a reward is gone, or takes its config no more.
    """
    configs = []
    for place, reward in enumerate(document.rewards):
        path = f"rewards[{place}]"
        if engine.registry.reward_type(reward.type) is None:
            reason = f"no plugin brings the reward type {reward.type!r}"
            raise ProgramFaultyError(faults=[Fault(f"{path}.type", reason)])
        try:
            configs.append(config_of(engine, reward, {}))
        except ConfigurationError as error:
            fault = Fault(f"{path}.config", error.reason)
            raise ProgramFaultyError(faults=[fault]) from error
    return Checked(document, tuple(configs))


async def _registered(engine: Engine, program_id: int) -> set[str]:
    """Return the types of activity that stay, whatever the next document says."""
    found = await activity_types.find_all(engine, program_id)
    rows = await engine.database.read(_DOCUMENT, program_id)
    documented = {
        one.code for (text,) in rows for one in read_document(text).activities
    }
    return {one.code for one in found} - documented


async def _of_currencies(
    engine: Engine, program_id: int, read: faults.Read
) -> list[Fault]:
    found = []
    wanted = {part.code: place for place, part in read.parts["currencies"]}
    parts = {part.code: part for _, part in read.parts["currencies"]}
    is_whole = not any(one.path.startswith("currencies") for one in read.faults)
    for code, scale, currency_id in await engine.database.read(_CURRENCIES, program_id):
        if code in wanted:
            if parts[code].scale != scale:
                reason = (
                    f"cannot change from {scale}, since amounts are stored in minor "
                    "units; use another currency and an exchange"
                )
                found.append(Fault(f"currencies[{wanted[code]}].scale", reason))
            continue
        if is_whole and (why := await _kept(engine, currency_id)):
            found.append(Fault("currencies", f"{code} cannot go: {why}"))
    return found


async def _kept(engine: Engine, currency_id: int) -> str | None:
    """Return why a currency cannot go."""
    read = engine.database.read
    if await read(_IS_HAD, currency_id, bounded=False):
        return "members have, or had, points in it"
    if await read(_IS_PRICE, currency_id, bounded=False):
        return "rewards have been priced in it"
    return None


async def _of_rewards(
    engine: Engine, program_id: int, read: faults.Read, kept: Mapping[str, Kept]
) -> list[Fault]:
    found: list[Fault] = []
    rows = await engine.database.read(_REWARDS, program_id)
    before = {code: (kind, reward_id) for code, kind, reward_id in rows}
    wrong = {one.path.split(".")[0] for one in read.faults}
    for place, part in read.parts["rewards"]:
        path = f"rewards[{place}]"
        if part.code not in before:
            continue
        kind, reward_id = before[part.code]
        if part.type != kind:
            reason = f"cannot change from {kind}; use another code"
            found.append(Fault(f"{path}.type", reason))
        elif path not in wrong:
            try:
                config = config_of(engine, part, kept)
            except PluginFailedError as error:
                found.append(Fault(f"{path}.config", str(error)))
                continue
            units = await engine.database.read(_UNITS, reward_id)
            found += (Fault(f"{path}.config", why) for why in _of_units(config, units))
    return found


async def _of_budgets(
    engine: Engine, program_id: int, read: faults.Read
) -> list[Fault]:
    before = await budgets.find_all(engine, program_id)
    found = []
    for place, part in read.parts["budgets"]:
        budget = before.get(part.code)
        if budget is None or part.points >= budget.points - budget.left:
            continue
        reason = f"{budget.points - budget.left} points are given already"
        found.append(Fault(f"budgets[{place}].points", reason))
    return found


def _of_units(config: RewardConfig, units: list[tuple[Any, ...]]) -> Iterator[str]:
    if units and config.capacity is None and not config.uses_codes:
        yield "its units are counted, and that cannot end; use another code"
        return
    for slot, present, left, is_closed in units:
        wanted = (config.capacity or {}).get(slot)
        if wanted is None or is_closed or slot == stock.CODES:
            continue
        if present - wanted > left:
            named = f" of {slot}" if slot else ""
            yield (
                f"{present - wanted} units{named} cannot be taken away, since only "
                f"{left} are left"
            )


def _type(engine: Engine, part: Any) -> RegisteredType:
    given = part.model_dump()
    schema = given.pop("payload_schema")
    return activity_types.define(engine.registry, schema=schema, **given)
