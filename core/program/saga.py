"""The saga of a redemption: what is known of it, and how it moves on.

`FULFILLING` points are held and the plugin is being asked; `UNKNOWN` it gave no clear
answer, the points stay held and recovery asks again under the same token; `FULFILLED`
the points are taken; `FAILED` a clear no, the points are back; `COMPENSATING` a cancel
asks the plugin to take the reward back; `CANCELLED` it did, the points are back. A
redemption that waits for a unit to come free is `REQUESTED`: nothing is held yet.

Every move is a command of the ledger. It names the status and attempt that it begins
from, so of two processes that try to move a redemption one does, and the other learns
that it did not. A process killed between two moves leaves a redemption that any other
finishes: `next_attempt_us` says when.
"""

import json

from pydantic import BaseModel

from core.clock import from_us
from core.engine import Engine
from core.extension.answers import (
    Doubt,
    Fulfilled,
    NotFulfilled,
    PartlyFulfilled,
    Refused,
    Revoked,
)
from core.extension.documents import write
from core.extension.reward_documents import read_config, read_options
from core.extension.reward_type import AnyRequest, AnyRewardType, RewardRequest
from core.ids import encode
from core.ledger.commands import (
    Capture,
    Command,
    Note,
    Operation,
    Outcome,
    Posted,
    Reverse,
    Void,
    fingerprint_of,
)
from core.ledger.companions import RedemptionChange
from core.program import pools, stock
from core.program.redemption_row import Redemption, Status, load
from core.program.saga_steps import steps_of

_LEASE_MARGIN_US = 5_000_000
_FIRST_PAUSE_US = 1_000_000
_HOUR_US = 3_600_000_000
_LONGEST_PAUSE_US = _HOUR_US

Answer = (
    Fulfilled[BaseModel] | PartlyFulfilled[BaseModel] | NotFulfilled | Refused | Doubt
)
"""What a plugin may answer to the question whether it handed a reward out."""


def lease_us(engine: Engine, reward_type: AnyRewardType | None) -> int:
    """Return when another process may take over from one that asks the plugin now."""
    deadline_us = engine.settings.plugin_deadline_ms * 1_000
    if reward_type is not None and reward_type.deadline_seconds is not None:
        deadline_us = int(reward_type.deadline_seconds * 1_000_000)
    return engine.clock.now_us() + 2 * deadline_us + _LEASE_MARGIN_US


def review_us(engine: Engine, reward_type: AnyRewardType | None) -> int:
    """Return when a person is asked, if there is no clear answer until then."""
    hours = 0.0 if reward_type is None else reward_type.review_after_hours
    patience_us = int(hours * _HOUR_US)
    return engine.clock.now_us() + patience_us


def look_again_us(engine: Engine) -> int:
    """Return when the plugin is asked again whether it makes sense to wait."""
    return engine.clock.now_us() + _HOUR_US


async def request_of(
    engine: Engine, reward_type: AnyRewardType, redemption: Redemption
) -> AnyRequest:
    """Return the question to the plugin, the same at every attempt.

    Raises:
        PluginFailedError: the plugin cannot read what an earlier version stored.
        RewardUnavailableError: the pool has too few codes.
    """
    version = redemption.config_version
    codes: tuple[str, ...] = ()
    is_open = redemption.hold_seq is not None and redemption.status != Status.FAILED
    if redemption.slot == stock.CODES and is_open:
        codes = await pools.draw(
            engine, redemption.reward_id, redemption.token, redemption.quantity
        )
    now_us = await engine.clocks.now_us(redemption.program_id)
    return RewardRequest(
        token=redemption.token,
        member_id=encode("member", redemption.holder_id),
        config=read_config(reward_type, redemption.config, version),
        options=read_options(reward_type, redemption.options, version),
        quantity=redemption.quantity,
        requested_at=from_us(redemption.requested_at_us),
        redemption_id=encode("redemption", redemption.holder_id, redemption.hold_id),
        slot=redemption.slot,
        codes=codes,
        attributes=json.loads(redemption.attributes),
        asked_at=from_us(now_us),
    )


