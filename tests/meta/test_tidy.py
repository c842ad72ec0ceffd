"""Rules of the house that a machine can count."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path
    for package in ("core", "gateway", "guerdon", "plugins")
    for path in (ROOT / package).rglob("*.py")
    if "versions" not in path.parts  # a migration is as long as its schema
)
MAX_LINES = 300
MAX_FUNCTION_LINES = 60
CLOCK = "core/clock.py"
BANNED = {
    r"datetime\.now\(|datetime\.utcnow\(|date\.today\(": "take instants from the clock",
    r"\btime\.time(_ns)?\(": "take instants from the clock",
    r"\buuid[14]\(": "take ids from the clock",
    r"\bprint\(": "commands use click.echo, everything else logs",
    r"\bTODO\b|\bFIXME\b|\bXXX\b": "finish it or say why not",
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_tidy(path: Path) -> None:
    text = path.read_text()

    assert text.count("\n") <= MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            doc = node.body[0] if ast.get_docstring(node) else None
            described = (doc.end_lineno or 0) - doc.lineno + 1 if doc else 0
            length = (node.end_lineno or 0) - node.lineno + 1 - described
            assert length <= MAX_FUNCTION_LINES, f"{node.name} has {length} lines"
    if str(path.relative_to(ROOT)) != CLOCK:
        for pattern, advice in BANNED.items():
            assert not re.search(pattern, text), f"{pattern}: {advice}"


def test_nothing_names_a_machine_or_a_registry() -> None:
    pattern = re.compile(
        r"/wo[r]k/|/ro[o]t/|https?://(files|registry|deb|index)[a-z.]*\."
    )
    suffixes = {".py", ".md", ".toml", ".txt", ".graphql", ".json", ".ts", ""}
    for path in ROOT.rglob("*"):
        if path.suffix not in suffixes or not path.is_file() or _is_generated(path):
            continue
        assert not pattern.search(path.read_text()), path


def _is_generated(path: Path) -> bool:
    """Whether a tool made it: caches and environments live in hidden folders."""
    folders = path.relative_to(ROOT).parent.parts
    return any(
        name in {"__pycache__", "node_modules"}
        or (name.startswith(".") and name != ".ci")
        for name in folders
    )
