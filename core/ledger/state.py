"""What a holder has: the values that `decide` reads and that the stores keep.

A `HolderState` is what was loaded for one holder under its lock. Its parts are frozen
values in dictionaries; only `core.ledger.workspace` replaces them, after a decision.
Values that are rows of a table are named tuples in the order of `core.ledger.columns`:
the row is the value, and making one costs next to nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.ledger.codes import (
    BY_TIME,
    NEVER_US,
    Account,
    HolderKind,
    HolderStatus,
    JournalKind,
    RefusalCode,
)

Detail = Mapping[str, int | str]


class Wallet(NamedTuple):
    """Sums of one currency; `as_of_seq` is the transaction that last touched it."""

    pending: int = 0
    available: int = 0
    held: int = 0
    debt: int = 0
    as_of_seq: int = 0


NOTHING = Wallet()
"""The wallet of whoever never had the currency."""


@dataclass(frozen=True, slots=True)
class Now:
    """The present instant, and what the clocks of programs show that have their own."""

    real_us: int
    own_us: Mapping[int, int] = field(default_factory=dict)

    def of(self, program_id: int) -> int:
        """Return the present instant of a program."""
        return self.own_us.get(program_id, self.real_us)


@dataclass(frozen=True, slots=True)
class Currency:
    """The rules of a unit of loyalty value.

    Attributes:
        currency_id: its number.
        program_id: the program whose holders may have it; None: any program's.
        is_redeemable: may be spent, set aside and exchanged.
        is_transferable: may go from one holder to another.
        floor: what spending must leave available.
    """

    currency_id: int
    program_id: int | None = None
    is_redeemable: bool = True
    is_transferable: bool = False
    floor: int = 0


class Lot(NamedTuple):
    """Points of one origin; `expired` is what ran out of it and got no new life."""

    lot_id: int
    currency_id: int
    original: int
    pending: int = 0
    available: int = 0
    held: int = 0
    expired: int = 0
    available_at_us: int = 0
    expires_at_us: int = NEVER_US
    origin_holder: int | None = None
    origin_lot: int | None = None
    policy: str = "{}"

    @property
    def is_open(self) -> bool:
        """Tell whether anything is left in it."""
        return self.pending + self.available + self.held > 0

    @property
    def due_us(self) -> int:
        """Return when it ripens or runs out, `NEVER_US` if it does neither."""
        if self.pending:
            return min(self.available_at_us, self.expires_at_us)
        return self.expires_at_us if self.available else NEVER_US


class Hold(NamedTuple):
    """Points set aside; without `expires_at_us` only its owner ends it."""

    hold_id: int
    currency_id: int
    authorized: int
    captured: int = 0
    released: int = 0
    expires_at_us: int | None = None

    @property
    def remaining(self) -> int:
        """Return what is neither captured nor released."""
        return self.authorized - self.captured - self.released

    @property
    def is_open(self) -> bool:
        """Tell whether it still sets points aside."""
        return self.remaining > 0

    @property
    def due_us(self) -> int:
        """Return when it runs out, `NEVER_US` if it does not."""
        if self.expires_at_us is None or not self.is_open:
            return NEVER_US
        return self.expires_at_us


class Allocation(NamedTuple):
    """The part of a hold that one lot carries."""

    hold_id: int
    lot_id: int
    ord: int
    authorized: int
    captured: int = 0
    released: int = 0

    @property
    def remaining(self) -> int:
        """Return what is neither captured nor released."""
        return self.authorized - self.captured - self.released


class Line(NamedTuple):
    """One posting of a transaction; `line` counts from 1."""

    line: int
    currency_id: int
    amount: int
    src: Account
    src_lot: int | None
    dst: Account
    dst_lot: int | None
    sys_ref: int | None = None
    order_line: int | None = None
    order_unit: int | None = None


class Entry(NamedTuple):
    """One row of the journal with its postings.

    `balances`, `terms` and `meta` are JSON texts, hashed as stored. `balances` lists,
    for each currency touched: id, available, pending, held and debt afterwards, then
    the change of each. `terms` says what postings cannot (`core.ledger.terms`), so that
    every cache can be made anew from the journal.
    """

    program_id: int
    holder_id: int
    seq: int
    kind: JournalKind
    key: str
    fingerprint: bytes
    at_us: int
    effective_us: int
    ref_seq: int | None
    corr_id: str | None
    source: str | None
    external_id: str | None
    balances: str
    terms: str
    meta: str
    hash: bytes
    lines: tuple[Line, ...]

    def sealed(self, entry_hash: bytes) -> "Entry":
        """Return the entry with its hash."""
        return Entry(*self[:-2], entry_hash, self.lines)

    @property
    def booked_us(self) -> int:
        """Return when it counts: as recorded or, for what time does, when it was due.

        Along a journal that never runs back, since all that is due is recorded before
        each command: what was so at an instant is found by a binary search.
        """
        return self.effective_us if self.kind in BY_TIME else self.at_us

    @property
    def row(self) -> tuple[Any, ...]:
        """Return the row of the journal: the program is the holder's."""
        return self[1:-1]


@dataclass(frozen=True, slots=True)
class Known:
    """What a key, or a business reference, was used for before."""

    fingerprint: bytes
    seq: int | None = None
    at_us: int = 0
    refusal: RefusalCode | None = None
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """A transaction that a command names, and what was reversed of it so far.

    `reversed_by` are the transactions of its holder that reversed some of it, or
    approved it, and `reversals` their lines.
    """

    kind: JournalKind
    lines: tuple[Line, ...] = ()
    reversed_by: tuple[int, ...] = ()
    reversals: tuple[Line, ...] = ()


@dataclass(slots=True)
class HolderState:
    """What was loaded of one holder."""

    holder_id: int
    program_id: int
    kind: HolderKind
    status: HolderStatus
    last_seq: int
    last_at_us: int
    last_hash: bytes
    next_due_us: int | None = None
    currencies: Mapping[int, Currency] = field(default_factory=dict)
    wallets: dict[int, Wallet] = field(default_factory=dict)
    lots: dict[int, Lot] = field(default_factory=dict)
    holds: dict[int, Hold] = field(default_factory=dict)
    allocations: dict[int, tuple[Allocation, ...]] = field(default_factory=dict)
    counters: dict[tuple[str, str], int] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    references: dict[tuple[str, str], Known] = field(default_factory=dict)
    targets: dict[int, Target] = field(default_factory=dict)
    coming: set[int] = field(default_factory=set)
    """Transactions that are named and that only the batch itself may bring."""
    stages: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Status and attempts of the redemptions that commands name, by hold."""
    approvals: dict[int, str | None] = field(default_factory=dict)
    """Approval of the activities that commands decide about, by transaction."""
