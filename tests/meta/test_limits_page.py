"""`docs/limits.md` names every limit with its default, and every code that it tells."""

import re
from dataclasses import fields
from pathlib import Path

from core.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "limits.md").read_text()
ELSEWHERE = re.compile(
    r"(rate|attempt|system_rate|cached|shared|socket)s?_|documents$|trusted_only$"
    r"|(operation|read|receive)_timeout_ms$"
)


def test_every_limit_is_on_the_page_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(GUERDON_\w+)` \| (`\d+`)? *\|", PAGE, re.MULTILINE))

    wanted = {
        PREFIX + one.name.upper(): f"`{one.default}`" if one.default != "" else ""
        for one in fields(Settings)
        if one.name.startswith("max_") or ELSEWHERE.match(one.name)
    }
    assert rows == wanted


def test_every_code_on_the_page_is_told_somewhere() -> None:
    sources = [
        path.read_text() for folder in ("core", "gateway") for path in _modules(folder)
    ]
    names = r"\b([A-Z]+_[A-Z_]*[A-Z])\b"
    found = set(re.findall(r"`" + names + "`", PAGE))
    codes = {one for one in found if not one.startswith(PREFIX)}

    assert "OPERATION_TIMEOUT" in codes
    for code in codes:
        assert any(f'"{code}"' in source for source in sources), code


def _modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))
