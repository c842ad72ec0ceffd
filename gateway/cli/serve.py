"""`guerdon serve`."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import click
import uvicorn

from core.engine import Engine
from core.settings import Settings
from gateway.app import create_app
from gateway.cli.ending import EndingServer, grace_s
from gateway.cli.running import Installation, run
from gateway.starting import tracing_of
from gateway.telemetry import logs
from gateway.telemetry.metrics import Metrics
from gateway.transports.exposition import metrics_app
from gateway.transports.protocol import bounded


@click.command()
@click.option("--host", help="Address to listen on.  [default: GUERDON_HOST]")
@click.option("--port", type=int, help="Port to listen on.  [default: GUERDON_PORT]")
@click.pass_obj
def serve(installation: Installation, host: str | None, port: int | None) -> None:
    """Serve the GraphQL gateway."""

    async def work() -> None:
        async with installation.open() as (engine, _):
            await listen(engine, host, port)

    run(work)


async def listen(engine: Engine, host: str | None, port: int | None) -> None:
    """Serve until a signal comes.

    Raises:
        ConfigurationError: a setting cannot be read.
    """
    settings = engine.settings
    logs.configure(settings)
    with tracing_of(settings) as tracing:
        app = create_app(engine, tracing)
        config = uvicorn.Config(
            app,
            host=host or settings.host,
            port=settings.port if port is None else port,
            http=bounded(settings),
            ws="websockets-sansio",
            ws_max_size=settings.max_body_bytes,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=grace_s(settings),
            **_COMMON,
        )
        async with _measured(settings, app.state.metrics):
            await EndingServer(config, app, settings).serve()


_COMMON: dict[str, Any] = {
    "loop": "none",
    "access_log": False,
    "log_config": None,
    "proxy_headers": False,  # the entrance reads them, from trusted proxies only
    "server_header": False,
}


class _BesideServer(uvicorn.Server):
    """A server beside the main one, which has the signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


@asynccontextmanager
async def _measured(settings: Settings, metrics: Metrics) -> AsyncIterator[None]:
    """Serve metrics on a port of their own, to the very end, if there is one."""
    if not settings.metrics_port:
        yield
        return
    config = uvicorn.Config(
        metrics_app(metrics),
        host=settings.metrics_host,
        port=settings.metrics_port,
        http="httptools",
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=1,
        **_COMMON,
    )
    server = _BesideServer(config)
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving
