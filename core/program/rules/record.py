"""The record of a judgement: what is asked of the ledger, and what is kept for ever.

A decision is explained by what is recorded here, never by judging it again: rules,
members and tiers may be others by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.ledger.commands import Award, Earn, Step
from core.ledger.grants import Draw, Grant
from core.program.rules.caps import caps_of
from core.program.rules.judging import Reason, Verdict
from core.program.rules.scene import Scene

MOST_RECORDED = 100
"""So many rules that give nothing are recorded; of the others, how many they were."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules of one activity came to.

    Attributes:
        verdicts: of all of them; what gives something comes in the order of `grants`.
        scene: what they saw.
        grants: one for each rule that gives; none where nothing can be cut.
    """

    verdicts: Sequence[Verdict]
    scene: Scene
    grants: tuple[Grant, ...]

    @property
    def giving(self) -> list[Verdict]:
        """Return the verdicts that give something."""
        return [one for one in self.verdicts if one.awards]

    @property
    def earn(self) -> Earn:
        """Return what the ledger is asked for."""
        awards: list[Award] = [award for one in self.giving for award in one.awards]
        return Earn(tuple(awards), self.grants)

    @property
    def draws(self) -> list[Step]:
        """Return the steps that take from budgets."""
        amounts: dict[int, int] = {}
        for one in self.giving:
            if (budget_id := one.rule.budget_id) is not None:
                amounts[budget_id] = amounts.get(budget_id, 0) + one.desired
        return [Step(one, Draw(amount)) for one, amount in amounts.items()]

    def awards_document(self) -> list[dict[str, Any]]:
        """Return what each rule wants to give, to be recorded with the activity."""
        return [
            {
                "rule": one.rule.code,
                "version": one.rule.version,
                "currency": one.rule.currency_id,
                "amount": one.desired,
            }
            for one in self.giving
        ]

    def decision(self) -> dict[str, Any]:
        """Return all that was seen, to be recorded with the activity."""
        giving = self.giving
        others = [one for one in self.verdicts if not one.awards]
        recorded = [_giving(one, self.scene) for one in giving]
        recorded += [_seen(one, self.scene) for one in others[:MOST_RECORDED]]
        document: dict[str, Any] = {"rules": recorded, "zone": self.scene.zone.key}
        if len(others) > MOST_RECORDED:
            document["omitted"] = len(others) - MOST_RECORDED
        if "code" in self.scene.tier:
            document["tier"] = self.scene.tier["code"]
        return document


def judgement_of(verdicts: Sequence[Verdict], scene: Scene) -> Judgement:
    """Return a judgement with what the ledger is to count of it."""
    giving = [one for one in verdicts if one.awards]
    caps = [caps_of(one.rule, scene) for one in giving]
    if not any(caps) and all(one.rule.budget_id is None for one in giving):
        return Judgement(verdicts, scene, ())
    places = {one.rule.rule_id: at for at, one in enumerate(giving)}
    grants = tuple(
        Grant(
            len(one.awards),
            of_rule,
            tuple(places[base.rule.rule_id] for base in one.of),
            one.rule.budget_id,
        )
        for one, of_rule in zip(giving, caps, strict=True)
    )
    return Judgement(verdicts, scene, grants)


def _seen(verdict: Verdict, scene: Scene) -> dict[str, Any]:
    rule = verdict.rule
    seen: dict[str, Any] = {
        "rule": rule.code,
        "version": rule.version,
        "currency": rule.currency_id,
        "reason": verdict.reason.value,
    }
    if rule.definition.when is not None and verdict.reason not in _NOT_ASKED:
        seen["when"] = rule.definition.when
        seen["condition"] = verdict.condition
    if verdict.reason not in _NOT_ASKED:
        inputs: dict[str, Any] = {}
        for expression in rule.expressions:
            inputs |= expression.inputs(scene.variables)
        if inputs:
            seen["inputs"] = inputs
    if verdict.unknown is not None:
        seen["unknown"] = verdict.unknown
    if verdict.exact is not None:
        rounding = rule.definition.rounding
        seen["exact"] = str(verdict.exact)
        seen["rounding"] = [rounding.mode.value, rounding.at.value]
    return seen


_NOT_ASKED = {Reason.INACTIVE, Reason.NOT_SCHEDULED}
"""Where a condition was not looked at."""


def _giving(verdict: Verdict, scene: Scene) -> dict[str, Any]:
    rule = verdict.rule
    definition = rule.definition
    seen = _seen(verdict, scene) | {"desired": verdict.desired}
    if len(verdict.awards) > 1:
        seen["parts"] = len(verdict.awards)
    if definition.multiply is not None:
        seen["factor"] = definition.multiply.factor
        seen["stacking"] = definition.multiply.stacking.value
        seen["of"] = [one.rule.code for one in verdict.of]
        seen["base"] = verdict.base
    caps = caps_of(rule, scene)
    if caps:
        seen["caps"] = [
            {
                "unit": cap.unit.value,
                "limit": cap.limit,
                "period": _period(cap.periods),
                "on_exceed": cap.on_exceed.value,
                "resets_at_us": cap.resets_at_us,
            }
            for cap in caps
        ]
    if definition.budget is not None:
        seen["budget"] = definition.budget
    return seen


def _period(periods: Sequence[str]) -> str:
    """Return the period of a cap as it is recorded."""
    return periods[0] if len(periods) == 1 else f"rolling:{len(periods)}"
