"""Requests as SQL for PostgreSQL: array statements, and several in one statement.

Everything is spelled from the names of tables and columns; values are parameters. Each
shape of a request is spelled once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.dialects import postgresql

from core.ledger.requests import Insert, Lock, Select, Update
from core.storage.schema import METADATA

Shape = tuple[str, tuple[str, ...], tuple[str, ...], str | None, bool]
"""Table, columns, key columns, `only` or `guard`, `missing_only`."""


@dataclass(slots=True)
class _Numbers:
    """Counts the parameters of a statement."""

    last: int = 0


def lock(request: Lock) -> str:
    """Lock rows in the order of their keys; the instant is the last column."""
    return _lock(request.table, request.columns, request.by)


@lru_cache(maxsize=16)
def _lock(table: str, columns: tuple[str, ...], by: str) -> str:
    names = ", ".join(f't."{name}"' for name in columns)
    now = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    return (
        f'SELECT {names}, {now} FROM "{table}" t WHERE t."{by}" = ANY($1::bigint[]) '  # noqa: S608
        f'ORDER BY t."{by}" FOR NO KEY UPDATE'
    )


def reads(requests: Sequence[Select]) -> str:
    """Return one row with an array of records for each select, or null."""
    return _reads(tuple((r.table, r.columns, r.by, r.only, False) for r in requests))


@lru_cache(maxsize=512)
def _reads(shapes: tuple[Shape, ...]) -> str:
    numbers = _Numbers()
    parts = [
        f"(SELECT array_agg(q) FROM ({_select(shape, numbers)}) q)"  # noqa: S608
        for shape in shapes
    ]
    return "SELECT " + ", ".join(parts)


def select(request: Select) -> str:
    """Return the rows."""
    shape = (request.table, request.columns, request.by, request.only, False)
    return _lone_select(shape)


@lru_cache(maxsize=128)
def _lone_select(shape: Shape) -> str:
    return _select(shape, _Numbers())


def _select(shape: Shape, numbers: _Numbers) -> str:
    table, columns, by, only, _ = shape
    names = ", ".join(f't."{name}"' for name in columns)
    found = " AND ".join(f't."{name}" = k."{name}"' for name in by)
    if only:
        found += f" AND t.{only}"
    source = _unnest(table, by, numbers)
    return f'SELECT {names} FROM {source} JOIN "{table}" t ON {found}'  # noqa: S608


def writes(requests: Sequence[Insert | Update]) -> str:
    """Return one row with the number of rows that each write wrote."""
    return _writes(
        tuple(
            (r.table, r.columns, (), None, r.missing_only)
            if isinstance(r, Insert)
            else (r.table, r.columns, r.by, r.guard, False)
            for r in requests
        )
    )


@lru_cache(maxsize=512)
def _writes(shapes: tuple[Shape, ...]) -> str:
    numbers = _Numbers()
    parts, counts = [], []
    for place, shape in enumerate(shapes):
        sql = _update(shape, numbers) if shape[2] else _insert(shape, numbers)
        parts.append(f"w{place} AS ({sql} RETURNING 1)")
        counts.append(f"(SELECT count(*) FROM w{place})")  # noqa: S608
    return f"WITH {', '.join(parts)} SELECT {', '.join(counts)}"


def _insert(shape: Shape, numbers: _Numbers) -> str:
    table, columns, _, _, missing_only = shape
    names = ", ".join(f'"{name}"' for name in columns)
    tail = " ON CONFLICT DO NOTHING" if missing_only else ""
    source = _unnest(table, columns, numbers)
    return f'INSERT INTO "{table}" ({names}) SELECT * FROM {source}{tail}'  # noqa: S608


def _update(shape: Shape, numbers: _Numbers) -> str:
    table, columns, by, guard, _ = shape
    changes = ", ".join(f'"{c}" = k."{c}"' for c in columns if c not in by)
    found = " AND ".join(f't."{name}" = k."{name}"' for name in by)
    source = _unnest(table, columns, numbers, guard)
    if guard:
        found += f' AND t."{guard}" = k."was"'
    return f'UPDATE "{table}" t SET {changes} FROM {source} WHERE {found}'  # noqa: S608


def _unnest(
    table: str, columns: tuple[str, ...], numbers: _Numbers, guard: str | None = None
) -> str:
    """Make rows `k` of arrays; the value that *guard* must have is called `was`."""
    types = METADATA.tables[table].columns
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    given = (*columns, guard) if guard else columns
    arrays = []
    for name in given:
        numbers.last += 1
        kind = types[name].type.compile(dialect)
        arrays.append(f"${numbers.last}::{kind}[]")
    names = (*columns, "was") if guard else columns
    listed = ", ".join(f'"{name}"' for name in names)
    return f"unnest({', '.join(arrays)}) AS k({listed})"
