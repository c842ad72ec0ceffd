"""A program as one document: currencies, rules, tiers and rewards.

Applying a document creates what is missing and updates what is there, by code; it never
removes, and applying it again changes nothing. What was decided under an earlier state
stays as it was recorded.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from core.engine import Engine
from core.errors import ConfigurationError
from core.extension import in_place
from core.extension.documents import write
from core.extension.reward_documents import accept_config
from core.ledger.codes import STOCK_UNIT, HolderKind
from core.ledger.commands import (
    Adjust,
    Command,
    Open,
    Operation,
    Step,
    fingerprint_of,
)
from core.program.definition_rows import DefinitionWriter
from core.program.document import Document, RewardPart
from core.program.refusals import accepted
from core.program.validation import first_problem


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
    writer = DefinitionWriter(engine, document, configs)
    program_id = await engine.database.configure(writer.write)
    for stock_holder_id, units in writer.stocks.items():
        await _open_stock(engine, program_id, stock_holder_id, units)
    return program_id


def _config(engine: Engine, reward: RewardPart) -> tuple[str, int, int | None]:
    """Return a reward's config as stored, its version, and how many units there are."""
    reward_type = engine.registry.reward_type(reward.type)
    if reward_type is None:
        raise ConfigurationError(
            f"reward {reward.code}: no plugin brings the reward type {reward.type!r}"
        )
    config = accept_config(reward_type, reward.config)
    capacity = in_place.capacity(reward_type, config)
    return write(config), reward_type.version, capacity


async def _open_stock(
    engine: Engine, program_id: int, holder_id: int, units: int
) -> None:
    """Create the holder that counts a reward's units, and fill it once."""
    await _post(engine, holder_id, "open", Open(program_id, HolderKind.STOCK))
    if units:
        await _post(engine, holder_id, "fill", Adjust(STOCK_UNIT, units))


async def _post(
    engine: Engine, holder_id: int, name: str, operation: Operation
) -> None:
    key = f"definition:{name}"
    command = Command(key, fingerprint_of(key, {}), (Step(holder_id, operation),))
    accepted(await engine.ledger.post(command))
