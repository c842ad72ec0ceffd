"""One transaction in the making: moves of points on copies of a holder's values.

A draft reads a `HolderState` and never changes it. Each move is one posting and adjusts
lot and wallet alike, so that these cannot part. `finish` gives the `Change`: the
journal entry and every value that differs.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.ledger import chain
from core.ledger.codes import (
    LOT_ACCOUNTS,
    MAX_AMOUNT,
    NEVER_US,
    Account,
    HolderStatus,
    JournalKind,
    RefusalCode,
)
from core.ledger.state import (
    Allocation,
    Detail,
    Entry,
    Hold,
    HolderState,
    Line,
    Lot,
    Wallet,
)

LOTS_PER_TRANSACTION = 1024
_BUCKET = {
    Account.PENDING: "pending",
    Account.AVAILABLE: "available",
    Account.HELD: "held",
}


class Refuse(Exception):  # noqa: N818  (not an error: it never leaves `decide`)
    """Stops a decision; `decide` turns it into a refusal, which is data."""

    def __init__(self, code: RefusalCode, **detail: int | str) -> None:
        super().__init__(code.name)
        self.code = code
        self.detail: Detail = detail


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision does to one holder; values not named stay as they are."""

    entry: Entry
    wallets: Mapping[int, Wallet]
    lots: Mapping[int, Lot]
    holds: Mapping[int, Hold]
    allocations: Mapping[int, tuple[Allocation, ...]]
    counters: Mapping[tuple[str, str], int]
    next_due_us: int | None


@dataclass(frozen=True, slots=True)
class Header:
    """What a journal row says beside its postings."""

    kind: JournalKind
    key: str
    fingerprint: bytes
    effective_us: int | None = None
    ref_seq: int | None = None
    corr_id: str | None = None
    reference: tuple[str, str] | None = None
    meta: Mapping[str, Any] | None = None


