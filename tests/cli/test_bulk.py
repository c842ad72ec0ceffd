"""Exports and restores as a user runs them."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

Guerdon = Any
CSV = """customer_number,order_id,date,amount
7,o1,2026-11-20,10.50
8,o2,2026-11-22,3.99
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_goes_out_and_comes_back(guerdon: Guerdon, tmp_path: Path) -> None:
    orders, file = tmp_path / "orders.csv", tmp_path / "all.jsonl.gz"
    orders.write_text(CSV)
    guerdon("import", "orders", str(orders))
    proof = json.loads(guerdon("ledger", "verify", "--json").stdout)
    elsewhere = {"GUERDON_DATABASE_URL": f"sqlite:///{tmp_path}/other.db"}

    exported = guerdon("export", str(file))
    restored = guerdon("restore", str(file), "--json", **elsewhere)
    refused = guerdon("restore", str(file), **elsewhere)
    proved = guerdon("ledger", "verify", "--full", **elsewhere)

    told = json.loads(restored.stdout)
    assert told["root"] == proof["root"]
    assert exported.stdout == (
        f"Exported {told['rows']:,} rows.\nRoot: {proof['root']}\n"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: the database is not empty: there are rows")
    assert proved.returncode == 0
    assert proved.stdout.splitlines()[-1] == f"Root: {proof['root']}"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_no_export_is_told_without_a_trace(
    guerdon: Guerdon, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(CSV)

    damaged = guerdon("restore", str(file))
    nothing = guerdon("export", str(file), GUERDON_DATABASE_URL="sqlite:///none.db")

    assert (damaged.returncode, damaged.stderr) == (
        1,
        "Error: line 1: it is not the first line of an export of this version\n",
    )
    assert nothing.returncode == 1
    assert "there is no file none.db yet" in nothing.stderr
    assert file.read_text() == CSV
