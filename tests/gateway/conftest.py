"""The gateway in process: documents over HTTP, messages over a socket."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from core.actors import Role, Scope
from core.engine import Engine
from core.ids import encode
from core.program import tokens
from gateway.app import create_app

_KEYS = itertools.count(1)


_LEDGER = (
    "SELECT holder_id, seq FROM journal ORDER BY 1, 2",
    "SELECT * FROM wallet ORDER BY 1, 2",
    "SELECT * FROM counter ORDER BY 1, 2, 3",
    "SELECT holder_id, hold_id, status FROM redemption ORDER BY 1, 2",
    "SELECT holder_id FROM member ORDER BY 1",
)


def new_key() -> str:
    """Return an idempotency key of its own."""
    return f"test-key-{next(_KEYS):010}"


def without_cost(answer: dict[str, Any]) -> dict[str, Any]:
    """Take out what an operation cost, of which most tests know nothing."""
    extensions = answer.get("extensions", {})
    extensions.pop("cost", None)
    if not extensions:
        answer.pop("extensions", None)
    return answer


@dataclass
class Api:
    """One caller of the gateway."""

    engine: Engine
    app: Any
    client: httpx.AsyncClient
    program_id: int
    token: str = ""

    async def send(self, query: str, /, **variables: Any) -> dict[str, Any]:
        """Run a document and return the whole answer, but not what it cost."""
        response = await self.client.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        answer: dict[str, Any] = response.json()
        return without_cost(answer)

    async def data(self, query: str, /, **variables: Any) -> Any:
        """Run a document that must succeed, and return its data."""
        answer = await self.send(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def code(self, query: str, /, **variables: Any) -> str:
        """Run a document that must fail, and return the code of its first error."""
        answer = await self.send(query, **variables)
        assert answer.get("errors"), answer
        code: str = answer["errors"][0]["extensions"]["code"]
        return code

    async def change(self, name: str, fields: str, /, **given: Any) -> Any:
        """Run a mutation with an input, and return its payload."""
        kind = name[0].upper() + name[1:]
        document = f"mutation ($i: {kind}Input!) {{ {name}(input: $i) {{ {fields} }} }}"
        given.setdefault("idempotencyKey", new_key())
        return (await self.data(document, i=given))[name]

    async def ledger(self) -> list[Any]:
        """Return all that a refused operation must leave as it is."""
        return [await self.engine.database.read(sql) for sql in _LEDGER]


@dataclass
class Wire:
    """A WebSocket to the application, without a network."""

    incoming: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)
    outgoing: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)
    cost: Any = None
    """What the last answer said that it cost."""

    async def send(self, message: Any) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        await self.raw({"type": "websocket.receive", "text": text})

    async def raw(self, event: dict[str, Any]) -> None:
        await self.incoming.put(event)

    async def next(self) -> Any:
        """Return the next message, or the code with which the socket was closed."""
        async with asyncio.timeout(5):
            event = await self.outgoing.get()
        if event["type"] == "websocket.close":
            return event["code"]
        message = json.loads(event["text"])
        if message["type"] == "next":
            self.cost = message["payload"].get("extensions", {}).get("cost")
            without_cost(message["payload"])
        return message

    async def silent(self, seconds: float = 0.05) -> bool:
        """Tell whether nothing comes for a while."""
        await asyncio.sleep(seconds)
        return self.outgoing.empty()

    async def subscribe(self, name: str, query: str, **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.send({"type": "subscribe", "id": name, "payload": payload})


@asynccontextmanager
async def wired(
    app: Any,
    *,
    protocols: tuple[str, ...] = ("graphql-transport-ws",),
    headers: tuple[tuple[bytes, bytes], ...] = (),
    buffer: int = 0,
) -> AsyncIterator[Wire]:
    """A socket that takes *buffer* messages before one is read; 0: any number."""
    wire = Wire(outgoing=asyncio.Queue(buffer))
    scope = {
        "type": "websocket",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": list(headers),
        "subprotocols": list(protocols),
        "scheme": "ws",
        "server": ("test", 80),
        "client": ("test", 1),
        "root_path": "",
    }
    await wire.raw({"type": "websocket.connect"})
    task = asyncio.create_task(app(scope, wire.incoming.get, wire.outgoing.put))
    accepted = await wire.outgoing.get()
    assert accepted["type"] == "websocket.accept"
    try:
        yield wire
    finally:
        await wire.raw({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(5):
            await task


@asynccontextmanager
async def connected(api: Api, *, buffer: int = 0) -> AsyncIterator[Wire]:
    """A socket whose caller is authenticated."""
    async with wired(api.app, buffer=buffer) as wire:
        init = {"authorization": f"Bearer {api.token}"}
        await wire.send({"type": "connection_init", "payload": init})
        assert await wire.next() == {"type": "connection_ack"}
        yield wire


Callers = Callable[..., Awaitable[Api]]


@pytest.fixture
def socket_of() -> Any:
    return connected


@pytest.fixture
def bare_socket() -> Any:
    return wired


@pytest.fixture
async def caller(engine: Engine, program_id: int) -> AsyncIterator[Callers]:
    """Make callers: `await caller("staff")`, `await caller("member", holder_id)`."""
    app = create_app(engine)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

        async def make(role: str, holder_id: int | None = None, *scopes: Scope) -> Api:
            secret = await tokens.create(
                engine,
                program_id=program_id,
                role=Role(role),
                holder_id=holder_id,
                scopes=frozenset(scopes) or None,
            )
            return Api(engine, app, client, program_id, secret)

        yield make


@pytest.fixture
async def staff_api(caller: Callers) -> Api:
    return await caller("staff")


@dataclass
class Ada:
    """A member with 310 points of one order."""

    holder_id: int
    id: str


@pytest.fixture
async def ada(staff_api: Api) -> Ada:
    payload = await staff_api.change(
        "enrollMember", "member { id }", number="00001", displayName="Ada"
    )
    member_id = payload["member"]["id"]
    await staff_api.change(
        "recordActivity",
        "points",
        memberId=member_id,
        type="purchase",
        payload={"order_id": "o1", "amount_minor": 31_000, "currency_code": "USD"},
    )
    return Ada(int(member_id[4:], 16), member_id)


@pytest.fixture
async def rewards(engine: Engine, program_id: int) -> dict[str, str]:
    """Global ids of the rewards by code."""
    rows = await engine.database.read(
        "SELECT code, reward_id FROM reward WHERE program_id = $1", program_id
    )
    return {code: encode("reward", reward_id) for code, reward_id in rows}
