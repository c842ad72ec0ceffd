"""SQLite: one writer thread, reads on the event loop or in a reader thread.

Every write of this process runs in the one writer thread, in `BEGIN IMMEDIATE`, with
`synchronous=FULL`. Several processes on one file queue on a kernel lock beside it,
which is fair and is freed when a process is killed; SQLite's own busy handler sleeps
and polls.
"""

import asyncio
import fcntl
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from core.storage import schema
from core.storage.database import Bulk, Database, Dialect, Result, Row, Snapshot
from core.storage.sqlite_connection import connect, numbered
from core.storage.sqlite_views import SqliteBulk, SqliteSnapshot

_READERS = 2


class SqliteDatabase(Database):
    """A SQLite file in WAL mode."""

    dialect: ClassVar[Dialect] = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="guerdon-writer")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="guerdon-read")
        self._local = threading.local()
        self._reading = 0
        self._near = connect(self._path, read_only=True)
        self._connection = connect(self._path)
        self._engine = _engine(self._connection)
        self._lock_file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)

    @classmethod
    async def open(cls, path: Path, *, migrate: bool) -> Self:
        """Open the file at *path*, and bring its schema up to date if asked."""
        await asyncio.to_thread(_prepare, path, migrate=migrate)
        return cls(path)

    async def read(self, sql: str, *parameters: Any, bounded: bool = True) -> list[Row]:
        """Run a statement that only reads."""
        sql = numbered(sql)
        if bounded:
            return self._near.execute(sql, parameters).fetchall()
        loop = asyncio.get_running_loop()
        self._reading += 1
        try:
            return await loop.run_in_executor(
                self._readers, self._read, sql, parameters
            )
        finally:
            self._reading -= 1

    def _read(self, sql: str, parameters: tuple[Any, ...]) -> list[Row]:
        return self._reader().execute(sql, parameters).fetchall()

    def _reader(self) -> sqlite3.Connection:
        """Return the connection of the present reader thread."""
        if not hasattr(self._local, "connection"):
            self._local.connection = connect(self._path, read_only=True)
        connection: sqlite3.Connection = self._local.connection
        return connection

    async def look(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run *work*, which only reads, in a reader thread and on one moment."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._look, work)

    def _look(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        connection = self._reader()
        connection.execute("BEGIN")
        try:
            return work(connection)
        finally:
            connection.execute("ROLLBACK")

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """Open a view on a connection of its own, read in a reader thread."""
        connection = connect(self._path, read_only=True)
        try:
            connection.execute("BEGIN")
            yield SqliteSnapshot(connection, self._readers)
        finally:
            connection.close()

    @asynccontextmanager
    async def bulk(self) -> AsyncIterator[Bulk]:
        """Begin a transaction in a thread of its own, when it is its turn."""
        with ThreadPoolExecutor(1, thread_name_prefix="guerdon-bulk") as thread:
            bulk = SqliteBulk(self._path, thread)
            try:
                await bulk.begin()
                yield bulk
            except BaseException:
                await bulk.end("ROLLBACK")
                raise
            await bulk.end("COMMIT")

    async def configure(self, work: Callable[[Session], Result]) -> Result:
        """Run *work* in the writer thread."""

        def unit() -> Result:
            with (
                self._turn(),
                Session(self._engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                return work(session)

        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, unit)

    async def write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run *work* on the writer's connection, in one transaction of its own."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._write, work)

    def _write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        with self._turn():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            return result

    @property
    def connections(self) -> tuple[int, int]:
        """Return how many reads have or wait for a reader thread, and the threads."""
        return self._reading, _READERS

    async def is_current(self) -> bool:
        """Tell whether the schema is the newest."""
        return await asyncio.to_thread(_is_current, self._path)

    async def close(self) -> None:
        """Finish what is being written, then let go of the file."""
        await asyncio.to_thread(self._writer.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        self._connection.close()
        self._near.close()
        os.close(self._lock_file)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for this process's turn to write."""
        fcntl.flock(self._lock_file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock_file, fcntl.LOCK_UN)


def _engine(connection: sqlite3.Connection) -> sa.Engine:
    """Make an engine that uses *connection* and begins as a writer must."""
    engine = sa.create_engine(
        "sqlite://", creator=lambda: connection, poolclass=StaticPool
    )
    sa.event.listen(
        engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE")
    )
    return engine


def _prepare(path: Path, *, migrate: bool) -> None:
    if not migrate and not path.exists():
        raise FileNotFoundError(f"there is no file {path} yet")
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    if migrate:
        with Path(f"{path}.lock").open("a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            schema.upgrade(_engine(connection))
    connection.close()


def _is_current(path: Path) -> bool:
    connection = connect(path)
    try:
        return schema.is_current(_engine(connection))
    finally:
        connection.close()
