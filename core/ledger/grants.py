"""Grants: awards that one rule gives together, and what may cut them.

What a holder had before is known under its lock alone, so a grant says how much is
wanted and within which limits; `core.ledger.giving` says how much is given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CapUnit(StrEnum):
    """What a cap counts."""

    TIMES = "times"
    POINTS = "points"
    GAP = "gap"
    """Microseconds from one time to the next."""


class OnExceed(StrEnum):
    """What becomes of what would pass a cap.

    PARTIAL: what is left of it is given. NONE: nothing is. REFUSE: the whole command
    is refused.
    """

    PARTIAL = "partial"
    NONE = "none"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that counters of a holder may come to.

    Attributes:
        name: of the counters.
        periods: whose values are added up; the first one counts what is given.
        limit: the most; of a GAP, the least.
        unit: what is counted.
        on_exceed: what becomes of more.
        resets_at_us: when it counts anew, if that is known.
    """

    name: str
    periods: tuple[str, ...]
    limit: int
    unit: CapUnit
    on_exceed: OnExceed = OnExceed.PARTIAL
    resets_at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """So many of the awards of an earning, the next ones, that are cut together.

    Attributes:
        awards: how many.
        caps: what may cut them.
        follows: grants before it, by place, whose part that is given is given of this
            one, too.
        budget: the holder that its points come from; the command has a `Draw` for it.
    """

    awards: int
    caps: tuple[Cap, ...] = ()
    follows: tuple[int, ...] = ()
    budget: int | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """Take from a budget what an earning before gave of it: at most `amount`."""

    amount: int


@dataclass(frozen=True, slots=True)
class Given:
    """What became of a grant.

    Attributes:
        desired: points that were wanted.
        amount: points that were given.
        before: what the counters of each cap came to before.
        cut_by: places of the caps that cut it.
        is_budget_short: whether its budget did.
    """

    desired: int
    amount: int
    before: tuple[int, ...] = ()
    cut_by: tuple[int, ...] = ()
    is_budget_short: bool = False

    def document(self) -> Mapping[str, Any]:
        """Return what is recorded of it."""
        return {
            "desired": self.desired,
            "amount": self.amount,
            "before": list(self.before),
            "cut_by": list(self.cut_by),
            "is_budget_short": self.is_budget_short,
        }
