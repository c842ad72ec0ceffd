"""The PostgreSQL store: each request is one array statement on a connection of a lane.

READ COMMITTED: each statement sees what is committed when it begins, so what is read
after the lock is as fresh as the lock. Index scans are asked for by settings, since
the planner knows neither the length of an array nor how a table has just grown.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import asyncpg

from core.clock import Clock, SystemClock
from core.ledger import postgres_sql as sql
from core.ledger.requests import (
    GuardError,
    Insert,
    Lock,
    Reads,
    Request,
    RetryError,
    Row,
    Select,
    T,
    Transaction,
    Update,
    Writes,
)
from core.ledger.store import Store
from core.storage.postgres import SESSION_SETTINGS

_SETTINGS = SESSION_SETTINGS | {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "lock_timeout": "2s",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "5s",
}
_TRANSIENT = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.OperatorInterventionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    ConnectionError,
    OSError,
    TimeoutError,
)


class PostgresStore(Store):
    """Transactions on a PostgreSQL database."""

    def __init__(self, pool: "asyncpg.Pool[Any]", lanes: int, clock: Clock) -> None:
        self._pool = pool
        self.lanes = lanes
        self._clock = clock

    @classmethod
    async def open(cls, url: str, *, lanes: int, clock: Clock) -> Self:
        """Connect to *url*."""
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=lanes,
            server_settings=_SETTINGS,
            statement_cache_size=256,
            reset=_keep,
        )
        return cls(pool, lanes, clock)

    async def run(self, begin: Callable[[], Transaction[T]]) -> T:
        """Run a transaction on a free connection."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                return await self._drive(connection, begin())
        except _TRANSIENT as error:
            raise RetryError(str(error)) from error
        except asyncpg.IntegrityConstraintViolationError as error:
            raise GuardError(str(error)) from error

    async def close(self) -> None:
        """Close the connections of all lanes."""
        await self._pool.close()

    async def _drive(self, connection: Any, transaction: Transaction[T]) -> T:
        answer: Any = None
        try:
            while True:
                answer = await self._answer(connection, transaction.send(answer))
        except StopIteration as done:
            result: T = done.value
            return result

    async def _answer(self, connection: Any, request: Request) -> Any:
        match request:
            case Lock():
                return await self._lock(connection, request)
            case Select():
                if not request.keys:
                    return []
                arrays = _arrays(request.keys)
                return _rows(await connection.fetch(sql.select(request), *arrays))
            case Reads():
                return await self._reads(connection, request)
            case Insert() | Update():
                await self._write(connection, [request])
            case Writes():
                await self._write(connection, request.writes)
        return None

    async def _lock(self, connection: Any, request: Lock) -> tuple[list[Row], int]:
        """Lock; all processes go by the one clock of the server."""
        rows = await connection.fetch(sql.lock(request), list(request.keys))
        if isinstance(self._clock, SystemClock) and rows:
            now_us = max(row[-1] for row in rows)
        else:
            now_us = self._clock.now_us()
        return [tuple(row)[:-1] for row in rows], now_us

    async def _reads(self, connection: Any, request: Reads) -> list[list[Row]]:
        arrays = [array for one in request.selects for array in _arrays(one.keys)]
        answers = await connection.fetchrow(sql.reads(request.selects), *arrays)
        return [_rows(found or ()) for found in answers]

    async def _write(self, connection: Any, writes: Sequence[Insert | Update]) -> None:
        """Write all, and check that every row to be changed was as it was read."""
        arrays = [array for one in writes for array in _arrays(one.rows)]
        counts = await connection.fetchrow(sql.writes(writes), *arrays)
        for one, found in zip(writes, counts, strict=True):
            if isinstance(one, Update) and found != len(one.rows):
                raise GuardError(f"{one.table}: {found} of {len(one.rows)} rows")


async def _keep(connection: object) -> None:
    """Leave a connection as it is when it goes back to the pool."""


def _arrays(rows: Sequence[Row]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _rows(records: Iterable[Any]) -> list[Row]:
    return [tuple(record) for record in records]
