"""The journal and the caches of many holders, read back as values."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.ledger.codes import Account, JournalKind
from core.ledger.columns import ALLOCATION, HEAD, HOLD, JOURNAL, LINE, LOT, WALLET
from core.ledger.state import Entry, Line
from core.storage.database import Row, View

_PAGE = 500
_IDS = "SELECT holder_id FROM holder WHERE holder_id > $1 ORDER BY holder_id LIMIT $2"
CACHES = {
    "wallet": ("currency_id", *WALLET),
    "lot": (*LOT, "is_open"),
    "hold": (*HOLD, "is_open"),
    "allocation": ALLOCATION,
    "counter": ("name", "period", "value"),
}
"""Tables that the journal can make again, and their columns beside the holder."""


@dataclass(slots=True)
class History:
    """A holder's head row and its entries, the first first."""

    head: Row
    entries: list[Entry] = field(default_factory=list)


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


async def read_histories(view: View, holders: Sequence[int]) -> dict[int, History]:
    """Return the histories of *holders*, as far as these exist.

    Heads are read first: on a view that moves, entries may be newer than the head.
    """
    heads = await rows_of(view, "holder", HEAD, holders)
    entries = await rows_of(view, "journal", JOURNAL, holders, "holder_id, seq")
    columns = ("holder_id", "seq", *LINE)
    lines: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for row in await rows_of(view, "posting", columns, holders, "holder_id, seq, line"):
        lines[row[0], row[1]].append(_line(row[2:]))
    found = {row[0]: History(row) for row in heads}
    for row in entries:
        history = found.get(row[0])
        if history is not None:
            program_id = history.head[1]
            made = tuple(lines[row[0], row[1]])
            history.entries.append(_entry(program_id, row, made))
    return found


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
    order: str = "holder_id",
) -> list[Row]:
    """Return the rows of *table* that belong to *holders*."""
    if view.dialect == "sqlite":
        found, argument = "IN (SELECT value FROM json_each($1))", str(list(holders))
    else:
        found, argument = "= ANY($1::bigint[])", list(holders)  # type: ignore[assignment]
    names = ", ".join(f'"{name}"' for name in columns)
    sql = f'SELECT {names} FROM "{table}" WHERE holder_id {found} ORDER BY {order}'  # noqa: S608
    return await view.read(sql, argument, bounded=False)


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
