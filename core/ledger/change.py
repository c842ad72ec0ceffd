"""What a decision does to one holder, or why it does nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from core.ledger.codes import HolderStatus, JournalKind, RefusalCode
from core.ledger.state import Allocation, Detail, Entry, Hold, Lot, Wallet


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
    status: HolderStatus
    next_due_us: int | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """Points on their way to another holder: from which lots, and how many of each.

    `receiver` is the only one who may have them, if it is given.
    """

    currency_id: int
    parts: tuple[tuple[Lot, int], ...]
    receiver: int | None = None


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


def compact(value: Any) -> str:
    """Return *value* as JSON text in the one form that is stored and hashed."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
