"""Giving: how much of what rules want to give is given, within caps and budgets.

A cap counts what was given, never what was wanted. What is cut is cut from the end: the
first awards stay whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.ledger.change import Refuse
from core.ledger.codes import STOCK_UNIT, Account, JournalKind, RefusalCode
from core.ledger.commands import Award, Command, Earn
from core.ledger.draft import Draft
from core.ledger.grants import Cap, CapUnit, Draw, Given, Grant, OnExceed
from core.ledger.state import HolderState


def rooms(
    states: Mapping[int, HolderState], command: Command, now_us: int
) -> dict[int, int]:
    """Return what is left of the budgets that a command draws on, by holder."""
    return {
        step.holder_id: Draft(state, now_us).free(STOCK_UNIT)
        for step in command.steps
        if isinstance(step.operation, Draw)
        and (state := states.get(step.holder_id)) is not None
    }


def cut(draft: Draft, operation: Earn) -> Sequence[Award]:
    """Return what is given of an earning, and count it."""
    if not operation.grants:
        return operation.awards
    kept: list[Award] = []
    at = 0
    for grant in operation.grants:
        wanted = operation.awards[at : at + grant.awards]
        at += grant.awards
        given = _given(draft, grant, sum(one.amount for one in wanted))
        draft.given.append(given)
        kept += _first(wanted, given.amount)
    return [*kept, *operation.awards[at:]]


def draw(draft: Draft, before: Mapping[int, Draft]) -> JournalKind:
    """Take from a budget what the steps before gave of it."""
    amount = sum(one.drawn.get(draft.state.holder_id, 0) for one in before.values())
    for lot, part in draft.draw(STOCK_UNIT, amount):
        draft.move(
            STOCK_UNIT,
            part,
            src=Account.AVAILABLE,
            dst=Account.REDEEMED,
            lot=lot.lot_id,
        )
    return JournalKind.REDEEM if amount else JournalKind.NOTE


def _first(awards: Sequence[Award], amount: int) -> Iterator[Award]:
    """Yield the first awards, as far as *amount* goes."""
    for award in awards:
        part = min(award.amount, amount)
        amount -= part
        if part:
            yield replace(award, amount=part)


def _given(draft: Draft, grant: Grant, desired: int) -> Given:
    amount = desired
    if grant.follows:
        base = [draft.given[at] for at in grant.follows]
        whole = sum(one.desired for one in base)
        amount = desired * sum(one.amount for one in base) // whole if whole else 0
    before, cut_by = [], []
    for at, cap in enumerate(grant.caps):
        value = _value(draft, cap)
        before.append(value)
        left = _left(draft, cap, value)
        if left is not None and left < amount:
            if cap.on_exceed is OnExceed.REFUSE:
                raise _refusal(cap, value)
            cut_by.append(at)
            amount = left if cap.on_exceed is OnExceed.PARTIAL else 0
    is_short = False
    if grant.budget is not None:
        room = draft.rooms.get(grant.budget, 0)
        is_short = room < amount
        amount = min(amount, room)
        draft.rooms[grant.budget] = room - amount
        draft.drawn[grant.budget] = draft.drawn.get(grant.budget, 0) + amount
    if amount:
        _count(draft, grant, amount)
    return Given(desired, amount, tuple(before), tuple(cut_by), is_short)


def _value(draft: Draft, cap: Cap) -> int:
    keys = [(cap.name, period) for period in cap.periods]
    known = draft.state.counters
    return sum(draft.counters.get(key, known.get(key, 0)) for key in keys)


def _left(draft: Draft, cap: Cap, value: int) -> int | None:
    """Return how many points a cap lets through; None: any number."""
    match cap.unit:
        case CapUnit.POINTS:
            return max(0, cap.limit - value)
        case CapUnit.TIMES:
            return None if value < cap.limit else 0
        case CapUnit.GAP:
            is_near = value and abs(draft.effective_us - value) < cap.limit
            return 0 if is_near else None


def _refusal(cap: Cap, value: int) -> Refuse:
    detail: dict[str, int | str] = {"limit": cap.limit, "unit": cap.unit.value}
    resets_at_us = cap.resets_at_us
    if cap.unit is CapUnit.GAP:
        resets_at_us = value + cap.limit
    if resets_at_us is not None:
        detail["resets_at"] = resets_at_us
    return Refuse(RefusalCode.LIMIT_REACHED, **detail)


def _count(draft: Draft, grant: Grant, amount: int) -> None:
    """Count once what several caps look at."""
    for name, period, unit in {
        (cap.name, cap.periods[0], cap.unit) for cap in grant.caps
    }:
        by = amount if unit is CapUnit.POINTS else 1
        if unit is CapUnit.GAP:
            last_us = draft.state.counters.get((name, period), 0)
            by = max(0, draft.effective_us - last_us)
        draft.count(name, period, by, None)
