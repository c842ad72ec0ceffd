"""The page about programs shows what the commands say."""

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "programs.md").read_text(encoding="utf-8")
BLOCK = re.MULTILINE | re.DOTALL
COFFEE = """
[[rewards]]
code = "coffee"
type = "discount"
name = "A coffee"
currency = "PTS"
price = 30
config = { percent_off = 100 }
"""


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, BLOCK)


@pytest.fixture
def guerdon(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GUERDON_DATABASE_URL", sqlite_url)
    monkeypatch.setattr("gateway.cli.running.collect_rarely", lambda: None)
    return lambda *arguments: CliRunner().invoke(main, ["program", *arguments])


def test_plan_and_apply_look_as_they_are_shown(guerdon: Any, tmp_path: Path) -> None:
    (document,) = blocks("toml")
    _, plan = blocks("text")
    (change,) = blocks("diff")
    file = tmp_path / "shop.toml"
    file.write_text(document)
    removed, added = (line[1:] for line in change.splitlines())
    welcome = document.index('[[rules]]\ncode = "welcome"')
    next_version = (
        document[:welcome] + document[document.index("[[tiers]]") :] + COFFEE
    ).replace(removed, added)

    assert guerdon("validate", "shop.toml").output == "shop.toml is valid.\n"
    assert guerdon("apply", "shop.toml", "--yes").exit_code == 0
    assert guerdon("plan", "shop.toml").exit_code == 0
    file.write_text(next_version)
    planned = guerdon("plan", "shop.toml")

    assert (planned.exit_code, planned.output) == (2, plan)
    assert guerdon("apply", "shop.toml", "--yes").output == plan + (
        "Version 2 stands.\n"
    )


def test_faults_look_as_they_are_shown(guerdon: Any, tmp_path: Path) -> None:
    (document,) = blocks("toml")
    faults, _ = blocks("text")
    wrong = (
        document.replace('currency = "PTS"', 'currency = "STARS"', 1)
        .replace("threshold = 300", "threshold = 0")
        .replace("percent_off = 10,", "percent_off = 1000,")
    )
    (tmp_path / "shop.toml").write_text(wrong)

    told = guerdon("validate", "shop.toml")

    assert (told.exit_code, told.output) == (1, faults)


def test_every_command_and_field_on_the_page_is_there() -> None:
    schema = (ROOT / "schema.graphql").read_text(encoding="utf-8")
    commands = set(re.findall(r"`guerdon (?:--program \w+ )?program (\w+)", PAGE))
    fields = set(re.findall(r"`([a-z]+[A-Z]\w*)\b", PAGE))

    assert commands == {"new", "validate", "plan", "apply", "export", "diff"}
    for name in fields:
        assert re.search(rf"^  {name}[(:]", schema, re.MULTILINE), name
