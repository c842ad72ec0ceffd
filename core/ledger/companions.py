"""Rows that commit together with a transaction: its cause is never lost.

A companion belongs to the holder of its step. What only the transaction can tell, its
sequence number and its instant, comes in when the row is made (`Written`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction came to be: its number on each holder, and its instant."""

    holder_id: int
    seqs: Mapping[int, int]
    at_us: int

    @property
    def seq(self) -> int:
        """Return the number on the companion's own holder."""
        return self.seqs[self.holder_id]


class Companion(Protocol):
    """A row of *table*: inserted, or with `updates` replacing one of the same key."""

    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    updates: ClassVar[bool]

    def row(self, written: Written) -> dict[str, Any]:
        """Return the columns to write, the key among them."""


@dataclass(frozen=True, slots=True)
class NewMember:
    """The member behind a new holder."""

    table: ClassVar[str] = "member"
    key: ClassVar[tuple[str, ...]] = ("holder_id",)
    updates: ClassVar[bool] = False
    program_id: int
    number: str | None
    display_name: str | None
    email: str | None

    def row(self, written: Written) -> dict[str, Any]:
        """Return the member's row."""
        return {
            "holder_id": written.holder_id,
            "program_id": self.program_id,
            "number": self.number,
            "display_name": self.display_name,
            "email": self.email,
            "joined_at_us": written.at_us,
        }


@dataclass(frozen=True, slots=True)
class NewActivity:
    """The fact behind an earning; `payload` and `awards` are JSON texts."""

    table: ClassVar[str] = "activity"
    key: ClassVar[tuple[str, ...]] = ("holder_id", "seq")
    updates: ClassVar[bool] = False
    program_id: int
    type: str
    source: str
    external_id: str
    occurred_at_us: int
    payload: str
    awards: str

    def row(self, written: Written) -> dict[str, Any]:
        """Return the activity's row."""
        return {
            "holder_id": written.holder_id,
            "seq": written.seq,
            "program_id": self.program_id,
            "type": self.type,
            "source": self.source,
            "external_id": self.external_id,
            "occurred_at_us": self.occurred_at_us,
            "received_at_us": written.at_us,
            "payload": self.payload,
            "awards": self.awards,
        }


@dataclass(frozen=True, slots=True)
class NewRedemption:
    """A redemption that begins with the hold of the same step."""

    table: ClassVar[str] = "redemption"
    key: ClassVar[tuple[str, ...]] = ("holder_id", "hold_id")
    updates: ClassVar[bool] = False
    program_id: int
    idem_key: str
    reward_id: int
    reward_type: str
    config: str
    config_version: int
    options: str | None
    quantity: int
    currency_id: int
    price: int
    status: str
    token: str
    stock_holder_id: int | None
    next_attempt_us: int

    def row(self, written: Written) -> dict[str, Any]:
        """Return the redemption's row."""
        stock = self.stock_holder_id
        return {
            "holder_id": written.holder_id,
            "hold_id": written.seq,
            "program_id": self.program_id,
            "idem_key": self.idem_key,
            "reward_id": self.reward_id,
            "reward_type": self.reward_type,
            "config": self.config,
            "config_version": self.config_version,
            "options": self.options,
            "quantity": self.quantity,
            "currency_id": self.currency_id,
            "price": self.price,
            "status": self.status,
            "reason": None,
            "fulfillment": None,
            "fulfillment_version": None,
            "token": self.token,
            "stock_holder_id": stock,
            "stock_hold_id": None if stock is None else written.seqs[stock],
            "captured_seq": None,
            "attempts": 1,
            "next_attempt_us": self.next_attempt_us,
            "requested_at_us": written.at_us,
            "ended_at_us": None,
        }


@dataclass(frozen=True, slots=True)
class RedemptionChange:
    """The next stage of a redemption.

    It is refused unless the redemption still stands at `expected`, a status and the
    number of attempts: whoever comes second changes nothing.
    """

    table: ClassVar[str] = "redemption"
    key: ClassVar[tuple[str, ...]] = ("holder_id", "hold_id")
    updates: ClassVar[bool] = True
    hold_id: int
    expected: tuple[str, int]
    status: str
    attempts: int
    reason: str | None = None
    fulfillment: str | None = None
    fulfillment_version: int | None = None
    captures: bool = False
    captured_seq: int | None = None
    next_attempt_us: int | None = None
    ends: bool = False
    ended_at_us: int | None = None

    def row(self, written: Written) -> dict[str, Any]:
        """Return the columns that change, and the key."""
        return {
            "holder_id": written.holder_id,
            "hold_id": self.hold_id,
            "status": self.status,
            "reason": self.reason,
            "fulfillment": self.fulfillment,
            "fulfillment_version": self.fulfillment_version,
            "captured_seq": written.seq if self.captures else self.captured_seq,
            "attempts": self.attempts,
            "next_attempt_us": self.next_attempt_us,
            "ended_at_us": written.at_us if self.ends else self.ended_at_us,
        }
