"""What publishing a version would do to members, where that can be counted."""

from dataclasses import dataclass
from typing import Any

from core.engine import Engine
from core.program import versions
from core.program.activities import EARNED
from core.program.differences import Difference, compare
from core.program.document import Document
from core.program.versions import Version

_EARNED = (
    "SELECT coalesce(k.value, 0) AS earned, count(*) AS members FROM member m "
    "LEFT JOIN counter k ON k.holder_id = m.holder_id AND k.name = $2 "
    "AND k.period = $3 WHERE m.program_id = $1 GROUP BY coalesce(k.value, 0)"
)


@dataclass(frozen=True, slots=True)
class Moves:
    """How many members would have a higher tier, and how many a lower one."""

    up: int
    down: int


async def difference(
    engine: Engine, version: Version, against: int | None = None
) -> list[Difference]:
    """Return what differs between a version and another one.

    Args:
        engine: the engine.
        version: the later one.
        against: number of the other; None: the one that stands, or if this one does,
            the one it came after.

    Raises:
        ProgramVersionNotFoundError: there is none of the number `against`.
    """
    new = await versions.document(engine, version.program_id, version.number)
    return compare(await _before(engine, version, against), new)


async def moves(engine: Engine, program_id: int, new: Document) -> Moves:
    """Count the members whose tier would be another one under *new*."""
    stands = await versions.published(engine, program_id)
    if stands is None:
        return Moves(0, 0)
    old = await versions.document(engine, program_id, stands.number)
    before, after = _thresholds(old), _thresholds(new)
    if before == after:
        return Moves(0, 0)
    rows = await engine.database.read(_EARNED, program_id, *EARNED, bounded=False)
    ranks = {code: rank for rank, (code, _) in enumerate(before)}
    up = down = 0
    for earned, members in rows:
        code, other = _tier(before, earned), _tier(after, earned)
        if code == other:
            continue
        if _rises(code, other, ranks, after):
            up += members
        else:
            down += members
    return Moves(up, down)


async def _before(
    engine: Engine, version: Version, against: int | None
) -> Document | None:
    if against is None:
        stands = await versions.published(engine, version.program_id)
        is_it = stands is None or stands.number == version.number
        against = version.base if is_it or stands is None else stands.number
    if against is None:
        return None
    return await versions.document(engine, version.program_id, against)


def _thresholds(document: Document) -> list[tuple[str, int]]:
    return [(one.code, one.threshold) for one in document.tiers]


def _tier(tiers: list[tuple[str, int]], earned: int) -> str | None:
    reached = [code for code, threshold in tiers if threshold <= earned]
    return reached[-1] if reached else None


def _rises(
    code: str | None,
    other: str | None,
    ranks: dict[str, int],
    after: list[tuple[str, int]],
) -> bool:
    """Tell whether the other tier is the higher one, by the ladder that has both."""
    if code is None or other is None:
        return code is None
    if other in ranks:
        return ranks[other] > ranks[code]
    later: dict[str, Any] = {one: rank for rank, (one, _) in enumerate(after)}
    return code not in later or later[other] > later[code]
