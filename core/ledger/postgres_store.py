"""The PostgreSQL store: each request is one array statement on a connection of a lane.

READ COMMITTED: each statement sees what is committed when it begins, so what is read
after the lock is as fresh as the lock. Index scans are asked for by settings, since
the planner knows neither the length of an array nor how a table has just grown.

A transaction that claims one row tries without the lock first, which saves three round
trips: it reads, decides, and writes if the row has still the version that it read. All
that belongs to the row is then as it was, since every writer changes the row (`Claim`).
Whoever is overtaken begins anew, with the lock.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

import asyncpg

from core.clock import Clock, SystemClock
from core.ledger import postgres_sql as sql
from core.ledger.requests import (
    Claim,
    ClaimDue,
    GuardError,
    Insert,
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
_CONNECT_TIMEOUT_S = 5.0
_COMMAND_TIMEOUT_S = 8.0
"""Longer than the server's own: for a server, or a network, that says nothing."""

_TRANSIENT = (
    asyncpg.PostgresConnectionError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.OperatorInterventionError,  # shut down, cancelled, not yet up
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # the server took leave while the connection lay idle
    OSError,  # refused, reset, timed out
)
_OVERTAKEN = (
    asyncpg.DivisionByZeroError,
    asyncpg.IntegrityConstraintViolationError,
)
"""What the database says when somebody else came first."""

_LOOK = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

_WARY = 100
"""So many transactions take the lock at once after one was overtaken."""


class _OvertakenError(Exception):
    """The transaction must be run with the lock."""


