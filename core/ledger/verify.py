"""The proof: all invariants, every hash recomputed, every cache made again.

Everything is read in one snapshot, so it runs on a database that is in use.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.ledger import chain
from core.ledger.history import History, pages, read_caches, read_histories
from core.ledger.invariants import INVARIANTS, Invariant, narrowed
from core.ledger.rebuild import Rebuilt, rebuild
from core.storage.database import Database, Row, View

MAX_FINDINGS = 100
"""Per check; a broken ledger need not be listed whole."""

CHAIN = ("CHAIN", "every hash follows from its row and the hash before")
REBUILD = ("REBUILD", "every cached row is what the journal makes it, byte for byte")


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


async def verify(
    database: Database, *, full: bool = False, holders: Sequence[int] | None = None
) -> Report:
    """Check the ledger.

    Args:
        database: where it is.
        full: also make every cache anew from the journal and compare.
        holders: check only these; V8, which needs all, is left out then.
    """
    async with database.snapshot() as view:
        invariants = [one for one in INVARIANTS if one.per_holder or holders is None]
        findings: list[Finding] = []
        for invariant in invariants:
            findings += await _violations(view, invariant, holders)
        checked, transactions, postings = 0, 0, 0
        async for ids in pages(view, holders):
            histories = await read_histories(view, ids)
            checked += len(histories)
            for holder_id, history in histories.items():
                transactions += len(history.entries)
                postings += sum(len(one.lines) for one in history.entries)
                findings += _chain_finding(holder_id, history)
            if full:
                findings += await _stale(view, histories)
    checks = [(one.code, one.claim) for one in invariants]
    checks += [CHAIN, REBUILD] if full else [CHAIN]
    return Report(tuple(checks), checked, transactions, postings, _limited(findings))


async def _violations(
    view: View, invariant: Invariant, holders: Sequence[int] | None
) -> list[Finding]:
    sql = f"{invariant.sql} LIMIT {MAX_FINDINGS}"
    if holders is None:
        rows = await view.read(sql, bounded=False)
    else:
        argument = str(list(holders)) if view.dialect == "sqlite" else list(holders)
        rows = await view.read(narrowed(sql, view.dialect), argument, bounded=False)
    return [Finding(invariant.code, *row) for row in rows]


def _chain_finding(holder_id: int, history: History) -> list[Finding]:
    wrong = _first_break(history)
    return [] if wrong is None else [Finding("CHAIN", holder_id, wrong)]


def _first_break(history: History) -> int | None:
    """Return the first sequence number at which the chain breaks, or None."""
    holder_id, program_id, _, _, last_seq, _, last_hash, _ = history.head
    previous = chain.genesis(program_id, holder_id)
    for entry in history.entries:
        previous = chain.link(previous, entry)
        if previous != entry.hash:
            return entry.seq
    return None if previous == bytes(last_hash) else int(last_seq)


async def _stale(view: View, histories: dict[int, History]) -> list[Finding]:
    """Compare what is cached with what the journal says; name the last transaction."""
    caches = await read_caches(view, list(histories))
    findings = []
    for holder_id, history in histories.items():
        try:
            rebuilt = rebuild(history.entries)
        except (KeyError, ValueError, IndexError):  # the journal itself is broken
            findings.append(Finding("REBUILD", holder_id, history.head[4]))
            continue
        same = all(
            caches[table].get(holder_id, set()) == rows
            for table, rows in rebuilt.rows().items()
        )
        if not same or not _is_head(history.head, rebuilt):
            findings.append(Finding("REBUILD", holder_id, history.head[4]))
    return findings


def _is_head(head: Row, rebuilt: Rebuilt) -> bool:
    """Compare the head; its next due instant may be early, but never late."""
    _, _, kind, status, last_seq, last_at_us, _, next_due_us = head
    due_us = rebuilt.next_due_us()
    return (
        kind == rebuilt.kind
        and status == rebuilt.status
        and (last_seq, last_at_us) == (rebuilt.last_seq, rebuilt.last_at_us)
        and (due_us is None or (next_due_us is not None and next_due_us <= due_us))
    )


def _limited(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Keep so many of each check."""
    kept: list[Finding] = []
    counts: dict[str, int] = {}
    for one in findings:
        counts[one.check] = counts.get(one.check, 0) + 1
        if counts[one.check] <= MAX_FINDINGS:
            kept.append(one)
    return tuple(kept)
