"""`docs/errors.md` has every code that a client may be told, and no other."""

import re
from pathlib import Path

from core import errors
from gateway.codes import Code
from gateway.user_errors import SHOWN_AS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "errors.md").read_text()
COMMANDS_ONLY = {
    errors.ConfigurationError,
    errors.DamagedFileError,
    errors.DatabaseNotEmptyError,
    errors.PluginLoadError,
}
"""Errors of the command line, which no client of the API meets."""


def _codes(text: str) -> list[str]:
    return re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)


def test_every_refusal_is_on_the_page() -> None:
    refusals, _ = PAGE.split("## Errors of the request")

    assert _codes(refusals) == sorted({kind.code for kind in SHOWN_AS})


def test_every_other_code_is_on_the_page() -> None:
    _, others = PAGE.split("## Errors of the request")
    kinds = [getattr(errors, name) for name in errors.__all__]
    told = {
        kind.code
        for kind in kinds
        if "code" in vars(kind) and kind not in COMMANDS_ONLY and kind not in SHOWN_AS
    }

    found = _codes(others)

    assert len(found) == len(set(found))
    assert set(found) == told | set(Code)


def test_no_code_is_told_but_by_its_name() -> None:
    told = re.compile(r"(coded|HttpRefusedError)\([^)]*\"[A-Z_]{4,}\"")
    for path in (ROOT / "gateway").rglob("*.py"):
        assert not told.search(path.read_text()), path
