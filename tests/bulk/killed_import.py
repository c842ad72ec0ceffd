"""Imports a history, and is killed when so many batches are done."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from core.bulk.history import Order, import_history
from core.engine import Engine
from core.extension.registry import Registry
from core.settings import Settings

url, file, program_id, workers, batches = sys.argv[1:]
done = 0


def progress(_: int) -> None:
    global done  # noqa: PLW0603
    done += 1
    if done == int(batches):
        os.kill(os.getpid(), signal.SIGKILL)


async def main() -> None:
    order = Order(Path(file), "old", workers=int(workers), batch=20)
    async with Engine.open(Settings(database_url=url), Registry.of()) as engine:
        await import_history(engine, int(program_id), order, progress)


if __name__ == "__main__":  # workers import this module
    asyncio.run(main())
