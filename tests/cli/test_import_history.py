"""Imports of finished history as a user runs them."""

import json
from pathlib import Path
from typing import Any

import pytest

Guerdon = Any
HISTORY = """\
{"type":"member","number":"007","joinedAt":"2020-01-01T00:00:00Z"}
{"type":"earn","member":"007","id":"a","at":"2020-02-01T00:00:00Z","currency":"PTS",\
"points":50,"expiresAt":"2021-02-01T00:00:00Z"}
{"type":"redeem","member":"007","id":"b","at":"2020-03-01T00:00:00Z","currency":"PTS",\
"points":20}
{"type":"member","number":"008","joinedAt":"2020-01-01T00:00:00Z"}
{"type":"redeem","member":"008","id":"a","at":"2020-03-01T00:00:00Z","currency":"PTS",\
"points":20}
"""
FIGURES = {
    "written": True,
    "members": 1,
    "transactions": 2,
    "skipped": 0,
    "left_out": 1,
    "errors": 1,
    "currencies": {
        "PTS": {
            "issued": 50,
            "adjusted": 0,
            "redeemed": 20,
            "expired": 30,
            "outstanding": 0,
        }
    },
}
WRONG = "line 5: points: 20 points required, 0 available\n"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_history_is_tried_imported_and_repeated(
    guerdon: Guerdon, tmp_path: Path
) -> None:
    file = tmp_path / "old-system.jsonl"
    file.write_text(HISTORY)

    dry = guerdon("import", "history", str(file), "--dry-run")
    done = guerdon("import", "history", str(file), "--json")
    again = guerdon("import", "history", str(file), "--json")
    renamed = guerdon("import", "history", str(file), "--name", "new")
    misnamed = guerdon("import", "history", str(file), "--name", "a/b")

    assert (dry.returncode, dry.stderr) == (2, WRONG)
    assert dry.stdout == (
        "1 members, 2 transactions.\n"
        "0 lines were there already.\n"
        "1 lines are wrong, 1 members left out.\n"
        "PTS: 50 issued, 0 adjusted, 20 redeemed, 30 expired, 0 outstanding.\n"
        "Nothing was written.\n"
    )
    assert (done.returncode, done.stderr) == (2, WRONG)
    assert json.loads(done.stdout) == FIGURES
    assert json.loads(again.stdout) == FIGURES | {
        "members": 0,
        "transactions": 0,
        "skipped": 3,
        "currencies": {},
    }
    assert renamed.stderr.startswith("line 1: number: another member has this number\n")
    assert (misnamed.returncode, misnamed.stdout) == (1, "")
    assert misnamed.stderr.startswith("Error: name: must be 1 to 64")
