"""What goes on beside requests: in `guerdon serve`, and in `guerdon worker` alone."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from core.engine import Engine
from core.ledger.events import watch
from core.ledger.totals import add_up
from core.program.redemption import recover

_WATCH_INTERVAL_S = 1.0
_TOTALS_INTERVAL_S = 5.0

_log = logging.getLogger(__name__)


@asynccontextmanager
async def listening(engine: Engine) -> AsyncIterator[None]:
    """Wake subscribers of this process when another one posts."""
    hub = engine.ledger.hub
    async with _running(
        _keep_up("watching", lambda: watch(engine.database, hub, _WATCH_INTERVAL_S), 1)
    ):
        yield


@asynccontextmanager
async def working(engine: Engine) -> AsyncIterator[None]:
    """Do what is due, finish what was begun, and sum up; any number may do so."""
    settings = engine.settings
    work = [_keep_up("totals", lambda: add_up(engine.database), _TOTALS_INTERVAL_S)]
    if interval_ms := settings.sweep_interval_ms:
        work.append(_keep_up("sweeping", lambda: _sweep(engine), interval_ms / 1_000))
    if interval_ms := settings.recovery_interval_ms:
        work.append(_keep_up("recovery", lambda: recover(engine), interval_ms / 1_000))
    async with _running(*work):
        yield


async def _sweep(engine: Engine) -> None:
    """Do all that is due now; posting goes on in between."""
    while await engine.ledger.sweep():
        pass


async def _keep_up(
    name: str, work: Callable[[], Awaitable[Any]], interval_s: float
) -> None:
    """Do *work* again and again, for ever, whatever becomes of it."""
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001  (nobody else would go on)
            _log.exception("%s failed; it goes on", name)
        await asyncio.sleep(interval_s)


@asynccontextmanager
async def _running(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
