"""Judging an activity: only what its rules look at is read of the member."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from core.engine import Engine
from core.errors import InvalidPayloadError
from core.extension.reports import Report
from core.program import attributes
from core.program.rulebook import Chapter, Rulebook, rulebook
from core.program.rules.judging import judge
from core.program.rules.record import Judgement, judgement_of
from core.program.rules.scene import Scene, is_too_much

_DAY_US = 86_400_000_000
_MEMBER = (
    "SELECT joined_at_us, email IS NOT NULL, number IS NOT NULL FROM member "
    "WHERE holder_id = $1"
)
_TIER = (
    "SELECT code, rank FROM tier WHERE program_id = $1 AND threshold <= "
    "coalesce((SELECT value FROM counter WHERE holder_id = $2 AND name = 'earned' "
    "AND period = 'all'), 0) ORDER BY threshold DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Case:
    """An activity that is to be judged.

    Attributes:
        activity_type: code of its type.
        report: what its payload says.
        occurred_at_us: when it happened.
        waits: whether its points wait for an approval.
    """

    activity_type: str
    report: Report
    occurred_at_us: int
    waits: bool = False


async def judged(
    engine: Engine, program_id: int, case: Case, holder_id: int | None
) -> Judgement:
    """Judge an activity by the rules that were valid when it happened.

    Raises:
        AmountTooLargeError: a rule gives more than 2^53-1 points.
        InvalidPayloadError: the payload has more values than rules look at.
    """
    book = await rulebook(engine, program_id)
    member: Mapping[str, Any] = {}
    tier: Mapping[str, Any] = {}
    if holder_id is not None:
        member = await member_seen(engine, book, case, holder_id)
        if "tier" in book.chapter(case.activity_type).roots:
            tier = await tier_seen(engine, program_id, holder_id)
    return judge_case(book, case, member, tier)


def judge_case(
    book: Rulebook, case: Case, member: Mapping[str, Any], tier: Mapping[str, Any]
) -> Judgement:
    """Judge an activity of somebody of whom this is known.

    Raises:
        AmountTooLargeError: a rule gives more than 2^53-1 points.
        InvalidPayloadError: the payload has more values than rules look at.
    """
    chapter = book.chapter(case.activity_type)
    scene = Scene(
        activity=_activity(chapter, case.report),
        facts=case.report.facts,
        type=case.activity_type,
        occurred_at_us=case.occurred_at_us,
        zone=book.zone,
        member=member,
        tier=tier,
        waits=case.waits,
    )
    rules = chapter.valid_at(case.occurred_at_us)
    return judgement_of(judge(rules, scene), scene)


def _activity(chapter: Chapter, report: Report) -> Mapping[str, Any]:
    """Return payload and facts; what a fact is called has the last word."""
    if "activity" not in chapter.roots and not chapter.has_lines:
        return report.facts
    payload: dict[str, Any] = orjson.loads(report.document)
    most = chapter.most_values
    if is_too_much(payload, most):
        reason = f"has more than {most} values, which is too much for rules"
        raise InvalidPayloadError(field="payload", reason=reason)
    return payload | dict(report.facts)


async def member_seen(
    engine: Engine, book: Rulebook, case: Case, holder_id: int
) -> Mapping[str, Any]:
    """Return what the rules of an activity see of a member; nothing, if they do not."""
    chapter = book.chapter(case.activity_type)
    if "member" not in chapter.roots:
        return {}
    rows = await engine.database.read(_MEMBER, holder_id)
    ((joined_at_us, has_email, has_number),) = rows
    return {
        "enrolled_days": max(0, case.occurred_at_us - joined_at_us) // _DAY_US,
        "has_email": bool(has_email),
        "has_number": bool(has_number),
        "attributes": await attributes.read(engine, holder_id, chapter.attributes),
    }


async def tier_seen(
    engine: Engine, program_id: int, holder_id: int
) -> Mapping[str, Any]:
    """Return what rules see of a member's level now; nothing without one."""
    rows = await engine.database.read(_TIER, program_id, holder_id)
    return {"code": rows[0][0], "rank": rows[0][1]} if rows else {}