class Draft:
    """A transaction of one holder that is being put together."""

    def __init__(self, state: HolderState, now_us: int) -> None:
        self.state = state
        self.now_us = max(now_us, state.last_at_us)
        self.seq = state.last_seq + 1
        self.wallets: dict[int, Wallet] = {}
        self.lots: dict[int, Lot] = {}
        self.holds: dict[int, Hold] = {}
        self.allocations: dict[int, tuple[Allocation, ...]] = {}
        self.counters: dict[tuple[str, str], int] = {}
        self.lines: list[Line] = []
        self._lots_made = 0

    def require_active(self) -> None:
        """Refuse unless the holder takes part."""
        if self.state.status is not HolderStatus.ACTIVE:
            raise Refuse(RefusalCode.HOLDER_NOT_ACTIVE)

    def wallet(self, currency_id: int) -> Wallet:
        """Return the wallet as it stands now; an untouched one is empty."""
        stored = self.state.wallets.get(currency_id, Wallet())
        return self.wallets.get(currency_id, stored)

    def lot(self, lot_id: int) -> Lot:
        """Return the lot as it stands now."""
        return self.lots.get(lot_id) or self.state.lots[lot_id]

    def hold(self, hold_id: int) -> Hold | None:
        """Return the hold as it stands now."""
        return self.holds.get(hold_id) or self.state.holds.get(hold_id)

    def shares(self, hold_id: int) -> tuple[Allocation, ...]:
        """Return the allocations of a hold in the order of capture."""
        return self.allocations.get(hold_id) or self.state.allocations[hold_id]

    def new_lot(self, currency_id: int, original: int, **dates: Any) -> Lot:
        """Add an empty lot; moves fill it."""
        if self._lots_made == LOTS_PER_TRANSACTION:
            raise Refuse(RefusalCode.TOO_MANY_LOTS, limit=LOTS_PER_TRANSACTION)
        lot_id = self.seq * LOTS_PER_TRANSACTION + self._lots_made
        self._lots_made += 1
        lot = Lot(lot_id, currency_id, original, **dates)
        self.lots[lot_id] = lot
        return lot

    def spendable(self, currency_id: int) -> list[Lot]:
        """Return lots with available points, soonest expiry first."""
        merged = self.state.lots | self.lots
        return sorted(
            (
                lot
                for lot in merged.values()
                if lot.currency_id == currency_id and lot.available > 0
            ),
            key=lambda lot: (lot.expires_at_us, lot.lot_id),
        )

    def draw(self, currency_id: int, amount: int) -> Iterator[tuple[Lot, int]]:
        """Share *amount* out over the spendable lots.

        Raises:
            Refuse: there is less than *amount*.
        """
        available = self.wallet(currency_id).available
        if available < amount:
            raise Refuse(
                RefusalCode.INSUFFICIENT_POINTS, required=amount, available=available
            )
        for lot in self.spendable(currency_id):
            part = min(lot.available, amount)
            amount -= part
            yield lot, part
            if amount == 0:
                return
        raise AssertionError("the wallet promises more than the lots have")

    def move(
        self,
        currency_id: int,
        amount: int,
        *,
        src: Account,
        dst: Account,
        lot: int | None = None,
        **origin: int | None,
    ) -> None:
        """Post *amount* from *src* to *dst*; *lot* is the one that either side names.

        Args:
            currency_id: the currency.
            amount: minor units; nothing is posted for 0.
            src: where it comes from.
            dst: where it goes.
            lot: the lot on the holder's side, on both sides if both name one.
            origin: `sys_ref`, `order_line` and `order_unit`, where they are known.
        """
        if amount == 0:
            return
        self._adjust(currency_id, src, lot, -amount)
        self._adjust(currency_id, dst, lot, amount)
        self.lines.append(
            Line(
                line=len(self.lines) + 1,
                currency_id=currency_id,
                amount=amount,
                src=src,
                src_lot=lot if src in LOT_ACCOUNTS else None,
                dst=dst,
                dst_lot=lot if dst in LOT_ACCOUNTS else None,
                **origin,
            )
        )

    def _adjust(
        self, currency_id: int, account: Account, lot_id: int | None, by: int
    ) -> None:
        wallet = self.wallet(currency_id)
        if account is Account.DEBT:  # a posting out of it makes it grow
            wallet = replace(wallet, debt=wallet.debt - by, as_of_seq=self.seq)
        elif account in LOT_ACCOUNTS:
            bucket = _BUCKET[account]
            if lot_id is None:
                raise AssertionError(f"{account.name} without a lot")
            lot = self.lot(lot_id)
            self.lots[lot_id] = replace(lot, **{bucket: getattr(lot, bucket) + by})
            total = getattr(wallet, bucket) + by
            wallet = replace(wallet, **{bucket: total, "as_of_seq": self.seq})
        else:
            return
        if wallet.pending + wallet.available + wallet.held > MAX_AMOUNT:
            raise Refuse(RefusalCode.AMOUNT_TOO_LARGE)
        self.wallets[currency_id] = wallet

    def repay(self, currency_id: int, lot_id: int) -> None:
        """Pay debt back from a lot that has just become available."""
        part = min(self.wallet(currency_id).debt, self.lot(lot_id).available)
        self.move(
            currency_id, part, src=Account.AVAILABLE, dst=Account.DEBT, lot=lot_id
        )

    def issued(self, currency_id: int) -> int:
        """Return how many points this transaction issues, less those clawed back."""
        given = taken = 0
        for line in self.lines:
            if line.currency_id == currency_id:
                given += line.amount if line.src is Account.ISSUED else 0
                taken += line.amount if line.dst is Account.CLAWED_BACK else 0
        return given - taken

    def count(self, name: str, period: str, by: int, limit: int | None) -> None:
        """Add to a counter, unless that would pass *limit*."""
        key = (name, period)
        value = self.counters.get(key, self.state.counters.get(key, 0)) + by
        if limit is not None and value > limit:
            raise Refuse(RefusalCode.LIMIT_REACHED, limit=limit)
        self.counters[key] = value

    def finish(self, header: Header) -> Change:
        """Close the transaction and link it to the chain."""
        source, external_id = header.reference or (None, None)
        effective_us = header.effective_us
        entry = Entry(
            program_id=self.state.program_id,
            holder_id=self.state.holder_id,
            seq=self.seq,
            kind=header.kind,
            key=header.key,
            fingerprint=header.fingerprint,
            at_us=self.now_us,
            effective_us=self.now_us if effective_us is None else effective_us,
            ref_seq=header.ref_seq,
            corr_id=header.corr_id,
            source=source,
            external_id=external_id,
            balances=self._balances(),
            meta=compact(dict(header.meta or {})),
            hash=b"",
            lines=tuple(self.lines),
        )
        return Change(
            entry=replace(entry, hash=chain.link(self.state.last_hash, entry)),
            wallets=self.wallets,
            lots=self.lots,
            holds=self.holds,
            allocations=self.allocations,
            counters=self.counters,
            next_due_us=self._next_due(),
        )

    def _balances(self) -> str:
        rows = []
        for currency_id, now in sorted(self.wallets.items()):
            old = self.state.wallets.get(currency_id, Wallet())
            after = [now.available, now.pending, now.held, now.debt]
            before = [old.available, old.pending, old.held, old.debt]
            change = [a - b for a, b in zip(after, before, strict=True)]
            rows.append([currency_id, *after, *change])
        return compact(rows)

    def _next_due(self) -> int | None:
        """Return when time next changes something; early is fine, late never."""
        dues = [lot.due_us for lot in self.lots.values()]
        dues += [hold.due_us for hold in self.holds.values()]
        dues.append(NEVER_US if (n := self.state.next_due_us) is None else n)
        soonest = min(dues)
        return None if soonest == NEVER_US else soonest


def compact(value: Any) -> str:
    """Return *value* as JSON text in the one form that is stored and hashed."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
