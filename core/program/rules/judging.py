"""Judging: all rules of one activity on one scene, and what was seen of each.

Rules that give points come first; multipliers look at what these gave. Nothing here
knows what a member has had before: limits and budgets are counted by the ledger.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from core.ledger.commands import Award
from core.program.rules import multipliers
from core.program.rules.amounts import MOST_PARTS, Part, shares_of
from core.program.rules.definition import UNIT
from core.program.rules.expressions import Expression, UnknownValueError
from core.program.rules.rule import Rule
from core.program.rules.scene import Scene


class Reason(StrEnum):
    """What became of a rule."""

    GIVES = "GIVES"
    INACTIVE = "INACTIVE"
    NOT_SCHEDULED = "NOT_SCHEDULED"
    CONDITION_FALSE = "CONDITION_FALSE"
    UNKNOWN = "UNKNOWN"
    NO_POINTS = "NO_POINTS"
    NOTHING_TO_MULTIPLY = "NOTHING_TO_MULTIPLY"
    NOT_BEST = "NOT_BEST"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one rule.

    Attributes:
        rule: the rule.
        reason: what became of it.
        condition: whether its condition is met; None: it has none, or that is unknown.
        unknown: what is not known, where that is the reason.
        exact: the points before rounding; None, where there are none.
        awards: what it wants to give.
        of: the rules whose points it multiplies.
        base: those points.
    """

    rule: Rule
    reason: Reason
    condition: bool | None = None
    unknown: str | None = None
    exact: Fraction | None = None
    awards: tuple[Award, ...] = ()
    of: tuple["Verdict", ...] = ()
    base: int = 0

    @property
    def desired(self) -> int:
        """Return how many points it wants to give."""
        return sum(one.amount for one in self.awards)


def judge(rules: Iterable[Rule], scene: Scene) -> list[Verdict]:
    """Judge rules, which are those of the activity's type and valid when it happened.

    Raises:
        AmountTooLargeError: a rule gives more than 2^53-1 points.
    """
    plain: list[Rule] = []
    multiplying: list[Rule] = []
    for rule in rules:
        (plain if rule.definition.multiply is None else multiplying).append(rule)
    verdicts = [_give(rule, scene) for rule in plain]
    return verdicts + _multiply(multiplying, verdicts, scene)


def _give(rule: Rule, scene: Scene) -> Verdict:
    verdict = _consider(rule, scene)
    if verdict.reason is not Reason.GIVES:
        return verdict
    try:
        parts = _parts(rule, scene)
    except UnknownValueError as error:
        return replace(verdict, reason=Reason.UNKNOWN, unknown=error.reason)
    exact = _sum(parts)
    shares = shares_of(parts, rule.definition.rounding)
    if not shares:
        return replace(verdict, reason=Reason.NO_POINTS, exact=exact)
    ripens_at_us, expires_at_us = rule.dates(scene)
    policy = rule.policy(scene)
    awards = tuple(
        Award(
            rule.currency_id,
            share.amount,
            available_at_us=ripens_at_us,
            expires_at_us=expires_at_us,
            sys_ref=rule.rule_id,
            order_line=share.line,
            order_unit=share.unit,
            policy=policy,
        )
        for share in shares
    )
    return replace(verdict, exact=exact, awards=awards)


def _sum(parts: Sequence[Part]) -> Fraction:
    if len(parts) == 1 and parts[0].units == 1:
        return parts[0].exact
    return sum((one.exact * one.units for one in parts), Fraction())


def _consider(rule: Rule, scene: Scene) -> Verdict:
    """Tell whether a rule applies at all."""
    definition = rule.definition
    if not definition.active:
        return Verdict(rule, Reason.INACTIVE)
    schedule = definition.schedule
    if schedule is not None and not schedule.covers(scene.occurred_at_us, scene.zone):
        return Verdict(rule, Reason.NOT_SCHEDULED)
    if rule.when is None:
        return Verdict(rule, Reason.GIVES)
    try:
        is_met = bool(rule.when.value(scene.context))
    except UnknownValueError as error:
        return Verdict(rule, Reason.UNKNOWN, unknown=error.reason)
    reason = Reason.GIVES if is_met else Reason.CONDITION_FALSE
    return Verdict(rule, reason, is_met)


def _parts(rule: Rule, scene: Scene) -> list[Part]:
    """Return what a rule gives for each part; what is not above 0 is nothing.

    Raises:
        UnknownValueError: its points have no value here.
    """
    definition = rule.definition
    if definition.is_by_line:
        return _parts_of_lines(rule, scene)
    units: Any = 1
    if definition.per is not None:
        units = scene.facts.get(definition.per, 0)
        if type(units) not in {int, bool}:
            raise UnknownValueError(f"{definition.per} is no whole number")
    points = _number(rule.points, scene.context)
    return _positive([Part(Fraction(points * units, definition.for_each))])


def _parts_of_lines(rule: Rule, scene: Scene) -> list[Part]:
    """Return the parts of the lines that are selected.

    A line of which something is not known that selects it is not selected.
    """
    parts = []
    units = 0
    for number, (line, context) in enumerate(scene.lines, 1):
        if not _is_selected(rule, context):
            continue
        exact = Fraction(_number(rule.points, context), rule.definition.for_each)
        quantity = line.get("quantity", 1)
        if type(quantity) is not int or quantity < 0:
            raise UnknownValueError(f"the quantity of line {number} is no whole number")
        parts.append(Part(exact, number, None, quantity))
        units += quantity
    if rule.definition.per != UNIT:
        parts = [one._replace(units=1) for one in parts]
    elif units <= MOST_PARTS:
        parts = [
            one._replace(unit=unit, units=1)
            for one in parts
            for unit in range(1, one.units + 1)
        ]
    return _positive(parts)


def _is_selected(rule: Rule, context: Any) -> bool:
    if rule.select is None:
        return True
    try:
        return bool(rule.select.value(context))
    except UnknownValueError:
        return False


def _number(points: Expression | int, context: Any) -> int:
    return points if isinstance(points, int) else points.value(context)


def _positive(parts: Sequence[Part]) -> list[Part]:
    return [one for one in parts if one.exact.numerator > 0 and one.units]


def _multiply(
    rules: Sequence[Rule], given: Sequence[Verdict], scene: Scene
) -> list[Verdict]:
    """Judge multipliers on what is given, each after all that it is taken of."""
    considered = {rule.rule_id: _consider(rule, scene) for rule in rules}
    applying = [
        rule for rule in rules if considered[rule.rule_id].reason is Reason.GIVES
    ]
    found = {one.rule.rule_id: one for one in given}
    verdicts = {}
    for step in multipliers.stack(applying, [(one.rule, one.awards) for one in given]):
        rule = step.rule
        reason = Reason[step.reason]
        verdicts[rule.rule_id] = replace(
            considered[rule.rule_id],
            reason=reason,
            exact=step.exact,
            awards=tuple(_dated(rule, one, scene) for one in step.awards),
            of=tuple(found[one] for one in step.of),
            base=step.base,
        )
        found[rule.rule_id] = verdicts[rule.rule_id]
    left = [considered[one.rule_id] for one in rules if one.rule_id not in verdicts]
    return [*verdicts.values(), *left]


def _dated(rule: Rule, award: Award, scene: Scene) -> Award:
    """Give a bonus dates of its own, if its rule has some; else it keeps its base's."""
    if not rule.is_dated:
        return award
    ripens_at_us, expires_at_us = rule.dates(scene)
    return replace(
        award,
        available_at_us=ripens_at_us,
        expires_at_us=expires_at_us,
        policy=rule.policy(scene),
    )
