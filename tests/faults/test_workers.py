"""Three workers, killed at random: what is due is done once, in its order."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.actors import Actor, Role
from core.clock import SystemClock
from core.engine import Engine
from core.extension.registry import Registry
from core.ledger.codes import JournalKind
from core.ledger.commands import (
    Authorize,
    Award,
    Command,
    Earn,
    Operation,
    Posted,
    Step,
)
from core.ledger.verify import verify
from core.program import definition, members
from core.settings import Settings

MEMBERS = 300
KILLS = 8
SOON_US = 4_000_000
LATER_US = 1_000_000
PROGRAM = {
    "code": "main",
    "name": "Corner Shop",
    "currencies": [{"code": "PTS", "name": "Points"}],
}


class Workers:
    """Three processes of `guerdon worker`."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._environment = os.environ | {
            "GUERDON_DATABASE_URL": database_url,
            "GUERDON_SWEEP_INTERVAL_MS": "20",
        }
        self._log = (folder / "workers.log").open("w")
        self._running = [self._start() for _ in range(3)]

    def _start(self) -> "subprocess.Popen[bytes]":
        command = str(Path(sys.executable).with_name("guerdon"))
        return subprocess.Popen(
            [command, "worker"],
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
        )

    def kill_one(self) -> None:
        """Kill any of them, and start another one."""
        place = random.randrange(3)
        self._running[place].kill()
        self._running[place].wait()
        self._running[place] = self._start()

    def end(self) -> set[int]:
        """Ask all of them to end, and return how they did."""
        for one in self._running:
            one.terminate()
        return {one.wait(timeout=20) for one in self._running}

    def kill_all(self) -> None:
        """Leave none behind."""
        for one in self._running:
            one.kill()
            one.wait()
        self._log.close()


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[Engine]:
    settings = Settings(database_url=database_url)
    async with Engine.open(settings, Registry.installed(), SystemClock()) as opened:
        yield opened


@pytest.fixture
def workers(engine: Engine, tmp_path: Path) -> Iterator[Workers]:
    database_url = engine.settings.database_url
    one = Workers(database_url, tmp_path)
    yield one
    one.kill_all()


async def begin(engine: Engine) -> int:
    """Give each member points that ripen and run out soon, and a hold that ends."""
    program_id = await definition.apply(engine, PROGRAM)
    by = Actor(program_id, "shop", Role.INTEGRATOR)
    ((points,),) = await engine.database.read("SELECT currency_id FROM currency")
    joined = await asyncio.gather(
        *(members.enroll(engine, by=by, key=f"m{one:04}") for one in range(MEMBERS))
    )
    due_us = engine.clock.now_us() + SOON_US

    async def post(holder_id: int, key: str, operation: Operation) -> None:
        command = Command(f"t:{key}", b"f", (Step(holder_id, operation),))
        assert isinstance(await engine.ledger.post(command), Posted)

    async def give(holder_id: int) -> None:
        awards = (
            Award(points, 10, available_at_us=due_us, expires_at_us=due_us + LATER_US),
            Award(points, 7, expires_at_us=due_us + 2),
            Award(points, 100),
        )
        await post(holder_id, "e", Earn(awards))
        await post(holder_id, "a", Authorize(points, 3, expires_at_us=due_us + 1))

    await asyncio.gather(*(give(one.holder_id) for one in joined))
    return due_us


async def left(engine: Engine) -> int:
    sql = "SELECT count(*) FROM holder WHERE next_due_us IS NOT NULL"
    ((number,),) = await engine.database.read(sql)
    return int(number)


async def test_what_is_due_is_done_once_though_workers_are_killed(
    engine: Engine, workers: Workers
) -> None:
    due_us = await begin(engine)
    ends_s = time.monotonic() + 90

    killed = 0
    while await left(engine):
        assert time.monotonic() < ends_s, f"{await left(engine)} holders are left"
        if engine.clock.now_us() > due_us and killed < KILLS:
            workers.kill_one()
            killed += 1
        await asyncio.sleep(random.uniform(0.01, 0.15))
    ended = workers.end()

    # One that has only just been started ends by the signal itself.
    assert ended <= {0, -signal.SIGTERM}
    rows: list[tuple[Any, ...]] = await engine.database.read(
        "SELECT holder_id, kind, effective_us FROM journal "
        "WHERE kind IN (3, 10, 11) ORDER BY holder_id, seq"
    )
    expected = [
        (JournalKind.ACTIVATE, due_us),
        (JournalKind.HOLD_EXPIRE, due_us + 1),
        (JournalKind.EXPIRE, due_us + 2),
        (JournalKind.EXPIRE, due_us + LATER_US),
    ]
    holders = sorted({row[0] for row in rows})
    assert len(holders) == MEMBERS
    assert [row[1:] for row in rows] == expected * MEMBERS
    assert killed > 0
    assert (await verify(engine.database, full=True)).ok
