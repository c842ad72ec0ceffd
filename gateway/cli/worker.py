"""`guerdon worker`."""

import asyncio
import signal

import click

from core.engine import Engine
from gateway.background import working
from gateway.cli.running import Installation, run
from gateway.telemetry import logs


@click.command()
@click.pass_obj
def worker(installation: Installation) -> None:
    """Do what is due, without serving: activation, expiry, unfinished redemptions.

    `serve` does the same beside its requests. Any number of both may run.
    """

    async def work() -> None:
        settings, registry = installation.settings(), installation.registry()
        logs.configure(settings)
        async with Engine.open(settings, registry) as engine, working(engine):
            click.echo("working")
            await _ended()

    run(work)


async def _ended() -> None:
    """Wait for a signal that means "end"."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
    for number in signals:
        loop.remove_signal_handler(number)
