"""Figures of a program, summed up from what is stored."""

from dataclasses import dataclass

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import RewardNotFoundError
from core.ledger.codes import HolderKind
from core.ledger.totals import Totals, totals
from core.program.access import needs

_CURRENCIES = (
    "SELECT currency_id, code FROM currency WHERE program_id = $1 ORDER BY currency_id"
)
_MEMBERS = "SELECT count(*) FROM member WHERE program_id = $1"
_ORDERS = "SELECT count(*) FROM activity WHERE program_id = $1 AND type = 'purchase'"
_AVAILABLE = (
    "SELECT coalesce(sum(w.available), 0) FROM wallet w "
    "JOIN holder h ON h.holder_id = w.holder_id WHERE h.program_id = $1 AND h.kind = $2"
)
_REDEMPTIONS = (
    "SELECT reward_type, count(*) FROM redemption "
    "WHERE program_id = $1 AND status = 'FULFILLED' GROUP BY reward_type ORDER BY 1"
)
_TIERS = (
    "SELECT t.code, (SELECT count(*) FROM member m WHERE m.program_id = t.program_id "
    "AND t.tier_id = (SELECT x.tier_id FROM tier x "
    "WHERE x.program_id = m.program_id AND x.threshold <= coalesce("
    "(SELECT k.value FROM counter k WHERE k.holder_id = m.holder_id "
    "AND k.name = 'earned' AND k.period = 'all'), 0) "
    "ORDER BY x.threshold DESC LIMIT 1)) "
    "FROM tier t WHERE t.program_id = $1 ORDER BY t.rank"
)
_BEST = (
    "SELECT m.holder_id, m.number FROM member m JOIN counter k "
    "ON k.holder_id = m.holder_id AND k.name = 'earned' AND k.period = 'all' "
    "WHERE m.program_id = $1 ORDER BY k.value DESC, m.number LIMIT $2"
)
_REWARDS = (
    "SELECT reward_id, code, reward_type FROM reward "
    "WHERE program_id = $1 AND is_active ORDER BY reward_id"
)

_REWARD = "SELECT 1 FROM reward WHERE reward_id = $1 AND program_id = $2"
_OF_REWARD = (
    "SELECT slot, count(*), CAST(sum(fulfilled_quantity) AS bigint), "
    "CAST(sum(price / quantity * fulfilled_quantity) AS bigint) FROM redemption "
    "WHERE reward_id = $1 AND status = 'FULFILLED' GROUP BY slot ORDER BY slot"
)


async def currency_totals(engine: Engine, program_id: int) -> dict[str, Totals]:
    """Return what became of each currency of a program, by code."""
    summed = await totals(engine.database, program_id)
    rows = await engine.database.read(_CURRENCIES, program_id)
    return {code: summed.get(one, Totals({})) for one, code in rows}


@needs(Scope.TOTALS_READ)
async def program_totals(engine: Engine, *, by: Actor) -> dict[str, Totals]:
    """Return what became of each currency of the caller's program, by code.

    Raises:
        ForbiddenError: the caller lacks `totals:read`.
    """
    return await currency_totals(engine, by.program_id)


@dataclass(frozen=True, slots=True)
class SlotTotals:
    """What was handed out of one slot of a reward, and the points it cost."""

    slot: str
    redemptions: int
    units: int
    points: int


@needs(Scope.TOTALS_READ)
async def reward_totals(
    engine: Engine, *, by: Actor, reward_id: int
) -> list[SlotTotals]:
    """Return what was handed out of a reward, by slot; of a donation, by cause.

    Raises:
        ForbiddenError: the caller lacks `totals:read`.
        RewardNotFoundError: the program has none such.
    """
    if not await engine.database.read(_REWARD, reward_id, by.program_id):
        raise RewardNotFoundError
    rows = await engine.database.read(_OF_REWARD, reward_id, bounded=False)
    return [SlotTotals(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Overview:
    """What a program is made of now."""

    members: int
    orders: int
    points_issued: int
    points_available: int
    redemptions: dict[str, int]
    tiers: dict[str, int]


@dataclass(frozen=True, slots=True)
class RewardSummary:
    """A reward on offer."""

    reward_id: int
    code: str
    reward_type: str


async def overview(engine: Engine, program_id: int) -> Overview:
    """Sum a program up: fulfilled redemptions by reward type, members by tier."""
    database = engine.database
    members, orders, available = [
        int((await database.read(sql, program_id, *more, bounded=False))[0][0])
        for sql, *more in (
            (_MEMBERS,),
            (_ORDERS,),
            (_AVAILABLE, int(HolderKind.MEMBER)),
        )
    ]
    summed = await totals(database, program_id)
    return Overview(
        members=members,
        orders=orders,
        points_issued=sum(one.issued for one in summed.values()),
        points_available=available,
        redemptions=_counts(
            await database.read(_REDEMPTIONS, program_id, bounded=False)
        ),
        tiers=_counts(await database.read(_TIERS, program_id, bounded=False)),
    )


def _counts(rows: list[tuple[str, int]]) -> dict[str, int]:
    return dict(rows)


async def best_members(
    engine: Engine, program_id: int, limit: int
) -> list[tuple[int, str]]:
    """Return id and number of the members who earned most, the first first."""
    rows = await engine.database.read(_BEST, program_id, limit, bounded=False)
    return [(holder_id, number) for holder_id, number in rows]


async def rewards(engine: Engine, program_id: int) -> list[RewardSummary]:
    """Return the rewards on offer, the oldest first."""
    rows = await engine.database.read(_REWARDS, program_id)
    return [RewardSummary(*row) for row in rows]
