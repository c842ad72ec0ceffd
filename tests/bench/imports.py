"""Importing finished history, beside posting one by one.

Both sides are counted in transactions of the journal. An import's are what members did
and what time brought about; what is posted are earnings, which take the least.
"""

import asyncio
import itertools
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from callers import Call, Run, crowd, earning, rounds
from figures import (
    IMPORTED_EMPTY,
    IMPORTED_LIVE,
    IMPORTED_SQLITE,
    Figure,
    Result,
    by_rate,
)
from members import PROGRAM, Members, fill
from pasts import write
from scene import Scene
from server import Server

from core.bulk.history import Order, import_history
from core.engine import Engine
from core.extension.registry import Registry
from core.settings import Settings

_OTHERS = 8
"""So many go on posting in a live database."""

_IMPORTED = "SELECT count(*) FROM journal WHERE meta LIKE $1"


async def imports(scene: Scene) -> list[Result]:
    """Import into databases that are in use, and into empty ones."""
    members = Members(scene.scale.members // 10)
    numbers = itertools.count()
    pasts = _Pasts(scene)
    postgres = scene.server.create("imports")

    async def into_new() -> Run:
        url = scene.server.create(f"imports_{next(numbers)}")
        async with _engine(url, Members(1)) as engine:
            return await pasts.bring(engine, scene.server)

    async def into_new_file() -> Run:
        url = f"sqlite:///{scene.file(f'imports_{next(numbers)}')}"
        async with _engine(url, Members(1)) as engine:
            return await pasts.bring(engine, None)

    async with _engine(postgres, members) as engine:
        scene.server.execute("imports", "VACUUM ANALYZE")
        call, server = earning(engine.ledger, members.numbers), scene.server
        async with _others(call):
            bring = partial(pasts.bring, engine, server)
            results = await _compare(scene, call, bring, server, IMPORTED_LIVE)
        results += await _compare(scene, call, into_new, server, IMPORTED_EMPTY)
    async with _engine(f"sqlite:///{scene.file('imports')}", members) as engine:
        call = earning(engine.ledger, members.numbers)
        results += await _compare(scene, call, into_new_file, None, IMPORTED_SQLITE)
    return results


async def _compare(
    scene: Scene,
    call: Call,
    bring: Callable[[], Awaitable[Run]],
    server: Server | None,
    figures: Sequence[Figure],
) -> list[Result]:
    """Let one caller post, then many, then import; return a result beside each."""
    window = scene.scale.window
    alone, together, imported = await rounds(
        scene.scale.rounds,
        lambda: crowd(call, 1, window, server),
        lambda: crowd(call, 128, window, server),
        bring,
    )
    return [
        by_rate(figure, imported, posted)
        for figure, posted in zip(figures, (alone, together), strict=True)
    ]


class _Pasts:
    """Imports members with their pasts, others each time."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._numbers = itertools.count()

    async def bring(self, engine: Engine, server: Server | None) -> Run:
        """Import some, and measure that."""
        number, scale = next(self._numbers), self._scene.scale
        path = self._scene.folder / f"pasts_{number}.jsonl"
        write(path, scale.imported, first=number * scale.imported)
        server_s = 0.0 if server is None else server.cpu_seconds()
        client_s, begin = _client_seconds(), time.monotonic()
        summary = await import_history(engine, PROGRAM, Order(path, f"bench-{number}"))
        seconds, client_s = time.monotonic() - begin, _client_seconds() - client_s
        server_s = 0.0 if server is None else server.cpu_seconds() - server_s
        assert not summary.errors, summary.errors[0]
        mark = f'{{"imported":"bench-{number}"%'
        ((count,),) = await engine.database.read(_IMPORTED, mark, bounded=False)
        return Run(count, seconds, client_s, server_s)


def _client_seconds() -> float:
    """Return the processor time of this process, and of workers that have ended."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in map(resource.getrusage, who))


@asynccontextmanager
async def _engine(url: str, members: Members) -> AsyncIterator[Engine]:
    """Open an engine on a new database with *members*."""
    async with Engine.open(Settings(database_url=url), Registry.of()) as engine:
        await fill(engine.database, members)
        yield engine


@asynccontextmanager
async def _others(call: Call) -> AsyncIterator[None]:
    """Let others go on posting."""

    async def post() -> None:
        while True:
            await call()

    tasks = [asyncio.create_task(post()) for _ in range(_OTHERS)]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
