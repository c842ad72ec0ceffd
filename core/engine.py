"""The engine: everything that a use case needs, opened and closed as one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from core.background import Background
from core.clock import Clock, SystemClock
from core.extension.host import Host
from core.extension.registry import Registry
from core.ledger.directory import Answer, Claim, claim_all
from core.ledger.ledger import Ledger
from core.ledger.pipeline import Bounds, Pipeline
from core.ledger.postgres_store import PostgresStore
from core.ledger.program_clocks import ProgramClocks
from core.ledger.sqlite_store import SqliteStore
from core.ledger.store import Store
from core.observing import Observation, Observer
from core.reads.reads import Reads
from core.settings import Settings
from core.storage.database import Database
from core.storage.opening import LOST, open_database
from core.storage.postgres import PostgresDatabase
from core.storage.sqlite import SqliteDatabase

DATABASE_LOST = LOST
"""What is raised in use when the database goes, or is not there."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An open installation."""

    settings: Settings
    clock: Clock
    clocks: ProgramClocks
    registry: Registry
    database: Database
    ledger: Ledger
    directory: Pipeline[Claim, Answer]
    reads: Reads
    host: Host
    background: Background
    observation: Observation

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings, registry: Registry, clock: Clock | None = None
    ) -> AsyncIterator[Self]:
        """Open the database of *settings*, bring its schema up to date, and go.

        Args:
            settings: what to open and how.
            registry: the plugins that are loaded.
            clock: where instants and ids come from; the system's, if None.

        Raises:
            ConfigurationError: the database URL is of an unknown kind.
        """
        clock = clock or SystemClock()
        database = await open_database(
            settings.database_url,
            read_connections=settings.read_connections,
            read_timeout_ms=settings.read_timeout_ms,
        )
        try:
            store = await _store(database, settings, clock)
            wait_s = settings.ledger_wait_ms / 1_000
            observation = Observation(Observer())
            clocks = ProgramClocks(database, clock)
            ledger = Ledger(
                store,
                queue=settings.ledger_queue,
                wait_s=wait_s,
                observation=observation,
                real=clocks.real,
            )
            directory: Pipeline[Claim, Answer] = Pipeline(
                store,
                claim_all,
                Claim.wanted,
                bounds=Bounds(settings.ledger_queue, wait_s),
                name="directory",
                observation=observation,
            )
            host = Host(
                registry,
                deadline_seconds=settings.plugin_deadline_ms / 1_000,
                slots=settings.plugin_calls,
                faults=settings.plugin_faults,
                pause_seconds=settings.plugin_pause_ms / 1_000,
                observation=observation,
            )
            background = Background()
            try:
                yield cls(
                    settings,
                    clock,
                    clocks,
                    registry,
                    database,
                    ledger,
                    directory,
                    Reads(database, clocks),
                    host,
                    background,
                    observation,
                )
            finally:
                await background.drain()
                host.close()
                await directory.drain()
                await ledger.close()
        finally:
            await database.close()


async def _store(database: Database, settings: Settings, clock: Clock) -> Store:
    match database:
        case SqliteDatabase():
            return SqliteStore(database, clock)
        case PostgresDatabase():
            return await PostgresStore.open(
                database.url, lanes=settings.ledger_lanes, clock=clock
            )
        case _:
            raise AssertionError(f"no store for {database.dialect}")


async def is_current(settings: Settings) -> bool:
    """Tell whether the database can be opened and has the newest schema.

    Raises:
        ConfigurationError: the database URL is of an unknown kind.
        DatabaseUnreachableError: the database cannot be opened.
    """
    database = await open_database(settings.database_url, migrate=False)
    try:
        return await database.is_current()
    finally:
        await database.close()
