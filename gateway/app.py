"""The ASGI application: GraphQL over HTTP and WebSocket, health, background work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from core.engine import Engine
from core.extension.breaker import State
from gateway.background import listening, working
from gateway.callbacks import CallbackEndpoint
from gateway.execution import Executor
from gateway.http import HttpEndpoint
from gateway.schema import build_schema
from gateway.websocket import SocketEndpoint

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(engine: Engine) -> Starlette:
    """Return the application for an open engine."""
    executor = Executor(build_schema(engine.registry), engine.settings)
    http = HttpEndpoint(engine, executor)
    socket = SocketEndpoint(engine, executor)
    callbacks = CallbackEndpoint(engine)

    async def graphql_socket(connection: WebSocket) -> None:
        await socket(connection)

    async def graphql(request: Request) -> Response:
        return await http(request)

    async def callback(request: Request) -> Response:
        return await callbacks(request)

    async def health(_: Request) -> Response:
        is_current = await engine.database.is_current()
        states = [one.state for one in engine.host.health().values()]
        answer = {
            "status": "ok" if is_current else "schema is not current",
            "plugins_resting": len(states) - states.count(State.CLOSED),
        }
        return JSONResponse(answer, 200 if is_current else 503)

    async def index(_: Request) -> Response:
        return PlainTextResponse(
            "Guerdon. GraphQL is at /graphql, health at /health.\n"
        )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with listening(engine), working(engine):
            yield

    return Starlette(
        routes=[
            Route("/", index),
            Route("/health", health),
            Route("/graphql", graphql, methods=_METHODS),
            WebSocketRoute("/graphql", graphql_socket),
            Route("/callbacks/{redemption_id}", callback, methods=["POST"]),
        ],
        lifespan=lifespan,
    )
