"""The ASGI application: GraphQL over HTTP and WebSocket, health, background work."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from core.engine import Engine
from core.ledger.events import watch
from core.program.redemption import recover
from gateway.execution import Executor
from gateway.http import HttpEndpoint
from gateway.schema import build_schema
from gateway.websocket import SocketEndpoint

_WATCH_INTERVAL_S = 1.0
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_log = logging.getLogger(__name__)


def create_app(engine: Engine) -> Starlette:
    """Return the application for an open engine."""
    executor = Executor(build_schema(engine.registry), engine.settings)
    http = HttpEndpoint(engine, executor)
    socket = SocketEndpoint(engine, executor)

    async def graphql_socket(connection: WebSocket) -> None:
        await socket(connection)

    async def graphql(request: Request) -> Response:
        return await http(request)

    async def health(_: Request) -> Response:
        is_current = await engine.database.is_current()
        answer = {"status": "ok" if is_current else "schema is not current"}
        return JSONResponse(answer, 200 if is_current else 503)

    async def index(_: Request) -> Response:
        return PlainTextResponse(
            "Guerdon. GraphQL is at /graphql, health at /health.\n"
        )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(one) for one in _background(engine)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/health", health),
            Route("/graphql", graphql, methods=_METHODS),
            WebSocketRoute("/graphql", graphql_socket),
        ],
        lifespan=lifespan,
    )


def _background(engine: Engine) -> list[Coroutine[Any, Any, None]]:
    hub = engine.ledger.hub
    work = [watch(engine.database, hub, _WATCH_INTERVAL_S)]
    if engine.settings.recovery_interval_ms:
        work.append(_recover(engine, engine.settings.recovery_interval_ms / 1_000))
    return work


async def _recover(engine: Engine, interval_s: float) -> None:
    """Finish redemptions that wait for it, for ever."""
    while True:
        try:
            await recover(engine)
        except Exception:  # noqa: BLE001  (nobody else would go on)
            _log.exception("recovery failed; it goes on")
        await asyncio.sleep(interval_s)
