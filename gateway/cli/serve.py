"""`guerdon serve`."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import click
import uvicorn

from core.engine import Engine
from gateway.app import create_app
from gateway.cli.running import Installation, run

_SHUTDOWN_S = 10


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
    """Serve until a signal comes."""
    settings = engine.settings
    config = uvicorn.Config(
        create_app(engine),
        host=host or settings.host,
        port=settings.port if port is None else port,
        loop="none",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=settings.max_body_bytes,
        ws_per_message_deflate=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_SHUTDOWN_S,
    )
    await _Server(config).serve()


class _Server(uvicorn.Server):
    """A server that ends in good order: uvicorn's own raises the signal once more."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that mean "end" while the server runs."""
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)
