"""Posting while others listen and sum up, beside posting alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from callers import Run, Window, crowd, earning, rounds
from figures import SUMMED, WATCHED, Result, by_cpu
from members import FIRST, PROGRAM, Members
from scene import Scene

from core.ledger.events import watch
from core.ledger.hub import Hub
from core.ledger.totals import add_up, totals
from core.storage.database import Database

_CALLERS = 128
_EACH_S = 1.0


async def watchers(scene: Scene) -> list[Result]:
    """Post alone, beside subscribers, and beside subscribers and sums."""
    server, scale = scene.server, scene.scale
    members = Members(scale.members)
    async with scene.postgres("watchers", members) as (ledger, database):
        call = earning(ledger, members.numbers)

        async def run(*background: Callable[[], Awaitable[None]]) -> Run:
            await add_up(database)  # what other runs left is not this one's to sum up
            async with _running(background):
                return await crowd(call, _CALLERS, scale.fine_window, server)

        listening = [
            *(_listener(ledger.hub, one) for one in _spread(scene)),
            lambda: watch(database, ledger.hub, _EACH_S),
        ]
        alone, watched, summed = await rounds(
            scale.fine_rounds,
            run,
            lambda: run(*listening),
            lambda: run(*listening, lambda: _sum_up(database, scale.fine_window)),
        )
    return [by_cpu(WATCHED, watched, alone), by_cpu(SUMMED, summed, alone)]


def _spread(scene: Scene) -> list[int]:
    """Return the members that are listened to."""
    step = max(1, scene.scale.members // scene.scale.subscribers)
    return list(range(1, scene.scale.members + 1, step))[: scene.scale.subscribers]


def _listener(hub: Hub, member: int) -> Callable[[], Awaitable[None]]:
    async def listen() -> None:
        with hub.subscribe(FIRST + member) as woken:
            while True:
                woken.clear()
                await woken.wait()

    return listen


async def _sum_up(database: Database, window: Window) -> None:
    """Bring the totals up to date and read them, each second."""
    loop = asyncio.get_running_loop()
    due = loop.time() + window.warm_s + window.seconds / 2
    while True:
        await asyncio.sleep(due - loop.time())
        await add_up(database)
        await totals(database, PROGRAM)
        due += _EACH_S


@asynccontextmanager
async def _running(
    background: tuple[Callable[[], Awaitable[None]], ...],
) -> AsyncIterator[None]:
    """Run tasks that have no end; one that ends all the same is an error."""
    tasks = [asyncio.ensure_future(one()) for one in background]
    try:
        yield
    finally:
        ended = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()
