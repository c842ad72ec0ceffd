"""Processes that redeem, killed at random; then every effect is accounted for.

    python tests/faults/redemptions.py --kills 100 sqlite postgresql

A redemption must end FULFILLED with exactly one effect in the partner's books, FAILED
with none, or CANCELLED with one that was revoked; and the points must be right.
"""

import argparse
import asyncio
import json
import os
import random
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from partner import Books, Plugin
from servers import server

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import GuerdonError
from core.extension.registry import Registry
from core.ids import encode
from core.ledger.verify import verify
from core.program import (
    cancellation,
    corrections,
    definition,
    members,
    pools,
    recovery,
    redemption,
)
from core.settings import Settings

MEMBERS, POINTS, PRICE, UNITS = 20, 100_000, 10, 5_000
PROCESSES, TASKS = 3, 6
PROGRAM = {
    "code": "main",
    "name": "Shop",
    "currencies": [{"code": "PTS", "name": "Points"}],
    "rewards": [
        {
            "code": code,
            "type": "booked",
            "name": code,
            "currency": "PTS",
            "price": PRICE,
            "config": {"seats": UNITS, "has_codes": code == "coded"},
        }
        for code in ("seat", "coded")
    ],
}


class Stage:
    """The database, the partner's books, and what was intended."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.books = Books(folder / "books.db")
        self.intents = folder / "intents"
        self.intents.touch()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[Engine, Actor]]:
        """Open an engine, and who acts on it."""
        # The pause is short, so that a plugin which fails on purpose is asked again.
        settings = Settings(
            database_url=self.url, plugin_deadline_ms=300, plugin_pause_ms=50
        )
        async with Engine.open(settings, Registry.of(Plugin(self.books))) as engine:
            program_id = await definition.find(engine)
            yield engine, Actor(program_id or 0, "shop", Role.ADMIN)

    async def prepare(self) -> list[int]:
        """Make the program, and members with points."""
        async with self.open() as (engine, _):
            program_id = await definition.apply(engine, PROGRAM)
            by = Actor(program_id, "shop", Role.ADMIN)
            rewards = await self.rewards(engine)
            codes = [f"CODE-{number}" for number in range(UNITS)]
            await pools.add(engine, by=by, reward_id=rewards["coded"], codes=codes)
            found = []
            for number in range(MEMBERS):
                one = await members.enroll(engine, by=by, key=f"member-{number}")
                await corrections.adjust(
                    engine,
                    by=by,
                    key=f"points-{number}",
                    holder_id=one.holder_id,
                    currency="PTS",
                    amount=POINTS,
                    reason="start",
                )
                found.append(one.holder_id)
            return found

    @staticmethod
    async def rewards(engine: Engine) -> dict[str, int]:
        """Return the rewards by code."""
        return dict(await engine.database.read("SELECT code, reward_id FROM reward"))


async def redeem_for_ever(stage: Stage, joined: list[int]) -> None:
    """Redeem and cancel in several tasks, and finish what others left."""
    random.seed(secrets.randbits(64))
    log = os.open(stage.intents, os.O_APPEND | os.O_WRONLY)
    async with stage.open() as (engine, by):
        rewards = list((await stage.rewards(engine)).values())

        async def buy() -> None:
            while True:
                intent = (
                    secrets.token_hex(8),
                    random.choice(joined),
                    random.choice(rewards),
                )
                os.write(log, (json.dumps(intent) + "\n").encode())
                with suppress(GuerdonError):
                    await _redeem(engine, by, *intent)
                if random.random() < 0.2:
                    await _cancel_one(engine, by, intent[1])

        async def finish() -> None:
            while True:
                await recovery.recover(engine)
                await asyncio.sleep(0.1)

        await asyncio.gather(finish(), *(buy() for _ in range(TASKS)))


async def _redeem(
    engine: Engine, by: Actor, key: str, holder_id: int, reward_id: int
) -> None:
    await redemption.redeem(
        engine, by=by, key=key, holder_id=holder_id, reward_id=reward_id
    )


async def _cancel_one(engine: Engine, by: Actor, holder_id: int) -> None:
    sql = (
        "SELECT hold_id FROM redemption WHERE holder_id = $1 "
        "AND status = 'FULFILLED' ORDER BY hold_id DESC LIMIT 1"
    )
    for (hold_id,) in await engine.database.read(sql, holder_id):
        with suppress(GuerdonError):
            await cancellation.cancel(
                engine, by=by, key=f"c{hold_id}", holder_id=holder_id, hold_id=hold_id
            )


def fork(stage: Stage, joined: list[int]) -> int:
    """Start a process that redeems, and return its id."""
    child = os.fork()
    if child:
        return child
    with suppress(BaseException):
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123  (it is killed)
        asyncio.run(redeem_for_ever(stage, joined))
    os._exit(1)


def kill_many(stage: Stage, joined: list[int], kills: int) -> None:
    """Kill processes until there were so many, each while it works."""
    running = [fork(stage, joined) for _ in range(PROCESSES)]
    time.sleep(1)
    for _ in range(kills):
        time.sleep(random.uniform(0.1, 0.4))
        place = random.randrange(PROCESSES)
        _kill(running[place])
        running[place] = fork(stage, joined)
    for one in running:
        _kill(one)


def _kill(process: int) -> None:
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


async def finish(stage: Stage, patience_s: float = 120) -> None:
    """Ask again for all that was intended, and let recovery end what is open."""
    intents = [json.loads(line) for line in stage.intents.read_text().splitlines()]
    async with stage.open() as (engine, by):
        for intent in intents:
            with suppress(GuerdonError):
                await _redeem(engine, by, *intent)
        sql = "SELECT count(*) FROM redemption WHERE next_attempt_us IS NOT NULL"
        ends_s = time.monotonic() + patience_s
        while await engine.database.read(sql) != [(0,)]:
            assert time.monotonic() < ends_s, "something stays open"
            await recovery.recover(engine)
            await asyncio.sleep(0.1)


async def audit(stage: Stage, kills: int) -> dict[str, object]:
    """Compare redemptions, effects and points."""
    faults: list[str] = []
    effects: dict[str, list[str]] = {}
    for name, state in stage.books.all():
        effects.setdefault(name, []).append(state)
    expected = {"FULFILLED": ["booked"], "CANCELLED": ["revoked"]}
    async with stage.open() as (engine, _):
        rows = await engine.database.read(
            "SELECT holder_id, hold_id, status, fulfillment FROM redemption",
            bounded=False,
        )
        codes: Counter[str] = Counter()
        for holder_id, hold_id, status, fulfillment in rows:
            name = encode("redemption", holder_id, hold_id)
            found = [one for one in effects.pop(name, []) if one != "refused"]
            if found != expected.get(status, []):
                faults.append(f"{name} is {status}, but the books say {found}")
            if fulfillment:
                codes.update(json.loads(fulfillment)["codes"])
        faults += [f"{name} has effects, but is not known" for name in effects]
        faults += [f"{code} was given twice" for code, n in codes.items() if n > 1]
        wrong = await engine.database.read(_WRONG_POINTS, POINTS, bounded=False)
        faults += [f"the points of {row} are wrong" for row in wrong]
        faults += [str(one) for one in (await verify(engine.database)).findings]
    states = Counter(row[2] for row in rows)
    return {"kills": kills, "redemptions": dict(states), "faults": faults}


_WRONG_POINTS = """
SELECT w.holder_id, w.available, w.held FROM wallet w
JOIN member m ON m.holder_id = w.holder_id
WHERE w.held <> 0 OR w.available <> $1 - coalesce((
  SELECT sum(r.price) FROM redemption r
  WHERE r.holder_id = w.holder_id AND r.status = 'FULFILLED'
), 0)
"""


def main() -> None:
    """Run on each database that is named, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--kills", type=int, default=100, help="for each")
    given = parser.parse_args()
    reports = {}
    for kind in given.database:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="guerdon-")))
            url = f"sqlite:///{folder}/kills.db"
            if kind == "postgresql":
                url = stack.enter_context(server())
            stage = Stage(url, folder)
            joined = asyncio.run(stage.prepare())
            kill_many(stage, joined, given.kills)
            asyncio.run(finish(stage))
            reports[kind] = asyncio.run(audit(stage, given.kills))
    print(json.dumps(reports, indent=1))  # noqa: T201
    sys.exit(any(report["faults"] for report in reports.values()))


if __name__ == "__main__":
    main()
