"""The SQLite store: requests as prepared statements in the one writer thread."""

import sqlite3
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from core.clock import Clock
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
from core.storage.sqlite import SqliteDatabase


class SqliteStore(Store):
    """Transactions on a SQLite file."""

    lanes = 1

    def __init__(self, database: SqliteDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self, begin: Callable[[], Transaction[T]]) -> T:
        """Run a transaction in the writer thread."""
        try:
            return await self._database.write(
                lambda connection: self._drive(connection, begin())
            )
        except sqlite3.OperationalError as error:
            raise RetryError(str(error)) from error
        except sqlite3.IntegrityError as error:
            raise GuardError(str(error)) from error

    async def look(self, begin: Callable[[], Transaction[T]]) -> T:
        """Run a transaction that only reads in a reader thread."""
        try:
            return await self._database.look(
                lambda connection: self._drive(connection, begin())
            )
        except sqlite3.OperationalError as error:
            raise RetryError(str(error)) from error

    async def close(self) -> None:
        """Nothing to let go of."""

    def _drive(self, connection: sqlite3.Connection, transaction: Transaction[T]) -> T:
        answer: Any = None
        try:
            while True:
                answer = self._answer(connection, transaction.send(answer))
        except StopIteration as done:
            result: T = done.value
            return result

    def _answer(self, connection: sqlite3.Connection, request: Request) -> Any:
        match request:
            case Claim():  # the whole file is locked
                keys = [(key,) for key in request.keys]
                select = Select(request.table, request.columns, (request.by,), keys)
                reads = [_select(connection, one) for one in request.reads]
                return _select(connection, select), self._clock.now_us(), reads
            case ClaimDue():
                return _due(connection, request, self._clock.now_us())
            case Select():
                return _select(connection, request)
            case Reads():
                return [_select(connection, one) for one in request.selects]
            case Writes():
                for one in request.writes:
                    self._answer(connection, one)
            case Insert():
                sql = _insert_sql(request.table, request.columns, request.missing_only)
                connection.executemany(sql, request.rows)
            case Update():
                guard = request.guard
                sql = _update_sql(request.table, request.columns, request.by, guard)
                found = connection.executemany(sql, request.rows).rowcount
                if found != len(request.rows):
                    raise GuardError(f"{request.table}: {found} of {request.rows}")
        return None


def _due(
    connection: sqlite3.Connection, request: ClaimDue, now_us: int
) -> tuple[list[Row], int]:
    now_us = now_us if request.at_us is None else request.at_us
    sql = (
        f'SELECT {_names(request.columns)} FROM "{request.table}" '  # noqa: S608
        f'WHERE "{request.due}" <= ? '
        f'AND "{request.columns[0]}" NOT IN (SELECT value FROM json_each(?)) '
    )
    parameters: list[int | str] = [now_us, str(list(request.left_out))]
    order = f'"{request.due}"'
    if request.program_id is None:
        sql += (
            "AND program_id NOT IN "
            "(SELECT p.program_id FROM program p WHERE p.clock_us IS NOT NULL) "
        )
    else:
        sql += "AND program_id = ? "
        parameters.append(request.program_id)
        order += f', "{request.columns[0]}"'
    sql += f"ORDER BY {order} LIMIT {request.most}"
    return connection.execute(sql, parameters).fetchall(), now_us


def _select(connection: sqlite3.Connection, request: Select) -> list[Row]:
    sql = _select_sql(
        request.table,
        request.columns,
        request.by,
        request.only,
        request.order,
        request.first,
    )
    rows: list[Row] = []
    for key in request.keys:
        rows += connection.execute(sql, key)
    return rows


@lru_cache(maxsize=256)
def _select_sql(  # noqa: PLR0913, PLR0917  (the shape of a select)
    table: str,
    columns: tuple[str, ...],
    by: tuple[str, ...],
    only: str | None,
    order: tuple[str, ...],
    first: int | None,
) -> str:
    found = " AND ".join([*(f'"{name}" = ?' for name in by), *([only] if only else [])])
    tail = "" if first is None else f" ORDER BY {_names(order)} LIMIT {first}"
    return f'SELECT {_names(columns)} FROM "{table}" WHERE {found}{tail}'  # noqa: S608


@lru_cache(maxsize=256)
def _insert_sql(table: str, columns: tuple[str, ...], missing_only: bool) -> str:  # noqa: FBT001
    marks = ", ".join("?" for _ in columns)
    names = _names(columns)
    if table == "journal":  # its place in the feed of all holders
        names += ", feed"
        marks += ", (SELECT coalesce(max(feed), 0) + 1 FROM journal)"
    verb = "INSERT OR IGNORE" if missing_only else "INSERT"
    return f'{verb} INTO "{table}" ({names}) VALUES ({marks})'


@lru_cache(maxsize=256)
def _update_sql(
    table: str, columns: tuple[str, ...], by: tuple[str, ...], guard: str | None
) -> str:
    # Numbered parameters: the key columns are given once, in their place.
    place = {name: f"?{number}" for number, name in enumerate(columns, 1)}
    changes = ", ".join(f'"{c}" = {place[c]}' for c in columns if c not in by)
    found = [f'"{name}" = {place[name]}' for name in by]
    if guard:
        found.append(f'"{guard}" = ?{len(columns) + 1}')
    return f'UPDATE "{table}" SET {changes} WHERE {" AND ".join(found)}'  # noqa: S608


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
