"""A gateway in a process of its own, to be served from and to be killed."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.extension.registry import Registry
from core.ids import encode
from core.program import corrections, definition, members, tokens
from core.settings import Settings

MEMBERS = 200
STOCK = 50
PRICE = 40

PROGRAM: dict[str, Any] = {
    "code": "main",
    "name": "Corner Shop",
    "currencies": [{"code": "PTS", "name": "Points"}],
    "rewards": [
        {
            "code": "evening",
            "type": "experience",
            "name": "Evening",
            "currency": "PTS",
            "price": PRICE,
            "config": {
                "venue": "Hall",
                "starts_at": "2090-01-01T20:00:00Z",
                "seats": STOCK,
            },
        }
    ],
}


@dataclass
class Server:
    """A `guerdon serve` of its own."""

    database_url: str
    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    async def start(self) -> None:
        self._launch()
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            await asyncio.sleep(0.05)
        raise AssertionError("the gateway does not listen")

    def _launch(self) -> None:
        command = str(Path(sys.executable).with_name("guerdon"))
        environment = os.environ | {
            "GUERDON_DATABASE_URL": self.database_url,
            "GUERDON_PORT": str(self.port),
            "GUERDON_RECOVERY_INTERVAL_MS": "100",
            "GUERDON_PLUGIN_DEADLINE_MS": "1500",  # what a dead one began is soon tried
        }
        self.process = subprocess.Popen([command, "serve"], env=environment)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@dataclass
class Crowd:
    """Members with points for one evening each, and who speaks for them."""

    token: str
    reward_id: str
    members: list[str]

    def input_of(self, number: int) -> dict[str, Any]:
        return {
            "idempotencyKey": f"evening-of-member-{number:04}",
            "memberId": self.members[number],
            "rewardId": self.reward_id,
        }


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one = Server(database_url, tmp_path, port)
    yield one
    if one.process is not None:
        one.kill()


@pytest.fixture
async def crowd(database_url: str, registry: Registry) -> Crowd:
    """200 members, and 50 seats."""
    async with Engine.open(Settings(database_url=database_url), registry) as engine:
        program_id = await definition.apply(engine, PROGRAM)
        by = Actor(program_id, "desk", Role.STAFF)

        async def join(number: int) -> str:
            one = await members.enroll(engine, by=by, key=f"m{number}")
            await corrections.adjust(
                engine,
                by=by,
                key=f"a{number}",
                holder_id=one.holder_id,
                currency="PTS",
                amount=100,
                reason="start",
            )
            return encode("member", one.holder_id)

        joined = await asyncio.gather(*(join(number) for number in range(MEMBERS)))
        secret = await tokens.create(
            engine, program_id=program_id, role=Role.INTEGRATOR, client_id="shop"
        )
        rows = await engine.database.read("SELECT reward_id FROM reward")
    return Crowd(secret, encode("reward", rows[0][0]), joined)


@pytest.fixture
async def client(crowd: Crowd) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {crowd.token}"}
    limits = httpx.Limits(max_connections=64)
    async with httpx.AsyncClient(headers=headers, limits=limits, timeout=30) as one:
        yield one
