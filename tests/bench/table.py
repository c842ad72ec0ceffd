"""Results as a table to read, as rows of the page that keeps them, and as JSON."""

import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from figures import Result

_HEAD = ("", "what", "ours", "beside", "reference", "ratio", "spread", "goal", "met")


def machine(postgres_version: str) -> dict[str, Any]:
    """Describe where the figures come from."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "postgresql": postgres_version.partition(" ")[0],
        "sqlite": sqlite3.sqlite_version,
    }


def plain(results: Iterable[Result]) -> str:
    """Return an aligned table."""
    lines = [_HEAD, *(_cells(one) for one in results)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def markdown(results: Iterable[Result]) -> str:
    """Return the rows of a Markdown table, without its head."""
    return "\n".join(f"| {' | '.join(_cells(one))} |" for one in results)


def sentence(about: dict[str, Any]) -> str:
    """Return the machine in words."""
    return (
        f"{about['cores']} cores shared by clients and servers, Python "
        f"{about['python']}, PostgreSQL {about['postgresql']}, SQLite {about['sqlite']}"
    )


def as_json(results: Sequence[Result], about: dict[str, Any]) -> bytes:
    """Return all that was measured."""
    document = {"machine": about, "figures": [one.as_json() for one in results]}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _cells(result: Result) -> tuple[str, ...]:
    figure = result.figure
    low, high = min(result.ratios), max(result.ratios)
    return (
        figure.part,
        figure.what,
        result.ours,
        figure.reference,
        result.reference,
        f"{result.ratio:.2f}",
        f"{low:.2f} to {high:.2f}",
        str(figure.goal),
        "yes" if result.is_met else "no",
    )
