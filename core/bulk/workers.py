"""Worker processes: each carries out parts of an import with its own connections.

Deciding takes longer than writing, so several processes decide at once. They end with
the process that started them, however that ends.
"""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from multiprocessing import get_context, parent_process
from threading import Thread

from core.bulk.batch import Job, carry_out
from core.bulk.index import Lines
from core.bulk.rows import Part
from core.clock import SystemClock
from core.engine import Engine
from core.errors import DatabaseFailedError
from core.storage.database import Database
from core.storage.opening import failures_told, open_database

CarryOut = Callable[[Sequence[Lines]], Awaitable[Part]]


class _Worker:
    """What a worker process has: a loop, a database and a job."""

    def __init__(self, url: str, job: Job) -> None:
        self._runner = asyncio.Runner()
        opening = open_database(url, read_connections=2, migrate=False)
        self._database: Database = self._runner.run(opening)
        self._job = job

    def carry_out(self, batch: Sequence[Lines]) -> Part | str:
        """Carry out a part, or return why the database could not."""
        work = carry_out(self._database, SystemClock(), self._job, batch)
        try:
            with failures_told():
                return self._runner.run(work)
        except DatabaseFailedError as error:  # which cannot be sent to the parent
            return error.reason


_workers: list[_Worker] = []
"""The one of this process."""


def _begin(url: str, job: Job) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends
    Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # a past is many small values and no cycles
    _workers.append(_Worker(url, job))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _carry_out(batch: Sequence[Lines]) -> Part | str:
    return _workers[0].carry_out(batch)


@asynccontextmanager
async def working(engine: Engine, job: Job, workers: int) -> AsyncIterator[CarryOut]:
    """Yield what carries a part out: so many processes, or this one if that is 0."""

    async def here(batch: Sequence[Lines]) -> Part:
        with failures_told():
            return await carry_out(engine.database, engine.clock, job, batch)

    if workers == 0:
        yield here
        return
    loop = asyncio.get_running_loop()
    arguments = (engine.settings.database_url, job)
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, arguments)

    async def there(batch: Sequence[Lines]) -> Part:
        try:
            answer = await loop.run_in_executor(pool, _carry_out, batch)
        except BrokenProcessPool:
            answer = "a worker process was killed"
        if isinstance(answer, str):
            raise DatabaseFailedError(reason=answer)
        return answer

    try:
        yield there
    finally:
        await asyncio.to_thread(pool.shutdown, cancel_futures=True)
