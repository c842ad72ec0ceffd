"""The rows of the acceptance list, and the scenarios that hold them.

A scenario is named after its row or its edge case, `test_vf_05_…` or `test_e25_…`. Run
as a script, it runs them all and prints row, scenario and outcome.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

import click
import pytest

ROWS = {
    "CB-01": "one star per drink",
    "DI-02": "choose the kind of program",
    "DI-03": "choose which behavior to reward",
    "G3-01": "reward interactions, within limits",
    "MH-01": "versions of rules by time",
    "MH-02": "playful ways in one ledger",
    "SF-03": "several currencies, none mixed",
    "SF-08": "the whole life of a member, by API alone",
    "SF-26": "from a template to live, and back",
    "VF-05": "double points for a limited time",
    "VF-06a": "write a review",
    "VF-06c": "tag the brand on social media",
    "VF-06d": "attend a local event",
    "VF-06e": "photo contest",
    "VF-06f": "customer-service questionnaire",
    "VF-06g": "newsletter sign-up",
    "VF-07": "custom events as triggers, without code",
    "VF-08": "a ride longer than an hour",
    "VF-09": "limits that tell until when",
    "VF-25": "marketing adds rule and reward, and another agrees",
    "YP-06": "category-specific rewards",
    "YP-29": "what a cart would earn",
}
"""Rows that have a scenario here, and what they are about."""

_NAME = re.compile(r"test_([a-z][a-z0-9]_\d\d[a-z]?|e\d{1,3})_")


def row_of(test: str) -> str | None:
    """Return the row, or edge case, that a test is named after."""
    found = _NAME.match(test)
    if found is None:
        return None
    name, _, number = found[1].partition("_")
    return f"{name.upper()}-{number}" if number else name.upper()


class Outcomes:
    """Collects what became of each scenario, on all databases."""

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of a test that ran, or failed before it could."""
        if report.when == "call" or report.failed or report.skipped:
            test = report.nodeid.rpartition("::")[2].partition("[")[0]
            self.found[test].add(report.outcome)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def main(arguments: tuple[str, ...]) -> None:
    """Run the scenarios, and print the table."""
    outcomes = Outcomes()
    folder = str(Path(__file__).parent)
    code = pytest.main([folder, "-q", "--no-header", *arguments], [outcomes])
    click.echo("\n| row | scenario | passed |\n| --- | -------- | ------ |")
    rows = {test: row for test in outcomes.found if (row := row_of(test))}
    for test, row in sorted(rows.items(), key=_order):
        passed = "yes" if outcomes.found[test] == {"passed"} else "no"
        click.echo(f"| {row} | {test} | {passed} |")
    sys.exit(int(code))


def _order(one: tuple[str, str]) -> tuple[bool, str, int, str]:
    """Put rows before edge cases, and these by number."""
    test, row = one
    is_edge = row not in ROWS and "-" not in row
    return is_edge, "" if is_edge else row, int(row[1:]) if is_edge else 0, test


if __name__ == "__main__":
    main()
