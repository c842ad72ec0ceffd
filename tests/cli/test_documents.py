"""Persisted documents are checked before they are deployed, and at the start."""

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_which_documents_would_fail_is_told(guerdon: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps({"role": "{ viewer { role } }"}))
    deep = "{ viewer " + "{ member " * 12 + "{ id }" + "}" * 12 + "}"
    bad.write_text(
        json.dumps({"role": "{ viewer { role } }", "old": "{ nope }", "deep": deep})
    )

    fine = guerdon("documents", "check", str(good))
    wrong = guerdon("documents", "check", str(bad))
    missing = guerdon("documents", "check", str(tmp_path / "nope.json"))

    assert (fine.returncode, fine.stdout) == (0, "1 of 1 documents can run\n")
    assert wrong.returncode == 1
    assert wrong.stdout.splitlines() == [
        "old: Cannot query field 'nope' on type 'Query'.",
        "deep: depth: 14 found, 12 allowed",
        "1 of 3 documents can run",
    ]
    assert missing.returncode == 1
    assert "No such file" in missing.stderr


def test_the_start_and_the_doctor_tell_a_bad_document(
    guerdon: Any, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({"old": "{ nope }"}))
    reason = "old: Cannot query field 'nope' on type 'Query'."

    start = guerdon("serve", GUERDON_DOCUMENTS=str(bad))
    doctor = guerdon("doctor", GUERDON_DOCUMENTS=str(bad))

    assert (start.returncode, doctor.returncode) == (1, 1)
    assert reason in start.stderr
    assert "Traceback" not in start.stderr
    assert f"FAULT  persisted documents\n       documents: {reason}" in doctor.stdout
