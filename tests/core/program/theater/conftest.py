"""A program with a theater, and two members with 100 points each."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import GuerdonError
from core.extension.registry import Registry
from core.ledger.verify import verify
from core.program import corrections, definition, members, redemption
from plugins import purchase, sign_up
from tests.core.program.conftest import PROGRAM
from tests.core.program.theater.showtime import (
    EVENINGS,
    SECRET,
    Plugin,
    Theater,
    reward,
)

REWARDS = [
    reward("play", showings=EVENINGS),
    reward("film"),
    reward("late", adults_only=True),
    reward("opera", has_codes=True),
]

Redeem = Callable[..., Awaitable[redemption.RedemptionResult]]


@pytest.fixture
def theater() -> Theater:
    return Theater()


@pytest.fixture
def registry(theater: Theater) -> Registry:
    environment = {"GUERDON_PLUGIN_PLUGIN_CALLBACK_SECRET": SECRET}
    return Registry.of(purchase, sign_up, Plugin(theater), environment=environment)


@pytest.fixture
async def program_id(engine: Engine) -> int:
    return await definition.apply(engine, {**PROGRAM, "rewards": REWARDS})


@pytest.fixture
def staff(program_id: int) -> Actor:
    return Actor(program_id, "desk", Role.STAFF)


@pytest.fixture
def admin(program_id: int) -> Actor:
    return Actor(program_id, "office", Role.ADMIN)


@pytest.fixture
async def ada(engine: Engine, shop: Actor, staff: Actor) -> int:
    return await _member(engine, shop, staff, "ada")


@pytest.fixture
async def bob(engine: Engine, shop: Actor, staff: Actor) -> int:
    return await _member(engine, shop, staff, "bob")


async def _member(engine: Engine, shop: Actor, staff: Actor, name: str) -> int:
    found = await members.enroll(engine, by=shop, key=name)
    await corrections.adjust(
        engine,
        by=staff,
        key=name,
        holder_id=found.holder_id,
        currency="PTS",
        amount=100,
        reason="welcome",
    )
    return found.holder_id


@pytest.fixture
async def rewards(engine: Engine, program_id: int) -> dict[str, int]:
    """The rewards by code."""
    sql = "SELECT code, reward_id FROM reward WHERE program_id = $1"
    return dict(await engine.database.read(sql, program_id))


@pytest.fixture
def redeem(engine: Engine, shop: Actor, rewards: dict[str, int]) -> Redeem:
    """Redeems for a member: `await redeem(ada, "play", showing="fri")`."""
    count = iter(range(1_000))

    async def of(
        holder_id: int, code: str, *, key: str = "", wait: bool = False, **options: Any
    ) -> redemption.RedemptionResult:
        return await redemption.redeem(
            engine,
            by=shop,
            key=key or f"r{next(count)}",
            holder_id=holder_id,
            reward_id=rewards[code],
            options=options,
            wait=wait,
        )

    return of


class Box:
    """What the box office knows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def points(self, holder_id: int) -> tuple[int, int]:
        """Return what a member has, and what is held."""
        await self._engine.background.drain()
        sql = (
            "SELECT available, held FROM wallet "
            "WHERE holder_id = $1 AND currency_id > 0"
        )
        return (await self._engine.database.read(sql, holder_id))[0]  # type: ignore[return-value]

    async def units(self, slot: str) -> tuple[int, int]:
        """Return what is left of a slot, and what is reserved."""
        sql = (
            "SELECT coalesce(w.available, 0), coalesce(w.held, 0) FROM stock s "
            "LEFT JOIN wallet w ON w.holder_id = s.holder_id WHERE s.slot = $1"
        )
        return (await self._engine.database.read(sql, slot))[0]  # type: ignore[return-value]

    async def counted(self, holder_id: int) -> int:
        """Return the units that count towards limits."""
        sql = (
            "SELECT coalesce(sum(value), 0) FROM counter "
            "WHERE holder_id = $1 AND name <> 'earned'"
        )
        return int((await self._engine.database.read(sql, holder_id))[0][0])

    async def column(self, result: Any, name: str) -> Any:
        """Return a column of a redemption, when nothing goes on any more."""
        await self._engine.background.drain()
        sql = f"SELECT {name} FROM redemption WHERE holder_id = $1 AND hold_id = $2"
        read = self._engine.database.read
        return (await read(sql, result.holder_id, result.hold_id))[0][0]

    async def status(self, result: Any) -> str:
        """Return where a redemption stands."""
        return str(await self.column(result, "status"))


@pytest.fixture
async def box(engine: Engine) -> Any:
    """Looks at the state; at the end of each test the ledger proves itself."""
    yield Box(engine)
    assert (await verify(engine.database)).findings == ()


async def refused(work: Awaitable[Any]) -> GuerdonError:
    """Return the error that *work* ends with."""
    with pytest.raises(GuerdonError) as caught:
        await work
    return caught.value
