"""What happened in a run, and what the audit found afterwards."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from audit import Audit, Kind

_KILLED = ("writer", "sweeper", "backend", "postmaster")
_LOST = "lost answer"


def kills_of(troubles: Mapping[str, int]) -> int:
    """Return how many of the troubles were processes killed."""
    return sum(troubles.get(one, 0) for one in _KILLED)


@dataclass
class Report:
    """Of one database."""

    seed: int
    troubles: Counter[str]
    swept: int
    audit: Audit

    @property
    def kills(self) -> int:
        """Return how many processes were killed."""
        return kills_of(self.troubles)

    def line(self) -> str:
        """Return what matters in one line."""
        troubles = ", ".join(f"{n} {what}s" for what, n in self.troubles.items())
        return (
            f"seed {self.seed}: {self.kills} kills ({troubles}), "
            f"{self.swept} holders swept, {self.audit.line()}"
        )

    def rows(self) -> dict[str, int | str]:
        """Return all of it for a table; what cannot be there has a dash."""
        found = self.audit
        troubles = {one: self.troubles.get(one, "-") for one in (*_KILLED, _LOST)}
        return (
            {"seed": self.seed, "kills": self.kills}
            | {f"  of a {one}": troubles[one] for one in _KILLED}
            | {
                "answers lost at COMMIT": troubles[_LOST],
                "clock steps": self.troubles["clock step"],
                "holders swept": self.swept,
                "acknowledged": found.posted + found.refused,
                "  posted": found.posted,
                "  refused": found.refused,
                "outcome unknown at first": found.unknown,
                "answered from an earlier commit": found.earlier,
            }
            | {one.value: found.count(one) for one in Kind}
        )


def table(reports: Mapping[str, Report]) -> str:
    """Return the rows of all databases side by side."""
    columns = [report.rows() for report in reports.values()]
    lines = [f"{'':<32}" + "".join(f"{name:>12}" for name in reports)]
    lines += [
        f"{what:<32}" + "".join(f"{column[what]:>12}" for column in columns)
        for what in columns[0]
    ]
    return "\n".join(lines)
