"""SQLite: what sees one moment, and what writes much at once.

No cursor outlives the call that made it, except that of a stream. Letting go of one
resets its statement, and another thread might be in the middle of running it again.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

from core.storage.database import (
    SLICE,
    Bulk,
    ClashError,
    Dialect,
    Result,
    Row,
    Snapshot,
)
from core.storage.sqlite_connection import connect, numbered

_CACHE_KIB = 65_536
_CLASHES = {sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE}


class SqliteSnapshot(Snapshot):
    """A view on a connection of its own, read in a reader thread."""

    dialect: ClassVar[Dialect] = "sqlite"

    def __init__(
        self, connection: sqlite3.Connection, readers: ThreadPoolExecutor
    ) -> None:
        self._connection = connection
        self._readers = readers

    async def read(self, sql: str, *parameters: Any, bounded: bool = True) -> list[Row]:
        """Run a statement that only reads."""
        del bounded

        def read() -> list[Row]:
            return self._connection.execute(numbered(sql), parameters).fetchall()

        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, read)

    async def stream(self, sql: str, *parameters: Any) -> AsyncIterator[list[Row]]:
        """Read on in a reader thread, slice by slice."""
        cursor = self._connection.cursor()

        def read() -> list[Row]:
            if cursor.description is None:
                cursor.execute(numbered(sql), parameters)
            return cursor.fetchmany(SLICE)

        loop = asyncio.get_running_loop()
        while rows := await loop.run_in_executor(self._readers, read):
            yield rows
        cursor.close()


class SqliteBulk(Bulk):
    """A transaction on a connection and in a thread of its own."""

    dialect: ClassVar[Dialect] = "sqlite"

    def __init__(self, path: Path, thread: ThreadPoolExecutor) -> None:
        self._path = path
        self._thread = thread
        self._connection = connect(path)
        self._open = ExitStack()
        self._open.callback(self._connection.close)

    async def begin(self) -> None:
        """Wait for the turn to write, and begin."""
        await self._run(self._begin)

    def _begin(self) -> None:
        lock_file = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self._open.callback(os.close, lock_file)
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        self._connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        self._connection.execute("BEGIN IMMEDIATE")

    async def end(self, verb: str) -> None:
        """Commit or roll back, and let go of all."""
        await self._run(self._end, verb)

    def _end(self, verb: str) -> None:
        with self._open:
            if self._connection.in_transaction:
                self._connection.execute(verb)

    async def read(self, sql: str, *parameters: Any, bounded: bool = True) -> list[Row]:
        """Run a statement that only reads."""
        del bounded

        def read() -> list[Row]:
            return self._connection.execute(numbered(sql), parameters).fetchall()

        return await self._run(read)

    async def execute(self, sql: str, *parameters: Any) -> None:
        """Run a statement that writes."""

        def execute() -> None:
            self._connection.execute(numbered(sql), parameters)

        await self._run(execute)

    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Add rows by one prepared statement."""
        names = [f'"{name}"' for name in columns]
        marks = ["?" for _ in columns]
        if table == "journal":
            names.append("feed")
            marks.append("(SELECT coalesce(max(feed), 0) + 1 FROM journal)")
        sql = f'INSERT INTO "{table}" ({", ".join(names)}) VALUES ({", ".join(marks)})'  # noqa: S608

        def copy() -> None:
            self._connection.executemany(sql, rows)

        try:
            await self._run(copy)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode not in _CLASHES:
                raise
            raise ClashError(str(error)) from error

    async def _run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, *arguments)
