"""Everything goes out and comes back, on both databases and across them."""

import asyncio
import gzip
import hashlib
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from core.actors import Actor
from core.bulk import form
from core.bulk.export import Contents, export
from core.bulk.restore import restore
from core.bulk.tables import TABLES
from core.engine import Engine
from core.errors import (
    ConfigurationError,
    CursorAheadError,
    DatabaseFailedError,
    DatabaseUnreachableError,
)
from core.ledger.events import open_log
from core.ledger.totals import totals
from core.ledger.verify import verify
from core.program import members
from core.settings import Settings
from core.storage import postgres, sqlite_views
from core.storage.database import Database
from core.storage.opening import open_database
from core.storage.schema import METADATA
from tests.bulk.everything import on_sqlite

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}
PROGRAMS = (7, 8)


def rows_in(path: Path) -> list[bytes]:
    """Return all lines but the first and the last, which name the epoch."""
    lines = path.read_bytes().splitlines()
    return lines[1:-1]


async def test_everything_comes_back_from_the_other_database(
    engine: Engine,
    shop: Actor,
    fresh: Any,
    tmp_path: Path,
    registry: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (form, postgres, sqlite_views):
        monkeypatch.setattr(module, "SLICE", 3)
    kind = engine.database.dialect
    there, back = fresh(OTHER[kind]), fresh(kind)
    files = [tmp_path / f"{number}.jsonl" for number in range(3)]

    out = await export(engine.settings, files[0])
    told: list[int] = []
    assert await restore(there, files[0], told.append) == out
    assert await export(there, files[1]) == out
    assert await restore(back, files[1]) == out
    assert await export(back, files[2]) == out

    assert rows_in(files[0]) == rows_in(files[1]) == rows_in(files[2])
    assert [header(one)["epoch"] for one in files] == [1, 2, 3]
    assert sum(told) == out.rows == len(rows_in(files[0])) - 2 * len(TABLES)
    programs = (*PROGRAMS, shop.program_id)
    before = [await totals(engine.database, one) for one in programs]
    for settings in (there, back):
        async with Engine.open(settings, registry) as other:
            report = await verify(other.database, full=True)
            assert (report.findings, report.root) == ((), out.root)
            assert [await totals(other.database, one) for one in programs] == before


def header(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = orjson.loads(path.read_bytes().split(b"\n", 1)[0])
    return values


@on_sqlite
async def test_there_is_something_of_everything(full: Engine, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"

    contents = await export(full.settings, path)

    marks = [orjson.loads(line) for line in rows_in(path) if line.startswith(b"{")]
    counted = {one["table"]: one["rows"] for one in marks if "rows" in one}
    left_out = {"allowance", "feed_cursor", "program_total"}
    assert set(METADATA.tables) - set(counted) == left_out
    assert min(counted.values()) > 0
    assert contents == Contents(sum(counted.values()), header(path)["root"])
    *before, last = [
        line for line in path.read_bytes().splitlines(keepends=True) if line[:1] == b"{"
    ]
    assert orjson.loads(last) == {
        "rows": contents.rows,
        "sha256": hashlib.sha256(b"".join(before)).hexdigest(),
    }
    assert header(path) == {
        "format": "guerdon export",
        "version": 1,
        "schema": "0001",
        "epoch": 1,
        "root": (await verify(full.database)).root,
    }


async def test_work_goes_on_where_it_stood(
    engine: Engine, shop: Actor, fresh: Any, tmp_path: Path, registry: Any, clock: Any
) -> None:
    path = tmp_path / "all.jsonl"
    zoe = await members.find(engine, program_id=shop.program_id, number="z-1")
    assert zoe is not None
    cursor = await (await open_log(engine.database, zoe)).cursor(1)
    await export(engine.settings, path)
    settings = fresh(OTHER[engine.database.dialect])
    await restore(settings, path)

    async with Engine.open(settings, registry, clock) as other:
        again = await members.enroll(other, by=shop, key="bob", email="bob@example.org")
        new = await members.enroll(other, by=shop, key="new", number="n-1")
        log = await open_log(other.database, zoe)

        assert (again.replayed, new.replayed) == (True, False)
        with pytest.raises(CursorAheadError):
            await log.resume(cursor)
        assert await log.resume(await log.cursor(1)) == 1
        assert (await verify(other.database, full=True)).ok


async def test_an_export_shows_one_moment_while_others_go_on(
    engine: Engine,
    shop: Actor,
    tmp_path: Path,
    fresh: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (postgres, sqlite_views):
        monkeypatch.setattr(module, "SLICE", 1)
    path = tmp_path / "all.jsonl"
    joined = 0

    async def join() -> None:
        nonlocal joined
        while True:
            await members.enroll(engine, by=shop, key=f"j{joined}", number=f"j{joined}")
            joined += 1

    joining = asyncio.create_task(join())
    await asyncio.sleep(0.1)
    before = joined
    contents = await export(engine.settings, path)
    after = joined
    joining.cancel()
    settings = fresh("sqlite")
    await restore(settings, path)

    assert 0 < before < after
    async with opened(settings) as database:
        report = await verify(database, full=True)
        assert (report.findings, report.root) == ((), contents.root)
        ((found,),) = await database.read(
            "SELECT count(*) FROM member WHERE number LIKE 'j%'"
        )
        assert before <= found < after


@on_sqlite
async def test_a_packed_export_holds_the_same(
    full: Engine, tmp_path: Path, fresh: Any
) -> None:
    plain, packed, again = (
        tmp_path / name for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl.gz")
    )

    for path in (plain, packed, again):
        await export(full.settings, path)
    settings = fresh("sqlite")
    await restore(settings, packed)

    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    assert packed.read_bytes() == again.read_bytes()
    assert packed.stat().st_size < plain.stat().st_size / 2


@on_sqlite
async def test_only_its_owner_may_read_an_export(full: Engine, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    (tmp_path / "all.jsonl.part").touch(0o644)  # as a run that was killed leaves it
    path.touch(0o644)

    await export(full.settings, path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not (tmp_path / "all.jsonl.part").exists()


@on_sqlite
async def test_an_export_that_fails_leaves_what_was_there(
    full: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text("yesterday")

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(form.Writer, "close", fail)
    with pytest.raises(DatabaseFailedError, match="disk I/O error"):
        await export(full.settings, path)

    assert path.read_text() == "yesterday"


async def test_there_must_be_something_to_export(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/none.db")

    with pytest.raises(DatabaseUnreachableError, match="there is no file"):
        await export(settings, tmp_path / "all.jsonl")

    assert not (tmp_path / "none.db").exists()
    assert not (tmp_path / "all.jsonl").exists()


async def test_an_old_schema_is_not_exported(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "old.db").close()
    settings = Settings(database_url=f"sqlite:///{tmp_path}/old.db")

    with pytest.raises(ConfigurationError, match="not the newest"):
        await export(settings, tmp_path / "all.jsonl")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    database = await open_database(settings.database_url)
    yield database
    await database.close()
