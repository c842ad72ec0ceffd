"""Explanations: what rules did with an activity, and what they would do."""

from enum import Enum
from typing import Any, Self

import strawberry

from core.clock import from_us
from core.program.estimates import Estimate
from core.program.explanation_texts import Message
from core.program.explanations import Explanation, LimitSeen, RuleSeen
from gateway.context import Info
from gateway.plans import rows
from gateway.scalars import DateTime, JsonObject, Points, SafeInt
from gateway.types.ledger import Transaction

_US_PER_MINUTE = 60_000_000


@strawberry.enum(description="What became of a rule.")
class RuleOutcome(Enum):
    """See the description."""

    GIVES = strawberry.enum_value(
        "GIVES", description="It gives points, as far as its limits let it."
    )
    INACTIVE = strawberry.enum_value("INACTIVE", description="It is switched off.")
    NOT_SCHEDULED = strawberry.enum_value(
        "NOT_SCHEDULED", description="It does not apply at that time."
    )
    CONDITION_FALSE = strawberry.enum_value(
        "CONDITION_FALSE", description="Its condition is not met."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="Something that it looks at is not known."
    )
    NO_POINTS = strawberry.enum_value(
        "NO_POINTS", description="Its points come to less than one."
    )
    NOTHING_TO_MULTIPLY = strawberry.enum_value(
        "NOTHING_TO_MULTIPLY", description="What it multiplies gave nothing."
    )
    NOT_BEST = strawberry.enum_value(
        "NOT_BEST", description="Another multiplier is better, and the best one counts."
    )


@strawberry.enum(description="What a limit of a rule counts.")
class RuleLimitKind(Enum):
    """See the description."""

    TIMES = strawberry.enum_value("times", description="How often it gave points.")
    POINTS = strawberry.enum_value("points", description="How many points it gave.")
    COOLDOWN = strawberry.enum_value(
        "gap", description="Minutes from one time to the next."
    )


@strawberry.type(
    description="A sentence. Its id and its values stay the same in every language."
)
class ExplanationMessage:
    """See the description."""

    id: str = strawberry.field(description="Names the sentence.")
    values: JsonObject = strawberry.field(description="What goes into it, by name.")
    text: str = strawberry.field(description="In English.")

    @classmethod
    def of(cls, message: Message) -> Self:
        """Return what the core says."""
        values: Any = dict(message.values)
        return cls(id=message.id, values=values, text=message.text)


@strawberry.type(description="A limit of a rule, as it stood.")
class RuleLimit:
    """See the description."""

    kind: RuleLimitKind = strawberry.field(description="What it counts.")
    limit: SafeInt = strawberry.field(
        description="The most; of a cooldown, the least number of minutes."
    )
    period: str = strawberry.field(
        description="What it counts in: `day:2027-01-15`, `week:2027-02`, "
        "`month:2027-01`, `year:2027`, `ever`, `rolling:30` days, or `last`, of a "
        "cooldown."
    )
    before: SafeInt | None = strawberry.field(
        description="What it had come to; null where no member was looked at, and of a "
        "cooldown."
    )
    is_reached: bool = strawberry.field(description="Whether it cut something.")
    on_exceed: str = strawberry.field(
        description="What becomes of more: partial, none or refuse."
    )
    resets_at: DateTime | None = strawberry.field(
        description="From when on it counts anew; null where that is not known."
    )

    @classmethod
    def of(cls, seen: LimitSeen) -> Self:
        """Return what the core says."""
        is_gap = seen.unit == "gap"
        limit = seen.limit // _US_PER_MINUTE if is_gap else seen.limit
        before = None if is_gap or seen.before is None else SafeInt(seen.before)
        at_us = seen.resets_at_us
        return cls(
            kind=RuleLimitKind(seen.unit),
            limit=SafeInt(limit),
            period=seen.period,
            before=before,
            is_reached=seen.is_reached,
            on_exceed=seen.on_exceed,
            resets_at=None if at_us is None else DateTime(from_us(at_us)),
        )


