"""Activities: what a member did, recorded once, and the points it earns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.actors import Actor, Scope
from core.clock import to_us
from core.engine import Engine
from core.errors import (
    DuplicateActivityError,
    ForbiddenError,
    InvalidPayloadError,
)
from core.extension.earning_action import Trust, Uniqueness
from core.extension.reports import Report
from core.ledger.change import compact
from core.ledger.codes import RefusalCode
from core.ledger.commands import (
    MAX_SKEW_US,
    Command,
    Count,
    Refused,
    Step,
    fingerprint_of,
    key_of,
)
from core.ledger.companions import WAITING, NewActivity
from core.ledger.directory import Claim, Taken
from core.program.access import needs, require_member
from core.program.activity_kinds import ActivityKind, find_kind
from core.program.judgement import Case, judged
from core.program.refusals import accepted, not_in_the_past
from core.program.rules.record import Judgement

EARNED = ("earned", "all")
"""Name and period of the counter of qualifying points earned ever: the tier metric."""

_BY_KEY = (
    "SELECT j.seq, j.fingerprint, a.payload, a.awards FROM journal j "
    "JOIN activity a ON a.holder_id = j.holder_id AND a.seq = j.seq "
    "WHERE j.holder_id = $1 AND j.idem_key = $2"
)
_AWARDS = "SELECT awards FROM activity WHERE holder_id = $1 AND seq = $2"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An activity: its transaction, and the points it earned by currency id."""

    holder_id: int
    seq: int
    points: Mapping[int, int]
    replayed: bool


@needs(Scope.ACTIVITIES_WRITE, Scope.MEMBER_SELF)
async def record(  # noqa: PLR0913  (keyword-only)
    engine: Engine,
    *,
    by: Actor,
    key: str,
    holder_id: int,
    activity_type: str,
    payload: Mapping[str, Any],
    occurred_at_us: int | None = None,
) -> Recorded:
    """Record what a member did, and give the points that the rules say.

    Where the type needs an approval, the points are pending until a person has decided
    (`core.program.approvals`).

    Args:
        engine: the engine.
        by: the caller; needs `activities:write`, or to be the member itself and the
            action one that members may report.
        key: idempotency key.
        holder_id: the member.
        activity_type: its code: of a plugin's earning action, or of a registered type.
        payload: as the type says.
        occurred_at_us: when; the payload's own instant, or else now, if None.

    Raises:
        ActivityTypeNotFoundError: there is no such type.
        ForbiddenError: the caller may not report this.
        MemberNotFoundError: no such member.
        InvalidPayloadError: the payload does not fit.
        InvalidInputError: the activity lies in the future.
        IdempotencyConflictError: the key was used for something else.
        DuplicateActivityError: recorded before, with other content.
        LimitReachedError: a rule refuses what would pass its limit.
        AmountTooLargeError: a rule gives, or a balance has, more than 2^53-1 points.
        MemberNotActiveError: the member is frozen or closed.
    """
    kind = await find_kind(engine, by.program_id, activity_type)
    _require_trust(by, kind)
    await require_member(engine, by, holder_id)
    about = _About(holder_id, activity_type, occurred_at_us)
    command_key = key_of(by.client_id, key)
    try:
        report = kind.read(payload)
    except InvalidPayloadError:
        before = await _recorded(engine, command_key, about, payload)
        if before is None:
            raise
        return before
    happened_us = _instant(
        report, occurred_at_us, await engine.clocks.now_us(by.program_id)
    )
    waits = kind.needs_approval
    case = Case(kind.code, report, happened_us, waits=waits)
    judgement = await judged(engine, by.program_id, case, holder_id)
    reference = (kind.code, report.reference)
    if kind.uniqueness is Uniqueness.PROGRAM:
        await _claim(engine, by.program_id, holder_id, reference)
    document = compact(judgement.awards_document())
    activity = NewActivity(
        program_id=by.program_id,
        type=kind.code,
        source=reference[0],
        external_id=reference[1],
        occurred_at_us=happened_us,
        payload=report.document,
        awards=document,
        decision=compact(judgement.decision()),
        approval=WAITING if waits else None,
        approval_id=engine.clock.new_id() if waits else None,
    )
    command = Command(
        command_key,
        about.fingerprint(report.document),
        (_step(holder_id, judgement, activity), *judgement.draws),
        effective_us=happened_us,
        reference=reference,
        meta={"activity": kind.code},
    )
    outcome = await engine.ledger.post(command)
    if isinstance(outcome, Refused) and outcome.code is RefusalCode.REFERENCE_REUSED:
        raise DuplicateActivityError(source=reference[0], external_id=reference[1])
    posted = accepted(outcome)
    if posted.replayed or judgement.grants:
        ((document,),) = await engine.database.read(_AWARDS, holder_id, posted.seq)
    return Recorded(holder_id, posted.seq, points_of(document), posted.replayed)


