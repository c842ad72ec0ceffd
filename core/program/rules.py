"""Rules: from the facts of an activity to the points it earns. Pure.

A rule gives `points`, once or for each unit of a fact: "1 per `amount_major`" is one
point per whole dollar. Points come from rules, never from plugins, so that marketing
changes them without a deployment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.ledger.codes import MAX_AMOUNT, NEVER_US
from core.ledger.commands import Award
from core.ledger.policy import Clawback, Policy, write

_DAY_US = 86_400_000_000


class RuleDefinition(BaseModel):
    """What a rule says; stored as JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    points: int = Field(gt=0, le=MAX_AMOUNT, description="Points, in minor units.")
    per: str | None = Field(
        default=None,
        pattern="^[a-z][a-z0-9_]*$",
        description="Fact whose number multiplies the points; absent: once.",
    )
    pending_days: int | None = Field(
        default=None, gt=0, le=3650, description="Days until the points can be spent."
    )
    valid_days: int | None = Field(
        default=None,
        gt=0,
        le=36500,
        description="Days the points live, from when they can be spent; absent: ever.",
    )
    clawback: Clawback = Field(
        default=Clawback.OTHER_LOTS,
        description="What happens if they are taken back after they were spent.",
    )
    debt_limit: int | None = Field(
        default=None,
        ge=0,
        le=MAX_AMOUNT,
        description="Largest debt that clawback `capped` makes, in minor units.",
    )
    grace_days: int | None = Field(
        default=None,
        gt=0,
        le=3650,
        description="Days that points live at least that come back after their end.",
    )

    def policy(self, *, waits: bool) -> str:
        """Return the policy to be stamped on the lots.

        If these wait for an approval, their days are counted from then.
        """
        policy = Policy(
            self.clawback, self.debt_limit or 0, (self.grace_days or 0) * _DAY_US
        )
        if waits:
            policy = replace(
                policy,
                wait_us=(self.pending_days or 0) * _DAY_US,
                valid_us=(self.valid_days or 0) * _DAY_US,
            )
        return write(policy)

    def dates(self, occurred_at_us: int, *, waits: bool) -> tuple[int | None, int]:
        """Return when points ripen, None: at once, and when they run out."""
        if waits:
            return NEVER_US, NEVER_US
        ripens_at_us = occurred_at_us + (self.pending_days or 0) * _DAY_US
        expires_at_us = NEVER_US
        if self.valid_days is not None:
            expires_at_us = ripens_at_us + self.valid_days * _DAY_US
        return ripens_at_us if self.pending_days else None, expires_at_us


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule version as it applies to one type of activity."""

    rule_id: int
    code: str
    version: int
    currency_id: int
    is_qualifying: bool
    definition: RuleDefinition


@dataclass(frozen=True, slots=True)
class RuleAward:
    """What one rule gave."""

    rule: Rule
    award: Award

    def document(self) -> dict[str, Any]:
        """Return what is recorded with the activity."""
        return {
            "rule": self.rule.code,
            "version": self.rule.version,
            "currency": self.rule.currency_id,
            "amount": self.award.amount,
        }


def evaluate(
    rules: Iterable[Rule],
    facts: Mapping[str, int | str | bool],
    occurred_at_us: int,
    *,
    waits: bool = False,
) -> list[RuleAward]:
    """Return what *facts* earn under *rules*; a rule that gives nothing is left out.

    Args:
        rules: those of the activity's type.
        facts: of the activity.
        occurred_at_us: when it happened.
        waits: whether the points are to wait for an approval.
    """
    found = []
    for rule in rules:
        definition = rule.definition
        units = 1 if definition.per is None else facts.get(definition.per, 0)
        if not isinstance(units, int) or units <= 0:
            continue
        available_at_us, expires_at_us = definition.dates(occurred_at_us, waits=waits)
        award = Award(
            rule.currency_id,
            min(definition.points * units, MAX_AMOUNT),
            available_at_us=available_at_us,
            expires_at_us=expires_at_us,
            sys_ref=rule.rule_id,
            policy=definition.policy(waits=waits),
        )
        found.append(RuleAward(rule, award))
    return found
