"""Writing: one request per table for all that a batch changed.

Every change of a cached row is guarded by what was read: the sequence number of the
holder and of the wallet. Under a lock a guard cannot fail; should it, the batch is
rolled back rather than a balance be wrong. Without one it tells who was overtaken.
"""

from collections.abc import Iterator

from core.ledger.change import compact
from core.ledger.columns import ALLOCATION, HOLD, JOURNAL, LINE, LOT, WALLET
from core.ledger.requests import Insert, Row, Update
from core.ledger.state import Lot
from core.ledger.workspace import Workspace

Write = Insert | Update
_HEAD_CHANGE = (
    *("holder_id", "status", "last_seq", "last_at_us", "last_hash", "next_due_us"),
)


def write(work: Workspace) -> Iterator[Write]:
    """Yield what carries the batch's changes out; each row is in one of them."""
    yield from _journal(work)
    yield from _lots(work)
    yield from _holds(work)
    yield from _wallets(work)
    yield from _counters(work)
    yield from _companions(work)
    yield from _heads(work)


def _journal(work: Workspace) -> Iterator[Write]:
    entries = work.entries
    if entries:
        yield Insert(
            "journal",
            JOURNAL,
            [entry.row for entry in entries],
        )
    lines = [
        (entry.holder_id, entry.seq, *line) for entry in entries for line in entry.lines
    ]
    if lines:
        yield Insert("posting", ("holder_id", "seq", *LINE), lines)
    if work.refusals:
        yield Insert(
            "refusal",
            ("holder_id", "idem_key", "fingerprint", "code", "detail", "at_us"),
            [
                (
                    *(command.holder_id, command.key, command.fingerprint),
                    *(int(refused.code), compact(dict(refused.detail)), at_us),
                )
                for command, refused, at_us in work.refusals
            ],
        )


def _lots(work: Workspace) -> Iterator[Write]:
    by, columns = ("holder_id", "lot_id"), ("holder_id", *LOT, "is_open")
    if work.lots.new:
        yield Insert(
            "lot", columns, [_lot(work, *key) for key in sorted(work.lots.new)]
        )
    for dates, keys in (
        ((), work.lots.changed - work.dated),
        (("available_at_us", "expires_at_us"), work.lots.changed & work.dated),
    ):
        names = ("pending", "available", "held", "expired", "is_open", *dates)
        rows: list[Row] = [
            (holder_id, lot_id, *(getattr(lot, name) for name in names))
            for holder_id, lot_id in sorted(keys)
            for lot in [work.states[holder_id].lots[lot_id]]
        ]
        if rows:
            yield Update("lot", (*by, *names), by, rows)


def _lot(work: Workspace, holder_id: int, lot_id: int) -> Row:
    lot: Lot = work.states[holder_id].lots[lot_id]
    return (holder_id, *lot, lot.is_open)


def _holds(work: Workspace) -> Iterator[Write]:
    new, changed = sorted(work.holds.new), sorted(work.holds.changed)
    if new:
        rows: list[Row] = [
            (holder_id, *hold, hold.is_open)
            for holder_id, hold_id in new
            for hold in [work.states[holder_id].holds[hold_id]]
        ]
        yield Insert("hold", ("holder_id", *HOLD, "is_open"), rows)
        shares: list[Row] = [
            (holder_id, *share)
            for holder_id, hold_id in new
            for share in work.states[holder_id].allocations[hold_id]
        ]
        yield Insert("allocation", ("holder_id", *ALLOCATION), shares)
    if changed:
        rows = [
            (
                *(holder_id, hold_id, hold.captured, hold.released),
                *(hold.expires_at_us, hold.is_open),
            )
            for holder_id, hold_id in changed
            for hold in [work.states[holder_id].holds[hold_id]]
        ]
        by: tuple[str, ...] = ("holder_id", "hold_id")
        columns = (*by, "captured", "released", "expires_at_us", "is_open")
        yield Update("hold", columns, by, rows)
        shares = [
            (holder_id, hold_id, share.lot_id, share.captured, share.released)
            for holder_id, hold_id in changed
            for share in work.states[holder_id].allocations[hold_id]
        ]
        by = ("holder_id", "hold_id", "lot_id")
        yield Update("allocation", (*by, "captured", "released"), by, shares)


def _wallets(work: Workspace) -> Iterator[Write]:
    by = ("holder_id", "currency_id")
    columns = (*by, *WALLET)
    rows = {
        key: (*key, *work.states[key[0]].wallets[key[1]])
        for key in work.wallets.new | work.wallets.changed
    }
    if work.wallets.new:
        new = [rows[key] for key in sorted(work.wallets.new)]
        yield Insert("wallet", columns, new)
    if work.wallets.changed:
        changed = [
            (*rows[key], work.wallets_before[key])
            for key in sorted(work.wallets.changed)
        ]
        yield Update("wallet", columns, by, changed, guard="as_of_seq")


def _counters(work: Workspace) -> Iterator[Write]:
    by = ("holder_id", "name", "period")
    for touched, is_new in ((work.counters.new, True), (work.counters.changed, False)):
        rows = [
            (*key, work.states[key[0]].counters[key[1], key[2]])
            for key in sorted(touched)
        ]
        if rows and is_new:
            yield Insert("counter", (*by, "value"), rows)
        elif rows:
            yield Update("counter", (*by, "value"), by, rows)


def _companions(work: Workspace) -> Iterator[Write]:
    for (table, updates, by), companions in sorted(work.companions.items()):
        ordered = [companions[key] for key in sorted(companions)]
        columns = tuple(ordered[0])
        rows = [tuple(row[column] for column in columns) for row in ordered]
        if updates:
            yield Update(table, columns, by, rows)
        else:
            yield Insert(table, columns, rows)


def _heads(work: Workspace) -> Iterator[Write]:
    """Write the heads of all for whom anything is written, refusals too (`Claim`)."""
    rows = [
        (
            *(holder_id, state.status, state.last_seq, state.last_at_us),
            state.last_hash,
            *(state.next_due_us, work.heads_before[holder_id]),
        )
        for holder_id, state in sorted(work.states.items())
        if state.last_seq != work.heads_before[holder_id]
        or state.next_due_us != work.dues_before[holder_id]
        or holder_id in work.refusers
    ]
    if rows:
        yield Update("holder", _HEAD_CHANGE, ("holder_id",), rows, guard="last_seq")
