"""`decide`: from what was loaded and a command to a decision. Pure.

Order of checks: a known key or business reference answers first; then the steps, in
their order, each with its stages and counters; the first refusal refuses all. Nothing
here knows SQL, a clock or chance: time and ids come in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.ledger import approving, giving, reversal, spending, transfers
from core.ledger.change import Change, Header, Refuse
from core.ledger.codes import (
    TRACELESS,
    HolderKind,
    JournalKind,
    RefusalCode,
)
from core.ledger.commands import (
    MAX_SKEW_US,
    Adjust,
    Approve,
    Authorize,
    Capture,
    Command,
    Earn,
    Exchange,
    Extend,
    Note,
    Open,
    Outcome,
    Posted,
    Receive,
    Redeem,
    Refused,
    Reverse,
    Send,
    SetStatus,
    Step,
    Void,
)
from core.ledger.companions import (
    WAITING,
    ActivityDecision,
    Companion,
    RedemptionChange,
    Written,
)
from core.ledger.draft import Draft
from core.ledger.finishing import finish
from core.ledger.grants import Draw
from core.ledger.state import HolderState, Known

States = Mapping[int, HolderState]


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, and what it does to each holder; no changes if nothing is done."""

    outcome: Outcome
    changes: tuple[Change, ...] = ()
    companions: tuple[tuple[Companion, Written], ...] = ()
    is_new_refusal: bool = False


def decide(states: States, command: Command, now_us: int) -> Decision:
    """Decide *command* on *states*, which hold every holder it names that exists."""
    owner = states.get(command.holder_id)
    if owner is not None and (earlier := _earlier(owner, command)) is not None:
        return Decision(earlier)
    try:
        return _carry_out(states, command, now_us)
    except Refuse as refusal:
        return Decision(
            Refused(refusal.code, refusal.detail),
            is_new_refusal=owner is not None and refusal.code not in TRACELESS,
        )


def _earlier(owner: HolderState, command: Command) -> Outcome | None:
    """Return the answer that the key, or else the reference, was given before."""
    known = owner.known.get(command.key)
    if known is not None:
        return _again(owner, command, known, RefusalCode.KEY_REUSED)
    if command.reference is None:
        return None
    known = owner.references.get(command.reference)
    if known is None:
        return None
    return _again(owner, command, known, RefusalCode.REFERENCE_REUSED)


def _again(
    owner: HolderState, command: Command, known: Known, conflict: RefusalCode
) -> Outcome:
    if known.fingerprint != command.fingerprint:
        return Refused(conflict, {})
    if known.refusal is not None:
        return Refused(known.refusal, known.detail, replayed=True)
    seq = known.seq or 0
    return Posted(
        owner.holder_id, seq, known.at_us, {owner.holder_id: seq}, replayed=True
    )


def _carry_out(states: States, command: Command, now_us: int) -> Decision:
    _check_time(command, now_us)
    drafts: list[tuple[Step, Draft, JournalKind]] = []
    before: dict[int, Draft] = {}
    rooms = giving.rooms(states, command, now_us)
    for state, step in zip(_holders(states, command), command.steps, strict=True):
        draft = Draft(state, now_us)
        draft.rooms = rooms
        if command.effective_us is not None:
            draft.effective_us = command.effective_us
        _check_stages(state, step)
        kind = _operate(draft, step, before)
        for count in step.counts:
            issued = 0 if count.currency_id is None else draft.issued(count.currency_id)
            draft.count(count.name, count.period, count.by + issued, count.limit)
        drafts.append((step, draft, kind))
        before[step.holder_id] = draft
    if any(draft.parcel for draft in before.values()):
        raise Refuse(RefusalCode.NOT_REVERSIBLE, kind="NOT_RECEIVED")
    seqs = {draft.state.holder_id: draft.seq for _, draft, _ in drafts}
    owner = drafts[0][1]
    changes = [
        finish(draft, _header(command, step, kind, is_owner=draft is owner))
        for step, draft, kind in drafts
    ]
    companions = [
        (companion, Written(step.holder_id, seqs, draft.now_us, tuple(draft.given)))
        for step, draft, _ in drafts
        for companion in step.companions
    ]
    return Decision(
        Posted(command.holder_id, owner.seq, owner.now_us, seqs),
        tuple(changes),
        tuple(companions),
    )


def _check_time(command: Command, now_us: int) -> None:
    """Refuse what is yet to happen; a clock that runs ahead a little is forgiven."""
    effective_us = command.effective_us
    if effective_us is not None and effective_us > now_us + MAX_SKEW_US:
        raise Refuse(RefusalCode.IN_THE_FUTURE, now=now_us)


def _holders(states: States, command: Command) -> list[HolderState]:
    """Return the holders of the steps; refuse one that the owner's program lacks."""
    found = [states.get(step.holder_id) for step in command.steps]
    known = [one for one in found if one is not None]
    if len(known) < len(found) or len({one.program_id for one in known}) > 1:
        raise Refuse(RefusalCode.HOLDER_UNKNOWN)
    return known


