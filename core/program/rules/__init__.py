"""Rules: from an activity, and whoever did it, to the points it earns. Pure.

A rule says when it applies (`expressions`, `schedules`), what it gives (`amounts`,
`multipliers`), how long that lives (`expiry`) and how much of it at most (`limits`).
`judging` judges all rules of an activity, and keeps what it saw of each.
"""

from core.program.rules.definition import RuleDefinition

__all__ = ["RuleDefinition"]
