"""Cutting what rules want to give to what limits and budgets let through."""

from dataclasses import dataclass, field, replace

from core.ledger.codes import RefusalCode as Code
from core.ledger.commands import Award, Earn
from core.ledger.grants import Cap, CapUnit, Grant, OnExceed
from tests.core.ledger.model.things import Holder, No


@dataclass
class Purse:
    """What is left of the budgets of a command, and what was taken of them so far."""

    left: dict[int, int] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=dict)


def cut(me: Holder, asked: Earn, happened: int, purse: Purse) -> list[Award]:
    """Return the awards that are let through, the first ones whole."""
    if not asked.grants:
        return list(asked.awards)
    rest, kept = list(asked.awards), []
    sizes: list[tuple[int, int]] = []
    for grant in asked.grants:
        mine, rest = rest[: grant.awards], rest[grant.awards :]
        want = sum(award.amount for award in mine)
        may = _may(me, grant, want, happened, sizes)
        if grant.budget is not None:
            may = min(may, purse.left.get(grant.budget, 0))
            purse.left[grant.budget] = purse.left.get(grant.budget, 0) - may
            purse.taken[grant.budget] = purse.taken.get(grant.budget, 0) + may
        if may:
            _count(me, grant, may, happened)
        sizes.append((want, may))
        for award in mine:
            part = min(award.amount, may)
            may -= part
            if part:
                kept.append(replace(award, amount=part))
    return kept


def _may(
    me: Holder, grant: Grant, want: int, happened: int, sizes: list[tuple[int, int]]
) -> int:
    may = want
    if grant.follows:
        wanted = sum(sizes[one][0] for one in grant.follows)
        may = want * sum(sizes[one][1] for one in grant.follows) // max(1, wanted)
    for cap in grant.caps:
        had = sum(me.counters.get((cap.name, one), 0) for one in cap.periods)
        lets = _lets(cap, had, happened, may)
        if lets < may and cap.on_exceed is OnExceed.REFUSE:
            detail = {"limit": cap.limit, "unit": str(cap.unit)}
            if cap.unit is CapUnit.GAP:
                detail["resets_at"] = had + cap.limit
            elif cap.resets_at_us is not None:
                detail["resets_at"] = cap.resets_at_us
            raise No(Code.LIMIT_REACHED, **detail)
        if lets < may:
            may = lets if cap.on_exceed is OnExceed.PARTIAL else 0
    return may


def _lets(cap: Cap, had: int, happened: int, may: int) -> int:
    if cap.unit is CapUnit.POINTS:
        return max(0, cap.limit - had)
    if cap.unit is CapUnit.TIMES:
        return may if had < cap.limit else 0
    return 0 if had and abs(happened - had) < cap.limit else may


def _count(me: Holder, grant: Grant, gave: int, happened: int) -> None:
    added = {}
    for cap in grant.caps:
        key = (cap.name, cap.periods[0])
        before = me.counters.get(key, 0)
        match cap.unit:
            case CapUnit.POINTS:
                added[key] = before + gave
            case CapUnit.TIMES:
                added[key] = before + 1
            case CapUnit.GAP:
                added[key] = max(before, happened)
    me.counters |= added
