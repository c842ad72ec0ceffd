"""What goes on beside requests: in `guerdon serve`, and in `guerdon worker` alone."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from core.engine import Engine
from core.ledger.events import watch
from core.ledger.totals import add_up
from core.program.activity_types import shadowed
from core.program.due import publish_due
from core.program.recovery import orphans, recover_type
from core.program.waiting import serve_type
from gateway.lifelines import CHECK_INTERVAL_S, Lifelines

_WATCH_INTERVAL_S = 1.0
_TOTALS_INTERVAL_S = 5.0
_PUBLISH_INTERVAL_S = 1.0

_log = logging.getLogger(__name__)


@asynccontextmanager
async def listening(engine: Engine, lifelines: Lifelines) -> AsyncIterator[None]:
    """Wake subscribers of this process when another one posts, and end the expired."""
    hub = engine.ledger.hub
    async with _running(
        _keep_up("watching", lambda: watch(engine.database, hub, _WATCH_INTERVAL_S), 1),
        _keep_up("checking credentials", lifelines.check, CHECK_INTERVAL_S),
    ):
        yield


@asynccontextmanager
async def refreshing(
    look: Callable[[], Awaitable[None]], interval_s: float
) -> AsyncIterator[None]:
    """Look at what metrics tell of the database, now and then."""
    async with _running(_keep_up("looking for metrics", look, interval_s)):
        yield


@asynccontextmanager
async def working(engine: Engine) -> AsyncIterator[None]:
    """Do what is due, finish what was begun, and sum up; any number may do so."""
    settings = engine.settings
    await _tell_orphans(engine)
    await _tell_shadowed(engine)
    work = [_keep_up("totals", lambda: add_up(engine.database), _TOTALS_INTERVAL_S)]
    publish = partial(publish_due, engine)
    work.append(_keep_up("publishing", publish, _PUBLISH_INTERVAL_S))
    if interval_ms := settings.sweep_interval_ms:
        work.append(_keep_up("sweeping", lambda: _sweep(engine), interval_ms / 1_000))
    if interval_ms := settings.recovery_interval_ms:
        work += _recovering(engine, interval_ms / 1_000)
    async with _running(*work):
        yield


def _recovering(engine: Engine, interval_s: float) -> list[Coroutine[Any, Any, None]]:
    """Finish redemptions: each plugin's apart, so that a slow one delays no other."""
    work = []
    for one in engine.registry.reward_types:
        recover = partial(recover_type, engine, one)
        work.append(_keep_up(f"recovery of {one.code}", recover, interval_s))
        serve = partial(serve_type, engine, one)
        work.append(_keep_up(f"the waiting list of {one.code}", serve, interval_s))
    return work


async def _tell_orphans(engine: Engine) -> None:
    """Say which redemptions wait for a plugin that is not installed."""
    for code, count in (await orphans(engine)).items():
        _log.warning(
            "%s redemptions wait for the reward type %s, which no plugin brings; "
            "install it again, or see `guerdon plugin retire`",
            count,
            code,
        )


async def _tell_shadowed(engine: Engine) -> None:
    """Say which registered types of activity count no more, since a plugin came."""
    for code in await shadowed(engine):
        _log.warning(
            "the activity type %s was registered, but a plugin brings it now: the "
            "plugin's counts; start with --skip-plugin to have the registered one",
            code,
        )


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
