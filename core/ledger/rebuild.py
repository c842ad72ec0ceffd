"""The caches again, from the journal alone.

Folds a holder's entries in their order into the rows that its wallets, lots, holds,
allocations and counters must have. `core.ledger.verify` compares them with what is
stored, byte for byte.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from core.ledger import terms
from core.ledger.approving import dated, is_waiting
from core.ledger.codes import (
    LOT_ACCOUNTS,
    NEVER_US,
    Account,
    HolderKind,
    HolderStatus,
    JournalKind,
)
from core.ledger.draft import BUCKET
from core.ledger.finishing import balances
from core.ledger.requests import Row
from core.ledger.state import NOTHING, Allocation, Entry, Hold, Line, Lot, Wallet

_SYSTEM = 100
"""Accounts from here on are the program's."""


@dataclass(slots=True)
class Rebuilt:
    """What a holder has, says its journal."""

    kind: HolderKind | None = None
    status: HolderStatus = HolderStatus.ACTIVE
    last_seq: int = 0
    last_at_us: int = 0
    wallets: dict[int, Wallet] = field(default_factory=dict)
    lots: dict[int, Lot] = field(default_factory=dict)
    holds: dict[int, Hold] = field(default_factory=dict)
    shares: dict[tuple[int, int], Allocation] = field(default_factory=dict)
    counters: dict[tuple[str, str], int] = field(default_factory=dict)

    def next_due_us(self) -> int | None:
        """Return when time next changes something."""
        dues = [lot.due_us for lot in self.lots.values()]
        dues += [hold.due_us for hold in self.holds.values()]
        soonest = min(dues, default=NEVER_US)
        return None if soonest == NEVER_US else soonest

    def rows(self) -> dict[str, set[Row]]:
        """Return the rows of each cache, in the order of `core.ledger.columns`."""
        return {
            "wallet": {(key, *one) for key, one in self.wallets.items()},
            "lot": {(*one, one.is_open) for one in self.lots.values()},
            "hold": {(*one, one.is_open) for one in self.holds.values()},
            "allocation": set(self.shares.values()),
            "counter": {(*key, value) for key, value in self.counters.items()},
        }


def take_in(rebuilt: Rebuilt, entry: Entry) -> str:
    """Let the next entry act on what was rebuilt so far.

    Returns what the entry should say of the balances after it.
    """
    before = dict(rebuilt.wallets)
    rebuilt.last_seq, rebuilt.last_at_us = entry.seq, entry.at_us
    first = entry.seq * terms.LOTS_PER_TRANSACTION
    made = {
        line.dst_lot
        for line in entry.lines
        if line.dst_lot is not None
        and first <= line.dst_lot < first + terms.LOTS_PER_TRANSACTION
    }
    stated = terms.read(entry.terms, entry.seq, entry.at_us, made)
    rebuilt.kind = stated.kind or rebuilt.kind
    rebuilt.status = stated.status or rebuilt.status
    for lot in stated.lots:
        rebuilt.lots[lot.lot_id] = lot
    for name, period, by in stated.counted:
        value = rebuilt.counters.get((name, period), 0)
        rebuilt.counters[name, period] = value + by
    if entry.kind is JournalKind.APPROVE:
        _approve(rebuilt, entry)
    for line in entry.lines:
        _move(rebuilt, entry.seq, line)
    _hold(rebuilt, entry, stated.hold_expires_at_us)
    touched = {
        currency_id: wallet
        for currency_id, wallet in rebuilt.wallets.items()
        if wallet.as_of_seq == entry.seq
    }
    return balances(before, touched)


def _approve(rebuilt: Rebuilt, entry: Entry) -> None:
    """Give the lots dates that waited for this; they are numbered without gaps."""
    lot_id = (entry.ref_seq or 0) * terms.LOTS_PER_TRANSACTION
    while (lot := rebuilt.lots.get(lot_id)) is not None:
        if is_waiting(lot):
            rebuilt.lots[lot_id] = dated(lot, entry.at_us)
        lot_id += 1


