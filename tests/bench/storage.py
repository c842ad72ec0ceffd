"""What an earning takes on disk, with all indexes."""

import random
import sqlite3
from pathlib import Path

from callers import earn, post_all
from figures import STORAGE, STORAGE_SQLITE, Figure, Result
from members import Members
from scene import Scene

from core.ledger.ledger import Ledger
from core.storage.database import Database

_CALLERS = 32
_ALLOWED = 1_000
_SIZES = (
    "SELECT sum(pg_total_relation_size(name::regclass))::bigint "
    "FROM unnest(ARRAY['journal', 'posting', 'lot', 'holder', 'wallet']) AS name"
)


async def storage(scene: Scene) -> list[Result]:
    """Let members who are there earn, and see what grows."""
    members = Members(scene.scale.earns // 10)
    async with scene.postgres("storage", members) as (ledger, database):
        before = await _size(database)
        await _earn(scene, ledger, members)
        grown = await _size(database) - before
    async with scene.sqlite("storage", members) as (ledger, _):
        before = _file_size(scene.file("storage"))
        await _earn(scene, ledger, members)
        grown_file = _file_size(scene.file("storage")) - before
    earns = scene.scale.earns
    return [
        _result(STORAGE, grown / earns),
        _result(STORAGE_SQLITE, grown_file / earns),
    ]


async def _earn(scene: Scene, ledger: Ledger, members: Members) -> None:
    commands = (earn(random.choice(members.numbers)) for _ in range(scene.scale.earns))
    await post_all(ledger, commands, _CALLERS, None)


async def _size(database: Database) -> int:
    ((size,),) = await database.read(_SIZES)
    return int(size)


def _file_size(path: Path) -> int:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path.stat().st_size


def _result(figure: Figure, size: float) -> Result:
    ratio = size / _ALLOWED
    return Result(figure, f"{size:,.0f} B", f"{_ALLOWED:,} B", (ratio,))