@dataclass(frozen=True, slots=True)
class _About:
    """What a caller says of an activity beside its payload."""

    holder_id: int
    activity_type: str
    occurred_at_us: int | None

    def fingerprint(self, document: str) -> bytes:
        """Return the fingerprint of the activity with a payload as it is stored."""
        given = [self.activity_type, document, self.occurred_at_us]
        return fingerprint_of("record", {"member": self.holder_id, "activity": given})


async def _recorded(
    engine: Engine, command_key: str, about: _About, payload: Mapping[str, Any]
) -> Recorded | None:
    """Return what the same key and input recorded, while the type allowed it."""
    rows = await engine.database.read(_BY_KEY, about.holder_id, command_key)
    for seq, fingerprint, document, awards in rows:
        is_same = _sorted(json.loads(document)) == _sorted(payload)
        if is_same and bytes(fingerprint) == about.fingerprint(document):
            return Recorded(about.holder_id, seq, points_of(awards), replayed=True)
    return None


def _sorted(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, sort_keys=True, default=str)


def _step(holder_id: int, judgement: Judgement, activity: NewActivity) -> Step:
    """Return the step that gives points; what waits is counted once it is approved."""
    qualifying = {
        one.rule.currency_id: Count(*EARNED, currency_id=one.rule.currency_id)
        for one in judgement.giving
        if one.rule.is_qualifying and activity.approval is None
    }
    return Step(
        holder_id,
        judgement.earn,
        tuple(qualifying.values()),
        (activity,),
    )


def _require_trust(by: Actor, kind: ActivityKind) -> None:
    if by.may(Scope.ACTIVITIES_WRITE):
        return
    if kind.trust is not Trust.MEMBER:
        raise ForbiddenError(scope=Scope.ACTIVITIES_WRITE)


def _instant(report: Report, occurred_at_us: int | None, now_us: int) -> int:
    """Return when it happened; a clock that runs ahead a little is forgiven."""
    if occurred_at_us is None:
        if report.occurred_at is None:
            return now_us
        occurred_at_us = to_us(report.occurred_at)
    if not 0 <= occurred_at_us <= now_us + MAX_SKEW_US:
        raise not_in_the_past(now_us)
    return occurred_at_us


async def _claim(
    engine: Engine, program_id: int, holder_id: int, reference: tuple[str, str]
) -> None:
    """Make sure that no other member has this reference, now or later."""
    source, external_id = reference
    name = (f"activity/{source}", external_id)
    answer = await engine.directory.submit(Claim(program_id, holder_id, (name,)))
    if isinstance(answer, Taken):
        raise DuplicateActivityError(source=source, external_id=external_id)


def points_of(awards: str) -> dict[int, int]:
    """Return the points of stored awards, by currency id."""
    points: dict[int, int] = {}
    for award in json.loads(awards):
        currency_id = award["currency"]
        points[currency_id] = points.get(currency_id, 0) + award["amount"]
    return points
