"""Loading: which rows a batch needs, and the states that they make.

The heads of the holders are locked by a statement of their own that returns nothing
else; all other rows come from later statements. Rows read by the locking statement
itself could be older than the lock (see the two stale-read traps in the tests).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.ledger.codes import (
    Account,
    HolderKind,
    HolderStatus,
    JournalKind,
    RefusalCode,
)
from core.ledger.commands import (
    Adjust,
    Authorize,
    Capture,
    Command,
    Redeem,
    Reverse,
    Void,
)
from core.ledger.companions import RedemptionChange
from core.ledger.requests import Now, Row, Select, Transaction
from core.ledger.state import (
    Allocation,
    Hold,
    HolderState,
    Known,
    Line,
    Lot,
    Target,
    Wallet,
)

HEAD = (
    *("holder_id", "program_id", "kind", "status"),
    *("last_seq", "last_at_us", "last_hash", "next_due_us"),
)
WALLET = ("pending", "available", "held", "debt", "as_of_seq")
LOT = (
    *("lot_id", "currency_id", "original", "pending", "available", "held"),
    *("available_at_us", "expires_at_us", "origin_holder", "origin_lot", "policy"),
)
HOLD = (
    *("hold_id", "currency_id", "authorized"),
    *("captured", "released", "expires_at_us"),
)
ALLOCATION = ("hold_id", "lot_id", "ord", "authorized", "captured", "released")
LINE = (
    *("line", "currency_id", "amount", "src", "src_lot", "dst", "dst_lot"),
    *("sys_ref", "order_line", "order_unit"),
)


def load(
    commands: Sequence[Command], heads: Iterable[Row]
) -> Transaction[tuple[dict[int, HolderState], int]]:
    """Read what the commands need of the locked holders, and the present instant."""
    now_us: int = yield Now()
    states = {
        row[0]: HolderState(
            row[0], row[1], HolderKind(row[2]), HolderStatus(row[3]), *row[4:]
        )
        for row in heads
    }
    yield from _load_keys(commands, states)
    yield from _load_targets(commands, states)
    yield from _load_points(commands, states, now_us)
    yield from _load_context(commands, states)
    return states, now_us


def _load_keys(
    commands: Sequence[Command], states: dict[int, HolderState]
) -> Transaction[None]:
    by = ("holder_id", "idem_key")
    keys: list[Row] = [
        (one.holder_id, one.key) for one in commands if one.holder_id in states
    ]
    columns: tuple[str, ...] = (*by, "fingerprint", "seq", "at_us")
    for holder_id, key, fingerprint, seq, at_us in (
        yield Select("journal", columns, by, keys)
    ):
        states[holder_id].known[key] = Known(bytes(fingerprint), seq, at_us)
    columns = (*by, "fingerprint", "code", "detail")
    for holder_id, key, fingerprint, code, detail in (
        yield Select("refusal", columns, by, keys)
    ):
        states[holder_id].known[key] = Known(
            bytes(fingerprint), refusal=RefusalCode(code), detail=json.loads(detail)
        )
    references = [
        (one.holder_id, *one.reference)
        for one in commands
        if one.reference is not None and one.holder_id in states
    ]
    if references:
        origin = ("holder_id", "source", "external_id")
        columns = (*origin, "fingerprint", "seq", "at_us")
        for holder_id, source, external_id, fingerprint, seq, at_us in (
            yield Select("journal", columns, origin, references)
        ):
            known = Known(bytes(fingerprint), seq, at_us)
            states[holder_id].references[source, external_id] = known


def _load_targets(
    commands: Sequence[Command], states: dict[int, HolderState]
) -> Transaction[None]:
    """Read the transactions to be reversed, what was reversed of them, their lots."""
    keys = [
        (step.holder_id, step.operation.seq)
        for command in commands
        for step in command.steps
        if isinstance(step.operation, Reverse) and step.holder_id in states
    ]
    if not keys:
        return
    by = ("holder_id", "seq")
    targets = {
        (holder_id, seq): JournalKind(kind)
        for holder_id, seq, kind in (yield Select("journal", (*by, "kind"), by, keys))
    }
    reversals = {
        (holder_id, seq): ref_seq
        for holder_id, seq, ref_seq in (
            yield Select("journal", (*by, "ref_seq"), ("holder_id", "ref_seq"), keys)
        )
    }
    lines: dict[tuple[int, int], list[Line]] = defaultdict(list)
    rows: list[Row] = yield Select("posting", (*by, *LINE), by, [*targets, *reversals])
    for holder_id, seq, *row in sorted(rows, key=lambda row: row[:3]):
        lines[holder_id, seq].append(_line(row))
    for (holder_id, seq), kind in targets.items():
        undone = [
            line
            for (owner, later), ref_seq in sorted(reversals.items())
            if (owner, ref_seq) == (holder_id, seq)
            for line in lines[owner, later]
        ]
        states[holder_id].targets[seq] = Target(
            kind, tuple(lines[holder_id, seq]), tuple(undone)
        )
    lots = {
        (holder_id, lot_id)
        for holder_id, seq in targets
        for line in lines[holder_id, seq]
        for lot_id in (line.src_lot, line.dst_lot)
        if lot_id is not None
    }
    yield from _load_lots(states, ("holder_id", "lot_id"), sorted(lots))


def _load_points(
    commands: Sequence[Command], states: dict[int, HolderState], now_us: int
) -> Transaction[None]:
    """Read wallets, open lots of whoever spends or has something due, and holds."""
    columns = ("holder_id", "currency_id", *WALLET)
    everyone = [(holder_id,) for holder_id in states]
    for holder_id, currency_id, *row in (
        yield Select("wallet", columns, ("holder_id",), everyone)
    ):
        states[holder_id].wallets[currency_id] = Wallet(*row)
    due = {
        one.holder_id
        for one in states.values()
        if one.next_due_us is not None
        and one.next_due_us <= max(now_us, one.last_at_us)
    }
    steps = [step for command in commands for step in command.steps]
    spenders = due | {
        step.holder_id
        for step in steps
        if isinstance(
            step.operation, (Redeem, Authorize, Capture, Void, Reverse, Adjust)
        )
    }
    keys = [(one,) for one in sorted(spenders & states.keys())]
    if not keys:
        return
    yield from _load_lots(states, ("holder_id",), keys, only="is_open")
    named = {
        (step.holder_id, step.operation.hold_id)
        for step in steps
        if isinstance(step.operation, (Capture, Void)) and step.holder_id in states
    }
    yield from _load_holds(states, sorted(named), sorted(due))


def _load_lots(
    states: dict[int, HolderState],
    by: tuple[str, ...],
    keys: Sequence[Row],
    only: str | None = None,
) -> Transaction[None]:
    for holder_id, *row in (
        yield Select("lot", ("holder_id", *LOT), by, keys, only=only)
    ):
        lot = Lot(*row)
        states[holder_id].lots[lot.lot_id] = lot


def _load_holds(
    states: dict[int, HolderState], named: list[Row], due: list[int]
) -> Transaction[None]:
    columns = ("holder_id", *HOLD)
    rows: list[Row] = []
    if named:
        rows += yield Select("hold", columns, ("holder_id", "hold_id"), named)
    if due:
        keys = [(one,) for one in due]
        rows += yield Select("hold", columns, ("holder_id",), keys, only="is_open")
    for holder_id, *row in rows:
        hold = Hold(*row)
        states[holder_id].holds[hold.hold_id] = hold
    by = ("holder_id", "hold_id")
    held = [(holder_id, hold_id) for holder_id, hold_id, *_ in rows]
    shares: dict[tuple[int, int], dict[int, Allocation]] = defaultdict(dict)
    if held:
        for holder_id, *row in (
            yield Select("allocation", ("holder_id", *ALLOCATION), by, held)
        ):
            share = Allocation(*row)
            shares[holder_id, share.hold_id][share.ord] = share
    for (holder_id, hold_id), found in shares.items():
        ordered = tuple(found[number] for number in sorted(found))
        states[holder_id].allocations[hold_id] = ordered


def _load_context(
    commands: Sequence[Command], states: dict[int, HolderState]
) -> Transaction[None]:
    """Read the counters and the stages of redemptions that the commands name."""
    steps = [
        step
        for command in commands
        for step in command.steps
        if step.holder_id in states
    ]
    counters = {
        (step.holder_id, count.name, count.period)
        for step in steps
        for count in step.counts
    }
    if counters:
        by = ("holder_id", "name", "period")
        for holder_id, name, period, value in (
            yield Select("counter", (*by, "value"), by, sorted(counters))
        ):
            states[holder_id].counters[name, period] = value
    redemptions = {
        (step.holder_id, companion.hold_id)
        for step in steps
        for companion in step.companions
        if isinstance(companion, RedemptionChange)
    }
    if redemptions:
        key = ("holder_id", "hold_id")
        named = sorted(redemptions)
        for holder_id, hold_id, status, attempts in (
            yield Select("redemption", (*key, "status", "attempts"), key, named)
        ):
            states[holder_id].stages[hold_id] = (status, attempts)


def _line(row: Sequence[int | None]) -> Line:
    line = Line(*row)  # type: ignore[arg-type]
    return replace(line, src=Account(line.src), dst=Account(line.dst))
