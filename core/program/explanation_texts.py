"""Sentences that explain: each has an id, and values that go into it.

Ids and values are what a translation needs; the English text is only the default.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Value = int | str

TEXTS: Mapping[str, str] = {
    "rule_gives": "{rule} gave {given} points.",
    "rule_gives_bonus": "{rule} gave {given} points more: {factor} times {base}.",
    "rule_cut": "{rule} gave {given} points of {desired}: its limit of {limit} {unit} "
    "was reached.",
    "rule_too_soon": "{rule} gave no points: it had given some shortly before.",
    "rule_budget_short": "{rule} gave {given} points of {desired}: its budget had no "
    "more.",
    "rule_base_cut": "{rule} gave {given} points of {desired}: what it multiplies was "
    "cut.",
    "rule_inactive": "{rule} is switched off.",
    "rule_not_scheduled": "{rule} did not apply at that time.",
    "rule_condition_false": "{rule} did not apply: its condition is not met.",
    "rule_unknown": "{rule} did not apply: {unknown}.",
    "rule_no_points": "{rule} gave no points: they come to {exact}.",
    "rule_nothing_to_multiply": "{rule} had no points to multiply.",
    "rule_not_best": "{rule} gave no points: another multiplier is better.",
    "activity_earned": "This {activity} earned {points} points.",
    "activity_earned_nothing": "This {activity} earned no points.",
    "no_activity": "No rule decided about this transaction.",
}
"""English texts by id."""


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence: its id, the values that go into it, and the English text."""

    id: str
    values: Mapping[str, Value]

    @property
    def text(self) -> str:
        """Return the English text."""
        return TEXTS[self.id].format_map(self.values)
