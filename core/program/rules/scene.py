"""The scene: what the rules of one activity see, made once for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import from_us
from core.program.rules.expressions import Context, context_of
from core.program.rules.local_time import local
from core.program.rules.schedules import WEEKDAYS


@dataclass(frozen=True)
class Scene:
    """An activity, and whoever did it.

    Attributes:
        activity: payload and facts.
        facts: by name; `per` counts them.
        type: code of the activity's type.
        occurred_at_us: when it happened; it decides, not when it was told.
        zone: of the program.
        member: attributes and whatever else is known; empty for nobody in particular.
        tier: code and rank of the member's level; empty without one.
        waits: whether points wait for an approval.
    """

    activity: Mapping[str, Any]
    facts: Mapping[str, Any]
    type: str
    occurred_at_us: int
    zone: ZoneInfo
    member: Mapping[str, Any] = field(default_factory=dict)
    tier: Mapping[str, Any] = field(default_factory=dict)
    waits: bool = False

    @cached_property
    def shown(self) -> datetime:
        """Return what clocks in the program's zone showed."""
        return local(self.occurred_at_us, self.zone)

    @cached_property
    def variables(self) -> dict[str, Any]:
        """Return what expressions can name, `line` apart."""
        shown = self.shown
        activity = dict(self.activity) | {
            "type": self.type,
            "occurred_at": from_us(self.occurred_at_us),
            "day": f"{shown:%Y-%m-%d}",
            "weekday": WEEKDAYS[shown.weekday()],
            "hour": shown.hour,
        }
        return {"activity": activity, "member": self.member, "tier": self.tier}

    @cached_property
    def context(self) -> Context:
        """Return what expressions are evaluated on."""
        return context_of(self.variables)

    @cached_property
    def lines(self) -> list[tuple[Mapping[str, Any], Context]]:
        """Return the lines of the order, each with the context that knows it."""
        found = self.activity.get("lines")
        lines = found if isinstance(found, list) else []
        return [
            (line, context_of(self.variables | {"line": line}))
            for line in lines
            if isinstance(line, Mapping)
        ]


def is_too_much(payload: Any, most: int) -> bool:
    """Tell whether a payload has more values than its rules look at.

    A text counts once more for each 100 characters.
    """
    count = 0
    todo = [payload]
    while todo and count <= most:
        value = todo.pop()
        count += 1
        if isinstance(value, str):
            count += len(value) // 100
        if isinstance(value, Mapping):
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
    return count > most
