"""Loading what reversals and approvals name: the target, its reversals, its lots."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.ledger.codes import Account, JournalKind
from core.ledger.columns import LINE, LOT
from core.ledger.commands import Approve, Reverse, Step
from core.ledger.requests import Row, Select, Transaction, read_all
from core.ledger.state import Line, Target
from core.ledger.wanted import States, Wanted, lots_of, take_lots

_BY = ("holder_id", "seq")
_NAMING = (Approve, Reverse)
"""Operations that name a transaction."""


def targets_wanted(steps: Sequence[Step]) -> Iterator[Wanted]:
    """Ask for the transactions that are named, and which have named them so far."""
    keys: list[Row] = sorted(
        {
            (step.holder_id, step.operation.seq)
            for step in steps
            if isinstance(step.operation, _NAMING)
        }
    )
    yield Select("journal", (*_BY, "kind"), _BY, keys), _take_kinds
    yield Select("posting", (*_BY, *LINE), _BY, keys), _take_lines
    by = ("holder_id", "ref_seq")
    yield Select("journal", (*by, "seq"), by, keys), _take_reversals


def _take_kinds(states: States, rows: Sequence[Row]) -> None:
    for holder_id, seq, kind in rows:
        if holder_id in states:
            states[holder_id].targets[seq] = Target(JournalKind(kind))


def _take_lines(states: States, rows: Sequence[Row]) -> None:
    for (holder_id, seq), lines in _lines(rows).items():
        if holder_id in states:
            targets = states[holder_id].targets
            targets[seq] = replace(targets[seq], lines=lines)


def _take_reversals(states: States, rows: Sequence[Row]) -> None:
    for holder_id, seq, reversal in sorted(rows):
        if holder_id in states and seq in (targets := states[holder_id].targets):
            target = targets[seq]
            reversed_by = (*target.reversed_by, reversal)
            targets[seq] = replace(target, reversed_by=reversed_by)


def load_targets(steps: Sequence[Step], states: States) -> Transaction[None]:
    """Read what these moved, and the lots that the next one may touch."""
    coming: list[Row] = _note_coming(steps, states)
    targets = [
        (state.holder_id, seq, target)
        for state in states.values()
        for seq, target in state.targets.items()
    ]
    if not targets and not coming:
        return
    reversals: list[Row] = [
        (holder_id, reversal)
        for holder_id, _, target in targets
        for reversal in target.reversed_by
    ]
    own: list[Row] = sorted(
        {
            (holder_id, lot_id)
            for holder_id, _, target in targets
            for line in target.lines
            for lot_id in (line.src_lot, line.dst_lot)
            if lot_id is not None
        }
    )
    given: list[Row] = sorted(
        {
            (holder_id, line.currency_id)
            for holder_id, _, target in targets
            for line in target.lines
            if line.dst_lot is not None
        }
    )
    by = ("holder_id", "lot_id")
    moved, lots, others, more = yield from read_all(
        [
            Select("posting", (*_BY, *LINE), _BY, reversals),
            Select("lot", ("holder_id", *LOT), by, own),
            lots_of(given),  # a clawback may have to take from any of them
            Select("lot", ("holder_id", *LOT), ("holder_id",), coming, "is_open"),
        ]
    )
    take_lots(states, [*lots, *others, *more])
    lines = _lines(moved)
    for holder_id, seq, target in targets:
        undone = [
            line
            for reversal in target.reversed_by
            for line in lines.get((holder_id, reversal), ())
        ]
        states[holder_id].targets[seq] = replace(target, reversals=tuple(undone))


def _note_coming(steps: Sequence[Step], states: States) -> list[Row]:
    """Note which targets are yet to come; return the holders who may get them."""
    holders = set()
    for step in steps:
        state = states.get(step.holder_id)
        seq = step.operation.seq if isinstance(step.operation, _NAMING) else 0
        if state is not None and seq > state.last_seq:
            state.coming.add(seq)
            holders.add(step.holder_id)
    return [(one,) for one in sorted(holders)]


def _lines(rows: Sequence[Row]) -> dict[tuple[int, int], tuple[Line, ...]]:
    """Return postings by transaction, in their order."""
    lines: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for holder_id, seq, *row in sorted(rows, key=lambda row: row[:3]):
        line = Line(*row)
        src, dst = Account(line.src), Account(line.dst)
        lines[holder_id, seq].append(line._replace(src=src, dst=dst))
    return {key: tuple(found) for key, found in lines.items()}
