"""The demo's story: purchases come in, members redeem, the ledger proves itself.

Everything has a fixed key, so telling the story again changes nothing.
"""

import time
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Any

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import RefusedError
from core.ledger.verify import verify
from core.program import insight, redemption
from gateway.importing import cdnow
from gateway.importing.orders import LineError, Order
from gateway.importing.runner import Import

REDEEMERS = 40
"""Members who redeem one reward each: those who earned most."""

_CLIENT = "demo"


def purchases() -> bytes:
    """Return the sample file."""
    return files("gateway.demo").joinpath("CDNOW_sample.txt").read_bytes()


async def tell(
    engine: Engine,
    program_id: int,
    progress: Callable[[Iterable[bytes]], Iterable[bytes]],
) -> dict[str, Any]:
    """Run the whole story, and return its figures.

    Args:
        engine: the engine.
        program_id: the starter program.
        progress: wraps the lines of the file, to show how far it is.
    """
    begun = time.monotonic()
    lines = progress(purchases().splitlines(keepends=True))
    await _import(engine, program_id, cdnow.read_orders(lines))
    await _redeem(engine, program_id)
    figures = await insight.overview(engine, program_id)
    report = await verify(engine.database)
    return {
        "members": figures.members,
        "orders": figures.orders,
        "points_issued": figures.points_issued,
        "points_available": figures.points_available,
        "redemptions": figures.redemptions,
        "tiers": figures.tiers,
        "verified": report.ok,
        "seconds": round(time.monotonic() - begun, 2),
    }


async def _import(
    engine: Engine, program_id: int, orders: Iterable[Order | LineError]
) -> None:
    def fail(error: LineError) -> None:
        raise AssertionError(f"line {error.line} of the sample: {error.reason}")

    await Import(engine, program_id).run(orders, fail)


async def _redeem(engine: Engine, program_id: int) -> None:
    """Let the best members redeem, each a reward in turn."""
    offered = await insight.rewards(engine, program_id)
    best = await insight.best_members(engine, program_id, REDEEMERS)
    by = Actor(program_id, _CLIENT, Role.INTEGRATOR)
    for place, (holder_id, number) in enumerate(best):
        reward = offered[place % len(offered)]
        try:
            await redemption.redeem(
                engine,
                by=by,
                key=f"demo:{number}",
                holder_id=holder_id,
                reward_id=reward.reward_id,
            )
        except RefusedError:  # somebody has used this database for more than the demo
            continue
