"""Whether the parts of a document fit each other."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from core.program.document import RulePart, TierPart


class Fault(NamedTuple):
    """Something wrong; `path` is such as `rewards[2].config.percent_off`."""

    path: str
    reason: str


class Placed(NamedTuple):
    """A part of a document that can be read, and its place in its list."""

    place: int
    part: Any


Parts = Mapping[str, Sequence[Placed]]
"""What can be read of a document, by the name of the list."""


def misfits(parts: Parts) -> Iterator[Fault]:
    """Find what names something that is not there, or stands where it cannot."""
    yield from _codes_once(parts)
    yield from _currencies_known(parts)
    yield from _tiers_ascend(parts)
    yield from _budgets_known(parts)
    yield from _multiplied_known(parts)


def own_language(language: str, values: Any, path: str = "") -> Iterator[Fault]:
    """Find translations into the program's own language."""
    if isinstance(values, list):
        for place, one in enumerate(values):
            yield from own_language(language, one, f"{path}[{place}]")
    if not isinstance(values, dict):
        return
    for name, one in values.items():
        inner = f"{path}.{name}" if path else name
        if name in {"names", "descriptions"} and isinstance(one, dict):
            if language in one:
                reason = "is the program's own language; leave it out"
                yield Fault(f"{inner}.{language}", reason)
        elif isinstance(one, list):
            yield from own_language(language, one, inner)


def _codes_once(parts: Parts) -> Iterator[Fault]:
    for name, found in parts.items():
        seen: Counter[str] = Counter()
        for place, part in found:
            seen[part.code] += 1
            if seen[part.code] > 1:
                path = f"{name}[{place}].code"
                yield Fault(path, f"{part.code!r} is there twice")


def _currencies_known(parts: Parts) -> Iterator[Fault]:
    known = {part.code: part for _, part in parts["currencies"]}
    for name in ("rules", "rewards"):
        for place, part in parts[name]:
            path = f"{name}[{place}].currency"
            if part.currency not in known:
                reason = f"the program has no currency {part.currency!r}"
                yield Fault(path, reason)
            elif name == "rewards" and not known[part.currency].redeemable:
                yield Fault(path, f"{part.currency} is not redeemable")


def _tiers_ascend(parts: Parts) -> Iterator[Fault]:
    tiers: list[tuple[int, TierPart]] = list(parts["tiers"])
    for (_, below), (place, tier) in pairwise(tiers):
        if tier.threshold <= below.threshold:
            reason = f"must be above {below.threshold}, that of {below.code}"
            yield Fault(f"tiers[{place}].threshold", reason)


def _budgets_known(parts: Parts) -> Iterator[Fault]:
    budgets = {part.code for _, part in parts["budgets"]}
    for place, rule in parts["rules"]:
        if rule.budget is not None and rule.budget not in budgets:
            yield Fault(f"rules[{place}].budget", f"there is no budget {rule.budget!r}")


def _multiplied_known(parts: Parts) -> Iterator[Fault]:
    rules: dict[str, RulePart] = {part.code: part for _, part in parts["rules"]}
    for place, rule in parts["rules"]:
        path = f"rules[{place}].multiply.of"
        for code in rule.multiply.of if rule.multiply else ():
            base = rules.get(code)
            if base is None or base.multiply is not None:
                yield Fault(path, f"{code!r} is no rule with points")
            elif (base.activity, base.currency) != (rule.activity, rule.currency):
                yield Fault(path, f"{code!r} is of another activity or currency")
