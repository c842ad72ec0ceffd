"""Processor time and buffers of a command, however many members there are."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from callers import Run, earn, post_all, redeem, rounds
from figures import (
    EARN_BUFFERS,
    EARN_CPU,
    REDEEM_BUFFERS,
    REDEEM_CPU,
    Figure,
    Result,
    by_cpu,
    cpu_text,
)
from members import Members
from scene import Scene, opened

from core.ledger.commands import Command

_CALLERS = 32
_FLUSH_S = 0.3
_BUFFERS = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = '{}'"


@dataclass(frozen=True, slots=True)
class Touched:
    """A run, and how many buffers each of its commands touched."""

    run: Run
    buffers: float


async def flat(scene: Scene) -> list[Result]:
    """Redeem and earn among few members, and among ever more.

    Redeeming comes first: earning gives lots, to each of few members the more.
    """
    for size in scene.scale.sizes:
        async with scene.postgres(_name(size), Members(size)):
            pass
    results = []
    for command, cpu, buffers in (
        (_redeem, REDEEM_CPU, REDEEM_BUFFERS),
        (earn, EARN_CPU, EARN_BUFFERS),
    ):
        found = await rounds(
            scene.scale.rounds,
            *(
                lambda size=size, command=command: _measure(scene, size, command)
                for size in scene.scale.sizes
            ),
        )
        runs = [[one.run for one in side] for side in found]
        texts = ", ".join(cpu_text(one) for one in runs[1:])
        results.append(replace(by_cpu(cpu, runs[-1], runs[0]), ours=texts))
        results.append(_by_buffers(buffers, found))
    return results


async def _measure(
    scene: Scene, size: int, command: Callable[[int], Command]
) -> Touched:
    """Post with connections of their own: they report buffers when they close."""
    numbers = Members(size).numbers
    count = scene.scale.commands

    def some(count: int) -> list[Command]:
        return [command(random.choice(numbers)) for _ in range(count)]

    before = _buffers(scene, size)
    async with opened(scene.server.url(_name(size))) as (ledger, _):
        await post_all(ledger, some(count // 4), _CALLERS, scene.server)
        run = await post_all(ledger, some(count), _CALLERS, scene.server)
    await asyncio.sleep(_FLUSH_S)
    touched = _buffers(scene, size) - before
    return Touched(run, touched / (count // 4 + count))


def _redeem(member: int) -> Command:
    return redeem(member, 1)


def _buffers(scene: Scene, size: int) -> int:
    return int(scene.server.value("postgres", _BUFFERS.format(_name(size))))


def _by_buffers(figure: Figure, found: Sequence[Sequence[Touched]]) -> Result:
    fewest, most = found[0], found[-1]
    ratios = [a.buffers / b.buffers for a, b in zip(most, fewest, strict=True)]
    first, *more = [f"{median(one.buffers for one in side):.1f}" for side in found]
    return Result(figure, ", ".join(more), first, tuple(ratios))


def _name(size: int) -> str:
    return f"flat_{size}"
