"""Requests as SQL for PostgreSQL: array statements, and several in one statement.

Everything is spelled from the names of tables and columns; values are parameters. Each
shape of a request is spelled once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy.dialects import postgresql

from core.ledger.requests import Claim, ClaimDue, Insert, Row, Select, Update
from core.storage.schema import METADATA

VERSION = "t.xmin::text"
"""Changes with every change of a row by another transaction."""

_NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_BEGUN = "(extract(epoch FROM statement_timestamp()) * 1000000)::bigint"
"""When the statement began: unlike `_NOW` it is good for a search in an index."""


@dataclass(slots=True)
class _Numbers:
    """Counts the parameters of a statement."""

    last: int = 0


@dataclass(frozen=True, slots=True)
class _Find:
    """The shape of a select."""

    table: str
    columns: tuple[str, ...]
    by: tuple[str, ...]
    only: str | None
    order: tuple[str, ...]
    first: int | None


@dataclass(frozen=True, slots=True)
class _Change:
    """The shape of an insert or, with `by`, of an update."""

    table: str
    columns: tuple[str, ...]
    by: tuple[str, ...] = ()
    guard: str | None = None
    missing_only: bool = False


def lock(claim: Claim) -> str:
    """Lock rows in the order of their keys; the instant is the last column."""
    return _lock(claim.table, claim.columns, claim.by)


@lru_cache(maxsize=16)
def _lock(table: str, columns: tuple[str, ...], by: str) -> str:
    names = ", ".join(f't."{name}"' for name in columns)
    return (
        f'SELECT {names}, {_NOW} FROM "{table}" t WHERE t."{by}" = ANY($1::bigint[]) '  # noqa: S608
        f'ORDER BY t."{by}" FOR NO KEY UPDATE'
    )


def lock_due(claim: ClaimDue) -> str:
    """Lock rows that are due at the instant $1, or now, if nobody else has them.

    Those whose first column is one of $2 are left out. $3 is the program that they
    are of, or null.
    """
    own = (
        "SELECT 1 FROM program p "
        "WHERE p.program_id = t.program_id AND p.clock_us IS NOT NULL"
    )
    which = f"AND $3::bigint IS NULL AND NOT EXISTS ({own})"
    order = ""
    if claim.program_id is not None:
        which = "AND t.program_id = $3::bigint"
        order = f', t."{claim.columns[0]}"'
    names = ", ".join(f't."{name}"' for name in claim.columns)
    return (
        f'SELECT {names}, {_NOW} FROM "{claim.table}" t '  # noqa: S608
        f'WHERE t."{claim.due}" <= coalesce($1::bigint, {_BEGUN}) '
        f'AND t."{claim.columns[0]}" <> ALL ($2::bigint[]) {which} '
        f'ORDER BY t."{claim.due}"{order} LIMIT {claim.most} '
        "FOR NO KEY UPDATE OF t SKIP LOCKED"
    )


def look(claim: Claim) -> str:
    """Read a claim without a lock: one row with an array of records for each part.

    The first part are the rows to claim, each with the instant and its version.
    """
    return _look(claim.table, claim.columns, claim.by, _shapes(claim.reads))


@lru_cache(maxsize=512)
def _look(
    table: str, columns: tuple[str, ...], by: str, shapes: tuple[_Find, ...]
) -> str:
    names = ", ".join(f't."{name}"' for name in columns)
    rows = (
        f'SELECT {names}, {_NOW}, {VERSION} FROM "{table}" t '  # noqa: S608
        f'WHERE t."{by}" = ANY($1::bigint[])'
    )
    return _gathered(rows, *_selects(shapes, _Numbers(1)))


def reads(requests: Sequence[Select]) -> str:
    """Return one row with an array of records for each select, or null."""
    return _reads(_shapes(requests))


@lru_cache(maxsize=512)
def _reads(shapes: tuple[_Find, ...]) -> str:
    return _gathered(*_selects(shapes, _Numbers()))


def _shapes(requests: Sequence[Select]) -> tuple[_Find, ...]:
    return tuple(
        _Find(r.table, r.columns, r.by, r.only, r.order, r.first) for r in requests
    )


def _gathered(*selects: str) -> str:
    parts = [f"(SELECT array_agg(q) FROM ({one}) q)" for one in selects]  # noqa: S608
    return "SELECT " + ", ".join(parts)


def _selects(shapes: tuple[_Find, ...], numbers: _Numbers) -> list[str]:
    return [_select(shape, numbers) for shape in shapes]


def _select(shape: _Find, numbers: _Numbers) -> str:
    names = ", ".join(f't."{name}"' for name in shape.columns)
    found = " AND ".join(f't."{name}" = k."{name}"' for name in shape.by)
    if shape.only:
        found += f" AND t.{shape.only}"
    source = _unnest(shape.table, shape.by, numbers)
    if shape.first is None:
        return f'SELECT {names} FROM {source} JOIN "{shape.table}" t ON {found}'  # noqa: S608
    order = ", ".join(f't."{name}"' for name in shape.order)
    some = (
        f'SELECT * FROM "{shape.table}" t WHERE {found} '  # noqa: S608
        f"ORDER BY {order} LIMIT {shape.first}"
    )
    return f"SELECT {names} FROM {source} CROSS JOIN LATERAL ({some}) t"  # noqa: S608


def writes(requests: Sequence[Insert | Update]) -> str:
    """Return one row with the number of rows that each update found."""
    return _writes(_changes(requests))


def swap(requests: Sequence[Insert | Update], table: str) -> str:
    """Write all, or fail by dividing by zero if an update does not find its rows.

    The update of *table*, of one row, finds it only at the version that is the first
    parameter. It comes before all else, so that it is what waits for others.
    """
    return _swap(_changes(requests), table)


def _changes(requests: Sequence[Insert | Update]) -> tuple[_Change, ...]:
    return tuple(
        _Change(r.table, r.columns, missing_only=r.missing_only)
        if isinstance(r, Insert)
        else _Change(r.table, r.columns, r.by, r.guard)
        for r in requests
    )


@lru_cache(maxsize=512)
def _writes(changes: tuple[_Change, ...]) -> str:
    numbers = _Numbers()
    parts = [_part(place, change, numbers) for place, change in enumerate(changes)]
    counts = [_count(place) for place, change in enumerate(changes) if change.by]
    return f"WITH {', '.join(parts)} SELECT {', '.join(counts)}"


@lru_cache(maxsize=512)
def _swap(changes: tuple[_Change, ...], versioned: str) -> str:
    numbers = _Numbers(1)
    parts, first, others = [], "", ["true"]
    for place, change in enumerate(changes):
        keys = f"${numbers.last + 1}::bigint[]"
        if change.table == versioned:
            parts.append(_part(place, change, numbers, f" AND {VERSION} = $1"))
            first = f"{_count(place)} = 1"
            continue
        parts.append(_part(place, change, numbers))
        if change.by:
            others.append(f"{_count(place)} = cardinality({keys})")
    every = " AND ".join(others)
    return (
        f"WITH {', '.join(parts)} "
        f"SELECT 1 / CASE WHEN {first} THEN ({every})::integer ELSE 0 END"
    )


def _part(place: int, change: _Change, numbers: _Numbers, more: str = "") -> str:
    if change.by:
        return f"w{place} AS ({_update(change, numbers)}{more} RETURNING 1)"
    return f"w{place} AS ({_insert(change, numbers)})"


def _count(place: int) -> str:
    return f"(SELECT count(*) FROM w{place})"  # noqa: S608


def _insert(change: _Change, numbers: _Numbers) -> str:
    names = ", ".join(f'"{name}"' for name in change.columns)
    tail = " ON CONFLICT DO NOTHING" if change.missing_only else ""
    source = _unnest(change.table, change.columns, numbers)
    return f'INSERT INTO "{change.table}" ({names}) SELECT * FROM {source}{tail}'  # noqa: S608


def _update(change: _Change, numbers: _Numbers) -> str:
    sets = ", ".join(f'"{c}" = k."{c}"' for c in change.columns if c not in change.by)
    found = " AND ".join(f't."{name}" = k."{name}"' for name in change.by)
    source = _unnest(change.table, change.columns, numbers, change.guard)
    if change.guard:
        found += f' AND t."{change.guard}" = k."was"'
    return f'UPDATE "{change.table}" t SET {sets} FROM {source} WHERE {found}'  # noqa: S608


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


def arrays(rows: Sequence[Row]) -> list[Sequence[Any] | None]:
    """Turn rows into columns; one of nulls alone is sent as null, not one by one."""
    size = len(rows)
    return [
        None if column[0] is None and column.count(None) == size else column
        for column in zip(*rows, strict=True)
    ]
