"""Reading a balance, a page of history and the past, however long the history is."""

from collections.abc import Sequence

from callers import Call, alternate, rounds
from figures import (
    BALANCE,
    BALANCE_SQLITE,
    HISTORY,
    HISTORY_SQLITE,
    PAST,
    PAST_SQLITE,
    Figure,
    Result,
    by_time,
)
from history import SELECTS, leaves
from members import FIRST, PROGRAM, Members, lengthen
from scene import Scene

from core.clock import SystemClock
from core.ledger.program_clocks import ProgramClocks
from core.reads.reads import Reads
from core.reads.selection import Branch, Page, Scope, Selection
from core.storage.database import Database

_PAGE = 25
_LONG, _SHORT = 1, 2

_BALANCES = Selection(
    (
        Branch(
            "balances",
            "balances",
            Selection(leaves("currency", "available", "pending", "held", "debt")),
        ),
    )
)
_EFFECTS = Selection(leaves("currency", "available", "available_after"))
_TRANSACTIONS = Selection(
    (
        *leaves("id", "kind", "posted_at", "activity_type", "reference"),
        Branch("effects", "effects", _EFFECTS),
    )
)
_HISTORY = Selection((Branch("history", "transactions", _TRANSACTIONS, Page(_PAGE)),))


async def depth(scene: Scene) -> list[Result]:
    """Read a member with a long history and one with a short one."""
    members = Members(1_000)
    async with scene.postgres("depth", members) as (_, database):
        await _lengthen(scene, database)
        scene.server.execute("depth", "VACUUM ANALYZE")
        on_postgres = await _compare(scene, database, (BALANCE, HISTORY, *PAST))
    async with scene.sqlite("depth", members) as (_, database):
        await _lengthen(scene, database)
        on_sqlite = await _compare(
            scene, database, (BALANCE_SQLITE, HISTORY_SQLITE, *PAST_SQLITE)
        )
    return on_postgres + on_sqlite


async def _lengthen(scene: Scene, database: Database) -> None:
    await lengthen(database, _LONG, scene.scale.entries)
    await lengthen(database, _SHORT, _PAGE)


async def _compare(
    scene: Scene, database: Database, figures: Sequence[Figure]
) -> list[Result]:
    reads = Reads(database, ProgramClocks(database, SystemClock()))

    def reading(member: int, selection: Selection) -> Call:
        key = (FIRST + member,)

        async def call() -> None:
            found = await reads.one("member", key, selection, Scope(PROGRAM, key[0]))
            assert found is not None

        return call

    results = []
    present = (lambda _: _BALANCES, lambda _: _HISTORY)
    for figure, select in zip(figures, (*present, *SELECTS), strict=True):
        long = reading(_LONG, select(scene.scale.entries))
        short = reading(_SHORT, select(_PAGE))
        await alternate(scene.scale.calls // 5, long, short)
        (found,) = await rounds(
            scene.scale.rounds,
            lambda a=long, b=short: alternate(scene.scale.calls, a, b),
        )
        results.append(by_time(figure, *zip(*found, strict=True)))
    return results
