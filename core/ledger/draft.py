"""One transaction in the making: moves of points on copies of a holder's values.

A draft reads a `HolderState` and never changes it. Each move is one posting and adjusts
lot and wallet alike, so that these cannot part. `core.ledger.finishing` closes it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from core.ledger.change import Parcel, Refuse
from core.ledger.codes import (
    LOT_ACCOUNTS,
    MAX_AMOUNT,
    STOCK_UNIT,
    Account,
    HolderKind,
    HolderStatus,
    RefusalCode,
)
from core.ledger.grants import Given
from core.ledger.state import (
    NOTHING,
    Allocation,
    Currency,
    Hold,
    HolderState,
    Line,
    Lot,
    Wallet,
)
from core.ledger.terms import LOTS_PER_TRANSACTION

STOCK = Currency(STOCK_UNIT)
BUCKET = {
    Account.PENDING: "pending",
    Account.AVAILABLE: "available",
    Account.HELD: "held",
}
"""The part of a lot, and of a wallet, that an account stands for."""


_COUNTS_UNITS = {HolderKind.STOCK, HolderKind.BUDGET}
_MOST_LINES = 2**15 - 1
"""Lines are numbered with 16 bits."""


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
        self.meta: dict[str, Any] = {}
        self.kind: HolderKind | None = None
        self.status = state.status
        self.hold_expires_at_us: int | None = None
        self.parcel: Parcel | None = None
        self.made: list[int] = []
        self.counted: dict[tuple[str, str], int] = {}
        self.effective_us = self.now_us
        self.rooms: dict[int, int] = {}
        self.drawn: dict[int, int] = {}
        self.given: list[Given] = []

    def require_active(self) -> None:
        """Refuse unless the holder takes part."""
        self.require_open()
        if self.status is not HolderStatus.ACTIVE:
            raise Refuse(RefusalCode.HOLDER_NOT_ACTIVE)

    def require_open(self) -> None:
        """Refuse if the holder takes part no more."""
        if self.status is HolderStatus.CLOSED:
            raise Refuse(RefusalCode.HOLDER_CLOSED)

    def currency(self, currency_id: int) -> Currency:
        """Return the rules of a currency; refuse one that is not the program's."""
        if currency_id == STOCK_UNIT and self.state.kind in _COUNTS_UNITS:
            return STOCK
        currency = self.state.currencies.get(currency_id)
        if currency is None or currency.program_id != self.state.program_id:
            raise Refuse(RefusalCode.CURRENCY_UNKNOWN, currency=currency_id)
        return currency

    def wallet(self, currency_id: int) -> Wallet:
        """Return the wallet as it stands now; an untouched one is empty."""
        stored = self.state.wallets.get(currency_id, NOTHING)
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
        if len(self.made) == LOTS_PER_TRANSACTION:
            raise Refuse(RefusalCode.TOO_MANY_LOTS, limit=LOTS_PER_TRANSACTION)
        lot_id = self.seq * LOTS_PER_TRANSACTION + len(self.made)
        self.made.append(lot_id)
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

    def free(self, currency_id: int) -> int:
        """Return how much can be spent: what is available above the floor."""
        floor = self.currency(currency_id).floor
        return max(0, self.wallet(currency_id).available - floor)

    def draw(self, currency_id: int, amount: int) -> Iterator[tuple[Lot, int]]:
        """Share *amount* out over the spendable lots.

        Raises:
            Refuse: there is less than *amount* above the currency's floor.
        """
        available = self.free(currency_id)
        if available < amount:
            raise Refuse(
                RefusalCode.INSUFFICIENT_POINTS, required=amount, available=available
            )
        for lot in self.spendable(currency_id):
            if amount == 0:
                return
            part = min(lot.available, amount)
            amount -= part
            yield lot, part
        if amount:
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
        if lot is not None and dst is Account.BREAKAGE:
            self.add_expired(lot, amount)
        self._post(currency_id, amount, src, dst, lot, origin)

    def _post(  # noqa: PLR0913, PLR0917  (the columns of a posting)
        self,
        currency_id: int,
        amount: int,
        src: Account,
        dst: Account,
        lot: int | None,
        origin: Mapping[str, int | None],
    ) -> None:
        if len(self.lines) == _MOST_LINES:
            raise Refuse(RefusalCode.TOO_MANY_LOTS, limit=_MOST_LINES)
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
            wallet = wallet._replace(debt=wallet.debt - by, as_of_seq=self.seq)
        elif account in LOT_ACCOUNTS:
            bucket = BUCKET[account]
            if lot_id is None:
                raise AssertionError(f"{account.name} without a lot")
            lot = self.lot(lot_id)
            self.lots[lot_id] = lot._replace(**{bucket: getattr(lot, bucket) + by})
            total = getattr(wallet, bucket) + by
            wallet = wallet._replace(**{bucket: total, "as_of_seq": self.seq})
        else:
            return
        if (
            max(wallet.pending + wallet.available + wallet.held, wallet.debt)
            > MAX_AMOUNT
        ):
            raise Refuse(RefusalCode.AMOUNT_TOO_LARGE)
        self.wallets[currency_id] = wallet

    def add_expired(self, lot_id: int, amount: int) -> None:
        """Count what ran out of a lot; below 0, what lives on in another."""
        lot = self.lot(lot_id)
        self.lots[lot_id] = lot._replace(expired=lot.expired + amount)

    def repay(self, currency_id: int, lot_id: int) -> None:
        """Pay debt back from a lot that has just become available."""
        part = min(self.wallet(currency_id).debt, self.lot(lot_id).available)
        self.move(
            currency_id, part, src=Account.AVAILABLE, dst=Account.DEBT, lot=lot_id
        )

    def write_off(self, currency_id: int, amount: int, dst: Account) -> None:
        """Book to the loss account what cannot be had from the holder."""
        if amount:
            self._post(currency_id, amount, Account.LOSS, dst, None, {})

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
        if abs(value) > MAX_AMOUNT:
            raise Refuse(RefusalCode.AMOUNT_TOO_LARGE)
        self.counters[key] = value
        self.counted[key] = self.counted.get(key, 0) + by
