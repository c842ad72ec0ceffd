"""Pools of codes: what an operator loads, and each redemption gets some of for itself.

A code belongs to one redemption for ever, unless that failed: then nothing was shown,
and the code goes back. It is drawn after its unit was reserved, so there is one; two
processes that work on the same redemption draw the same codes.
"""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select, update

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import InvalidInputError, RewardNotFoundError, RewardUnavailableError
from core.ledger.shape import UNSTORABLE
from core.program import stock
from core.program.access import needs
from core.storage import program_tables as tables

MAX_CODES = 10_000
"""Most codes of one call."""

_MAX_LENGTH = 200
_Pool = tables.PoolCode


@needs(Scope.CATALOG_WRITE)
async def add(
    engine: Engine, *, by: Actor, reward_id: int, codes: Sequence[str]
) -> tuple[int, int]:
    """Load codes into a reward's pool; those that it has already are left out.

    Loading the same codes again changes nothing, so it needs no key.

    Args:
        engine: the engine.
        by: the caller; needs `catalog:write`.
        reward_id: the reward.
        codes: each 1 to 200 characters without space around it.

    Returns:
        How many were new, and how many the pool has now in all, used ones among them.

    Raises:
        ForbiddenError: the caller may not.
        RewardNotFoundError: the program has none such.
        RewardUnavailableError: the reward has no pool.
        InvalidInputError: a code is empty, too long, or has space around it.
    """
    _check(codes)
    sql = "SELECT 1 FROM reward WHERE reward_id = $1 AND program_id = $2"
    if not await engine.database.read(sql, reward_id, by.program_id):
        raise RewardNotFoundError
    if stock.CODES not in await stock.slots(engine, reward_id):
        raise RewardUnavailableError(reason="it has no pool of codes")

    def load(session: Session) -> tuple[int, int]:
        # The stock's row is the lock: loads of one pool take turns.
        session.exec(
            select(tables.Stock)
            .where(tables.Stock.reward_id == reward_id)
            .with_for_update()
        ).all()
        known = set(
            session.exec(select(_Pool.code).where(_Pool.reward_id == reward_id))
        )
        new = [code for code in dict.fromkeys(codes) if code not in known]
        last = session.exec(
            select(func.max(_Pool.number)).where(_Pool.reward_id == reward_id)
        ).one()
        for number, code in enumerate(new, start=(last or 0) + 1):
            session.add(_Pool(reward_id=reward_id, number=number, code=code))
        return len(new), len(known) + len(new)

    added, total = await engine.database.configure(load)
    await stock.supply(engine, by.program_id, reward_id, stock.CODES, total)
    return added, total


async def count(engine: Engine, reward_id: int) -> int:
    """Return how many codes a pool has in all, used ones among them."""
    sql = "SELECT count(*) FROM pool_code WHERE reward_id = $1"
    return int((await engine.database.read(sql, reward_id))[0][0])


async def draw(
    engine: Engine, reward_id: int, token: str, quantity: int
) -> tuple[str, ...]:
    """Return the codes of the redemption *token*: the same ones for ever.

    Raises:
        RewardUnavailableError: there are fewer than were reserved; load more.
    """

    def take(session: Session) -> list[str]:
        _take(session, reward_id, token, quantity)
        mine = _drawn(session, reward_id, token)
        if len(mine) < quantity:
            _take_back(session, reward_id)
            _take(session, reward_id, token, quantity)
            mine = _drawn(session, reward_id, token)
        return mine

    try:
        codes = await engine.database.configure(take)
    except IntegrityError:  # another process drew for the same redemption: its codes
        codes = await engine.database.configure(
            lambda session: _drawn(session, reward_id, token)
        )
    if len(codes) < quantity:
        raise RewardUnavailableError(reason="its pool has no code left")
    return tuple(codes)


def _take(session: Session, reward_id: int, token: str, quantity: int) -> None:
    """Give free codes to *token*, until it has *quantity* or there are no more."""
    has = len(_drawn(session, reward_id, token))
    free = session.exec(
        select(_Pool)
        .where(_Pool.reward_id == reward_id, col(_Pool.token).is_(None))
        .order_by(col(_Pool.number))
        .limit(max(0, quantity - has))
        .with_for_update(skip_locked=True)
    ).all()
    for place, row in enumerate(free, start=has):
        row.token, row.place = token, place
        session.add(row)
    session.flush()


def _drawn(session: Session, reward_id: int, token: str) -> list[str]:
    found = session.exec(
        select(_Pool.code)
        .where(_Pool.reward_id == reward_id, _Pool.token == token)
        .order_by(col(_Pool.place))
    )
    return list(found)


def _take_back(session: Session, reward_id: int) -> None:
    """Free the codes of redemptions that failed: nobody has seen them."""
    table = tables.Redemption
    failed = select(table.token).where(
        table.reward_id == reward_id,
        table.status == "FAILED",
        col(table.fulfillment).is_(None),  # else it was delivered after all
    )
    session.exec(
        update(_Pool)
        .where(col(_Pool.reward_id) == reward_id, col(_Pool.token).in_(failed))
        .values(token=None, place=None)
    )


def _check(codes: Sequence[str]) -> None:
    if not 1 <= len(codes) <= MAX_CODES:
        raise InvalidInputError(field="codes", reason=f"must be 1 to {MAX_CODES}")
    for place, code in enumerate(codes):
        if (
            not 1 <= len(code) <= _MAX_LENGTH
            or code != code.strip()
            or UNSTORABLE.search(code)
        ):
            raise InvalidInputError(
                field=f"codes.{place}",
                reason=f"must have 1 to {_MAX_LENGTH} characters, without space around",
            )
