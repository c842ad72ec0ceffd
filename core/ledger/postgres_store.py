"""The PostgreSQL store: each request is one array statement on a connection of a lane.

READ COMMITTED: each statement sees what is committed when it begins, so what is read
after the lock is as fresh as the lock. Index scans are asked for by settings, since
the planner knows neither the length of an array nor how a table has just grown.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Self

import asyncpg
from sqlalchemy.dialects import postgresql

from core.clock import Clock, SystemClock
from core.ledger.requests import (
    GuardError,
    Insert,
    Now,
    Request,
    RetryError,
    Row,
    Select,
    T,
    Transaction,
    Update,
)
from core.ledger.store import Store
from core.storage.postgres import SESSION_SETTINGS
from core.storage.schema import METADATA

_SETTINGS = SESSION_SETTINGS | {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "lock_timeout": "2s",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "5s",
}
_NOW = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
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
            case Now():
                if not isinstance(self._clock, SystemClock):
                    return self._clock.now_us()
                return await connection.fetchval(_NOW)  # one clock for all processes
            case Select():
                return await self._select(connection, request)
            case Insert():
                sql = _insert_sql(request.table, request.columns, request.missing_only)
                await connection.execute(sql, *_arrays(request.rows))
            case Update():
                await self._update(connection, request)
        return None

    async def _select(self, connection: Any, request: Select) -> list[Row]:
        if not request.keys:
            return []
        sql = _select_sql(
            request.table, request.columns, request.by, request.only, request.lock
        )
        rows = await connection.fetch(sql, *_arrays(request.keys))
        return [tuple(row) for row in rows]

    async def _update(self, connection: Any, request: Update) -> None:
        sql = _update_sql(request.table, request.columns, request.by, request.guard)
        answer: str = await connection.execute(sql, *_arrays(request.rows))
        found = int(answer.rpartition(" ")[2])
        if found != len(request.rows):
            raise GuardError(f"{request.table}: {found} of {len(request.rows)} rows")


async def _keep(connection: object) -> None:
    """Leave a connection as it is when it goes back to the pool."""


def _arrays(rows: Any) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


@lru_cache(maxsize=256)
def _select_sql(
    table: str,
    columns: tuple[str, ...],
    by: tuple[str, ...],
    only: str | None,
    lock: bool,  # noqa: FBT001  (a part of the cache's key)
) -> str:
    names = ", ".join(f't."{name}"' for name in columns)
    if lock:
        (key,) = by
        return (
            f'SELECT {names} FROM "{table}" t WHERE t."{key}" = ANY($1::bigint[]) '  # noqa: S608
            f'ORDER BY t."{key}" FOR NO KEY UPDATE'
        )
    found = " AND ".join(f't."{name}" = k."{name}"' for name in by)
    if only:
        found += f" AND t.{only}"
    return f'SELECT {names} FROM {_unnest(table, by, "k")} JOIN "{table}" t ON {found}'  # noqa: S608


@lru_cache(maxsize=256)
def _insert_sql(table: str, columns: tuple[str, ...], missing_only: bool) -> str:  # noqa: FBT001
    names = ", ".join(f'"{name}"' for name in columns)
    tail = " ON CONFLICT DO NOTHING" if missing_only else ""
    source = _unnest(table, columns, "k")
    return f'INSERT INTO "{table}" ({names}) SELECT * FROM {source}{tail}'  # noqa: S608


@lru_cache(maxsize=256)
def _update_sql(
    table: str, columns: tuple[str, ...], by: tuple[str, ...], guard: str | None
) -> str:
    changes = ", ".join(f'"{c}" = k."{c}"' for c in columns if c not in by)
    found = " AND ".join(f't."{name}" = k."{name}"' for name in by)
    guarded = columns
    names = columns
    if guard:
        found += f' AND t."{guard}" = k."was"'
        guarded = (*columns, guard)
        names = (*columns, "was")
    source = _unnest(table, guarded, "k", names)
    return f'UPDATE "{table}" t SET {changes} FROM {source} WHERE {found}'  # noqa: S608


def _unnest(
    table: str,
    columns: tuple[str, ...],
    alias: str,
    names: tuple[str, ...] | None = None,
) -> str:
    types = METADATA.tables[table].columns
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    arrays = ", ".join(
        f"${number}::{types[name].type.compile(dialect)}[]"
        for number, name in enumerate(columns, 1)
    )
    listed = ", ".join(f'"{name}"' for name in names or columns)
    return f"unnest({arrays}) AS {alias}({listed})"
