"""The proof: all invariants, and every hash recomputed from the stored rows.

Runs on a database that is in use. Each invariant is one statement and so sees one
moment; the chain only grows, so reading it in pages is sound.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.ledger import chain
from core.ledger.codes import Account, JournalKind
from core.ledger.invariants import INVARIANTS
from core.ledger.state import Entry, Line
from core.storage.database import Database, Row

MAX_FINDINGS = 100
"""Per check; a broken ledger need not be listed whole."""

_PAGE = 500  # holders
_HEADS = (
    "SELECT holder_id, program_id, last_seq, last_hash FROM holder "
    "WHERE holder_id > $1 ORDER BY holder_id LIMIT $2"
)
_ENTRIES = (
    "SELECT holder_id, seq, kind, idem_key, fingerprint, at_us, effective_us, ref_seq, "
    "corr_id, source, external_id, balances, terms, meta, hash FROM journal "
    "WHERE holder_id BETWEEN $1 AND $2 ORDER BY holder_id, seq"
)
_LINES = (
    "SELECT holder_id, seq, line, currency_id, amount, src, src_lot, dst, dst_lot, "
    "sys_ref, order_line, order_unit FROM posting "
    "WHERE holder_id BETWEEN $1 AND $2 ORDER BY holder_id, seq, line"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation: the check, the holder, and which row of it."""

    check: str
    holder_id: int
    item: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, over how much, and what was found."""

    checks: tuple[tuple[str, str], ...]
    holders: int
    transactions: int
    postings: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Tell whether the ledger proved itself."""
        return not self.findings


async def verify(database: Database) -> Report:
    """Check everything."""
    findings: list[Finding] = []
    for invariant in INVARIANTS:
        sql = f"{invariant.sql} LIMIT {MAX_FINDINGS}"
        rows = await database.read(sql, bounded=False)
        findings += [Finding(invariant.code, *row) for row in rows]
    holders = transactions = postings = broken = 0
    async for heads, entries in _pages(database):
        holders += len(heads)
        for holder_id, program_id, last_seq, last_hash in heads:
            chained = entries.get(holder_id, [])
            transactions += len(chained)
            postings += sum(len(one.lines) for one in chained)
            wrong = _first_break(holder_id, program_id, last_seq, last_hash, chained)
            if wrong is not None and (broken := broken + 1) <= MAX_FINDINGS:
                findings.append(Finding("CHAIN", holder_id, wrong))
    checks = tuple((one.code, one.claim) for one in INVARIANTS)
    chain_check = ("CHAIN", "every hash follows from its row and the hash before")
    return Report(
        (*checks, chain_check), holders, transactions, postings, tuple(findings)
    )


def _first_break(
    holder_id: int,
    program_id: int,
    last_seq: int,
    last_hash: bytes,
    entries: Sequence[Entry],
) -> int | None:
    """Return the first sequence number at which the chain breaks, or None."""
    previous = chain.genesis(program_id, holder_id)
    for entry in entries:
        if entry.seq > last_seq:  # written after the head was read
            return None
        previous = chain.link(previous, entry)
        if previous != entry.hash:
            return entry.seq
    return None if previous == bytes(last_hash) else last_seq


async def _pages(
    database: Database,
) -> AsyncIterator[tuple[list[Row], dict[int, list[Entry]]]]:
    after = -1
    while heads := await database.read(_HEADS, after, _PAGE, bounded=False):
        first, last = heads[0][0], heads[-1][0]
        # Entries first: their postings were committed with them.
        rows = await database.read(_ENTRIES, first, last, bounded=False)
        lines: dict[tuple[int, int], list[Line]] = defaultdict(list)
        for row in await database.read(_LINES, first, last, bounded=False):
            lines[row[0], row[1]].append(_line(row[2:]))
        programs = {row[0]: row[1] for row in heads}
        entries: dict[int, list[Entry]] = defaultdict(list)
        for row in rows:
            if row[0] in programs:
                found = tuple(lines[row[0], row[1]])
                entries[row[0]].append(_entry(programs[row[0]], row, found))
        yield heads, entries
        after = last


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
