"""Health: cheap, in time, and without a word about what is inside."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx

from core.engine import Engine
from gateway.readiness import Readiness


class Unwell:
    """A database that answers as it is told to, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.is_newest = True
        self.answers = asyncio.Event()
        self.answers.set()

    async def read(self, _: str) -> list[Any]:
        self.asked += 1
        await self.answers.wait()
        if self.error is not None:
            raise self.error
        return [(1,)]

    async def is_current(self) -> bool:
        return self.is_newest


def readiness(engine: Engine, database: Unwell, **bounds: float) -> Readiness:
    unwell: Any = database
    return Readiness(replace(engine, database=unwell), **bounds)


async def test_a_healthy_gateway(gateway_with: Any) -> None:
    gateway = await gateway_with()

    lives = await gateway.client.get("/healthz")
    ready = await gateway.client.get("/readyz")
    index = await gateway.client.get("/")

    assert (lives.status_code, lives.json()) == (200, {"status": "ok"})
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "plugins": "ok"},
        "pluginsResting": 0,
    }
    assert ready.headers["cache-control"] == "no-store"
    assert index.status_code == 200


async def test_a_database_that_cannot_be_reached(engine: Engine) -> None:
    database = Unwell()
    database.error = OSError("secret-host:5432 refused user=secret-user")

    found = await readiness(engine, database).look()

    assert not found.is_ready
    assert found.status == "not_ready"
    assert found.checks == {"database": "unreachable"}


async def test_a_schema_that_is_not_the_newest(engine: Engine) -> None:
    database = Unwell()
    database.is_newest = False

    found = await readiness(engine, database).look()

    assert not found.is_ready
    assert found.checks == {"database": "ok", "migrations": "missing"}


async def test_a_database_that_says_nothing_is_asked_once(engine: Engine) -> None:
    database = Unwell()
    database.answers.clear()
    looked = readiness(engine, database, deadline_s=0.02, kept_s=0)

    silent = [await looked.look() for _ in range(3)]
    database.answers.set()
    well = await looked.look()

    assert [one.checks for one in silent] == [{"database": "silent"}] * 3
    assert well.is_ready
    assert database.asked == 1


async def test_many_who_ask_at_once_are_one_question(engine: Engine) -> None:
    database = Unwell()
    looked = readiness(engine, database)

    found = await asyncio.gather(*(looked.look() for _ in range(100)))
    again = await looked.look()

    assert {one.status for one in [*found, again]} == {"ready"}
    assert database.asked == 1


async def test_who_ends_is_not_ready_but_lives(gateway_with: Any) -> None:
    gateway = await gateway_with()
    before = await gateway.client.get("/readyz")

    gateway.app.state.readiness.stop()
    ready: httpx.Response = await gateway.client.get("/readyz")
    lives = await gateway.client.get("/healthz")

    assert before.status_code == 200
    assert ready.status_code == 503
    assert ready.json() == {"status": "stopping", "checks": {}, "pluginsResting": 0}
    assert lives.status_code == 200
