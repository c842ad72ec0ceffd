"""Both databases read, configure and refuse alike; SQLite takes turns to write."""

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from core.storage.database import Database
from core.storage.opening import open_database
from core.storage.program_tables import Program
from core.storage.sqlite import SqliteDatabase


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url)
    yield opened
    await opened.close()


@pytest.mark.parametrize("bounded", [True, False])
async def test_read_what_was_configured(database: Database, bounded: bool) -> None:  # noqa: FBT001
    def work(session: Session) -> str:
        session.add(Program(program_id=7, code="main", name="Ünïcode \U0001f381"))
        return "done"

    assert await database.configure(work) == "done"

    sql = "SELECT program_id, name FROM program WHERE code = $1 AND program_id < $2"
    assert await database.read(sql, "main", 8, bounded=bounded) == [
        (7, "Ünïcode \U0001f381")
    ]
    assert await database.read(sql, "main", 7, bounded=bounded) == []


async def test_a_unit_of_work_that_fails_leaves_nothing(database: Database) -> None:
    def work(session: Session) -> None:
        session.add(Program(program_id=1, code="one", name="One"))
        session.flush()
        raise LookupError

    with pytest.raises(LookupError):
        await database.configure(work)

    assert await database.read("SELECT * FROM program") == []


async def test_the_database_keeps_its_rules(database: Database) -> None:
    def work(session: Session) -> None:
        session.add(Program(program_id=1, code="one", name="One"))
        session.add(Program(program_id=2, code="one", name="Again"))

    with pytest.raises(IntegrityError):
        await database.configure(work)

    assert await database.read("SELECT * FROM program") == []


async def test_sqlite_readers_cannot_write(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/x.db")
    sql = "INSERT INTO program (program_id, code, name) VALUES (1, 'x', 'x')"

    for bounded in (True, False):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await database.read(sql, bounded=bounded)

    await database.close()


async def test_sqlite_write_that_fails_is_undone_and_the_next_one_runs(
    tmp_path: Path,
) -> None:
    database = await SqliteDatabase.open(tmp_path / "x.db", migrate=True)
    sql = (
        "INSERT INTO program (program_id, code, name, time_zone, language, "
        "rules_revision) VALUES (?, ?, 'x', 'UTC', 'en', 0)"
    )

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute(sql, (1, "one"))
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fail)
    await database.write(lambda connection: connection.execute(sql, (2, "two")))

    assert await database.read("SELECT program_id FROM program") == [(2,)]
    await database.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from core.storage.sqlite import SqliteDatabase

async def main():
    database = await SqliteDatabase.open(Path(sys.argv[1]), migrate=False)
    def add(connection):
        ((old,),) = connection.execute("SELECT name FROM program").fetchall()
        connection.execute("UPDATE program SET name = ?", (str(int(old) + 1),))
    for _ in range(200):
        await database.write(add)
    await database.close()

asyncio.run(main())
"""


async def test_processes_on_one_sqlite_file_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    database = await open_database(f"sqlite:///{path}")
    await database.configure(
        lambda session: session.add(Program(program_id=1, code="one", name="0"))
    )

    writers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", textwrap.dedent(WRITER), str(path)
        )
        for _ in range(3)
    ]
    codes = [await writer.wait() for writer in writers]

    assert codes == [0, 0, 0]
    assert await database.read("SELECT name FROM program") == [("600",)]
    await database.close()


async def test_a_killed_writer_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    database = await SqliteDatabase.open(path, migrate=True)
    holder = (
        "import fcntl, sys, time; f = open(sys.argv[1]); "
        "fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(60)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", holder, f"{path}.lock", stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"

    waiting = asyncio.create_task(database.write(lambda _: "written"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    process.kill()
    await process.wait()

    async with asyncio.timeout(10):
        assert await waiting == "written"
    await database.close()


async def test_sqlite_is_told_to_lose_nothing(tmp_path: Path) -> None:
    database = await SqliteDatabase.open(tmp_path / "x.db", migrate=True)

    settings = {
        name: await database.write(
            lambda connection, name=name: connection.execute(
                f"PRAGMA {name}"
            ).fetchone()
        )
        for name in ("synchronous", "journal_mode", "foreign_keys")
    }

    full = 2
    assert settings == {
        "synchronous": (full,),
        "journal_mode": ("wal",),
        "foreign_keys": (1,),
    }
    await database.close()


async def test_sqlite_writers_have_the_file_before_they_read(tmp_path: Path) -> None:
    """Also against programs that do not take turns as ours do."""
    path = tmp_path / "x.db"
    database = await SqliteDatabase.open(path, migrate=True)
    stranger = sqlite3.connect(
        path, timeout=0, isolation_level=None, check_same_thread=False
    )

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("SELECT count(*) FROM program").fetchall()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            stranger.execute("BEGIN IMMEDIATE")

    def configure(session: Session) -> None:
        work(session.connection().connection.driver_connection)

    await database.write(work)
    await database.configure(configure)
    stranger.execute("BEGIN IMMEDIATE")
    stranger.close()
    await database.close()
