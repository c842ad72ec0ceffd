"""Loading what reversals name: the target, what was undone of it, and its lots."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from core.ledger.codes import Account, JournalKind
from core.ledger.columns import LINE, LOT
from core.ledger.commands import Reverse, Step
from core.ledger.requests import Reads, Row, Select, Transaction
from core.ledger.state import HolderState, Line, Lot, Target


def load_targets(
    steps: Sequence[Step], states: dict[int, HolderState]
) -> Transaction[None]:
    """Read the transactions to be reversed, and everything that they touched."""
    keys = [
        (step.holder_id, step.operation.seq)
        for step in steps
        if isinstance(step.operation, Reverse)
    ]
    if not keys:
        return
    by = ("holder_id", "seq")
    found, later = yield Reads(
        [
            Select("journal", (*by, "kind"), by, keys),
            Select("journal", (*by, "ref_seq"), ("holder_id", "ref_seq"), keys),
        ]
    )
    kinds = {(holder_id, seq): JournalKind(kind) for holder_id, seq, kind in found}
    reversals = {(holder_id, seq): ref_seq for holder_id, seq, ref_seq in later}
    named = sorted({*kinds, *reversals})
    if not named:
        return
    lines: dict[tuple[int, int], list[Line]] = defaultdict(list)
    rows: list[Row] = yield Select("posting", (*by, *LINE), by, named)
    for holder_id, seq, *row in sorted(rows, key=lambda row: row[:3]):
        lines[holder_id, seq].append(_line(row))
    for (holder_id, seq), kind in kinds.items():
        undone = [
            line
            for (owner, reversal), ref_seq in sorted(reversals.items())
            if (owner, ref_seq) == (holder_id, seq)
            for line in lines[owner, reversal]
        ]
        states[holder_id].targets[seq] = Target(
            kind, tuple(lines[holder_id, seq]), tuple(undone)
        )
    touched = {
        (holder_id, lot_id)
        for holder_id, seq in kinds
        for line in lines[holder_id, seq]
        for lot_id in (line.src_lot, line.dst_lot)
        if lot_id is not None
    }
    if touched:
        columns = ("holder_id", *LOT)
        by = ("holder_id", "lot_id")
        for holder_id, *row in (yield Select("lot", columns, by, sorted(touched))):
            lot = Lot(*row)
            states[holder_id].lots[lot.lot_id] = lot


def _line(row: Sequence[int | None]) -> Line:
    line = Line(*row)  # type: ignore[arg-type]
    return replace(line, src=Account(line.src), dst=Account(line.dst))