def _header(
    command: Command, step: Step, kind: JournalKind, *, is_owner: bool
) -> Header:
    """Describe the row; on other holders the key names the owner too."""
    several = len(command.steps) > 1
    corr_id = f"{command.holder_id}:{command.key}" if several else None
    return Header(
        kind,
        key=command.key if is_owner else f"step:{corr_id}",
        fingerprint=command.fingerprint,
        effective_us=command.effective_us,
        ref_seq=_reference_of(step.operation),
        corr_id=corr_id,
        reference=command.reference if is_owner else None,
        meta=command.meta if is_owner else None,
    )


def _reference_of(operation: object) -> int | None:
    match operation:
        case Capture(hold_id=hold_id) | Void(hold_id=hold_id) | Extend(hold_id=hold_id):
            return hold_id
        case Reverse(seq=seq) | Approve(seq=seq):
            return seq
        case _:
            return None


def _operate(draft: Draft, step: Step, before: Mapping[int, Draft]) -> JournalKind:
    """Let the operation act on the draft, and tell as what kind of transaction.

    *before* are the drafts of the steps before, by holder.
    """
    operation = step.operation
    if isinstance(operation, Open) == (draft.state.last_seq > 0):
        exists = draft.state.last_seq > 0
        code = RefusalCode.HOLDER_EXISTS if exists else RefusalCode.HOLDER_UNKNOWN
        raise Refuse(code)
    if isinstance(operation, Reverse):
        return reversal.reverse(draft, operation)
    if isinstance(operation, Draw):
        return giving.draw(draft, before)
    if isinstance(operation, Receive):
        transfers.receive(draft, before[operation.sender])
        return JournalKind.TRANSFER_IN
    kind, act = _OPERATIONS[type(operation)]
    if kind in _NEEDS_ACTIVE:
        draft.require_active()
    elif kind in _NEEDS_OPEN:
        draft.require_open()
    act(draft, operation)
    return kind


def _authorize(draft: Draft, operation: Authorize) -> None:
    """Set aside; a stock that is short is out of stock, not out of points."""
    try:
        spending.authorize(draft, operation)
    except Refuse as refusal:
        is_stock = draft.state.kind is HolderKind.STOCK
        if is_stock and refusal.code is RefusalCode.INSUFFICIENT_POINTS:
            raise Refuse(RefusalCode.OUT_OF_STOCK, **refusal.detail) from None
        raise


def _check_stages(state: HolderState, step: Step) -> None:
    """Refuse a companion whose redemption or activity has moved on meanwhile."""
    for companion in step.companions:
        if isinstance(companion, ActivityDecision):
            approval = state.approvals.get(companion.seq)
            if approval != WAITING:
                raise Refuse(RefusalCode.STATE_CONFLICT, status=approval or "UNKNOWN")
        if isinstance(companion, RedemptionChange):
            stage = state.stages.get(companion.hold_id)
            if stage != companion.expected:
                status = "UNKNOWN" if stage is None else stage[0]
                raise Refuse(RefusalCode.STATE_CONFLICT, status=status)


def _open(draft: Draft, operation: Open) -> None:
    """Record what the holder stands for."""
    draft.kind = operation.kind


def _set_status(draft: Draft, operation: SetStatus) -> None:
    draft.status = operation.status


def _nothing(draft: Draft, operation: object) -> None:
    """Move nothing."""


_OPERATIONS: dict[type, tuple[JournalKind, Callable[[Draft, Any], None]]] = {
    Open: (JournalKind.OPEN, _open),
    Earn: (JournalKind.EARN, spending.earn),
    Approve: (JournalKind.APPROVE, approving.approve),
    Redeem: (JournalKind.REDEEM, spending.redeem),
    Authorize: (JournalKind.AUTHORIZE, _authorize),
    Capture: (JournalKind.CAPTURE, spending.capture),
    Void: (JournalKind.VOID, spending.void),
    Extend: (JournalKind.HOLD_EXTEND, spending.extend),
    Adjust: (JournalKind.ADJUST, spending.adjust),
    Send: (JournalKind.TRANSFER_OUT, transfers.send),
    Exchange: (JournalKind.EXCHANGE, transfers.exchange),
    SetStatus: (JournalKind.STATUS, _set_status),
    Note: (JournalKind.NOTE, _nothing),
}
_NEEDS_ACTIVE = {
    JournalKind.EARN,
    JournalKind.REDEEM,
    JournalKind.AUTHORIZE,
    JournalKind.TRANSFER_OUT,
    JournalKind.EXCHANGE,
}
"""What a frozen or closed holder cannot do; what is begun can always be ended."""

_NEEDS_OPEN = {JournalKind.ADJUST, JournalKind.HOLD_EXTEND, JournalKind.STATUS}
"""What a frozen holder can do, but not a closed one."""
