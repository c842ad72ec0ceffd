"""What a holder has, in the model: plain objects that change in place.

There is no journal, no posting and no stored sum here. A balance is counted from the
lots whenever somebody asks.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from core.ledger.codes import (
    MAX_AMOUNT,
    STOCK_UNIT,
    HolderKind,
    HolderStatus,
    JournalKind,
)
from core.ledger.codes import RefusalCode as Code


class No(Exception):  # noqa: N818  (an answer, not an error)
    """The answer is no, and why."""

    def __init__(self, code: Code, **detail: int | str) -> None:
        super().__init__(code.name)
        self.code = code
        self.detail = detail


@dataclass
class Rules:
    """What may be done with a currency of a program."""

    program: int
    can_be_spent: bool = True
    can_be_sent: bool = False
    floor: int = 0


@dataclass
class Lot:
    """Points of one origin; `parent` is the holder and the lot that they came from.

    Of what `expired`, so much is `forgotten`: it was to be taken back, but was gone.
    """

    currency: int
    size: int
    begins: int
    ends: int
    policy: str = "{}"
    parent: tuple[int | None, int | None] = (None, None)
    number: int = 0
    pending: int = 0
    free: int = 0
    held: int = 0
    expired: int = 0
    forgotten: int = 0

    def run_out(self) -> None:
        """Lose all but what is set aside."""
        self.expired += self.pending + self.free
        self.pending = self.free = 0

    def promise(self, name: str, otherwise: Any) -> Any:
        """Return what the policy says about *name*."""
        return json.loads(self.policy).get(name, otherwise)


@dataclass
class Piece:
    """Some points of one lot."""

    lot: int
    amount: int


@dataclass
class Share:
    """What a hold has of one lot, and what became of it."""

    lot: int
    size: int
    taken: int = 0
    returned: int = 0

    @property
    def left(self) -> int:
        return self.size - self.taken - self.returned


@dataclass
class Hold:
    """Points set aside, in the order in which they will be taken."""

    currency: int
    ends: int | None
    shares: list[Share]
    ran_out: bool = False

    @property
    def left(self) -> int:
        return sum(share.left for share in self.shares)


@dataclass
class Deed:
    """A transaction, as far as it can still be undone.

    `gave` are points that it put into lots; `took` those that it took out of them for
    good, the last one first. Undoing cuts pieces off the front of these lists.
    """

    number: int
    kind: JournalKind
    at: int
    gave: list[Piece] = field(default_factory=list)
    took: list[Piece] = field(default_factory=list)
    issued: Counter[int] = field(default_factory=Counter)
    lots: int = 0


@dataclass
class Holder:
    """Somebody, or something, that has points."""

    id: int
    program: int
    kind: HolderKind
    rules: dict[int, Rules]
    status: HolderStatus = HolderStatus.ACTIVE
    lots: dict[int, Lot] = field(default_factory=dict)
    holds: dict[int, Hold] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    debts: Counter[int] = field(default_factory=Counter)
    counters: dict[tuple[str, str], int] = field(default_factory=dict)

    def now(self, clock: int) -> int:
        """Return the present instant; a holder's time never runs back."""
        return max(clock, self.deeds[-1].at) if self.deeds else clock

    def begin(self, kind: JournalKind, clock: int) -> Deed:
        """Begin a transaction; it is done once it is among the deeds."""
        return Deed(len(self.deeds) + 1, kind, self.now(clock))

    def must_take_part(self, *, even_frozen: bool) -> None:
        """Say no for a holder that is closed, or frozen."""
        if self.status is HolderStatus.CLOSED:
            raise No(Code.HOLDER_CLOSED)
        if self.status is HolderStatus.FROZEN and not even_frozen:
            raise No(Code.HOLDER_NOT_ACTIVE)

    def rules_of(self, currency: int) -> Rules:
        """Return what may be done with a currency, if this holder can have it."""
        if currency == STOCK_UNIT and self.kind is HolderKind.STOCK:
            return Rules(self.program)
        rules = self.rules.get(currency)
        if rules is None or rules.program != self.program:
            raise No(Code.CURRENCY_UNKNOWN, currency=currency)
        return rules

    def lots_of(self, currency: int) -> list[Lot]:
        """Return the lots of a currency in the order of spending."""
        mine = [lot for lot in self.lots.values() if lot.currency == currency]
        return sorted(mine, key=lambda lot: (lot.ends, lot.number))

    def free(self, currency: int) -> int:
        """Return how many points are neither pending nor set aside."""
        return sum(lot.free for lot in self.lots_of(currency))

    def add(self, deed: Deed, lot: Lot, came: int | None = None) -> Lot:
        """Add a lot with its points, numbered by the transaction that makes it.

        If it came, at some instant or now, after its end, it runs out at once.
        """
        lot.number = deed.number * 1024 + deed.lots
        deed.lots += 1
        self.lots[lot.number] = lot
        all_of_it = self.lots_of(lot.currency)
        if sum(one.pending + one.free + one.held for one in all_of_it) > MAX_AMOUNT:
            raise No(Code.AMOUNT_TOO_LARGE)
        if lot.ends <= (deed.at if came is None else came):
            lot.run_out()
        return lot

    def repay(self, lot: Lot) -> None:
        """Pay debt back with points that have just become free."""
        part = min(self.debts[lot.currency], lot.free)
        self.debts[lot.currency] -= part
        lot.free -= part

    def owe(self, currency: int, amount: int) -> None:
        """Run into debt."""
        self.debts[currency] += amount
        if self.debts[currency] > MAX_AMOUNT:
            raise No(Code.AMOUNT_TOO_LARGE)
