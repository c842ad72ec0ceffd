"""A restore happens whole or not at all, and only into an empty database."""

import asyncio
import signal
import sys
from filecmp import cmp
from pathlib import Path
from typing import Any

import orjson
import pytest

from core.bulk.export import Contents, export
from core.bulk.restore import restore
from core.bulk.tables import TABLES
from core.engine import Engine
from core.errors import ConfigurationError, DamagedFileError, DatabaseNotEmptyError
from core.ledger.verify import verify
from core.settings import Settings
from core.storage.database import Database
from core.storage.opening import open_database
from core.storage.program_tables import Program
from tests.bulk.everything import on_sqlite

HERE = Path(__file__).parent


@pytest.fixture
async def file(full: Engine, tmp_path: Path) -> Path:
    """An export of everything."""
    path = tmp_path / "all.jsonl"
    await export(full.settings, path)
    return path


@pytest.fixture
def empty(full: Engine, fresh: Any) -> Settings:
    """An empty database of the same kind."""
    settings: Settings = fresh(full.database.dialect)
    return settings


async def counts(settings: Settings) -> dict[str, int]:
    """Return how many rows each table has; those that have none are left out."""
    database = await open_database(settings.database_url)
    found = {table.name: await _count(database, table.name) for table in TABLES}
    await database.close()
    return {name: count for name, count in found.items() if count}


async def _count(database: Database, table: str) -> int:
    ((count,),) = await database.read(f"SELECT count(*) FROM {table}")
    return int(count)


EMPTY = {"installation": 1}


def changed(file: Path) -> Path:
    """Return a copy in which one order has another number."""
    copy = file.with_name("changed.jsonl")
    copy.write_bytes(file.read_bytes().replace(b"o1", b"o2"))
    return copy


def rows_in(file: Path) -> int:
    """Return how many rows an export says that it has."""
    rows: int = orjson.loads(file.read_bytes().splitlines()[-1])["rows"]
    return rows


async def test_a_damaged_file_leaves_nothing(file: Path, empty: Settings) -> None:
    with pytest.raises(DamagedFileError):
        await restore(empty, changed(file))

    assert await counts(empty) == EMPTY
    await restore(empty, file)


@on_sqlite
async def test_a_root_of_other_holders_leaves_nothing(
    file: Path, empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def another(_: object) -> str:
        return "0" * 64

    monkeypatch.setattr("core.bulk.restore.root_of", another)

    with pytest.raises(DamagedFileError, match="line 1: it names a root of other"):
        await restore(empty, file)

    assert await counts(empty) == EMPTY


async def test_a_database_with_anything_in_it_stays_as_it_is(
    file: Path, empty: Settings, full: Engine, tmp_path: Path
) -> None:
    database = await open_database(empty.database_url)
    await database.configure(
        lambda session: session.add(Program(program_id=1, code="mine", name="Mine"))
    )
    await database.close()

    with pytest.raises(DatabaseNotEmptyError, match="there are rows in 'program'"):
        await restore(empty, file)
    with pytest.raises(DatabaseNotEmptyError):
        await restore(full.settings, file)

    assert await counts(empty) == EMPTY | {"program": 1}
    again = tmp_path / "again.jsonl"
    await export(full.settings, again)
    assert cmp(again, file, shallow=False)


async def test_of_two_restores_at_once_one_is_refused(
    file: Path, empty: Settings
) -> None:
    both = await asyncio.gather(
        restore(empty, file), restore(empty, file), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in both) == [
        "Contents",
        "DatabaseNotEmptyError",
    ]


@on_sqlite
async def test_an_export_of_another_schema_is_refused(
    file: Path, empty: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.bulk.restore.newest", lambda: "0002")

    with pytest.raises(ConfigurationError, match="has the schema 0001 and this"):
        await restore(empty, file)

    assert await counts(empty) == EMPTY


@pytest.mark.parametrize("share", [0.3, 1.0])
async def test_a_restore_that_is_killed_has_left_nothing_and_is_begun_again(
    file: Path, empty: Settings, share: float
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, HERE / "killed_restore.py"),
        *(empty.database_url, file, str(int(share * rows_in(file)))),
    )

    assert await process.wait() == -signal.SIGKILL
    assert await counts(empty) == EMPTY
    contents = await restore(empty, file)
    database = await open_database(empty.database_url)
    report = await verify(database, full=True)
    await database.close()
    assert contents == Contents(contents.rows, report.root or "")
    assert report.ok
