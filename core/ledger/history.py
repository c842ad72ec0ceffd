"""The journal and the caches of many holders, read back as values."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from core.ledger.codes import NEVER_US, Account, JournalKind
from core.ledger.columns import ALLOCATION, HEAD, HOLD, JOURNAL, LINE, LOT, WALLET
from core.ledger.state import Entry, Line
from core.storage.database import Row, View

Span = tuple[int, int]

_PAGE = 500
_SLICE = 10_000
"""So many transactions are read at once."""

_IDS = "SELECT holder_id FROM holder WHERE holder_id > $1 ORDER BY holder_id LIMIT $2"
CACHES = {
    "wallet": ("currency_id", *WALLET),
    "lot": (*LOT, "is_open"),
    "hold": (*HOLD, "is_open"),
    "allocation": ALLOCATION,
    "counter": ("name", "period", "value"),
}
"""Tables that the journal can make again, and their columns beside the holder."""


async def pages(
    view: View, holders: Sequence[int] | None = None
) -> AsyncIterator[list[int]]:
    """Yield ids of holders, of all or of those given, some hundred at a time."""
    if holders is not None:
        for first in range(0, len(holders), _PAGE):
            yield list(holders[first : first + _PAGE])
        return
    after = -1
    while rows := await view.read(_IDS, after, _PAGE, bounded=False):
        yield [holder_id for (holder_id,) in rows]
        after = rows[-1][0]


async def read_heads(view: View, holders: Sequence[int]) -> list[Row]:
    """Return the head rows of *holders*, as far as these exist."""
    return await rows_of(view, "holder", HEAD, holders)


async def read_entries(view: View, heads: Sequence[Row]) -> AsyncIterator[Entry]:
    """Yield the entries of holders, each one's in their order; few at a time.

    However long a history is, no more than a slice of it is in memory.
    """
    programs = {head[0]: head[1] for head in heads}
    for holders, span in _slices(heads):
        rows = await rows_of(view, "journal", JOURNAL, holders, span)
        columns = ("holder_id", "seq", *LINE)
        lines: dict[tuple[int, int], list[Row]] = defaultdict(list)
        for row in await rows_of(view, "posting", columns, holders, span):
            lines[row[0], row[1]].append(row[2:])
        rows.sort(key=lambda row: row[:2])
        for row in rows:
            made = tuple(_line(one) for one in sorted(lines[row[0], row[1]]))
            yield _entry(programs[row[0]], row, made)


def _slices(heads: Sequence[Row]) -> Iterator[tuple[list[int], Span | None]]:
    """Cut the histories into slices: of many holders whole, or a part of one."""
    some: list[int] = []
    size = 0
    for head in heads:
        holder_id, last_seq = head[0], head[4]
        if last_seq > _SLICE:
            for first in range(0, last_seq, _SLICE):
                is_last = first + _SLICE >= last_seq
                yield [holder_id], (first, NEVER_US if is_last else first + _SLICE)
            continue
        if size + last_seq > _SLICE:
            yield some, None
            some, size = [], 0
        some.append(holder_id)
        size += last_seq
    yield some, None


async def read_caches(
    view: View, holders: Sequence[int]
) -> dict[str, dict[int, set[Row]]]:
    """Return the cached rows of *holders*: by table, then by holder."""
    found: dict[str, dict[int, set[Row]]] = {}
    for table, columns in CACHES.items():
        rows: dict[int, set[Row]] = defaultdict(set)
        for row in await rows_of(view, table, ("holder_id", *columns), holders):
            rows[row[0]].add(row[1:])
        found[table] = rows
    return found


async def rows_of(
    view: View,
    table: str,
    columns: Sequence[str],
    holders: Sequence[int],
    span: Span | None = None,
) -> list[Row]:
    """Return the rows of *table* that belong to *holders*, in no order.

    With `span`, only those of transactions after the first number, up to the second.
    """
    if view.dialect == "sqlite":
        found, argument = "IN (SELECT value FROM json_each($1))", str(list(holders))
    else:
        found, argument = "= ANY($1::bigint[])", list(holders)  # type: ignore[assignment]
    names = ", ".join(f'"{name}"' for name in columns)
    sql = f'SELECT {names} FROM "{table}" WHERE holder_id {found}'  # noqa: S608
    if span is None:
        return await view.read(sql, argument, bounded=False)
    sql += " AND seq > $2 AND seq <= $3"
    return await view.read(sql, argument, *span, bounded=False)


def _entry(program_id: int, row: Row, lines: tuple[Line, ...]) -> Entry:
    holder_id, seq, kind, key, fingerprint, at_us, effective_us, *rest = row
    ref_seq, corr_id, source, external_id, balances, terms, meta, stored_hash = rest
    return Entry(
        program_id=program_id,
        holder_id=holder_id,
        seq=seq,
        kind=JournalKind(kind),
        key=key,
        fingerprint=bytes(fingerprint),
        at_us=at_us,
        effective_us=effective_us,
        ref_seq=ref_seq,
        corr_id=corr_id,
        source=source,
        external_id=external_id,
        balances=balances,
        terms=terms,
        meta=meta,
        hash=bytes(stored_hash),
        lines=lines,
    )


def _line(row: Sequence[Any]) -> Line:
    line, currency_id, amount, src, src_lot, dst, dst_lot, *origin = row
    return Line(
        line, currency_id, amount, Account(src), src_lot, Account(dst), dst_lot, *origin
    )
