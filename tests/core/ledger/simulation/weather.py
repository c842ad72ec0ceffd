"""What goes wrong, and when: all from one random source."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from core.ledger.ledger import Ledger
from core.ledger.memory_store import MemoryStore
from core.ledger.requests import GuardError, RetryError, T, Transaction
from core.ledger.store import Store

START_US = 1_800_000_000_000_000
SECOND_US = 1_000_000
STEPS_S = (-3_600, -5, -1, 1, 60, 86_400)
"""How clocks are set, now and then: back, ahead, and far ahead."""

RARELY, OFTEN, MOSTLY = 0.03, 0.3, 0.7
HOW_LIKELY = (0.0, RARELY, RARELY, RARELY, OFTEN, OFTEN, MOSTLY)


@dataclass
class Weather:
    """How likely each failure is in this run, and how often it happened.

    After `calm_at_s` nothing fails any more, so that everybody can be answered.
    """

    chance: Random
    calm_at_s: float = 40.0
    seen: Counter[str] = field(default_factory=Counter)
    likely: dict[str, float] = field(default_factory=dict)

    def strikes(self, what: str) -> bool:
        """Tell whether this happens now."""
        if asyncio.get_running_loop().time() > self.calm_at_s:
            return False
        if what not in self.likely:
            self.likely[what] = self.chance.choice(HOW_LIKELY)
        happens = self.chance.random() < self.likely[what]
        self.seen[what] += happens
        return happens

    async def delay(self) -> None:
        """Take a while; whoever began later may be done before."""
        await asyncio.sleep(self.chance.choice([0.0, 0.001, 0.01, 0.1, 1.0]))


class WrongClock:
    """A clock that is set now and then, as clocks of servers are."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather
        self._off_us = weather.chance.choice([0, 0, -600, 600]) * SECOND_US

    def now_us(self) -> int:
        if self._weather.strikes("clock set"):
            self._off_us += self._weather.chance.choice(STEPS_S) * SECOND_US
        passed_us = int(asyncio.get_running_loop().time() * SECOND_US)
        return START_US + passed_us + self._off_us

    def new_id(self) -> int:
        return self._weather.chance.getrandbits(63)


class FaultyStore(Store):
    """A store that is slow, fails before and amid and after its work, and dies."""

    def __init__(self, store: MemoryStore, weather: Weather, lanes: int) -> None:
        self.lanes = lanes
        self.is_dead = False
        self._store = store
        self._weather = weather

    async def run(self, begin: Callable[[], Transaction[T]]) -> T:
        weather = self._weather
        await self._pause()
        if weather.strikes("failed before"):
            raise RetryError("it never began")
        if weather.strikes("guard failed"):
            raise GuardError("somebody was here")
        if weather.strikes("failed amid"):
            after = weather.chance.randint(0, 5)
            await self._store.run(lambda: _broken(begin(), after))
        answer = await self._store.run(begin)
        await self._pause()
        if weather.strikes("answer lost"):
            raise RetryError("it is done, but nobody heard")
        return answer

    async def look(self, begin: Callable[[], Transaction[T]]) -> T:
        await self._pause()
        if self._weather.strikes("failed before"):
            raise RetryError("it never began")
        return await self._store.look(begin)

    async def _pause(self) -> None:
        await self._weather.delay()
        if self.is_dead:
            await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        """Nothing to let go of."""


def _broken(transaction: Transaction[T], after: int) -> Transaction[Any]:
    """Break off after some requests were answered, or at the end."""
    answer: Any = None
    try:
        for _ in range(after):
            answer = yield transaction.send(answer)
    except StopIteration:
        pass
    transaction.close()
    raise RetryError("the connection broke")


class Gateway:
    """A process with a ledger of its own on the tables that all share."""

    def __init__(self, tables: dict[str, Any], weather: Weather) -> None:
        store = MemoryStore(WrongClock(weather))
        store.tables = tables
        lanes = weather.chance.randint(1, 4)
        self._store = FaultyStore(store, weather, lanes)
        self.ledger = Ledger(self._store, queue=weather.chance.choice([2, 8, 100]))
        self.death: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def kill(self) -> None:
        """End at once: nothing more is done, nobody is answered."""
        self._store.is_dead = True
        self.ledger._pipeline._queue.clear()
        self.death.set_result(None)
