"""What the rewards of a document are stored as.

A reward that the document before had just so stays as it is stored, whatever version of
its plugin wrote it: who changes a rule need not know what a plugin has renamed since.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.engine import Engine
from core.extension import in_place
from core.extension.documents import write
from core.extension.reward_documents import accept_config, read_config
from core.program.definition_rows import RewardConfig
from core.program.document import RewardPart, read

_DOCUMENT = (
    "SELECT document FROM program_version WHERE program_id = $1 AND state = 'PUBLISHED'"
)
_ROWS = (
    "SELECT code, config, config_version FROM reward "
    "WHERE program_id = $1 AND is_active"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A reward as it stands: its part of the document, and how it is stored."""

    part: RewardPart
    config: str
    version: int


async def standing(engine: Engine, program_id: int) -> Mapping[str, Kept]:
    """Return the rewards of the document that stands, by code."""
    documents = await engine.database.read(_DOCUMENT, program_id)
    parts = {one.code: one for (text,) in documents for one in read(text).rewards}
    rows = await engine.database.read(_ROWS, program_id)
    return {
        code: Kept(parts[code], config, version)
        for code, config, version in rows
        if code in parts
    }


def config_of(
    engine: Engine, reward: RewardPart, kept: Mapping[str, Kept]
) -> RewardConfig:
    """Return a reward's config as stored, and how many units there are.

    Raises:
        ConfigurationError: the config is not as its type wants it.
        PluginFailedError: the plugin raised, or cannot read what it stored.
    """
    reward_type: Any = engine.registry.reward_type(reward.type)
    before = kept.get(reward.code)
    if before is not None and before.part == reward:
        text, version = before.config, before.version
        config = read_config(reward_type, text, version)
    else:
        config = accept_config(reward_type, reward.config)
        text, version = write(config), reward_type.version
    return RewardConfig(
        document=text,
        version=version,
        capacity=in_place.capacity(reward_type, config),
        uses_codes=in_place.uses_codes(reward_type, config),
    )
