"""A gateway that is told to end: what runs is finished, and clients go on after it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from core.actors import Actor, Role
from core.engine import Engine
from core.extension.registry import Registry
from core.ids import encode
from core.program import definition, members, tokens
from core.settings import Settings

PROGRAM = {
    "code": "main",
    "name": "Corner Shop",
    "currencies": [{"code": "PTS", "name": "Points"}],
}
ADJUST = """mutation Adjust($i: AdjustBalanceInput!) {
  adjustBalance(input: $i) { replayed userErrors { code } }
}"""
LIVE = """subscription Live($m: ID!, $after: String) {
  balanceChanged(memberId: $m, after: $after) { cursor balances { available } }
}"""
BALANCES = """query ($m: ID!) {
  node(id: $m) { ... on Member { balances { available } } }
}"""
CALLERS = 4
BUSY = 40
ONE_KIND = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Gateway:
    """A `guerdon serve` that is told to end and begun again, and one who calls it."""

    def __init__(self, url: str, folder: Path, token: str, member_id: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._database_url = url
        self._log = folder / "gateway.log"
        self.token = token
        self.member_id = member_id
        self.process: subprocess.Popen[bytes] | None = None
        self.is_live = asyncio.Event()
        """Set when a stream has had an event."""
        self.is_there = asyncio.Event()
        """Set when a stream has told of the balance that is waited for."""
        self.awaited = -1

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    async def start(self, **settings: object) -> None:
        environment = os.environ | {
            "GUERDON_DATABASE_URL": self._database_url,
            "GUERDON_PORT": str(self.port),
            "GUERDON_LOG_FORMAT": "json",
            **{f"GUERDON_{name.upper()}": str(one) for name, one in settings.items()},
        }
        self._launch(environment)
        assert self.process is not None
        async with httpx.AsyncClient() as client:
            for _ in range(600):
                assert self.process.poll() is None, self._log.read_text()
                try:
                    await client.get(f"http://127.0.0.1:{self.port}/healthz")
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                else:
                    return
        raise AssertionError("the gateway does not listen")

    def _launch(self, environment: dict[str, str]) -> None:
        command = [str(Path(sys.executable).with_name("guerdon")), "serve"]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log)

    async def ending(self, client: httpx.AsyncClient) -> httpx.Response:
        """Wait until the gateway says that it ends, and return how it does."""
        for _ in range(500):
            found = await client.get("/readyz")
            if found.status_code != httpx.codes.OK:
                return found
            await asyncio.sleep(0.01)
        raise AssertionError("the gateway does not end")

    def told(self, number: int = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    async def ended(self, within_s: float = 30) -> int:
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, within_s)

    def client(self) -> httpx.AsyncClient:
        url = f"http://127.0.0.1:{self.port}"
        return httpx.AsyncClient(base_url=url, headers=self.headers, timeout=20)

    async def adjust(self, client: httpx.AsyncClient, key: str) -> Any:
        given = {
            "idempotencyKey": key,
            "memberId": self.member_id,
            "currency": "PTS",
            "amount": 1,
            "reason": "load",
        }
        body = {"query": ADJUST, "variables": {"i": given}}
        answer = await client.post("/graphql", json=body)
        return answer.json()["data"]["adjustBalance"]

    async def live(self, after: str | None) -> tuple[list[Any], int]:
        """Subscribe until the socket is closed; return the events and the code."""
        events: list[Any] = []
        async with websockets.connect(
            f"ws://127.0.0.1:{self.port}/graphql",
            subprotocols=[websockets.Subprotocol("graphql-transport-ws")],
            additional_headers=self.headers,
        ) as wire:
            await wire.send(json.dumps({"type": "connection_init"}))
            assert json.loads(await wire.recv())["type"] == "connection_ack"
            variables = {"m": self.member_id, "after": after}
            payload = {"query": LIVE, "variables": variables}
            await wire.send(
                json.dumps({"type": "subscribe", "id": "1", "payload": payload})
            )
            try:
                while True:
                    message = json.loads(await wire.recv())
                    assert message["type"] == "next", message
                    events.append(message["payload"]["data"]["balanceChanged"])
                    self.is_live.set()
                    if {"available": self.awaited} in events[-1]["balances"]:
                        self.is_there.set()
            except websockets.ConnectionClosed as closed:
                return events, closed.rcvd.code if closed.rcvd else 1006


@pytest.fixture
async def gateway(
    database_url: str, registry: Registry, tmp_path: Path
) -> AsyncIterator[Gateway]:
    settings = Settings(database_url=database_url)
    async with Engine.open(settings, registry) as engine:
        program_id = await definition.apply(engine, PROGRAM)
        by = Actor(program_id, "desk", Role.STAFF)
        one = await members.enroll(engine, by=by, key="the-member")
        token = await tokens.create(engine, program_id=program_id, role=Role.STAFF)
    gateway = Gateway(database_url, tmp_path, token, encode("member", one.holder_id))
    yield gateway
    if gateway.process is not None and gateway.process.poll() is None:
        gateway.process.kill()
        gateway.process.wait()


async def test_a_stream_goes_on_after_the_end_without_gap_or_double(
    gateway: Gateway,
) -> None:
    done: list[str] = []
    is_busy = asyncio.Event()

    async def call(caller: int) -> None:
        """Post until nobody answers; what was not answered is sent again later."""
        async with gateway.client() as client:
            for number in range(10_000):
                key = f"load-{caller:04}-{number:08}"
                try:
                    answer = await gateway.adjust(client, key)
                except (httpx.TransportError, KeyError):
                    unsure.append(key)
                    return
                assert answer == {"replayed": False, "userErrors": []}
                done.append(key)
                if len(done) >= BUSY:
                    is_busy.set()

    unsure: list[str] = []
    await gateway.start()
    live = asyncio.create_task(gateway.live(None))
    await gateway.is_live.wait()
    callers = [asyncio.create_task(call(number)) for number in range(CALLERS)]
    await is_busy.wait()
    gateway.told()
    first, code = await live
    await asyncio.gather(*callers)
    status = await gateway.ended()

    balance = gateway.awaited = len(done) + len(unsure) + 5
    await gateway.start()
    going_on = asyncio.create_task(gateway.live(first[-1]["cursor"]))
    async with gateway.client() as client:
        for key in unsure:
            await gateway.adjust(client, key)
        for number in range(5):
            await gateway.adjust(client, f"later-{number:010}")
        document = {"query": BALANCES, "variables": {"m": gateway.member_id}}
        found = (await client.post("/graphql", json=document)).json()
    await gateway.is_there.wait()
    gateway.told()
    second, _ = await going_on
    await gateway.ended()

    assert (code, status) == (1012, 0)
    assert found["data"]["node"]["balances"] == [{"available": balance}]
    seen = [one["balances"][0]["available"] for one in [*first[1:], *second]]
    assert seen == list(range(1, balance + 1))
    assert not [one for one in gateway.log if one["level"] in {"WARNING", "ERROR"}]


async def test_first_it_says_so_then_it_ends(gateway: Gateway) -> None:
    await gateway.start(drain_ms=2_500, metrics_port=_free_port())
    async with gateway.client() as client:
        before = await client.get("/readyz")
        streaming = asyncio.create_task(_streamed(client, gateway.member_id))
        gateway.told()
        during = await gateway.ending(client)
        answer = await gateway.adjust(client, "while-it-drains-001")
        lives = await client.get("/healthz")
        text = await streaming
    status = await gateway.ended()

    assert before.json()["status"] == "ready"
    assert during.status_code == 503
    assert during.json()["status"] == "stopping"
    assert answer == {"replayed": False, "userErrors": []}
    assert lives.status_code == 200
    assert "GOING_AWAY" in text
    assert status == 0


@ONE_KIND
async def test_a_second_signal_ends_at_once(gateway: Gateway) -> None:
    await gateway.start(drain_ms=60_000)
    async with gateway.client() as client:
        gateway.told()
        await gateway.ending(client)
        gateway.told()
        status = await gateway.ended()

    assert status == 128 + signal.SIGTERM


@ONE_KIND
async def test_an_end_that_takes_too_long_is_cut_short(gateway: Gateway) -> None:
    await gateway.start(shutdown_ms=200)
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(  # a request whose body never comes
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer %s\r\nContent-Length: 100\r\n\r\n{"
        % gateway.token.encode()
    )
    await writer.drain()
    async with gateway.client() as client:
        await client.get("/healthz")  # by now the other one has arrived
    gateway.told()
    status = await gateway.ended()
    writer.close()

    assert status == 1
    assert "cut short" in gateway.log[-1]["message"]
    assert await reader.read() == b""


async def _streamed(client: httpx.AsyncClient, member_id: str) -> str:
    """Return all that a stream over HTTP says until it ends."""
    body = {"query": LIVE, "variables": {"m": member_id}}
    headers = {"Accept": "text/event-stream"}
    answer = await client.post("/graphql", json=body, headers=headers)
    return answer.text


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