def _move(rebuilt: Rebuilt, seq: int, line: Line) -> None:
    wallet = rebuilt.wallets.get(line.currency_id, NOTHING)
    for account, lot_id, by in (
        (line.src, line.src_lot, -line.amount),
        (line.dst, line.dst_lot, line.amount),
    ):
        if account is Account.DEBT:
            wallet = wallet._replace(debt=wallet.debt - by, as_of_seq=seq)
        elif account in LOT_ACCOUNTS and lot_id is not None:
            bucket = BUCKET[account]
            lot = rebuilt.lots.get(lot_id) or Lot(lot_id, line.currency_id, 0)
            total = getattr(wallet, bucket) + by
            wallet = wallet._replace(**{bucket: total, "as_of_seq": seq})
            grown = line.amount if by > 0 and line.src >= _SYSTEM else 0
            rebuilt.lots[lot_id] = lot._replace(
                currency_id=line.currency_id,
                original=lot.original + grown,
                **{bucket: getattr(lot, bucket) + by},
            )
    if wallet.as_of_seq == seq:
        rebuilt.wallets[line.currency_id] = wallet
    _expire(rebuilt, line)


def _expire(rebuilt: Rebuilt, line: Line) -> None:
    """Count what ran out of a lot, less what lives on in a lot that names it."""
    if line.dst is Account.BREAKAGE and line.src_lot is not None:
        lot, by = rebuilt.lots[line.src_lot], line.amount
    elif line.src is Account.BREAKAGE and line.dst_lot is not None:
        origin = rebuilt.lots[line.dst_lot].origin_lot
        lot, by = rebuilt.lots[origin or 0], -line.amount
    else:
        return
    rebuilt.lots[lot.lot_id] = lot._replace(expired=lot.expired + by)


def _hold(rebuilt: Rebuilt, entry: Entry, expires_at_us: int | None) -> None:
    """Begin a hold, extend it, or take from it what the postings took."""
    if entry.kind is JournalKind.AUTHORIZE:
        for order, line in enumerate(entry.lines):
            lot_id = line.dst_lot or 0
            share = Allocation(entry.seq, lot_id, order, line.amount)
            rebuilt.shares[entry.seq, lot_id] = share
        total = sum(line.amount for line in entry.lines)
        currency_id = entry.lines[0].currency_id
        rebuilt.holds[entry.seq] = Hold(
            entry.seq, currency_id, total, expires_at_us=expires_at_us
        )
        return
    hold = rebuilt.holds.get(entry.ref_seq or 0)
    if hold is None or entry.kind not in _OF_HOLDS:
        return
    if entry.kind is JournalKind.HOLD_EXTEND:
        hold = hold._replace(expires_at_us=expires_at_us)
    captured, released = defaultdict[int, int](int), defaultdict[int, int](int)
    for line in entry.lines:
        if line.src is Account.HELD and line.src_lot is not None:
            taken = captured if line.dst in _TAKEN_BY_CAPTURE else released
            taken[line.src_lot] += line.amount
    for lot_id in {*captured, *released}:
        share = rebuilt.shares[hold.hold_id, lot_id]
        rebuilt.shares[hold.hold_id, lot_id] = share._replace(
            captured=share.captured + captured[lot_id],
            released=share.released + released[lot_id],
        )
    rebuilt.holds[hold.hold_id] = hold._replace(
        captured=hold.captured + sum(captured.values()),
        released=hold.released + sum(released.values()),
    )


_TAKEN_BY_CAPTURE = {Account.REDEEMED, Account.CAUSE}
_OF_HOLDS = {
    JournalKind.CAPTURE,
    JournalKind.VOID,
    JournalKind.HOLD_EXPIRE,
    JournalKind.HOLD_EXTEND,
}
