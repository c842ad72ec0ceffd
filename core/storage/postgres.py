"""PostgreSQL: asyncpg for points and reads, psycopg under SQLModel for configuration.

Connections for reads are a small fixed pool that is not reset between uses, which
would cost a round trip each time; a read leaves nothing behind.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Self

import asyncpg
import sqlalchemy as sa
from sqlmodel import Session

from core.errors import DatabaseFailedError
from core.storage import schema
from core.storage.database import (
    SLICE,
    Bulk,
    ClashError,
    Database,
    Dialect,
    Result,
    Row,
    Snapshot,
    View,
)

SESSION_SETTINGS = {
    "application_name": "guerdon",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "random_page_cost": "1.1",
    "timezone": "UTC",
}
"""Array statements would be planned anew at each call without the generic plan."""

_NO_TIMEOUT = "SET LOCAL statement_timeout = 0"
"""What is done in bulk takes its time."""


class PostgresDatabase(Database):
    """A PostgreSQL database, 15 or newer."""

    dialect: ClassVar[Dialect] = "postgresql"

    def __init__(self, url: str, pool: "asyncpg.Pool[Any]", engine: sa.Engine) -> None:
        self.url = url
        self._pool = pool
        self._engine = engine

    @classmethod
    async def open(
        cls, url: str, *, connections: int, read_timeout_ms: int, migrate: bool
    ) -> Self:
        """Connect to *url*, and bring its schema up to date if asked.

        Statements that read are broken off after *read_timeout_ms*, if that is not 0.
        """
        engine = sa.create_engine(url.replace("postgresql", "postgresql+psycopg", 1))
        try:
            if migrate:
                await asyncio.to_thread(schema.upgrade, engine)
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=connections,
                server_settings=SESSION_SETTINGS
                | {"statement_timeout": str(read_timeout_ms)},
                reset=_keep,
                max_cacheable_statement_size=0,  # whatever is selected
            )
        except BaseException:
            await asyncio.to_thread(engine.dispose)
            raise
        return cls(url, pool, engine)

    async def read(self, sql: str, *parameters: Any, bounded: bool = True) -> list[Row]:
        """Run a statement that only reads.

        Raises:
            DatabaseFailedError: it took longer than reads may.
        """
        del bounded  # every read leaves the event loop free
        try:
            return [tuple(row) for row in await self._pool.fetch(sql, *parameters)]
        except asyncpg.QueryCanceledError:
            reason = "a read took longer than is allowed"
            raise DatabaseFailedError(reason=reason) from None

    async def write(self, sql: str, *parameters: Any) -> list[Row]:
        """Run one small statement that writes; never to what the ledger keeps."""
        return [tuple(row) for row in await self._pool.fetch(sql, *parameters)]

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """Open a repeatable-read view."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute(_NO_TIMEOUT)
            yield _Snapshot(connection)

    @asynccontextmanager
    async def bulk(self) -> AsyncIterator[Bulk]:
        """Begin a transaction on a connection of its own."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_NO_TIMEOUT)
            yield _Bulk(connection)

    async def configure(self, work: Callable[[Session], Result]) -> Result:
        """Run *work* in a thread."""

        def unit() -> Result:
            with (
                Session(self._engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                return work(session)

        return await asyncio.to_thread(unit)

    @property
    def connections(self) -> tuple[int, int]:
        """Return how many connections of the pool are in use, and its size."""
        used = self._pool.get_size() - self._pool.get_idle_size()
        return used, self._pool.get_max_size()

    async def is_current(self) -> bool:
        """Tell whether the schema is the newest."""
        return await asyncio.to_thread(schema.is_current, self._engine)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._pool.close()
        await asyncio.to_thread(self._engine.dispose)


class _OneConnection(View):
    dialect: ClassVar[Dialect] = "postgresql"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def read(self, sql: str, *parameters: Any, bounded: bool = True) -> list[Row]:
        """Run a statement that only reads."""
        del bounded
        return [tuple(row) for row in await self._connection.fetch(sql, *parameters)]


class _Snapshot(_OneConnection, Snapshot):
    async def stream(self, sql: str, *parameters: Any) -> AsyncIterator[list[Row]]:
        """Read through a cursor of the server."""
        cursor = await self._connection.cursor(sql, *parameters)
        while rows := await cursor.fetch(SLICE):
            yield [tuple(row) for row in rows]


class _Bulk(_OneConnection, Bulk):
    async def execute(self, sql: str, *parameters: Any) -> None:
        """Run a statement that writes."""
        await self._connection.execute(sql, *parameters)

    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Add rows by COPY; a default gives the journal's their place in the feed."""
        try:
            await self._connection.copy_records_to_table(
                table, columns=columns, records=rows
            )
        except asyncpg.UniqueViolationError as error:
            raise ClashError(str(error)) from error


async def _keep(connection: object) -> None:
    """Leave a connection as it is when it goes back to the pool."""
