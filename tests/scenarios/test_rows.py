"""The list of rows and the scenarios tell the same."""

import ast
from pathlib import Path

import pytest

from tests.scenarios import rows

FOLDER = Path(__file__).parent


def scenarios() -> list[str]:
    return [
        node.name
        for path in sorted(FOLDER.glob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AsyncFunctionDef)
    ]


def test_every_row_has_a_scenario() -> None:
    named = {rows.row_of(name) for name in scenarios()}

    assert set(rows.ROWS) <= named


@pytest.mark.parametrize(
    ("test", "row"),
    [
        ("test_vf_06a_a_review_earns", "VF-06a"),
        ("test_e25_a_month", "E25"),
        ("test_e9_x", "E9"),
        ("test_a_cooldown_keeps_two_apart", None),
    ],
)
def test_a_scenario_is_named_after_its_row(test: str, row: str | None) -> None:
    assert rows.row_of(test) == row
