"""The proof: all invariants, every hash recomputed, every cache made again.

Everything is read in one snapshot, so it runs on a database that is in use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.ledger import chain
from core.ledger.history import pages, read_caches, read_entries, read_heads
from core.ledger.invariants import INVARIANTS, Invariant, narrowed
from core.ledger.rebuild import Rebuilt, take_in
from core.ledger.root import Root
from core.ledger.state import Entry
from core.ledger.totals import false_totals
from core.storage.database import Database, Row, View

MAX_FINDINGS = 100
"""Per check; a broken ledger need not be listed whole."""

CHAIN = ("CHAIN", "every hash follows from its row and the hash before")
REBUILD = ("REBUILD", "every cached row is what the journal makes it, byte for byte")
BALANCES = ("BALANCES", "every transaction tells the balances that its postings make")
TOTALS = ("TOTALS", "every program's totals are what its postings add up to")


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation: the check, the holder, and which row of it.

    What concerns no holder alone has 0 there.
    """

    check: str
    holder_id: int
    item: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, over how much, and what was found.

    `root` stands for all histories (`core.ledger.root`); it is None if only some were
    checked.
    """

    checks: tuple[tuple[str, str], ...]
    holders: int
    transactions: int
    postings: int
    findings: tuple[Finding, ...]
    root: str | None

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
        holders: check only these; what needs all, V8 and totals, is left out then.
    """
    async with database.snapshot() as view:
        invariants = [one for one in INVARIANTS if one.per_holder or holders is None]
        findings: list[Finding] = []
        for invariant in invariants:
            findings += await _violations(view, invariant, holders)
        checked, transactions, postings = 0, 0, 0
        root = Root()
        async for ids in pages(view, holders):
            proofs = await _fold(view, ids, full=full)
            for holder_id, proof in sorted(proofs.items()):
                root.take(holder_id, proof.head[4], bytes(proof.head[6]))
            checked += len(proofs)
            transactions += sum(one.transactions for one in proofs.values())
            postings += sum(one.postings for one in proofs.values())
            findings += [f for one in proofs.values() for f in one.findings()]
            if full:
                findings += await _stale(view, proofs)
        if full and holders is None:
            wrong = await false_totals(view)
            findings += [Finding("TOTALS", 0, program_id) for program_id in wrong]
    checks = [(one.code, one.claim) for one in invariants]
    checks += [CHAIN, REBUILD, BALANCES] if full else [CHAIN]
    checks += [TOTALS] if full and holders is None else []
    return Report(
        tuple(checks),
        checked,
        transactions,
        postings,
        _limited(findings),
        root.text if holders is None else None,
    )


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


@dataclass(slots=True)
class _Proof:
    """One holder's entries, folded: the chain, and the caches if they are wanted.

    `rebuilt` is None if they are not, or if the journal does not make sense.
    """

    head: Row
    previous: bytes
    rebuilt: Rebuilt | None
    wrong: int | None = None
    untrue: int | None = None
    transactions: int = 0
    postings: int = 0

    def take(self, entry: Entry) -> None:
        """Take the next entry in."""
        self.transactions += 1
        self.postings += len(entry.lines)
        self.previous = chain.link(self.previous, entry)
        if self.wrong is None and self.previous != entry.hash:
            self.wrong = entry.seq
        if self.rebuilt is not None:
            try:
                balances = take_in(self.rebuilt, entry)
            except (KeyError, ValueError, IndexError):
                self.rebuilt = None
                return
            if self.untrue is None and balances != entry.balances:
                self.untrue = entry.seq

    def findings(self) -> list[Finding]:
        """Return where the chain breaks first, and where balances are untrue."""
        holder_id, last_seq, last_hash = self.head[0], self.head[4], self.head[6]
        wrong = self.wrong
        if wrong is None and self.previous != bytes(last_hash):
            wrong = last_seq
        found = (("CHAIN", wrong), ("BALANCES", self.untrue))
        return [Finding(check, holder_id, seq) for check, seq in found if seq]


async def _fold(view: View, ids: Sequence[int], *, full: bool) -> dict[int, _Proof]:
    heads = await read_heads(view, ids)
    proofs = {
        head[0]: _Proof(
            head, chain.genesis(head[1], head[0]), Rebuilt() if full else None
        )
        for head in heads
    }
    async for entry in read_entries(view, heads):
        proofs[entry.holder_id].take(entry)
    return proofs


async def _stale(view: View, proofs: Mapping[int, _Proof]) -> list[Finding]:
    """Compare what is cached with what the journal says; name the last transaction."""
    caches = await read_caches(view, list(proofs))
    findings = []
    for holder_id, proof in proofs.items():
        rebuilt = proof.rebuilt
        if (
            rebuilt is None
            or not _is_head(proof.head, rebuilt)
            or not _is_cached(caches, holder_id, rebuilt)
        ):
            findings.append(Finding("REBUILD", holder_id, proof.head[4]))
    return findings


def _is_cached(
    caches: Mapping[str, Mapping[int, set[Row]]], holder_id: int, rebuilt: Rebuilt
) -> bool:
    return all(
        caches[table].get(holder_id, set()) == rows
        for table, rows in rebuilt.rows().items()
    )


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
