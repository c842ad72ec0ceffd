"""Gateways with limits of their own, asked over HTTP and over a socket."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from core.actors import Role
from core.engine import Engine
from core.program import tokens
from gateway.app import create_app

GRAPHQL = "application/graphql-response+json"


@dataclass
class Caller:
    """One caller of a gateway with limits of its own."""

    engine: Engine
    app: Any
    client: httpx.AsyncClient
    token: str
    sockets: Any

    async def post(self, payload: dict[str, Any], **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.token}", "Accept": GRAPHQL} | headers
        return await self.client.post("/graphql", json=payload, headers=sent)

    async def over_http(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the answer, or what is refused."""
        answer: dict[str, Any] = (await self.post(payload)).json()
        return answer

    async def over_socket(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the same as over HTTP."""
        async with self.sockets(self) as wire:
            await wire.send({"type": "subscribe", "id": "1", "payload": payload})
            message = await wire.next()
        if message["type"] == "error":
            return {"errors": message["payload"]}
        answer: dict[str, Any] = message["payload"]
        return (
            answer
            if wire.cost is None
            else answer | {"extensions": {"cost": wire.cost}}
        )


Limited = Callable[..., Awaitable[Caller]]


@pytest.fixture
async def limited(
    engine: Engine, program_id: int, socket_of: Any
) -> AsyncIterator[Limited]:
    """Make callers: `await limited(max_depth=3)`, `await limited(role="admin")`."""
    async with AsyncExitStack() as stack:

        async def make(
            role: str = "staff", client: str | None = None, **settings: Any
        ) -> Caller:
            other = replace(engine, settings=replace(engine.settings, **settings))
            app = create_app(other)
            transport = httpx.ASGITransport(app=app)
            http = httpx.AsyncClient(transport=transport, base_url="http://test")
            await stack.enter_async_context(http)
            secret = await tokens.create(
                engine, program_id=program_id, role=Role(role), client_id=client
            )
            return Caller(other, app, http, secret, socket_of)

        yield make
