"""Killed in the middle of redemptions: one effect, or none, and the points right."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 12


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_effect_is_accounted_for(kind: str) -> None:
    script = Path(__file__).with_name("redemptions.py")

    done = subprocess.run(
        [sys.executable, str(script), "--kills", str(KILLS), kind],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)[kind]
    assert report["faults"] == []
    assert report["kills"] == KILLS
    assert set(report["redemptions"]) == {"FULFILLED", "FAILED", "CANCELLED"}
