"""A gateway in a process of its own, with the demo's members: to be attacked."""

import asyncio
import json
import os
import re
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, create_subprocess_exec
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from core.actors import Role
from core.engine import Engine
from core.extension.registry import Registry
from core.ids import encode
from core.program import tokens
from core.settings import Settings

PLAIN = '{"query":"{ viewer { role } }"}'
"""A query that is to be answered quickly whatever else goes on."""

_GUERDON = str(Path(sys.executable).with_name("guerdon"))
_LISTEN_S = 30


@dataclass
class Target:
    """The gateway, two callers of it, and what one of them may not see of the other."""

    port: int
    pid: int
    log: Path
    staff: str
    member: str
    own_id: str
    other_id: str
    reward_id: str
    client: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    async def post(
        self, body: bytes | str, /, *, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """Send a body as it is; `accept=` and the like are headers."""
        given = {
            "Content-Type": "application/json",
            "Accept": "application/graphql-response+json",
            "Authorization": f"Bearer {self.staff if token is None else token}",
        }
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(self.url, content=body, headers=given)

    async def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, **more: Any
    ) -> httpx.Response:
        """Send a document."""
        body = json.dumps({"query": query, "variables": variables})
        return await self.post(body, **more)

    @asynccontextmanager
    async def socket(self, *, ready: bool = True) -> AsyncIterator[ClientConnection]:
        """Open a socket; authenticated if *ready*."""
        protocol = Subprotocol("graphql-transport-ws")
        url = self.url.replace("http", "ws")
        async with connect(url, subprotocols=[protocol], max_size=None) as one:
            if ready:
                init = {"authorization": f"Bearer {self.staff}"}
                message = {"type": "connection_init", "payload": init}
                await one.send(json.dumps(message))
                assert json.loads(await one.recv())["type"] == "connection_ack"
            yield one

    def memory_mb(self) -> float:
        """Return the resident memory of the gateway."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024

    def complaints(self) -> list[str]:
        """Return the lines of the log that tell of what nobody foresaw."""
        lines = self.log.read_text(errors="replace").splitlines()
        signs = ("Traceback", '"level":"ERROR"', '"level":"CRITICAL"')
        return [one for one in lines if any(sign in one for sign in signs)]


@dataclass
class Latency:
    """How long plain queries took, in milliseconds."""

    taken_ms: list[float] = field(default_factory=list)

    @property
    def worst_ms(self) -> float:
        return max(self.taken_ms, default=0.0)


@asynccontextmanager
async def beside(target: Target, pause_s: float = 0.01) -> AsyncIterator[Latency]:
    """Send plain queries from a connection of their own meanwhile."""
    latency = Latency()
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {target.member}",
    }

    async def probe() -> None:
        async with httpx.AsyncClient(headers=headers) as client:
            while True:
                begun = time.perf_counter()
                answer = await client.post(target.url, content=PLAIN)
                assert answer.status_code == 200, answer.text
                latency.taken_ms.append((time.perf_counter() - begun) * 1_000)
                await asyncio.sleep(pause_s)

    task = asyncio.create_task(probe())
    try:
        await asyncio.sleep(0.05)
        yield latency
        await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    if not task.cancelled():
        task.result()


@asynccontextmanager
async def attacked(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[Target]:
    """Load the demo, serve it, and stop it in the end.

    Args:
        folder: for the database and the log.
        settings: further variables of the gateway.
    """
    database_url = f"sqlite:///{folder / 'attacked.db'}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "GUERDON_DATABASE_URL": database_url,
        "GUERDON_PORT": str(port),
        **settings,
    }
    load = [_GUERDON, "demo", "--no-serve", "--database", str(folder / "attacked.db")]
    loading = await create_subprocess_exec(*load, env=environment, stdout=DEVNULL)
    assert await loading.wait() == 0
    known = await _known(database_url)
    log = folder / "gateway.log"
    with log.open("wb") as errors:
        process = await create_subprocess_exec(
            _GUERDON, "serve", env=environment, stdout=errors, stderr=errors
        )
        target = Target(port=port, pid=process.pid, log=log, **known)
        try:
            await _listening(port)
            yield target
        finally:
            await target.client.aclose()
            process.terminate()
            await asyncio.wait_for(process.wait(), 30)


async def _known(database_url: str) -> dict[str, str]:
    settings = Settings(database_url=database_url)
    async with Engine.open(settings, Registry.installed()) as engine:
        rows = await engine.database.read(
            "SELECT holder_id, program_id FROM member ORDER BY holder_id LIMIT 2"
        )
        (own, program_id), (other, _) = rows
        ((reward_id,), *_) = await engine.database.read("SELECT reward_id FROM reward")
        return {
            "staff": await tokens.create(
                engine, program_id=program_id, role=Role.STAFF, client_id="attacker"
            ),
            "member": await tokens.create(
                engine, program_id=program_id, role=Role.MEMBER, holder_id=own
            ),
            "own_id": encode("member", own),
            "other_id": encode("member", other),
            "reward_id": encode("reward", reward_id),
        }


async def _listening(port: int) -> None:
    for _ in range(_LISTEN_S * 20):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        await asyncio.sleep(0.05)
    raise AssertionError("the gateway does not listen")
