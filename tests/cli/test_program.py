"""`guerdon program`: what the commands print, and their exit status."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main

Guerdon = Callable[..., Result]


@pytest.fixture
def guerdon(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Guerdon:
    """Run `guerdon ARGUMENTS` in this process: many short commands are tried."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GUERDON_DATABASE_URL", database_url)
    monkeypatch.setattr("gateway.cli.running.collect_rarely", lambda: None)
    return lambda *arguments: CliRunner().invoke(main, arguments)


FAULTY = """
code = "points"
name = "Points Club"
currencies = [{ code = "PTS", name = "Points" }]

[[rules]]
code = "purchase"
activity = "purchase"
currency = "STARS"
points = 0

[[rewards]]
code = "yacht"
type = "yacht"
name = "Yacht"
currency = "PTS"
price = 5
"""

CHANGED_PLAN = """\
Program points: version 1 stands.

  ~ rule purchase
      valid_days: 365 -> 730
  - rule welcome
      retires: it gives no more points, and those it gave stay
  + reward cup
      type = "discount"
      name = "A cup"
      currency = "PTS"
      price = 30
      config.percent_off = 100

Plan: 1 to add, 1 to change, 1 to remove.
"""


def changed(text: str) -> str:
    """Return the template of a points program, as a marketer would go on with it."""
    before, rest = text.split('[[rules]]\ncode = "welcome"')
    after = rest[rest.index("[[tiers]]") :]
    cup = (
        '\n[[rewards]]\ncode = "cup"\ntype = "discount"\nname = "A cup"\n'
        'currency = "PTS"\nprice = 30\nconfig = { percent_off = 100 }\n'
    )
    return before.replace("365", "730") + after + cup


def test_from_a_template_to_the_next_version(guerdon: Guerdon, tmp_path: Path) -> None:
    file = tmp_path / "points.toml"

    assert guerdon("program", "new", "points", "points.toml").exit_code == 0
    twice = guerdon("program", "new", "points", "points.toml")
    first = guerdon("program", "plan", "points.toml")
    made = guerdon("program", "apply", "points.toml", "--yes")
    nothing = guerdon("program", "plan", "points.toml")
    file.write_text(changed(file.read_text()))
    planned = guerdon("program", "plan", "points.toml")
    asked = guerdon("program", "apply", "points.toml")
    applied = guerdon("program", "apply", "points.toml", "--yes", "--note", "a cup")
    exported = guerdon("program", "export", "out.toml")
    again = guerdon("program", "plan", "out.toml")
    differ = guerdon("program", "diff", "1", "out.toml")
    same = guerdon("program", "diff", "2", "points.toml")

    assert twice.exit_code == 1
    assert "is there already" in twice.stderr
    assert first.exit_code == 2
    assert first.stdout.startswith("Program points is new.\n\n  + program points\n")
    assert first.stdout.endswith("Plan: 7 to add, 0 to change, 0 to remove.\n")
    assert made.stdout.endswith("Version 1 stands.\n")
    assert (nothing.exit_code, nothing.stdout) == (
        0,
        "Program points: version 1 stands.\nNothing to do: it is as the file says.\n",
    )
    assert (planned.exit_code, planned.stdout) == (2, CHANGED_PLAN)
    assert (asked.exit_code, asked.stdout) == (
        1,
        CHANGED_PLAN + "Apply it? [y/N]: ",
    )
    assert applied.stdout == CHANGED_PLAN + "Version 2 stands.\n"
    assert exported.exit_code == 0
    assert again.exit_code == 0
    assert differ.exit_code == 2
    assert differ.stdout + "\n" in CHANGED_PLAN
    assert (same.exit_code, same.stdout) == (0, "They say the same.\n")


def test_faults_are_told_with_their_places(guerdon: Guerdon, tmp_path: Path) -> None:
    (tmp_path / "faulty.toml").write_text(FAULTY)
    (tmp_path / "broken.toml").write_text("code = ")

    told = [
        guerdon("program", verb, "faulty.toml", *more)
        for verb, *more in (["validate"], ["plan"], ["apply", "--yes"])
    ]
    broken = guerdon("program", "validate", "broken.toml")
    nothing = guerdon("program", "export")

    for one in told:
        assert one.exit_code == 1
        assert one.stderr == (
            "Error: 2 faults; nothing was done:\n"
            "  rules[0].points: must be a text, or a whole number from 1 to "
            "9007199254740991\n"
            "  rewards[0].type: no plugin brings the reward type 'yacht'\n"
        )
    assert broken.stderr.startswith("Error: broken.toml is not TOML: ")
    assert nothing.stderr == "Error: there is no program\n"


def test_a_file_is_promoted_from_a_sandbox(guerdon: Guerdon) -> None:
    guerdon("program", "new", "punch_card", "card.toml")
    guerdon("--program", "trial", "program", "apply", "card.toml", "--yes", "--sandbox")
    guerdon("--program", "trial", "program", "export", "tried.toml")

    live = guerdon("--program", "card", "program", "apply", "tried.toml", "--yes")
    token = guerdon("--program", "card", "token", "create", "--role", "admin")
    missing = guerdon("--program", "other", "token", "create", "--role", "admin")

    assert live.stdout.startswith("Program card is new.")
    assert token.stdout.startswith("gdn_")
    assert missing.stderr == "Error: there is no program other\n"


def test_two_people_agree_on_a_file_too(guerdon: Guerdon, tmp_path: Path) -> None:
    guerdon("program", "new", "points", "points.toml")
    file = tmp_path / "points.toml"
    file.write_text('approval = "two_people"\n' + file.read_text())
    guerdon("program", "apply", "points.toml", "--yes")
    file.write_text(file.read_text().replace("Points Club", "Club"))

    drafted = guerdon("program", "apply", "points.toml", "--yes")
    planned = guerdon("program", "plan", "points.toml")

    assert drafted.stdout.endswith("Version 2 is drafted: somebody must approve it.\n")
    assert planned.exit_code == 2
