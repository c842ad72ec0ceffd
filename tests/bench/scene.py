"""Where a benchmark runs: a server, a folder, and how much is to be done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from callers import Window
from members import Members, fill
from server import Server

from core.clock import SystemClock
from core.ledger.ledger import Ledger
from core.ledger.postgres_store import PostgresStore
from core.ledger.sqlite_store import SqliteStore
from core.ledger.store import Store
from core.settings import Settings
from core.storage.database import Database
from core.storage.opening import open_database
from core.storage.sqlite import SqliteDatabase


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is done. The names of the figures hold for `FULL`."""

    window: Window
    """Of runs by time."""
    rounds: int
    fine_window: Window
    fine_rounds: int
    """Where a difference of some percent counts."""
    members: int
    sizes: tuple[int, ...]
    """Numbers of members that are compared, the smallest first."""
    entries: int
    """Transactions in a long history."""
    calls: int
    """Of runs by number of calls, one after the other."""
    commands: int
    """Of runs by number of commands."""
    earns: int
    """Until storage is looked at."""
    subscribers: int
    imported: int
    """Transactions of members in a file that is imported."""


FULL = Scale(
    window=Window(1, 3),
    rounds=3,
    fine_window=Window(0.5, 1),
    fine_rounds=12,
    members=100_000,
    sizes=(10_000, 100_000, 1_000_000),
    entries=1_000_000,
    calls=500,
    commands=8_000,
    earns=50_000,
    subscribers=1_000,
    imported=100_000,
)
QUICK = Scale(
    window=Window(1, 1),
    rounds=3,
    fine_window=Window(0.5, 1),
    fine_rounds=5,
    members=20_000,
    sizes=(10_000, 50_000),
    entries=100_000,
    calls=200,
    commands=1_500,
    earns=5_000,
    subscribers=1_000,
    imported=20_000,
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A server, a folder for SQLite files, and the scale."""

    server: Server
    folder: Path
    scale: Scale

    @asynccontextmanager
    async def postgres(
        self, name: str, members: Members
    ) -> AsyncIterator[tuple[Ledger, Database]]:
        """Open a ledger on a new PostgreSQL database with *members*."""
        async with opened(self.server.create(name)) as (ledger, database):
            await fill(database, members)
            self.server.execute(name, "VACUUM ANALYZE")
            yield ledger, database

    @asynccontextmanager
    async def sqlite(
        self, name: str, members: Members
    ) -> AsyncIterator[tuple[Ledger, Database]]:
        """Open a ledger on a new SQLite file with *members*."""
        async with opened(f"sqlite:///{self.file(name)}") as (ledger, database):
            await fill(database, members)
            yield ledger, database

    def file(self, name: str) -> Path:
        """Return the file of a SQLite database."""
        return self.folder / f"{name}.db"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[Ledger, Database]]:
    """Open a ledger on a database, as the engine does."""
    settings = Settings(database_url=url)
    database = await open_database(url)
    store: Store
    if isinstance(database, SqliteDatabase):
        store = SqliteStore(database, SystemClock())
    else:
        store = await PostgresStore.open(
            url, lanes=settings.ledger_lanes, clock=SystemClock()
        )
    ledger = Ledger(store, queue=settings.ledger_queue)
    try:
        yield ledger, database
    finally:
        await ledger.close()
        await database.close()
