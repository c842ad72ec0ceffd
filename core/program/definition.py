"""A program as one document: currencies, activities, rules, tiers and rewards.

Applying a document creates what is missing and updates what is there, by code; it never
removes, and applying it again changes nothing. What was decided under an earlier state
stays as it was recorded.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from core.engine import Engine
from core.errors import ConfigurationError, InvalidInputError
from core.extension import in_place
from core.extension.documents import write
from core.extension.reward_documents import accept_config
from core.program import activity_types, pools, stock
from core.program.activity_types import RegisteredType
from core.program.definition_rows import DefinitionWriter, RewardConfig
from core.program.document import ActivityPart, Document, RewardPart
from core.program.validation import first_problem

_TURNS = 10


async def find(engine: Engine, code: str | None = None) -> int | None:
    """Return the program *code*, or the oldest; None if there is none."""
    if code is None:
        sql = "SELECT program_id FROM program ORDER BY program_id LIMIT 1"
        rows = await engine.database.read(sql)
    else:
        sql = "SELECT program_id FROM program WHERE code = $1"
        rows = await engine.database.read(sql, code)
    return rows[0][0] if rows else None


async def apply(engine: Engine, values: Mapping[str, Any]) -> int:
    """Make the program what the document *values* says, and return its id.

    Raises:
        ConfigurationError: names the part of the document and says what is wrong.
    """
    try:
        document = Document.model_validate(values)
    except ValidationError as error:
        field, reason = first_problem(error)
        raise ConfigurationError(f"program document, {field}: {reason}") from error
    configs = [_config(engine, reward) for reward in document.rewards]
    types = [_activity_type(engine, part) for part in document.activities]
    writer = DefinitionWriter(engine, document, configs)
    now_us = engine.clock.now_us()

    def save(session: Session) -> int:
        program_id = writer.write(session)
        for one in types:
            activity_types.save(session, program_id, one, now_us)
        return program_id

    program_id = await _in_turn(engine, save)
    for config, reward_id in zip(configs, writer.reward_ids, strict=True):
        await _supply(engine, program_id, reward_id, config)
    return program_id


async def _in_turn(engine: Engine, save: Callable[[Session], int]) -> int:
    """Write the rows; of processes that write the same at once, the last find it."""
    for _ in range(_TURNS):
        with suppress(IntegrityError):
            return await engine.database.configure(save)
    return await engine.database.configure(save)


def _activity_type(engine: Engine, part: ActivityPart) -> RegisteredType:
    given = part.model_dump()
    try:
        return activity_types.define(
            engine.registry, schema=given.pop("payload_schema"), **given
        )
    except InvalidInputError as error:
        raise ConfigurationError(f"activity {part.code}: {error}") from error


def _config(engine: Engine, reward: RewardPart) -> RewardConfig:
    """Return a reward's config as stored, and how many units there are."""
    reward_type = engine.registry.reward_type(reward.type)
    if reward_type is None:
        raise ConfigurationError(
            f"reward {reward.code}: no plugin brings the reward type {reward.type!r}"
        )
    config = accept_config(reward_type, reward.config)
    return RewardConfig(
        document=write(config),
        version=reward_type.version,
        capacity=in_place.capacity(reward_type, config),
        uses_codes=in_place.uses_codes(reward_type, config),
    )


async def _supply(
    engine: Engine, program_id: int, reward_id: int, config: RewardConfig
) -> None:
    """See to it that each slot has its units; a slot that is gone sells no more."""
    wanted = dict(config.capacity or {})
    present = await stock.slots(engine, reward_id)
    if config.uses_codes:
        codes = await pools.count(engine, reward_id)
        wanted = {stock.CODES: codes}
    for slot, units in wanted.items():
        await stock.supply(engine, program_id, reward_id, slot, units)
    for slot in present.keys() - wanted.keys():
        await stock.withdraw(engine, reward_id, slot)
