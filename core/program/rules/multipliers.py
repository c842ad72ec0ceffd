"""Multipliers: bonuses on what other rules give, and how several go together.

The best of those that stack as `best` and all that are `additive` are taken of the base
alone. Those that are `multiplicative` come after them, in the order of their codes,
each of all that was given before it. A bonus is points of its own, part by part as its
base is, and rounded once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from core.errors import AmountTooLargeError
from core.ledger.codes import MAX_AMOUNT
from core.ledger.commands import Award
from core.program.rules.amounts import rounded, split
from core.program.rules.definition import Multiplier, Stacking
from core.program.rules.rule import Rule

Given = tuple[Rule, Sequence[Award]]
"""A rule, and what it gives."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one multiplier came to: the name of a `Reason`, and its bonus.

    `of` are the ids of the rules of which it is taken, `base` their points.
    """

    rule: Rule
    reason: str
    of: tuple[int, ...] = ()
    base: int = 0
    exact: Fraction | None = None
    awards: tuple[Award, ...] = ()


def stack(rules: Sequence[Rule], given: Sequence[Given]) -> Iterator[Step]:
    """Yield what each multiplier comes to, in the order in which they are taken."""
    best = _best([one for one in rules if _stacking(one) is Stacking.BEST], given)
    base = [one for one in given if one[1]]
    taken: list[Given] = []
    for rule in sorted(rules, key=lambda one: (_turn(one), one.code)):
        if _stacking(rule) is Stacking.BEST and rule is not best:
            reason = "NOT_BEST" if _bases(rule, base) else "NOTHING_TO_MULTIPLY"
            yield Step(rule, reason)
            continue
        bases = _bases(rule, base)
        if bases and _stacking(rule) is Stacking.MULTIPLICATIVE:
            bases = [*bases, *_bonuses(rule, bases, taken)]
        step = _taken(rule, bases)
        taken.append((rule, step.awards))
        yield step


def _multiplier(rule: Rule) -> Multiplier:
    if rule.definition.multiply is None:
        raise AssertionError("not a rule that multiplies")
    return rule.definition.multiply


def _stacking(rule: Rule) -> Stacking:
    return _multiplier(rule).stacking


def _turn(rule: Rule) -> int:
    return _stacking(rule) is Stacking.MULTIPLICATIVE


def _best(rules: Sequence[Rule], given: Sequence[Given]) -> Rule | None:
    """Return the rule with the highest factor that has something to multiply."""
    able = [one for one in rules if _bases(one, [each for each in given if each[1]])]
    return min(able, key=lambda one: (-_multiplier(one).bonus, one.code), default=None)


def _bases(rule: Rule, base: Sequence[Given]) -> list[Given]:
    codes = _multiplier(rule).of
    return [
        one
        for one in base
        if one[0].currency_id == rule.currency_id
        and (not codes or one[0].code in codes)
    ]


def _bonuses(rule: Rule, bases: Sequence[Given], taken: Sequence[Given]) -> list[Given]:
    """Return the bonuses, taken so far, of what this rule multiplies."""
    codes = {one[0].code for one in bases}
    return [
        one
        for one in taken
        if one[1]
        and one[0].currency_id == rule.currency_id
        and (not _multiplier(one[0]).of or codes.intersection(_multiplier(one[0]).of))
    ]


def _taken(rule: Rule, bases: Sequence[Given]) -> Step:
    """Return a bonus, shared out over the parts of its base."""
    awards = _joined([award for _, each in bases for award in each])
    base = sum(one.amount for one in awards)
    if not base:
        return Step(rule, "NOTHING_TO_MULTIPLY")
    exact = base * _multiplier(rule).bonus
    whole = rounded(exact, rule.definition.rounding.mode)
    if whole > MAX_AMOUNT:
        raise AmountTooLargeError
    amounts = split(whole, [one.amount for one in awards])
    bonus = tuple(
        replace(award, amount=amount, sys_ref=rule.rule_id)
        for award, amount in zip(awards, amounts, strict=True)
        if amount
    )
    of = tuple(one[0].rule_id for one in bases)
    reason = "GIVES" if bonus else "NO_POINTS"
    return Step(rule, reason, of, base, exact, bonus)


def _joined(awards: Sequence[Award]) -> list[Award]:
    """Join what is of one part and lives as long."""
    found: dict[Award, int] = {}
    for award in awards:
        key = replace(award, amount=0, sys_ref=None)
        found[key] = found.get(key, 0) + award.amount
    return [replace(key, amount=amount) for key, amount in found.items()]
