"""Rows that commit together with a transaction: its cause is never lost.

A companion belongs to the holder of its step. What only the transaction can tell, its
sequence number and its instant, comes in when the row is made (`Written`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import orjson

from core.ledger.change import compact
from core.ledger.grants import Given

WAITING = "PENDING"
"""The approval of an activity about which nobody has decided."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction came to be: its number on each holder, and its instant.

    `given` is what became of the grants of an earning; none: all was given.
    """

    holder_id: int
    seqs: Mapping[int, int]
    at_us: int
    given: tuple[Given, ...] = ()

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
class NewAttribute:
    """What is known of a member from now on; `value` is a JSON text."""

    table: ClassVar[str] = "member_attribute"
    key: ClassVar[tuple[str, ...]] = ("holder_id", "name", "seq")
    updates: ClassVar[bool] = False
    name: str
    value: str
    source: str

    def row(self, written: Written) -> dict[str, Any]:
        """Return the attribute's row."""
        return {
            "holder_id": written.holder_id,
            "name": self.name,
            "seq": written.seq,
            "value": self.value,
            "source": self.source,
            "recorded_at_us": written.at_us,
        }


@dataclass(frozen=True, slots=True)
class NewActivity:
    """The fact behind an earning; `payload`, `awards` and `decision` are JSON texts.

    `awards` has an item with its `amount` for each grant of the earning.
    """

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
    approval: str | None = None
    approval_id: int | None = None
    decision: str = "{}"

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
            "awards": self._awards(written.given),
            "decision": self._decision(written.given),
            "approval": self.approval,
            "approval_id": self.approval_id,
            "decided_seq": None,
        }

    def _awards(self, given: Sequence[Given]) -> str:
        """Return what was given, where less may have been than was wanted."""
        if not given:
            return self.awards
        pairs = zip(orjson.loads(self.awards), given, strict=True)
        awards = [one | {"amount": it.amount} for one, it in pairs if it.amount]
        return compact(awards)

    def _decision(self, given: Sequence[Given]) -> str:
        if not given:
            return self.decision
        found = {"given": [one.document() for one in given]}
        return compact(orjson.loads(self.decision) | found)


@dataclass(frozen=True, slots=True)
class ActivityDecision:
    """What a person decided about an activity that waited for it.

    It is refused unless the activity still waits: whoever comes second changes nothing.
    """

    table: ClassVar[str] = "activity"
    key: ClassVar[tuple[str, ...]] = ("holder_id", "seq")
    updates: ClassVar[bool] = True
    seq: int
    approval: str

    def row(self, written: Written) -> dict[str, Any]:
        """Return the columns that change, and the key."""
        return {
            "holder_id": written.holder_id,
            "seq": self.seq,
            "approval": self.approval,
            "decided_seq": written.seq,
        }


@dataclass(frozen=True, slots=True)
class NewRedemption:
    """A redemption that begins with its step: with a hold, or waiting for one."""

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
    attributes: str
    slot: str
    quantity: int
    currency_id: int
    price: int
    status: str
    token: str
    stock_holder_id: int | None
    is_held: bool
    next_attempt_us: int | None
    review_at_us: int | None

    def row(self, written: Written) -> dict[str, Any]:
        """Return the redemption's row."""
        stock = self.stock_holder_id
        is_stocked = self.is_held and stock is not None
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
            "attributes": self.attributes,
            "slot": self.slot,
            "quantity": self.quantity,
            "fulfilled_quantity": None,
            "currency_id": self.currency_id,
            "price": self.price,
            "status": self.status,
            "reason": None,
            "refusal_type": None,
            "refusal": None,
            "fulfillment": None,
            "fulfillment_version": None,
            "token": self.token,
            "hold_seq": written.seq if self.is_held else None,
            "stock_holder_id": stock,
            "stock_hold_id": written.seqs[stock] if is_stocked and stock else None,
            "captured_seq": None,
            "attempts": 1,
            "next_attempt_us": self.next_attempt_us,
            "review_at_us": self.review_at_us,
            "requested_at_us": written.at_us,
            "ended_at_us": None,
        }


@dataclass(frozen=True, slots=True)
class RedemptionChange:
    """The next stage of a redemption.

    It is refused unless the redemption still stands at `expected`, a status and the
    number of attempts: whoever comes second changes nothing. Where `holds`, the step
    and one of its stock set aside what `hold_seq` and `stock_hold_id` tell from now on;
    where `captures`, the step took the points.
    """

    table: ClassVar[str] = "redemption"
    key: ClassVar[tuple[str, ...]] = ("holder_id", "hold_id")
    updates: ClassVar[bool] = True
    hold_id: int
    expected: tuple[str, int]
    status: str
    attempts: int
    reason: str | None = None
    refusal_type: str | None = None
    refusal: str | None = None
    fulfillment: str | None = None
    fulfillment_version: int | None = None
    fulfilled_quantity: int | None = None
    holds: bool = False
    hold_seq: int | None = None
    stock_holder_id: int | None = None
    stock_hold_id: int | None = None
    captures: bool = False
    captured_seq: int | None = None
    next_attempt_us: int | None = None
    review_at_us: int | None = None
    ends: bool = False
    ended_at_us: int | None = None

    def row(self, written: Written) -> dict[str, Any]:
        """Return the columns that change, and the key."""
        stock, stock_hold_id = self.stock_holder_id, self.stock_hold_id
        if self.holds and stock is not None:
            stock_hold_id = written.seqs[stock]
        return {
            "holder_id": written.holder_id,
            "hold_id": self.hold_id,
            "status": self.status,
            "reason": self.reason,
            "refusal_type": self.refusal_type,
            "refusal": self.refusal,
            "fulfillment": self.fulfillment,
            "fulfillment_version": self.fulfillment_version,
            "fulfilled_quantity": self.fulfilled_quantity,
            "hold_seq": written.seq if self.holds else self.hold_seq,
            "stock_hold_id": stock_hold_id,
            "captured_seq": written.seq if self.captures else self.captured_seq,
            "attempts": self.attempts,
            "next_attempt_us": self.next_attempt_us,
            "review_at_us": self.review_at_us,
            "ended_at_us": written.at_us if self.ends else self.ended_at_us,
        }