@strawberry.type(description="What became of one rule.")
class RuleExplanation:
    """See the description."""

    rule: str = strawberry.field(description="Code of the rule.")
    version: int = strawberry.field(description="Its version, valid when it happened.")
    currency: str = strawberry.field(description="Code of the currency that it gives.")
    outcome: RuleOutcome = strawberry.field(description="What became of it.")
    message: ExplanationMessage = strawberry.field(description="The same in words.")
    condition: str | None = strawberry.field(
        description="Its condition; null without one, and for those who do not see "
        "attributes of members."
    )
    is_met: bool | None = strawberry.field(
        description="Whether the condition is met; null without one, and if that is "
        "not known."
    )
    inputs: JsonObject | None = strawberry.field(
        description="What was looked at, by path; null for those who do not see "
        "attributes of members."
    )
    exact: str | None = strawberry.field(
        description="Points before rounding, as a fraction such as 606/25."
    )
    rounding_mode: str | None = strawberry.field(
        description="down, up, half_up or half_even."
    )
    rounding_place: str | None = strawberry.field(
        description="Where it was rounded: unit, line or order."
    )
    desired: Points = strawberry.field(description="What it wanted to give.")
    given: Points = strawberry.field(description="What it gave.")
    factor: str | None = strawberry.field(description="Of a multiplier.")
    stacking: str | None = strawberry.field(
        description="Of a multiplier: additive, multiplicative or best."
    )
    multiplies: list[str] = strawberry.field(
        description="Codes of the rules whose points it multiplies."
    )
    base: Points | None = strawberry.field(description="Those points.")
    limits: list[RuleLimit] = strawberry.field(
        description="The most that it gives a member."
    )
    budget: str | None = strawberry.field(
        description="Code of the budget that its points come from."
    )
    is_budget_short: bool = strawberry.field(
        description="Whether the budget had too little."
    )

    @classmethod
    def of(cls, seen: RuleSeen, *, is_open: bool) -> Self:
        """Return what the core says; *is_open*: how the rule decides, too."""
        inputs: Any = dict(seen.inputs) if is_open else None
        return cls(
            rule=seen.rule,
            version=seen.version,
            currency=seen.currency,
            outcome=RuleOutcome(seen.reason.value),
            message=ExplanationMessage.of(seen.message),
            condition=seen.condition if is_open else None,
            is_met=seen.condition_met,
            inputs=inputs,
            exact=seen.exact,
            rounding_mode=seen.rounding_mode,
            rounding_place=seen.rounding_place,
            desired=Points(seen.desired),
            given=Points(seen.given),
            factor=seen.factor,
            stacking=seen.stacking,
            multiplies=list(seen.multiplies),
            base=None if seen.base is None else Points(seen.base),
            limits=[RuleLimit.of(one) for one in seen.limits],
            budget=seen.budget,
            is_budget_short=seen.is_budget_short,
        )


@strawberry.type(
    description="Why a transaction is what it is, as it was recorded when it was "
    "decided. It is never worked out again."
)
class TransactionExplanation:
    """See the description."""

    key: strawberry.Private[tuple[int, int]]
    message: ExplanationMessage = strawberry.field(description="In a sentence.")
    activity_type: str | None = strawberry.field(
        description="Type of the activity; null where no rule decided."
    )
    occurred_at: DateTime | None = strawberry.field(description="When it happened.")
    time_zone: str | None = strawberry.field(
        description="The program's time zone, which says what day that was."
    )
    tier: str | None = strawberry.field(
        description="Code of the member's tier then, if a rule looked at it."
    )
    rules: list[RuleExplanation] = strawberry.field(
        description="The rules of that type, first those that gave points."
    )
    omitted: int = strawberry.field(
        description="How many more rules gave nothing and were not recorded."
    )

    @strawberry.field(description="What is explained.")
    async def transaction(self, info: Info) -> Transaction | None:
        """Read the transaction."""
        return await rows.one(info, "transaction", self.key)  # type: ignore[return-value]

    @classmethod
    def of(cls, found: Explanation, *, is_open: bool) -> Self:
        """Return what the core says."""
        at_us = found.occurred_at_us
        return cls(
            key=(found.holder_id, found.seq),
            message=ExplanationMessage.of(found.message),
            activity_type=found.activity_type,
            occurred_at=None if at_us is None else DateTime(from_us(at_us)),
            time_zone=found.zone,
            tier=found.tier,
            rules=[RuleExplanation.of(one, is_open=is_open) for one in found.rules],
            omitted=found.omitted,
        )


@strawberry.type(description="Points of one currency.")
class CurrencyPoints:
    """See the description."""

    currency: str = strawberry.field(description="Code of the currency.")
    points: Points = strawberry.field(description="How many.")


@strawberry.type(description="What somebody on a tier would earn.")
class TierEstimate:
    """See the description."""

    tier: str = strawberry.field(description="Code of the tier.")
    points: list[CurrencyPoints] = strawberry.field(description="By currency.")


@strawberry.type(
    description="What an activity would earn, by the rules that will judge it. Nothing "
    "is written."
)
class EarnEstimate:
    """See the description."""

    points: list[CurrencyPoints] = strawberry.field(description="By currency.")
    rules: list[RuleExplanation] = strawberry.field(
        description="What would become of each rule of that type."
    )
    tiers: list[TierEstimate] = strawberry.field(
        description="What it would be on each tier, the lowest first; limits are left "
        "out of account."
    )

    @classmethod
    def of(cls, found: Estimate, *, is_open: bool) -> Self:
        """Return what the core says."""
        return cls(
            points=_points(found.points),
            rules=[RuleExplanation.of(one, is_open=is_open) for one in found.rules],
            tiers=[
                TierEstimate(tier=one.tier, points=_points(one.points))
                for one in found.tiers
            ],
        )


def _points(points: Any) -> list[CurrencyPoints]:
    return [
        CurrencyPoints(currency=code, points=Points(amount))
        for code, amount in sorted(points.items())
    ]
