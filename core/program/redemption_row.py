"""The row of a redemption: where it stands, and how its next stage is written."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.engine import Engine
from core.ledger.companions import RedemptionChange

_COLUMNS = (
    *("holder_id", "hold_id", "program_id", "reward_id", "reward_type"),
    *("config", "config_version", "options", "attributes", "slot", "quantity"),
    *("fulfilled_quantity", "currency_id", "price", "status", "reason"),
    *("refusal_type", "refusal", "fulfillment", "fulfillment_version", "token"),
    *("hold_seq", "stock_holder_id", "stock_hold_id", "captured_seq", "attempts"),
    *("next_attempt_us", "review_at_us", "requested_at_us", "ended_at_us"),
)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM redemption"  # noqa: S608  (constants)
_BY_ID = f"{_SELECT} WHERE holder_id = $1 AND hold_id = $2"
_DUE = (
    f"{_SELECT} WHERE next_attempt_us IS NOT NULL AND next_attempt_us <= $1 "
    "AND reward_type = $2 ORDER BY next_attempt_us LIMIT $3"
)


class Status(StrEnum):
    """Where a redemption stands."""

    REQUESTED = "REQUESTED"
    HELD = "HELD"
    FULFILLING = "FULFILLING"
    UNKNOWN = "UNKNOWN"
    FULFILLED = "FULFILLED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    COMPENSATING = "COMPENSATING"


_KEPT = (
    *("attempts", "reason", "refusal_type", "refusal", "fulfillment"),
    *("fulfillment_version", "fulfilled_quantity", "hold_seq", "stock_holder_id"),
    *("stock_hold_id", "captured_seq", "ended_at_us"),
)


@dataclass(frozen=True, slots=True)
class Redemption:
    """A row of the table, as far as the saga needs it."""

    holder_id: int
    hold_id: int
    program_id: int
    reward_id: int
    reward_type: str
    config: str
    config_version: int
    options: str | None
    attributes: str
    slot: str
    quantity: int
    fulfilled_quantity: int | None
    currency_id: int
    price: int
    status: str
    reason: str | None
    refusal_type: str | None
    refusal: str | None
    fulfillment: str | None
    fulfillment_version: int | None
    token: str
    hold_seq: int | None
    stock_holder_id: int | None
    stock_hold_id: int | None
    captured_seq: int | None
    attempts: int
    next_attempt_us: int | None
    review_at_us: int | None
    requested_at_us: int
    ended_at_us: int | None

    @property
    def held(self) -> int:
        """Return the transaction that set the points aside."""
        if self.hold_seq is None:
            raise AssertionError("a redemption that waits holds nothing")
        return self.hold_seq

    def change(self, status: Status, **changes: Any) -> RedemptionChange:
        """Return the move to *status*; what *changes* leaves out stays as it is.

        Only the next attempt and the review end with a move unless they are named.
        """
        kept: dict[str, Any] = {
            "expected": (self.status, self.attempts),
            **{name: getattr(self, name) for name in _KEPT},
        }
        return RedemptionChange(
            hold_id=self.hold_id, status=status.value, **(kept | changes)
        )


async def load(engine: Engine, holder_id: int, hold_id: int) -> Redemption | None:
    """Return a redemption as it stands, or None."""
    rows = await engine.database.read(_BY_ID, holder_id, hold_id)
    return Redemption(*rows[0]) if rows else None


async def load_due(engine: Engine, reward_type: str, limit: int) -> list[Redemption]:
    """Return redemptions whose next attempt is due, the longest waiting first."""
    now_us = engine.clock.now_us()
    rows = await engine.database.read(_DUE, now_us, reward_type, limit)
    return [Redemption(*row) for row in rows]
