"""What the page for operators says of roles and scopes is what they are."""

import re
from dataclasses import fields
from pathlib import Path

from core.actors import MEANINGS, SCOPES, Role, Scope
from core.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")


def test_the_table_of_scopes() -> None:
    columns = " | ".join(f"`{role.value}`" for role in Role)
    rows = {
        f"| `{scope.value}` | {MEANINGS[scope]} | "
        + " | ".join("x" if scope in SCOPES[role] else "" for role in Role)
        + " |"
        for scope in Scope
    }

    written = re.findall(r"^\| `[a-z]+:[a-z]+` \|.*\|$", PAGE, re.MULTILINE)

    assert f"| scope | what it allows | {columns} |" in PAGE
    assert set(written) == rows
    assert len(written) == len(rows)


def test_every_role_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("| role | rights |") :].split("\n\n")[0]

    assert re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE) == list(Role)


def test_every_setting_of_the_issuer_stands_on_the_page() -> None:
    rows = re.findall(r"^\| `(GUERDON_OIDC_\w+)` \|", PAGE, re.MULTILINE)

    assert rows == [
        PREFIX + one.name.upper()
        for one in fields(Settings)
        if one.name.startswith("oidc_")
    ]
