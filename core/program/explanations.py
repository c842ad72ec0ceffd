"""Explanations: what was recorded when an activity was decided, made readable.

Nothing is judged again. Rules, tiers and members may be others by now; what is told is
what was seen then.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.actors import Actor, Scope
from core.engine import Engine
from core.errors import TransactionNotFoundError
from core.program.access import needs, require_member
from core.program.explanation_texts import Message, Value
from core.program.rules.judging import Reason

_FIND = (
    "SELECT j.seq, a.type, a.occurred_at_us, a.decision FROM journal j "
    "LEFT JOIN activity a ON a.holder_id = j.holder_id AND a.seq = j.seq "
    "WHERE j.holder_id = $1 AND j.seq = $2"
)
_CURRENCIES = "SELECT currency_id, code FROM currency WHERE program_id = $1"


@dataclass(frozen=True, slots=True)
class LimitSeen:
    """A limit as it stood.

    Attributes:
        unit: times, points, or gap: microseconds from one time to the next.
        limit: the most; of a gap, the least.
        period: what it counts in: `day:2027-01-15`, `rolling:30`, `ever`, `last`.
        before: what it had come to; None where no member was looked at.
        is_reached: whether it cut something.
        on_exceed: what became of more.
        resets_at_us: from when on it counts anew, if that is known.
    """

    unit: str
    limit: int
    period: str
    before: int | None
    is_reached: bool
    on_exceed: str
    resets_at_us: int | None


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """What became of one rule; amounts are in minor units of its currency."""

    rule: str
    version: int
    currency: str
    reason: Reason
    condition: str | None
    condition_met: bool | None
    unknown: str | None
    inputs: Mapping[str, Any]
    exact: str | None
    rounding_mode: str | None
    rounding_place: str | None
    desired: int
    given: int
    factor: str | None
    stacking: str | None
    multiplies: Sequence[str]
    base: int | None
    limits: Sequence[LimitSeen]
    budget: str | None
    is_budget_short: bool
    message: Message


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a transaction is what it is; without an activity, no rule had a say.

    Attributes:
        holder_id: the member.
        seq: the transaction.
        activity_type: code of the activity's type.
        occurred_at_us: when it happened.
        zone: the program's time zone then.
        tier: code of the member's level, where a rule looked at it.
        rules: what became of each.
        omitted: how many more rules gave nothing.
        message: all of it in a sentence.
    """

    holder_id: int
    seq: int
    activity_type: str | None
    occurred_at_us: int | None
    zone: str | None
    tier: str | None
    rules: Sequence[RuleSeen]
    omitted: int
    message: Message


@needs(Scope.MEMBERS_READ, Scope.MEMBER_SELF)
async def explain_transaction(
    engine: Engine, *, by: Actor, holder_id: int, seq: int
) -> Explanation:
    """Tell what was recorded when a transaction was decided.

    Raises:
        ForbiddenError: the caller may not see members.
        MemberNotFoundError: no such member, or not the caller's to see.
        TransactionNotFoundError: no such transaction.
    """
    await require_member(engine, by, holder_id)
    rows = await engine.database.read(_FIND, holder_id, seq)
    if not rows:
        raise TransactionNotFoundError
    _, activity_type, occurred_at_us, decision = rows[0]
    if activity_type is None:
        message = Message("no_activity", {})
        return Explanation(holder_id, seq, None, None, None, None, (), 0, message)
    found = json.loads(decision)
    currencies = await codes_of(engine, by.program_id)
    rules = rules_seen(found, currencies)
    return Explanation(
        holder_id,
        seq,
        activity_type,
        occurred_at_us,
        found.get("zone"),
        found.get("tier"),
        rules,
        found.get("omitted", 0),
        _summary(activity_type, rules),
    )


async def codes_of(engine: Engine, program_id: int) -> dict[int, str]:
    """Return the codes of a program's currencies, by id."""
    return dict(await engine.database.read(_CURRENCIES, program_id))


def _summary(activity_type: str, rules: Sequence[RuleSeen]) -> Message:
    values: dict[str, Value] = {"activity": activity_type.replace("_", " ")}
    points = sum(one.given for one in rules)
    if not points:
        return Message("activity_earned_nothing", values)
    return Message("activity_earned", values | {"points": points})


def rules_seen(
    decision: Mapping[str, Any], currencies: Mapping[int, str]
) -> list[RuleSeen]:
    """Return what a recorded decision says of each rule; *currencies* are codes."""
    given = decision.get("given", [])
    found = []
    for at, seen in enumerate(decision.get("rules", [])):
        outcome = given[at] if at < len(given) else None
        found.append(_rule(seen, outcome, currencies[seen["currency"]]))
    return found


def _rule(
    seen: Mapping[str, Any], outcome: Mapping[str, Any] | None, currency: str
) -> RuleSeen:
    desired = seen.get("desired", 0)
    given = desired if outcome is None else outcome["amount"]
    mode, place = seen.get("rounding", (None, None))
    limits = [_limit(cap, at, outcome) for at, cap in enumerate(seen.get("caps", ()))]
    is_short = bool(outcome and outcome["is_budget_short"])
    return RuleSeen(
        rule=seen["rule"],
        version=seen["version"],
        currency=currency,
        reason=Reason(seen["reason"]),
        condition=seen.get("when"),
        condition_met=seen.get("condition"),
        unknown=seen.get("unknown"),
        inputs=seen.get("inputs", {}),
        exact=seen.get("exact"),
        rounding_mode=mode,
        rounding_place=place,
        desired=desired,
        given=given,
        factor=seen.get("factor"),
        stacking=seen.get("stacking"),
        multiplies=seen.get("of", ()),
        base=seen.get("base"),
        limits=limits,
        budget=seen.get("budget"),
        is_budget_short=is_short,
        message=_message(seen, given, limits, is_short=is_short),
    )


def _limit(
    cap: Mapping[str, Any], at: int, outcome: Mapping[str, Any] | None
) -> LimitSeen:
    return LimitSeen(
        cap["unit"],
        cap["limit"],
        cap["period"],
        None if outcome is None else outcome["before"][at],
        outcome is not None and at in outcome["cut_by"],
        cap["on_exceed"],
        cap["resets_at_us"],
    )


def _message(
    seen: Mapping[str, Any],
    given: int,
    limits: Sequence[LimitSeen],
    *,
    is_short: bool,
) -> Message:
    values: dict[str, Value] = {"rule": seen["rule"]}
    if seen["reason"] != Reason.GIVES:
        for name in ("unknown", "exact"):
            if name in seen:
                values[name] = seen[name]
        return Message(f"rule_{seen['reason'].lower()}", values)
    values |= {"given": given, "desired": seen["desired"]}
    if given < seen["desired"]:
        return _cut(values, limits, is_short=is_short)
    if "factor" in seen:
        values |= {"factor": seen["factor"], "base": seen["base"]}
        return Message("rule_gives_bonus", values)
    return Message("rule_gives", values)


def _cut(
    values: dict[str, Value], limits: Sequence[LimitSeen], *, is_short: bool
) -> Message:
    """Tell what kept a rule from giving all that it wanted to."""
    if is_short:
        return Message("rule_budget_short", values)
    reached = next((one for one in limits if one.is_reached), None)
    if reached is None:
        return Message("rule_base_cut", values)
    if reached.unit == "gap":
        return Message("rule_too_soon", values)
    values |= {"limit": reached.limit, "unit": reached.unit}
    return Message("rule_cut", values)
