"""Estimates: what an activity would earn, by the same rules; nothing is written.

For a member, limits and budgets are looked at as they stand. For nobody in particular,
what is asked of a member is not known, and no limit is reached. For each tier it is
told what somebody on it would earn.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.actors import Actor, Needs, Scope
from core.engine import Engine
from core.ledger.change import compact
from core.ledger.commands import MAX_SKEW_US, Command, Refused, Step, key_of
from core.ledger.companions import NewActivity
from core.program.access import needs, require, require_member
from core.program.activity_kinds import find_kind
from core.program.explanations import RuleSeen, codes_of, rules_seen
from core.program.judgement import Case, judge_case, member_seen, tier_seen
from core.program.refusals import error_of, not_in_the_past
from core.program.rulebook import rulebook
from core.program.rules.record import Judgement

_ABOUT_A_MEMBER = Needs.any_of(Scope.ACTIVITIES_WRITE, Scope.MEMBER_SELF)
_TIERS = "SELECT code, rank FROM tier WHERE program_id = $1 ORDER BY rank"


@dataclass(frozen=True, slots=True)
class TierEstimate:
    """What somebody on a tier would earn, by the code of the currency."""

    tier: str
    points: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an activity would earn.

    Attributes:
        points: by the code of the currency.
        rules: what would become of each rule.
        tiers: the same for each tier, the lowest first, without limits.
    """

    points: Mapping[str, int]
    rules: Sequence[RuleSeen]
    tiers: Sequence[TierEstimate]


@needs(Scope.ACTIVITIES_WRITE, Scope.MEMBER_SELF, Scope.PROGRAM_WRITE)
async def estimate(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    holder_id: int | None,
    activity_type: str,
    payload: Mapping[str, Any],
    occurred_at_us: int | None = None,
) -> Estimate:
    """Tell what an activity would earn.

    Args:
        engine: the engine.
        by: the caller; about a member it must be allowed to see members.
        holder_id: who would do it; None: nobody in particular.
        activity_type: code of its type.
        payload: as the type says.
        occurred_at_us: when; now, if None.

    Raises:
        ForbiddenError: the caller may not ask, or not about a member.
        ActivityTypeNotFoundError: there is no such type.
        MemberNotFoundError: no such member, or not the caller's to see.
        InvalidPayloadError: the payload does not fit.
        InvalidInputError: the instant lies before 1970, or too far ahead.
        LimitReachedError: a rule would refuse it, since its limit is reached.
        MemberNotActiveError: the member is frozen or closed.
        AmountTooLargeError: it would be more than 2^53-1 points.
    """
    kind = await find_kind(engine, by.program_id, activity_type)
    if holder_id is not None:
        require(by, _ABOUT_A_MEMBER)
        await require_member(engine, by, holder_id)
    now_us = await engine.clocks.now_us(by.program_id)
    happened_us = now_us if occurred_at_us is None else occurred_at_us
    if not 0 <= happened_us <= now_us + MAX_SKEW_US:
        raise not_in_the_past(now_us)
    case = Case(kind.code, kind.read(payload), happened_us, waits=kind.needs_approval)
    book = await rulebook(engine, by.program_id)
    member: Mapping[str, Any] = {}
    tier: Mapping[str, Any] = {}
    if holder_id is not None:
        member = await member_seen(engine, book, case, holder_id)
        tier = await tier_seen(engine, by.program_id, holder_id)
    judgement = judge_case(book, case, member, tier)
    decision = judgement.decision()
    if holder_id is not None:
        decision["given"] = await _given(engine, by.program_id, holder_id, judgement)
    currencies = await codes_of(engine, by.program_id)
    rules = rules_seen(decision, currencies)
    tiers = []
    for code, rank in await engine.database.read(_TIERS, by.program_id):
        seen = {"code": code, "rank": rank}
        found = judge_case(book, case, member, seen).decision()
        tiers.append(TierEstimate(code, _points(rules_seen(found, currencies))))
    return Estimate(_points(rules), rules, tiers)


def _points(rules: Sequence[RuleSeen]) -> dict[str, int]:
    points: dict[str, int] = {}
    for one in rules:
        if one.given:
            points[one.currency] = points.get(one.currency, 0) + one.given
    return points


async def _given(
    engine: Engine, program_id: int, holder_id: int, judgement: Judgement
) -> list[Mapping[str, Any]]:
    """Ask the ledger what it would give of a judgement."""
    fact = NewActivity(program_id, "", "", "", 0, "{}", compact([]))
    command = Command(
        key_of("estimate", secrets.token_hex(16)),  # one that nobody has used
        b"",
        (Step(holder_id, judgement.earn, companions=(fact,)), *judgement.draws),
        effective_us=judgement.scene.occurred_at_us,
    )
    seen = await engine.ledger.preview(command)
    if isinstance(seen.outcome, Refused):
        raise error_of(seen.outcome)
    return [one.document() for one in seen.given]
