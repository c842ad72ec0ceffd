"""Many callers, on many members and on one, beside pgbench."""

from callers import crowd, earning, rounds
from figures import FEW, HOT, MANY, SHARED, Result, by_rate
from gateways import crowd_over_processes
from members import Members
from pgbench import pgbench
from scene import Scene


async def many(scene: Scene) -> list[Result]:
    """Post to random members."""
    server, scale = scene.server, scene.scale
    members = Members(scale.members)
    async with scene.postgres("crowd", members) as (ledger, _):
        call = earning(ledger, members.numbers)
        numbers, window = members.numbers, scale.window
        many, shared, reference, few = await rounds(
            scale.rounds,
            lambda: crowd(call, 128, window, server),
            lambda: crowd_over_processes(server, "crowd", numbers, 128, window),
            lambda: pgbench(server, "crowd", numbers, window),
            lambda: crowd(call, 32, window, server),
        )
    return [
        by_rate(MANY, many, reference),
        by_rate(SHARED, shared, reference),
        by_rate(FEW, few, reference),
    ]


async def hot(scene: Scene) -> list[Result]:
    """Post to one member, who has to be locked each time."""
    server, scale = scene.server, scene.scale
    members = Members(scale.members // 10)
    one = members.numbers[:1]
    async with scene.postgres("hot", members) as (ledger, _):
        ours, reference = await rounds(
            scale.rounds,
            lambda: crowd(earning(ledger, one), 128, scale.window, server),
            lambda: pgbench(server, "hot", one, scale.window),
        )
    return [by_rate(HOT, ours, reference)]
