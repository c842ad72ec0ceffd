"""A town: gateways that fail and clients who insist, and whether all was well."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from core.ledger.ledger import Ledger
from core.ledger.memory_store import MemoryStore
from core.ledger.requests import GuardError, RetryError
from tests.core.ledger.asking.asker import Asker
from tests.core.ledger.proving import faults
from tests.core.ledger.simulation.checks import forgotten, lost_or_doubled
from tests.core.ledger.simulation.clients import Client, Heard
from tests.core.ledger.simulation.loop import VirtualLoop
from tests.core.ledger.simulation.weather import Gateway, Weather, WrongClock
from tests.core.ledger.simulation.witness import contradictions


@dataclass
class Report:
    """What was wrong after a run, how often what happened, and a digest of all rows."""

    wrong: list[str]
    seen: Counter[str]
    digest: str


def simulate(seed: int, new_memory: Callable[[Any], MemoryStore]) -> Report:
    """Run a town in which all chance comes from *seed*."""
    try:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(_run(Weather(Random(seed)), new_memory))
    except Exception as error:
        error.add_note(f"seed {seed}")
        raise


async def _run(weather: Weather, new_memory: Callable[[Any], MemoryStore]) -> Report:
    store = new_memory(WrongClock(weather))
    town = Town(store, weather)
    await town.live()
    weather.calm_at_s = 0.0
    heard = town.heard
    ledger = Ledger(store, queue=1)
    wrong = await _left_undone(ledger)
    wrong += [one async for one in forgotten(ledger, heard)]
    wrong += heard.out_of_order
    wrong += faults(store)
    wrong += contradictions(store, heard.asked)
    wrong += lost_or_doubled(store, heard)
    weather.seen["answered"] += len(heard.answered)
    rows = [sorted(table.items()) for table in store.tables.values()]
    digest = hashlib.sha256(repr(rows).encode()).hexdigest()
    return Report(wrong, weather.seen, digest)


async def _left_undone(ledger: Ledger) -> list[str]:
    """Sweep until nothing is due; a few sweeps are enough for a few holders."""
    for _ in range(3):
        if await ledger.sweep() == 0:
            return []
    return ["sweeping has no end"]


class Town:
    """Who lives in a run."""

    def __init__(self, store: MemoryStore, weather: Weather) -> None:
        self.heard = Heard()
        self._store = store
        self._weather = weather
        self._gateways = [self._gateway() for _ in range(weather.chance.randint(1, 3))]

    def _gateway(self) -> Gateway:
        return Gateway(self._store.tables, self._weather)

    def _pick(self) -> Gateway:
        return self._weather.chance.choice(self._gateways)

    async def live(self) -> None:
        chance = self._weather.chance
        holders = [chance.getrandbits(62) + 1 for _ in range(chance.randint(2, 4))]
        stock = chance.getrandbits(62) + 1
        asker = Asker(holders, stock)  # who shares what is known, gets in the way
        clients = [
            Client(f"c{n}", asker, self._weather, self._pick, self.heard)
            for n in range(chance.randint(1, 5))
        ]
        await clients[0].found(holders, stock)
        others = [asyncio.create_task(one) for one in (self._reap(), self._sweep())]
        await asyncio.gather(*(client.live() for client in clients))
        for one in others:
            one.cancel()
        for gateway in self._gateways:
            await gateway.ledger.close()

    async def _reap(self) -> None:
        """Kill a gateway now and then; another takes its place."""
        while True:
            await asyncio.sleep(self._weather.chance.choice([0.1, 1.0, 5.0]))
            if self._weather.strikes("killed"):
                self._gateways.pop(0).kill()
                self._gateways.append(self._gateway())

    async def _sweep(self) -> None:
        """Do what time has made due, at any gateway, whatever it is at."""
        while True:
            await asyncio.sleep(self._weather.chance.choice([0.1, 1.0, 5.0]))
            gateway = self._pick()
            work = asyncio.ensure_future(gateway.ledger.sweep())
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait([work, gateway.death], return_when=first)
            if not work.done():
                work.cancel()
                continue
            with suppress(RetryError, GuardError):
                self._weather.seen["swept"] += work.result()
