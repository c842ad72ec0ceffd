"""A midnight at which very many lots run out, while members go on earning.

    python tests/bench/midnight.py [--lots 100000] [--workers 3] [--rate 300]

One lot of each member runs out at the same instant. Workers are processes of their own;
earnings come at a steady rate, to all members alike. Printed is how long it took until
nothing was due, and how long earnings took before and meanwhile.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvloop
from callers import earn, post_all
from members import FIRST, POINTS, PROGRAM
from scene import opened
from server import started

from core.clock import SystemClock
from core.ledger.codes import HolderKind, JournalKind
from core.ledger.commands import Award, Command, Earn, Open, Step
from core.ledger.ledger import Ledger
from core.ledger.verify import verify
from core.storage.database import Database
from core.storage.program_tables import Currency

_CALLERS = 128
_BEFORE_S = 5.0
_DUE = "SELECT count(*) FROM holder WHERE next_due_us <= $1"
_DONE = "SELECT count(*) FROM journal WHERE kind = $1"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--rate", type=int, default=300)
    given = parser.parse_args(arguments)
    with started() as server:
        url = server.create("midnight")
        print(uvloop.run(_run(url, given.lots, given.workers, given.rate)))  # noqa: T201


async def _run(url: str, lots: int, workers: int, rate: int) -> str:
    async with opened(url) as (ledger, database):
        await database.configure(
            lambda session: session.add(
                Currency(
                    currency_id=POINTS, program_id=PROGRAM, code="PTS", name="Points"
                )
            )
        )
        members = range(lots)
        await post_all(ledger, (_opening(one) for one in members), _CALLERS, None)
        spare_s = 20 + lots / 2_500
        midnight_us = SystemClock().now_us() + int(spare_s * 1e6)
        await post_all(
            ledger, (_ending(one, midnight_us) for one in members), _CALLERS, None
        )
        with _working(url, workers):
            earner = Earner(ledger, members, rate)
            earning = asyncio.create_task(earner.run())
            await _until(midnight_us - int(_BEFORE_S * 1e6))
            earner.times.clear()
            await _until(midnight_us)
            before, earner.times = earner.times, []
            seconds = await _until_done(database, midnight_us)
            meanwhile = earner.times
            earning.cancel()
        ((expired,),) = await database.read(_DONE, int(JournalKind.EXPIRE))
        report = await verify(database, full=True)
    return (
        f"{expired:,} lots ran out in {seconds:.1f} s with {workers} workers; "
        f"earnings took {_told(before)} before and {_told(meanwhile)} meanwhile; "
        f"the ledger {'proves itself' if report.ok else 'IS NOT SOUND'}"
    )


class Earner:
    """Lets random members earn at a steady rate, and notes how long each took."""

    def __init__(self, ledger: Ledger, members: range, rate: int) -> None:
        self.times: list[float] = []
        self._ledger = ledger
        self._members = members
        self._pause_s = 1 / rate

    async def run(self) -> None:
        """Go on until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self._earn())
                due += self._pause_s
                await asyncio.sleep(due - loop.time())

    async def _earn(self) -> None:
        begin = time.perf_counter()
        await self._ledger.post(earn(random.choice(self._members)))
        self.times.append(time.perf_counter() - begin)


def _opening(member: int) -> Command:
    step = Step(FIRST + member, Open(PROGRAM, HolderKind.MEMBER))
    return Command("bench:open", b"open", (step,))


def _ending(member: int, midnight_us: int) -> Command:
    award = Award(POINTS, 100, expires_at_us=midnight_us)
    return Command("bench:ends", b"ends", (Step(FIRST + member, Earn((award,))),))


async def _until(instant_us: int) -> None:
    await asyncio.sleep(max(0.0, (instant_us - SystemClock().now_us()) / 1e6))


async def _until_done(database: Database, midnight_us: int) -> float:
    while True:
        if await database.read(_DUE, midnight_us) == [(0,)]:
            return (SystemClock().now_us() - midnight_us) / 1e6
        await asyncio.sleep(0.1)


@contextmanager
def _working(url: str, count: int) -> Iterator[None]:
    command = [str(Path(sys.executable).with_name("guerdon")), "worker"]
    environment = os.environ | {
        "GUERDON_DATABASE_URL": url,
        "GUERDON_SWEEP_INTERVAL_MS": "50",
    }
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for one in running:
            one.terminate()
            one.wait()


def _told(times: list[float]) -> str:
    ordered = sorted(times)
    half, most = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return f"p50 {1e3 * half:.1f} ms, p99 {1e3 * most:.1f} ms ({len(ordered):,})"


if __name__ == "__main__":
    main()
