"""A process that sweeps a ledger until it is killed."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clocks import clock_of
from writer import connect

from core.ledger.requests import RetryError

_PAUSE_S = 0.02


@dataclass(frozen=True)
class Orders:
    """What a sweeper is told, and where it says how many holders it has swept."""

    url: str
    log: Path
    swept: Any
    late_us: Any | None


async def sweep(orders: Orders) -> None:
    """Sweep for ever."""
    ledger = await connect(orders.url, clock_of(orders.late_us))
    while True:
        with suppress(RetryError):
            orders.swept.value += await ledger.sweep()
        await asyncio.sleep(_PAUSE_S)


def main(orders: Orders) -> None:
    """Run a sweeper in this process."""
    logging.basicConfig(filename=orders.log)
    asyncio.run(sweep(orders))
