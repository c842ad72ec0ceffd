"""A gateway with settings of its own, and what it logs."""

import io
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from core.actors import Role
from core.engine import Engine
from core.program import tokens
from core.settings import Settings
from gateway.app import create_app
from gateway.telemetry import logs
from gateway.telemetry.tracing import Tracing


@dataclass
class Gateway:
    """A gateway, and a caller of it."""

    engine: Engine
    app: Any
    client: httpx.AsyncClient
    token: str

    async def ask(self, query: str, /, **headers: str) -> httpx.Response:
        """Send a document."""
        sent = {"Authorization": f"Bearer {self.token}"} | headers
        return await self.client.post("/graphql", json={"query": query}, headers=sent)

    def sample(self, name: str, /, **labels: str) -> float | None:
        """Return the present value of a metric; None if there is none."""
        value: float | None = self.app.state.metrics.registry.get_sample_value(
            f"guerdon_{name}", labels
        )
        return value


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough: what is tested here asks little of it."""
    return sqlite_url


Gateways = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def gateway_with(engine: Engine, program_id: int) -> AsyncIterator[Gateways]:
    """Make gateways: `await gateway_with(graphiql=1)`."""
    async with AsyncExitStack() as stack:

        async def make(
            role: str = "staff",
            *,
            tracing: Tracing | None = None,
            peer: str = "127.0.0.1",
            **settings: Any,
        ) -> Gateway:
            other = replace(engine, settings=replace(engine.settings, **settings))
            app = create_app(other, tracing)
            transport = httpx.ASGITransport(app=app, client=(peer, 123))
            http = httpx.AsyncClient(transport=transport, base_url="http://test")
            await stack.enter_async_context(http)
            secret = await tokens.create(
                engine, program_id=program_id, role=Role(role), client_id=None
            )
            return Gateway(other, app, http, secret)

        yield make


@dataclass
class Log:
    """Lines of JSON."""

    stream: io.StringIO

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def operations(self) -> list[dict[str, Any]]:
        return [one for one in self.lines if one["logger"] == "guerdon.operations"]


@pytest.fixture
def log() -> Iterator[Log]:
    """The log of this process, as machines get it."""
    root = logging.getLogger()
    before = root.handlers, root.level
    stream = io.StringIO()
    logs.configure(Settings(log_format="json", log_level="debug"), stream)
    yield Log(stream)
    root.handlers, root.level = before
