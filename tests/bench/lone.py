"""One caller alone, beside one prepared statement on one connection."""

import random

import asyncpg
from callers import alternate, earning, rounds
from figures import LONE, Result, by_time
from members import FIRST, Members
from pgbench import PREPARED
from scene import Scene


async def lone(scene: Scene) -> list[Result]:
    """Earn with nobody about."""
    scale = scene.scale
    members = Members(scale.members // 10)
    async with scene.postgres("lone", members) as (ledger, _):
        connection = await asyncpg.connect(
            scene.server.url("lone"),
            server_settings={"plan_cache_mode": "force_generic_plan", "jit": "off"},
        )
        statement = await connection.prepare(PREPARED)

        async def execute() -> None:
            holder_id = FIRST + random.choice(members.numbers)
            await statement.fetch(holder_id, str(random.randrange(10**17, 10**18)))

        call = earning(ledger, members.numbers)
        await alternate(scale.calls // 5, call, execute)
        (found,) = await rounds(
            scale.rounds, lambda: alternate(scale.calls, call, execute)
        )
        await connection.close()
    return [by_time(LONE, *zip(*found, strict=True))]