async def settle(engine: Engine, redemption: Redemption, answer: Answer) -> Outcome:
    """Move on by what the plugin answered to `fulfill`, `probe` or `receive`."""
    match answer:
        case Fulfilled(fulfillment):
            return await _capture(engine, redemption, fulfillment, redemption.quantity)
        case PartlyFulfilled(fulfillment, quantity):
            return await _capture(engine, redemption, fulfillment, quantity)
        case Refused(reason, detail):
            change = redemption.change(
                Status.FAILED,
                reason=reason,
                refusal_type=None if detail is None else type(detail).__name__,
                refusal=None if detail is None else write(detail),
                ends=True,
            )
            void = Void(redemption.held)
            return await move(engine, redemption, "void", void, change)
        case _:
            change = redemption.change(
                Status.UNKNOWN,
                next_attempt_us=_next_attempt_us(engine, redemption),
                review_at_us=redemption.review_at_us,
            )
            return await move(engine, redemption, "doubt", Note(), change)


async def _capture(
    engine: Engine, redemption: Redemption, fulfillment: BaseModel, quantity: int
) -> Outcome:
    """Take the points of what was handed out, and give back those of the rest."""
    reward_type = engine.registry.reward_type(redemption.reward_type)
    change = redemption.change(
        Status.FULFILLED,
        fulfillment=write(fulfillment),
        fulfillment_version=reward_type and reward_type.version,
        fulfilled_quantity=quantity,
        captures=True,
        ends=True,
    )
    capture = Capture(
        redemption.held,
        redemption.price // redemption.quantity * quantity,
        sys_ref=redemption.reward_id,
        cause=reward_type is not None and reward_type.benefits_cause,
    )
    return await move(engine, redemption, "capture", capture, change, units=quantity)


async def settle_revocation(
    engine: Engine, redemption: Redemption, answer: Revoked | Refused | Doubt
) -> Outcome:
    """Move on by what the plugin answered to `revoke`."""
    match answer:
        case Revoked():
            change = redemption.change(Status.CANCELLED, ends=True)
            refund = refund_of(redemption)
            return await move(engine, redemption, "refund", refund, change)
        case Refused(reason):
            change = redemption.change(Status.FULFILLED, reason=reason)
            return await move(engine, redemption, "keep", Note(), change)
        case Doubt():
            change = redemption.change(
                Status.COMPENSATING,
                next_attempt_us=_next_attempt_us(engine, redemption),
                review_at_us=redemption.review_at_us,
            )
            return await move(engine, redemption, "doubt", Note(), change)


def refund_of(redemption: Redemption) -> Reverse | Note:
    """Return what gives the points back; nothing, if the member had it for free."""
    captured_seq = redemption.captured_seq
    return Note() if captured_seq is None else Reverse(captured_seq)


def _next_attempt_us(engine: Engine, redemption: Redemption) -> int:
    """Return when to ask again: later each time, up to an hour."""
    doublings = min(redemption.attempts, 20)
    pause_us = min(_FIRST_PAUSE_US << doublings, _LONGEST_PAUSE_US)
    return engine.clock.now_us() + pause_us


async def claim(engine: Engine, redemption: Redemption) -> Redemption | None:
    """Take a due redemption over; None if another process was quicker."""
    reward_type = engine.registry.reward_type(redemption.reward_type)
    change = redemption.change(
        Status(redemption.status),
        attempts=redemption.attempts + 1,
        next_attempt_us=lease_us(engine, reward_type),
        review_at_us=redemption.review_at_us,
    )
    outcome = await move(engine, redemption, "claim", Note(), change)
    if not isinstance(outcome, Posted) or outcome.replayed:
        return None  # the key of a claim is the same for all who try
    return await load(engine, redemption.holder_id, redemption.hold_id)


async def move(  # noqa: PLR0913  (one move)
    engine: Engine,
    redemption: Redemption,
    name: str,
    operation: Operation,
    change: RedemptionChange,
    *,
    units: int | None = None,
) -> Outcome:
    """Post one move; stock and the member's limit move along with the points.

    Args:
        engine: the engine.
        redemption: as it stands.
        name: of the move, for its key.
        operation: what happens to the points.
        change: what happens to the redemption.
        units: how many were handed out, where the operation is a capture.
    """
    steps = await steps_of(engine, redemption, operation, change, units)
    key = f"saga:{redemption.hold_id}:{redemption.attempts}:{name}"
    return await engine.ledger.post(Command(key, fingerprint_of(key, {}), steps))
