"""What is measured, beside what, and how good it must be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Literal

from callers import Run


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio must be; `aim` is what we would like."""

    sign: Literal[">=", "<="]
    value: float
    aim: float | None = None

    def is_met(self, ratio: float) -> bool:
        """Tell whether *ratio* will do."""
        return ratio >= self.value if self.sign == ">=" else ratio <= self.value

    def __str__(self) -> str:
        aim = "" if self.aim is None else f", aim {self.aim:g}"
        return f"{self.sign} {self.value:g}{aim}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio of ours to a reference."""

    part: str
    what: str
    reference: str
    goal: Goal


@dataclass(frozen=True, slots=True)
class Result:
    """A figure as measured: both sides, and the ratio of each round."""

    figure: Figure
    ours: str
    reference: str
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Return the median of the rounds."""
        return median(self.ratios)

    @property
    def is_met(self) -> bool:
        """Tell whether the goal is met."""
        return self.figure.goal.is_met(self.ratio)

    def as_json(self) -> dict[str, Any]:
        """Return what is written to a file."""
        return {
            "part": self.figure.part,
            "what": self.figure.what,
            "beside": self.figure.reference,
            "ours": self.ours,
            "reference": self.reference,
            "ratio": self.ratio,
            "rounds": self.ratios,
            "goal": str(self.figure.goal),
            "met": self.is_met,
        }


def by_rate(figure: Figure, ours: Sequence[Run], reference: Sequence[Run]) -> Result:
    """Compare commands per second, round by round."""
    ratios = [a.rate / b.rate for a, b in zip(ours, reference, strict=True)]
    return Result(figure, _rate(ours), _rate(reference), tuple(ratios))


def by_cpu(figure: Figure, ours: Sequence[Run], reference: Sequence[Run]) -> Result:
    """Compare processor time per command, round by round."""
    ratios = [a.cpu_us / b.cpu_us for a, b in zip(ours, reference, strict=True)]
    return Result(figure, cpu_text(ours), cpu_text(reference), tuple(ratios))


def by_time(
    figure: Figure, ours_s: Sequence[float], reference_s: Sequence[float]
) -> Result:
    """Compare durations, round by round."""
    ratios = [a / b for a, b in zip(ours_s, reference_s, strict=True)]
    texts = [f"{1e6 * median(one):,.0f} us" for one in (ours_s, reference_s)]
    return Result(figure, *texts, tuple(ratios))


def _rate(runs: Sequence[Run]) -> str:
    return f"{median(one.rate for one in runs):,.0f}/s ({cpu_text(runs)})"


def cpu_text(runs: Sequence[Run]) -> str:
    """Return microseconds per command, of the client and of the server, if any."""
    client = f"{median(one.client_us for one in runs):.0f}"
    server = median(one.server_us for one in runs)
    return f"{client} us" if server == 0 else f"{client} + {server:.0f} us"


MANY = Figure("a", "earn, 128 callers", "pgbench, 32 clients", Goal(">=", 1.2, aim=1.8))
SHARED = Figure(
    "a", "the same, in two processes", "pgbench, 32 clients", Goal(">=", 1.2, aim=1.8)
)
FEW = Figure("a", "earn, 32 callers", "pgbench, 32 clients", Goal(">=", 1))
HOT = Figure("b", "earn on one holder, 128 callers", "pgbench on it", Goal(">=", 5))
SQLITE = Figure("c", "earn on SQLite, 32 callers", "SQLAlchemy Core", Goal(">=", 5))

_PART = Goal(">=", 0.5)
SPEND = Figure("d", "spend of three lots, 32 callers", "earn", _PART)
SPEND_SQLITE = Figure("d", "spend of three lots on SQLite, 32 callers", "earn", _PART)

LONE = Figure("e", "lone earn, median", "one prepared statement", Goal("<=", 2.5))

_FLAT = Goal("<=", 1.2)
_FEWEST = "among 10,000 members"
_MORE = "among 100,000 and 1,000,000"
REDEEM_CPU = Figure("f", f"redeem {_MORE}, CPU", _FEWEST, _FLAT)
REDEEM_BUFFERS = Figure("f", f"redeem {_MORE}, buffers", _FEWEST, _FLAT)
EARN_CPU = Figure("f", f"earn {_MORE}, CPU", _FEWEST, _FLAT)
EARN_BUFFERS = Figure("f", f"earn {_MORE}, buffers", _FEWEST, _FLAT)

_LONG = "1,000,000 entries"
BALANCE = Figure("g", f"balance after {_LONG}, median", "after 25", _FLAT)
HISTORY = Figure("g", f"first page of {_LONG}, median", "of 25 entries", _FLAT)
_SEARCHED = Goal("<=", 1.5, aim=1.2)
"""Three searches in the journal: a step more of each when it is twice as long."""

PAST = (
    Figure("g", f"balance at an instant in {_LONG}, median", "in 25", _FLAT),
    Figure("g", f"and as known a week later in {_LONG}, median", "in 25", _SEARCHED),
    Figure("g", f"statement of 20 of {_LONG}, median", "of 20 of 25", _FLAT),
    Figure("g", f"page of a rare kind in {_LONG}, median", "in 25", _FLAT),
)
BALANCE_SQLITE = Figure("g", f"balance after {_LONG} on SQLite", "after 25", _FLAT)
HISTORY_SQLITE = Figure("g", f"first page of {_LONG} on SQLite", "of 25 entries", _FLAT)
PAST_SQLITE = tuple(
    replace(one, what=one.what.replace(", median", " on SQLite")) for one in PAST
)

_FREE = Goal("<=", 1.03)
WATCHED = Figure("h", "earn beside 1,000 subscribers, CPU", "alone", _FREE)
SUMMED = Figure("h", "and program totals read each second, CPU", "alone", _FREE)

STORAGE = Figure("i", "storage per earn, all indexes", "1 kB", Goal("<=", 1))
STORAGE_SQLITE = Figure("i", "storage per earn on SQLite", "1 kB", Goal("<=", 1))

_ALONE, _CROWD = "one caller posting", "128 callers posting"
_LIVE, _EMPTY = "import beside 8 who post", "import into an empty database"
_FILE = "import into an empty SQLite file"
_FIVE, _TEN = Goal(">=", 5), Goal(">=", 10)
IMPORTED_LIVE = (
    Figure("j", _LIVE, _ALONE, _FIVE),
    Figure("j", _LIVE, _CROWD, Goal(">=", 1)),
)
IMPORTED_EMPTY = (
    Figure("j", _EMPTY, _ALONE, _TEN),
    Figure("j", _EMPTY, _CROWD, Goal(">=", 1)),
)
IMPORTED_SQLITE = (
    Figure("j", _FILE, _ALONE, _TEN),
    Figure("j", _FILE, _CROWD, Goal(">=", 1)),
)

FIGURES = (
    *(MANY, SHARED, FEW, HOT, SQLITE, SPEND, SPEND_SQLITE, LONE),
    *(REDEEM_CPU, REDEEM_BUFFERS, EARN_CPU, EARN_BUFFERS),
    *(BALANCE, HISTORY, *PAST),
    *(BALANCE_SQLITE, HISTORY_SQLITE, *PAST_SQLITE),
    *(WATCHED, SUMMED, STORAGE, STORAGE_SQLITE),
    *(*IMPORTED_LIVE, *IMPORTED_EMPTY, *IMPORTED_SQLITE),
)
