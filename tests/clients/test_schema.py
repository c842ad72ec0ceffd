"""The schema as tools see it: graphql-eslint lints, graphql-inspector compares."""

import json
import re
from pathlib import Path
from typing import Any

import npm
import pytest

from gateway import schema_changes
from gateway.schema_changes import Gravity

SCHEMA = (npm.ROOT / "schema.graphql").read_text()
EXCEPTIONS = {
    # Strawberry prints what graphql-core has built in, without its description.
    ("require-description", "directive @oneOf"),
    # A type of activities, not a GraphQL type.
    ("naming-convention", "type ActivityType {"),
    # When points run out, and what a member did: values that have no id of their own.
    ("relay-edge-types", "type ActivityEdge {"),
    ("relay-edge-types", "type ExpirationEdge {"),
}
"""Rule and line of what graphql-eslint may say, and why."""

GRAVITIES = {
    "BREAKING": Gravity.BREAKING,
    "DANGEROUS": Gravity.DANGEROUS,
    "NON_BREAKING": Gravity.SAFE,
}

BEFORE = [
    ("  waitingPlace: SafeInt\n", "", "NON_BREAKING"),
    ("type Tier implements Node {", "type Tier {", "DANGEROUS"),
    ("  COMPENSATING\n", "", "DANGEROUS"),
    ("  waitingPlace: SafeInt\n", "  waitingPlace: SafeInt!\n", "BREAKING"),
    ("  waitingPlace: SafeInt\n", "  waitingPlace: SafeInt\n  old: Int\n", "BREAKING"),
    ("  amount: Points!\n", "  amount: Points\n", "BREAKING"),
    ("  waitIfSoldOut: Boolean\n", "  waitIfSoldOut: String\n", "BREAKING"),
]
"""What a schema may have had before (now, then) and how grave the change is."""


def earlier(now: str, then: str) -> str:
    """Return the schema of an earlier time, one line of it differing."""
    plain = re.sub(r'^ *""".*?"""\n', "", SCHEMA, flags=re.MULTILINE | re.DOTALL)
    assert now in plain
    return plain.replace(now, then, 1)


def gravest(changes: list[dict[str, str]]) -> str:
    levels = {one["level"] for one in changes}
    order = ("BREAKING", "DANGEROUS", "NON_BREAKING")
    return next(level for level in order if level in levels)


def test_the_linter_finds_what_is_excepted_and_nothing_else() -> None:
    try:
        said = npm.tool("eslint", "--format", "json", ".page/schema.graphql")
    except npm.ToolError as error:  # it found something
        said = str(error).split("\n", 1)[1]
    (report,) = json.JSONDecoder().raw_decode(said)[0]

    lines = SCHEMA.splitlines()
    found = {
        (one["ruleId"].rpartition("/")[2], lines[one["line"] - 1].partition(" on ")[0])
        for one in report["messages"]
    }
    assert found == EXCEPTIONS


@pytest.mark.parametrize(("now", "then", "level"), BEFORE)
def test_inspector_and_guerdon_tell_what_breaks_clients(
    tmp_path: Path, now: str, then: str, level: str
) -> None:
    before, after = tmp_path / "before.graphql", tmp_path / "after.graphql"
    before.write_text(earlier(now, then))
    after.write_text(earlier(now, now))

    changes: Any = json.loads(npm.run("node", "inspect.mjs", str(before), str(after)))

    assert gravest(changes) == level
    ours = schema_changes.changes(before.read_text(), after.read_text())
    assert ours[0].gravity is GRAVITIES[level]


def test_inspector_sees_no_change_where_there_is_none() -> None:
    schema = str(npm.ROOT / "schema.graphql")

    assert json.loads(npm.run("node", "inspect.mjs", schema, schema)) == []
