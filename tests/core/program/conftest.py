"""A partner that does whatever a test wants, and the rewards it brings."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel, Field

from core.actors import Actor
from core.engine import Engine
from core.extension.answers import (
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    RevocationRefused,
    Unknown,
)
from core.extension.hookspecs import hookimpl
from core.extension.registry import Registry
from core.extension.reward_type import RewardType
from core.program import activities, definition, members
from core.settings import Settings
from plugins import discount, purchase, sign_up

PROGRAM = {
    "code": "main",
    "name": "Shop",
    "currencies": [{"code": "PTS", "name": "Points"}],
    "rules": [
        {
            "code": "purchase",
            "activity": "purchase",
            "currency": "PTS",
            "points": 1,
            "per": "amount_major",
        },
        {"code": "sign_up", "activity": "sign_up", "currency": "PTS", "points": 100},
    ],
    "tiers": [{"code": "bronze", "name": "Bronze", "threshold": 0}],
    "rewards": [
        {
            "code": "ticket",
            "type": "wayward",
            "name": "Ticket",
            "currency": "PTS",
            "price": 40,
            "limit_per_member": 3,
            "config": {"seats": 4},
        }
    ],
}


class WaywardConfig(BaseModel):
    """Config."""

    seats: int = Field(description="Seats.")


class WaywardTicket(BaseModel):
    """Fulfillment."""

    number: str = Field(description="Number.")


class Wayward(RewardType[WaywardConfig, None, WaywardTicket]):
    """Does what `script` says, one word for each call, then what is asked of it."""

    code = "wayward"
    config, options, fulfillment = WaywardConfig, None, WaywardTicket

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop  # the test's; plugins have one of their own
        self.script: list[str] = []
        self.calls: list[tuple[str, str]] = []
        self.given: set[str] = set()
        self.was_called = asyncio.Event()

    def capacity(self, config: WaywardConfig) -> int | None:
        return config.seats

    async def _act(self, name: str, token: str) -> str:
        self.calls.append((name, token))
        self._loop.call_soon_threadsafe(self.was_called.set)
        word = self.script.pop(0) if self.script else "fine"
        if word == "hang":
            await asyncio.sleep(30)
        if word == "raise":
            raise RuntimeError("the partner is down")
        return word

    async def fulfill(self, request: Any) -> Any:
        word = await self._act("fulfill", request.token)
        if word == "refuse":
            raise FulfillmentRefused("sold out at the partner")
        if word == "lie":
            return "a ticket"
        self.given.add(request.token)
        if word == "crash after":
            raise RuntimeError("the answer was lost")
        return WaywardTicket(number=request.token[:4])

    async def probe(self, request: Any) -> Any:
        if await self._act("probe", request.token) == "unsure":
            return Unknown()
        if request.token in self.given:
            return Fulfilled(WaywardTicket(number=request.token[:4]))
        return NotFulfilled()

    async def revoke(self, request: Any) -> None:
        if await self._act("revoke", request.token) == "refuse":
            raise RevocationRefused("the show is over")
        self.given.discard(request.token)


@pytest.fixture
async def wayward() -> Wayward:
    return Wayward(asyncio.get_running_loop())


@pytest.fixture
def registry(wayward: Wayward) -> Registry:
    """The built-in plugins that these tests need, and the wayward partner."""
    return Registry.of(discount, purchase, sign_up, _Partner(wayward))


class _Partner:
    """A plugin as an object: its methods are hooks."""

    def __init__(self, wayward: Wayward) -> None:
        self._wayward = wayward

    @hookimpl
    def register_reward_types(self) -> list[Wayward]:
        return [self._wayward]


@pytest.fixture
async def engine(
    database_url: str, registry: Registry, clock: Any
) -> AsyncIterator[Engine]:
    """An open engine whose plugins have 200 ms to answer."""
    settings = Settings(database_url=database_url, plugin_deadline_ms=200)
    async with Engine.open(settings, registry, clock) as opened:
        yield opened


@pytest.fixture
async def program_id(engine: Engine) -> int:
    return await definition.apply(engine, PROGRAM)


@pytest.fixture
async def ada(engine: Engine, shop: Actor) -> int:
    """A member with 310 points."""
    ada = await members.enroll(engine, by=shop, key="ada", number="00001")
    await activities.record(
        engine,
        by=shop,
        key="order",
        holder_id=ada.holder_id,
        activity_type="purchase",
        payload={"order_id": "o1", "amount_minor": 31_000, "currency_code": "USD"},
    )
    return ada.holder_id


@pytest.fixture
async def ticket(engine: Engine, program_id: int) -> int:
    """The reward of the wayward partner."""
    rows = await engine.database.read(
        "SELECT reward_id FROM reward WHERE program_id = $1 AND code = 'ticket'",
        program_id,
    )
    reward_id: int = rows[0][0]
    return reward_id
