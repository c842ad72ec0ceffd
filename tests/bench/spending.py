"""Spending three lots, beside earning."""

from collections.abc import Iterator

from callers import Run, earn, post_all, redeem, rounds
from figures import SPEND, SPEND_SQLITE, Figure, Result, by_rate
from members import LOT, Members
from scene import Scene
from server import Server

from core.ledger.commands import Command
from core.ledger.ledger import Ledger

_CALLERS = 32
_THREE_LOTS = 2 * LOT + LOT // 2


async def spending(scene: Scene) -> list[Result]:
    """Spend and earn on both databases, each member once."""
    count = scene.scale.commands
    members = Members(2 * count * (scene.scale.rounds + 1), lots=3)
    async with scene.postgres("spending", members) as (ledger, _):
        on_postgres = await _compare(SPEND, scene, ledger, scene.server)
    async with scene.sqlite("spending", members) as (ledger, _):
        on_sqlite = await _compare(SPEND_SQLITE, scene, ledger, None)
    return [on_postgres, on_sqlite]


async def _compare(
    figure: Figure, scene: Scene, ledger: Ledger, server: Server | None
) -> Result:
    count = scene.scale.commands
    members = iter(range(1, 2 * count * (scene.scale.rounds + 1) + 1))

    def some(*, spends: bool) -> Iterator[Command]:
        for member, _ in zip(members, range(count), strict=False):
            yield redeem(member, _THREE_LOTS) if spends else earn(member)

    async def run(*, spends: bool) -> Run:
        return await post_all(ledger, some(spends=spends), _CALLERS, server)

    await rounds(1, lambda: run(spends=True), lambda: run(spends=False))
    spent, earned = await rounds(
        scene.scale.rounds, lambda: run(spends=True), lambda: run(spends=False)
    )
    return by_rate(figure, spent, earned)
