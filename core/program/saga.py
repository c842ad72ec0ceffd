"""The saga of a redemption: what is known of it, and how it moves on.

`FULFILLING` points are held and the plugin is being asked; `UNKNOWN` it gave no clear
answer, the points stay held and recovery asks again under the same token; `FULFILLED`
the points are taken; `FAILED` a clear no, the points are back; `COMPENSATING` a cancel
asks the plugin to take the reward back; `CANCELLED` it did, the points are back. (A
redemption that has to wait its turn is `REQUESTED`, then `HELD`.)

Every move is a command of the ledger. It names the status and attempt that it begins
from, so of two processes that try to move a redemption one does, and the other learns
that it did not. A process killed between two moves leaves a redemption that any other
finishes: `next_attempt_us` says when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.clock import from_us
from core.engine import Engine
from core.extension.answers import Doubt, Fulfilled, NotFulfilled, Refused, Revoked
from core.extension.documents import write
from core.extension.reward_documents import read_config, read_options
from core.extension.reward_type import AnyRequest, AnyRewardType, RewardRequest
from core.ids import encode
from core.ledger.codes import JournalKind
from core.ledger.commands import (
    Capture,
    Command,
    Count,
    Note,
    Operation,
    Outcome,
    Posted,
    Reverse,
    Step,
    Void,
    fingerprint_of,
)
from core.ledger.companions import RedemptionChange

_COLUMNS = (
    *("holder_id", "hold_id", "reward_id", "reward_type", "config", "config_version"),
    *("options", "quantity", "status", "reason", "fulfillment"),
    *("fulfillment_version", "token"),
    *("stock_holder_id", "stock_hold_id", "captured_seq", "attempts"),
    *("requested_at_us", "ended_at_us"),
)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM redemption"  # noqa: S608  (constants)
_BY_ID = f"{_SELECT} WHERE holder_id = $1 AND hold_id = $2"
_DUE = (
    f"{_SELECT} WHERE next_attempt_us IS NOT NULL AND next_attempt_us <= $1 "
    "ORDER BY next_attempt_us LIMIT $2"
)
_STOCK_CAPTURE = (
    "SELECT seq FROM journal WHERE holder_id = $1 AND ref_seq = $2 AND kind = $3"
)
_LEASE_MARGIN_US = 5_000_000
_FIRST_PAUSE_US = 1_000_000
_LONGEST_PAUSE_US = 3_600_000_000


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


@dataclass(frozen=True, slots=True)
class Redemption:
    """A row of the table, as far as the saga needs it."""

    holder_id: int
    hold_id: int
    reward_id: int
    reward_type: str
    config: str
    config_version: int
    options: str | None
    quantity: int
    status: str
    reason: str | None
    fulfillment: str | None
    fulfillment_version: int | None
    token: str
    stock_holder_id: int | None
    stock_hold_id: int | None
    captured_seq: int | None
    attempts: int
    requested_at_us: int
    ended_at_us: int | None

    def change(self, status: Status, **changes: Any) -> RedemptionChange:
        """Return the move to *status*; what *changes* leaves out stays as it is."""
        kept: dict[str, Any] = {
            "expected": (self.status, self.attempts),
            "attempts": self.attempts,
            "reason": self.reason,
            "fulfillment": self.fulfillment,
            "fulfillment_version": self.fulfillment_version,
            "captured_seq": self.captured_seq,
            "ended_at_us": self.ended_at_us,
        }
        return RedemptionChange(
            hold_id=self.hold_id, status=status.value, **(kept | changes)
        )


async def load(engine: Engine, holder_id: int, hold_id: int) -> Redemption | None:
    """Return a redemption as it stands, or None."""
    rows = await engine.database.read(_BY_ID, holder_id, hold_id)
    return Redemption(*rows[0]) if rows else None


async def load_due(engine: Engine, limit: int) -> list[Redemption]:
    """Return redemptions whose next attempt is due, the longest waiting first."""
    rows = await engine.database.read(_DUE, engine.clock.now_us(), limit)
    return [Redemption(*row) for row in rows]


def lease_us(engine: Engine, reward_type: AnyRewardType | None) -> int:
    """Return when another process may take over from one that asks the plugin now."""
    deadline_us = engine.settings.plugin_deadline_ms * 1_000
    if reward_type is not None and reward_type.deadline_seconds is not None:
        deadline_us = int(reward_type.deadline_seconds * 1_000_000)
    return engine.clock.now_us() + 2 * deadline_us + _LEASE_MARGIN_US


def request_of(reward_type: AnyRewardType, redemption: Redemption) -> AnyRequest:
    """Return the question to the plugin, the same at every attempt.

    Raises:
        PluginFailedError: the plugin cannot read what an earlier version stored.
    """
    version = redemption.config_version
    return RewardRequest(
        token=redemption.token,
        member_id=encode("member", redemption.holder_id),
        config=read_config(reward_type, redemption.config, version),
        options=read_options(reward_type, redemption.options, version),
        quantity=redemption.quantity,
        requested_at=from_us(redemption.requested_at_us),
    )


async def settle(
    engine: Engine,
    redemption: Redemption,
    answer: Fulfilled[Any] | Refused | Doubt | NotFulfilled,
) -> Outcome:
    """Move on by what the plugin answered to `fulfill` or `probe`."""
    match answer:
        case Fulfilled(fulfillment):
            reward_type = engine.registry.reward_type(redemption.reward_type)
            change = redemption.change(
                Status.FULFILLED,
                fulfillment=write(fulfillment),
                fulfillment_version=reward_type and reward_type.version,
                captures=True,
                ends=True,
            )
            capture = Capture(redemption.hold_id)
            return await _move(engine, redemption, "capture", capture, change)
        case Refused(reason):
            change = redemption.change(Status.FAILED, reason=reason, ends=True)
            void = Void(redemption.hold_id)
            return await _move(engine, redemption, "void", void, change)
        case _:
            pause_us = min(_FIRST_PAUSE_US << redemption.attempts, _LONGEST_PAUSE_US)
            change = redemption.change(
                Status.UNKNOWN, next_attempt_us=engine.clock.now_us() + pause_us
            )
            return await _move(engine, redemption, "doubt", Note(), change)


async def settle_revocation(
    engine: Engine, redemption: Redemption, answer: Revoked | Refused | Doubt
) -> Outcome:
    """Move on by what the plugin answered to `revoke`."""
    match answer:
        case Revoked():
            if redemption.captured_seq is None:
                raise AssertionError("a cancel begins after the capture")
            change = redemption.change(Status.CANCELLED, ends=True)
            refund = Reverse(redemption.captured_seq)
            return await _move(engine, redemption, "refund", refund, change)
        case Refused(reason):
            change = redemption.change(Status.FULFILLED, reason=reason)
            return await _move(engine, redemption, "keep", Note(), change)
        case Doubt():
            pause_us = min(_FIRST_PAUSE_US << redemption.attempts, _LONGEST_PAUSE_US)
            change = redemption.change(
                Status.COMPENSATING, next_attempt_us=engine.clock.now_us() + pause_us
            )
            return await _move(engine, redemption, "doubt", Note(), change)


async def claim(engine: Engine, redemption: Redemption) -> Redemption | None:
    """Take a due redemption over; None if another process was quicker."""
    reward_type = engine.registry.reward_type(redemption.reward_type)
    change = redemption.change(
        Status(redemption.status),
        attempts=redemption.attempts + 1,
        next_attempt_us=lease_us(engine, reward_type),
    )
    outcome = await _move(engine, redemption, "claim", Note(), change)
    if not isinstance(outcome, Posted) or outcome.replayed:
        return None  # the key of a claim is the same for all who try
    return await load(engine, redemption.holder_id, redemption.hold_id)


def limit_counter(reward_id: int) -> tuple[str, str]:
    """Return name and period of the counter of a member's units of a reward."""
    return f"reward:{reward_id}", "all"


