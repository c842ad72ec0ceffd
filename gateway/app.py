"""The ASGI application: GraphQL over HTTP and WebSocket, health, background work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from core.engine import Engine
from gateway.background import listening, refreshing, working
from gateway.entrance import Entrance
from gateway.graphiql import graphiql_routes
from gateway.observed import ObservedService
from gateway.readiness import Readiness
from gateway.service import Service
from gateway.starting import gateway_of
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.state import REFRESH_INTERVAL_S, StateCollector
from gateway.telemetry.telemetry import Telemetry
from gateway.telemetry.tracing import Tracing
from gateway.telemetry.watcher import Watcher
from gateway.transports.callbacks import CallbackEndpoint
from gateway.transports.headers import cross_origin
from gateway.transports.health import ReadyEndpoint, healthz
from gateway.transports.http import HttpEndpoint
from gateway.transports.websocket import SocketEndpoint

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(engine: Engine, tracing: Tracing | None = None) -> Starlette:
    """Return the application for an open engine.

    Its `state` has the `service`, the `readiness` and the `metrics`.

    Args:
        engine: what it serves.
        tracing: where traces go; nowhere, if None.

    Raises:
        ConfigurationError: a persisted document cannot run on this schema, or a setting
            cannot be read.
    """
    settings = engine.settings
    executor, persisted = gateway_of(engine.registry, settings)
    telemetry = Telemetry(Metrics(executor.persisted_names), tracing or Tracing())
    telemetry.tracing.watch(executor.schema)
    engine.observation.by = Watcher(telemetry.metrics, telemetry.tracing)
    state = StateCollector(engine)
    telemetry.metrics.registry.register(state)
    service = ObservedService(engine, executor, persisted, telemetry)
    readiness = Readiness(engine)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with (
            listening(engine, service.lifelines),
            refreshing(state.refresh, REFRESH_INTERVAL_S),
            working(engine),
        ):
            yield

    app = Starlette(
        routes=[*_routes(service, readiness), *graphiql_routes(settings)],
        middleware=[
            Middleware(Entrance, settings, telemetry),
            *cross_origin(settings.origins),
        ],
        lifespan=lifespan,
    )
    app.state.service = service
    app.state.readiness = readiness
    app.state.metrics = telemetry.metrics
    return app


def _routes(service: Service, readiness: Readiness) -> list[Route | WebSocketRoute]:
    http = HttpEndpoint(service)
    socket = SocketEndpoint(service)
    callbacks = CallbackEndpoint(service.engine)
    ready = ReadyEndpoint(readiness)

    async def graphql_socket(connection: WebSocket) -> None:
        await socket(connection)

    async def graphql(request: Request) -> Response:
        return await http(request)

    async def callback(request: Request) -> Response:
        return await callbacks(request)

    async def readyz(request: Request) -> Response:
        return await ready(request)

    async def index(_: Request) -> Response:
        text = "Guerdon. GraphQL is at /graphql, health at /healthz and /readyz.\n"
        return PlainTextResponse(text)

    return [
        Route("/", index),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/graphql", graphql, methods=_METHODS),
        WebSocketRoute("/graphql", graphql_socket),
        Route("/callbacks/{redemption_id}", callback, methods=["POST"]),
    ]
