"""A shop behind a started gateway, and the clients that visit it."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matrix
import npm
import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.extension.registry import Registry
from core.ids import encode
from core.program import corrections, definition, members, tokens
from core.settings import Settings
from tests.conftest import PROGRAM

POINTS = 1_000
MEMBERS = 12
_MANIFESTS = (
    "manifest-apollo.json",
    "manifest-relay.json",
    "preset/persisted-documents.json",
)
_YACHT = {
    "code": "yacht",
    "type": "donation",
    "name": "A yacht",
    "currency": "PTS",
    "price": 1_000_000,
    "config": {"cause": "The sea"},
}


@dataclass
class Shop:
    """A gateway of its own, its members, and who speaks for the shop."""

    database_url: str
    port: int
    integrator: str
    kiosk: str
    """Token of a client that may run persisted documents only."""
    rewards: dict[str, str]
    members: list[tuple[str, str]]
    """Id and token of each; they have 1,000 points. Each client takes one."""
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Serve, and return when the gateway listens."""
        environment = os.environ | {
            "GUERDON_DATABASE_URL": self.database_url,
            "GUERDON_PORT": str(self.port),
            "GUERDON_DOCUMENTS": ",".join(str(npm.PAGE / name) for name in _MANIFESTS),
            "GUERDON_TRUSTED_ONLY": "kiosk",
            "GUERDON_STREAM_HEARTBEAT_MS": "50",  # clients must bear with many
        }
        command = str(Path(sys.executable).with_name("guerdon"))
        self.process = subprocess.Popen([command, "serve"], env=environment)
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, "the gateway did not start"
            time.sleep(0.05)
        raise AssertionError("the gateway does not listen")

    def kill(self) -> None:
        """End the gateway as a loss of power would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End the gateway in good order."""
        assert self.process is not None
        self.process.terminate()
        assert self.process.wait(timeout=20) == 0

    def visit(self) -> dict[str, Any]:
        """Return what a client needs to know; its member is nobody else's."""
        member_id, token = self.members.pop()
        return {
            "url": f"http://127.0.0.1:{self.port}/graphql",
            "integrator": self.integrator,
            "kiosk": self.kiosk,
            "member": token,
            "memberId": member_id,
            "rewards": self.rewards,
            "names": [one["name"] for one in _program()["rewards"]],
        }


def _program() -> Any:
    return PROGRAM | {"rewards": [*PROGRAM["rewards"], _YACHT]}


async def _found(database_url: str) -> Shop:
    """Open a shop with members, in an empty database."""
    settings = Settings(database_url=database_url)
    async with Engine.open(settings, Registry.installed()) as engine:
        program_id = await definition.apply(engine, _program())
        desk = Actor(program_id, "desk", Role.STAFF)
        joined = [
            await _member(engine, desk, f"key-{number}") for number in range(MEMBERS)
        ]
        secret, kiosk = [
            await tokens.create(
                engine, program_id=program_id, role=Role.INTEGRATOR, client_id=client
            )
            for client in ("shop", "kiosk")
        ]
        rows = await engine.database.read("SELECT code, reward_id FROM reward")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rewards = {code: encode("reward", reward_id) for code, reward_id in rows}
    return Shop(database_url, port, secret, kiosk, rewards, joined)


async def _member(engine: Engine, desk: Actor, key: str) -> tuple[str, str]:
    one = await members.enroll(engine, by=desk, key=key, display_name="Ada")
    await corrections.adjust(
        engine,
        by=desk,
        key=f"{key}-start",
        holder_id=one.holder_id,
        currency="PTS",
        amount=POINTS,
        reason="start",
    )
    token = await tokens.create(
        engine, program_id=desk.program_id, role=Role.MEMBER, holder_id=one.holder_id
    )
    return encode("member", one.holder_id), token


@pytest.fixture(scope="session", autouse=True)
def clients() -> None:
    """All clients, installed and built."""
    npm.install()
    npm.build()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop on SQLite."""
    folder = tmp_path_factory.mktemp("clients")
    one = asyncio.run(_found(f"sqlite:///{folder}/guerdon.db"))
    one.start()
    yield one
    one.kill()


@pytest.fixture
def postgres_shop(postgres_url: str) -> Iterator[Shop]:
    """A shop on PostgreSQL."""
    one = asyncio.run(_found(postgres_url))
    one.start()
    yield one
    one.kill()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table of clients."""
    stats = terminalreporter.stats
    passed = [one.nodeid for one in stats.get("passed", ())]
    others = [one.nodeid for name in ("failed", "error") for one in stats.get(name, ())]
    if lines := matrix.table(passed, others):
        terminalreporter.section("clients from npm")
        for line in lines:
            terminalreporter.line(line)