async def _move(
    engine: Engine,
    redemption: Redemption,
    name: str,
    operation: Operation,
    change: RedemptionChange,
) -> Outcome:
    """Post one move; the stock moves along with the points."""
    gives_back = isinstance(operation, (Void, Reverse))
    counter = limit_counter(redemption.reward_id)
    counts = (Count(*counter, by=-redemption.quantity),) if gives_back else ()
    steps = [Step(redemption.holder_id, operation, counts, (change,))]
    steps += await _stock_steps(engine, redemption, operation)
    key = f"saga:{redemption.hold_id}:{redemption.attempts}:{name}"
    return await engine.ledger.post(Command(key, fingerprint_of(key, {}), tuple(steps)))


async def _stock_steps(
    engine: Engine, redemption: Redemption, operation: Operation
) -> Sequence[Step]:
    stock, hold_id = redemption.stock_holder_id, redemption.stock_hold_id
    if stock is None or hold_id is None:
        return ()
    match operation:
        case Capture():
            return (Step(stock, Capture(hold_id)),)
        case Void():
            return (Step(stock, Void(hold_id)),)
        case Reverse():
            captured = int(JournalKind.CAPTURE)
            rows = await engine.database.read(_STOCK_CAPTURE, stock, hold_id, captured)
            return (Step(stock, Reverse(rows[0][0])),)
        case _:
            return ()
