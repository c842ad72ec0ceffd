"""Writers, sweepers and servers killed at random, answers lost, clocks set back.

    python tests/faults/kills.py --seconds 200 sqlite postgresql

Then the proof that nothing came of it. On PostgreSQL a server of its own is started.
"""

import argparse
import asyncio
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import writer
from audit import audit
from crew import SWEEPERS, WRITERS, Crew
from intent_log import read
from proxy import Proxy
from report import Report, kills_of, table
from servers import kill_backend, kill_postmaster, server
from workload import currencies, openings

from core.clock import SystemClock
from core.ledger.commands import Posted
from core.storage.opening import open_database

SECONDS = 15.0
LEAST_KILLS = 10
MEMBERS = 50
STOCK = 1_000
MOST_SECONDS_PER_SECOND = 5
"""A slow machine gets more time to see as many kills."""

PAUSE_S = 0.5

_LEAST_PAUSE_S = 0.02
_ANYWHERE = {"writer": 7, "sweeper": 3, "clock step": 2}
_ON_POSTGRESQL = {"backend": 3, "postmaster": 1, "lost answer": 4}
"""How often each trouble comes in a round of all."""


async def run(
    url: str, folder: Path, *, seconds: float, kills: int, pause_s: float = PAUSE_S
) -> Report:
    """Post and kill for so many seconds, and at least so many times; then audit.

    Args:
        url: address of an empty database, on a server that may be killed.
        folder: where to leave the logs of the writers.
        seconds: for how long; a round of all troubles is made in any case.
        kills: so many at least.
        pause_s: at most so long between two troubles.
    """
    seed = secrets.randbits(32)
    members, stock = await _prepare(url)
    async with _proxy(url) as proxy:
        proxy_url = proxy.url if proxy else url
        crew = Crew(url, proxy_url, folder, random.Random(seed), members, stock)
        for number in (*WRITERS, *SWEEPERS):
            crew.start(number)
        troubles = await _Troubles(crew, proxy, pause_s).make(seconds, kills)
        for number in (*WRITERS, *SWEEPERS):
            crew.kill(number)
        for number in WRITERS:
            crew.start(number, only_finish=True)
        await asyncio.to_thread(crew.end)
    swept = sum(one.value for one in crew.swept.values())
    logs = [read(crew.log(number)) for number in WRITERS]
    return Report(seed, troubles, swept, await audit(url, logs))


async def _prepare(url: str) -> tuple[list[int], int]:
    """Make the holders on which the writers meet."""
    database = await open_database(url)
    await database.configure(lambda session: session.add_all(currencies()))
    await database.close()
    clock = SystemClock()
    stock, *members = [clock.new_id() for _ in range(1 + MEMBERS)]
    ledger = await writer.connect(url, clock)
    for command in openings(members, stock, STOCK):
        assert isinstance(await ledger.post(command), Posted)
    await ledger.close()
    return members, stock


@asynccontextmanager
async def _proxy(url: str) -> AsyncIterator[Proxy | None]:
    """Listen before a PostgreSQL server; before a file nothing can."""
    if url.startswith("sqlite"):
        yield None
        return
    async with Proxy.open(url) as proxy:
        yield proxy


class _Troubles:
    """Makes trouble of every kind, in an order that is random."""

    def __init__(self, crew: Crew, proxy: Proxy | None, pause_s: float) -> None:
        self._crew = crew
        self._proxy = proxy
        self._pause_s = pause_s
        self._round = Counter(_ANYWHERE | (_ON_POSTGRESQL if proxy else {}))
        self._makers: dict[str, Callable[[], Awaitable[int]]] = {
            "writer": lambda: self._kill_one_of(WRITERS),
            "sweeper": lambda: self._kill_one_of(SWEEPERS),
            "backend": lambda: asyncio.to_thread(kill_backend, crew.url, crew.chance),
            "postmaster": lambda: asyncio.to_thread(
                kill_postmaster, crew.url, crew.chance
            ),
            "clock step": self._step_clock,
            "lost answer": self._lose_answer,
        }

    async def make(self, seconds: float, kills: int) -> Counter[str]:
        """Go on for so long, and until there were so many kills; count each kind."""
        made = Counter(dict.fromkeys(self._round, 0))
        began = time.monotonic()
        for number, kind in enumerate(self._kinds()):
            gone = time.monotonic() - began
            is_enough = number >= self._round.total() and kills_of(made) >= kills
            if gone >= seconds and is_enough:
                break
            assert gone < seconds * MOST_SECONDS_PER_SECOND, f"only {made}"
            pause_s = self._crew.chance.uniform(_LEAST_PAUSE_S, self._pause_s)
            await asyncio.sleep(pause_s)
            made[kind] += await self._makers[kind]()
        if self._proxy:
            made["lost answer"] = self._proxy.lost
        return made

    def _kinds(self) -> Iterator[str]:
        """Yield what to do: round by round, each in an order of its own."""
        while True:
            kinds = list(self._round.elements())
            self._crew.chance.shuffle(kinds)
            yield from kinds

    async def _kill_one_of(self, numbers: range) -> int:
        number = self._crew.chance.choice(numbers)
        self._crew.kill(number)
        self._crew.start(number)
        return 1

    async def _step_clock(self) -> int:
        self._crew.step_clock()
        return 1

    async def _lose_answer(self) -> int:
        """Lose the next commit that comes along, or the answer to it."""
        assert self._proxy
        if not self._proxy.losses:
            self._proxy.losses.append(self._crew.chance.choice(["commit", "answer"]))
        return 0  # the proxy counts them


def main() -> None:
    """Run as long as one likes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each")
    parser.add_argument("--kills", type=int, default=0, help="at least so many of each")
    parser.add_argument("--pause", type=float, default=PAUSE_S, help="seconds at most")
    given = parser.parse_args()
    reports = {}
    for kind in given.database:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="guerdon-")))
            url = f"sqlite:///{folder}/kills.db"
            if kind == "postgresql":
                url = stack.enter_context(server())
            running = run(
                url,
                folder,
                seconds=given.seconds,
                kills=given.kills,
                pause_s=given.pause,
            )
            reports[kind] = asyncio.run(running)
    print(table(reports))  # noqa: T201
    faults = [str(one) for report in reports.values() for one in report.audit.faults]
    sys.exit("\n".join(faults) or None)


if __name__ == "__main__":
    main()