class PostgresStore(Store):
    """Transactions on a PostgreSQL database, each on a connection of its own.

    Connections are kept while they are sound. They are not pooled by the driver, whose
    pool takes as long for handing one out as the server for reading a wallet.
    """

    def __init__(self, url: str, lanes: int, clock: Clock) -> None:
        self.lanes = lanes
        self._url = url
        self._clock = clock
        self._is_ours = isinstance(clock, SystemClock)
        self._wary = 0
        self._idle: list[Any] = []
        self._free = asyncio.Semaphore(lanes)

    @classmethod
    async def open(cls, url: str, *, lanes: int, clock: Clock) -> Self:
        """Connect to *url*."""
        store = cls(url, lanes, clock)
        store._idle.append(await store._connect())
        return store

    async def run(self, begin: Callable[[], Transaction[T]]) -> T:
        """Run a transaction on a free connection."""
        try:
            async with self._free, self._connection() as connection:
                return await self._run(connection, begin)
        except _TRANSIENT as error:
            raise RetryError(str(error)) from error
        except asyncpg.IntegrityConstraintViolationError as error:
            raise GuardError(str(error)) from error

    async def _run(self, connection: Any, begin: Callable[[], Transaction[T]]) -> T:
        transaction = begin()
        first = next(transaction)
        if isinstance(first, Claim) and len(first.keys) == 1 and not self._wary:
            try:
                return await self._swap(connection, transaction, first)
            except (_OvertakenError, *_OVERTAKEN):
                self._wary = _WARY
                transaction = begin()
                first = next(transaction)
        self._wary = max(0, self._wary - 1)
        await connection.execute("BEGIN")
        result = await self._drive(connection, transaction, first, self._answer)
        await connection.execute("COMMIT")
        return result

    async def look(self, begin: Callable[[], Transaction[T]]) -> T:
        """Run a transaction that only reads on a free connection, without a lock."""
        try:
            async with self._free, self._connection() as connection:
                await connection.execute(_LOOK)
                transaction = begin()
                first = next(transaction)
                result = await self._drive(connection, transaction, first, self._read)
                await connection.execute("COMMIT")
                return result
        except _TRANSIENT as error:
            raise RetryError(str(error)) from error

    async def close(self) -> None:
        """Close all connections."""
        while self._idle:
            await self._idle.pop().close()

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            self._url,
            server_settings=_SETTINGS,
            statement_cache_size=256,
            timeout=_CONNECT_TIMEOUT_S,
            command_timeout=_COMMAND_TIMEOUT_S,
        )

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        """Lend a connection for one transaction; what fails is undone by closing it."""
        while self._idle and self._idle[-1].is_closed():
            self._idle.pop()
        connection = self._idle.pop() if self._idle else await self._connect()
        try:
            yield connection
        except asyncpg.InterfaceError as error:
            if connection.is_closed():  # it broke while it lay idle
                raise ConnectionResetError(str(error)) from error
            connection.terminate()
            raise  # the statement is wrong, and would be again
        except BaseException:
            connection.terminate()
            raise
        self._idle.append(connection)

    async def _swap(
        self, connection: Any, transaction: Transaction[T], claim: Claim
    ) -> T:
        """Run a transaction without a lock, if nobody comes in between."""
        answer: Any
        answer, version = await self._see(connection, claim)
        try:
            while not isinstance(request := _go_on(transaction, answer), Writes):
                answer = await self._read(connection, request)
            await self._write_swapping(connection, request, claim.table, version)
            transaction.send(None)
        except StopIteration as done:
            result: T = done.value
            return result
        raise AssertionError("a transaction goes on after its last request")

    async def _see(
        self, connection: Any, claim: Claim
    ) -> tuple[tuple[list[Row], int, list[list[Row]]], str | None]:
        """Read a claim without a lock, and return the version of the last row too."""
        arrays = [array for one in claim.reads for array in sql.arrays(one.keys)]
        found = await connection.fetchrow(sql.look(claim), list(claim.keys), *arrays)
        rows, *answers = [_rows(part or ()) for part in found]
        now_us = self._now_us([row[:-1] for row in rows])
        version = rows[-1][-1] if rows else None
        return ([row[:-2] for row in rows], now_us, answers), version

    async def _drive(
        self,
        connection: Any,
        transaction: Transaction[T],
        request: Request,
        answer: Callable[[Any, Request], Awaitable[Any]],
    ) -> T:
        try:
            while True:
                request = transaction.send(await answer(connection, request))
        except StopIteration as done:
            result: T = done.value
            return result

    async def _answer(self, connection: Any, request: Request) -> Any:
        match request:
            case Claim():
                return await self._claim(connection, request)
            case ClaimDue():
                return await self._claim_due(connection, request)
            case Insert() | Update():
                await self._write(connection, [request])
            case Writes():
                await self._write(connection, request.writes)
            case _:
                return await self._read(connection, request)
        return None

    async def _claim(
        self, connection: Any, request: Claim
    ) -> tuple[list[Row], int, list[list[Row]]]:
        """Lock, then read; all processes go by the one clock of the server."""
        rows = await connection.fetch(sql.lock(request), list(request.keys))
        answers = await self._reads(connection, request.reads) if request.reads else []
        return [tuple(row)[:-1] for row in rows], self._now_us(rows), answers

    async def _claim_due(
        self, connection: Any, request: ClaimDue
    ) -> tuple[list[Row], int]:
        now_us = request.at_us or (None if self._is_ours else self._clock.now_us())
        given = (now_us, list(request.left_out), request.program_id)
        rows = await connection.fetch(sql.lock_due(request), *given)
        return [tuple(row)[:-1] for row in rows], now_us or self._now_us(rows)

    def _now_us(self, rows: Sequence[Any]) -> int:
        """Return the instant that stands last in each row, if it is ours to take."""
        if self._is_ours and rows:
            latest: int = max(row[-1] for row in rows)
            return latest
        return self._clock.now_us()

    async def _read(self, connection: Any, request: Request) -> Any:
        match request:
            case Claim():
                return (await self._see(connection, request))[0]
            case Select():
                return (await self._reads(connection, [request]))[0]
            case Reads():
                return await self._reads(connection, request.selects)
            case _:
                raise _OvertakenError

    async def _reads(
        self, connection: Any, selects: Sequence[Select]
    ) -> list[list[Row]]:
        arrays = [array for one in selects for array in sql.arrays(one.keys)]
        answers = await connection.fetchrow(sql.reads(selects), *arrays)
        return [_rows(found or ()) for found in answers]

    async def _write(self, connection: Any, writes: Sequence[Insert | Update]) -> None:
        """Write all, and check that every row to be changed was as it was read."""
        arrays = [array for one in writes for array in sql.arrays(one.rows)]
        counts = await connection.fetchrow(sql.writes(writes), *arrays)
        updates = [one for one in writes if isinstance(one, Update)]
        for one, found in zip(updates, counts, strict=True):
            if found != len(one.rows):
                raise GuardError(f"{one.table}: {found} of {len(one.rows)} rows")

    async def _write_swapping(
        self, connection: Any, request: Writes, table: str, version: str | None
    ) -> None:
        """Write all, if the claimed row still has its version."""
        writes = request.writes
        if not any(isinstance(one, Update) and one.table == table for one in writes):
            raise _OvertakenError
        arrays = [array for one in writes for array in sql.arrays(one.rows)]
        await connection.fetchrow(sql.swap(writes, table), version, *arrays)


def _go_on(transaction: Transaction[Any], answer: Any) -> Request:
    """Send what was read without a lock; of several moments, it may make no sense."""
    try:
        return transaction.send(answer)
    except StopIteration:
        raise
    except Exception as error:
        raise _OvertakenError from error


def _rows(records: Iterable[Any]) -> list[Row]:
    return [tuple(record) for record in records]
