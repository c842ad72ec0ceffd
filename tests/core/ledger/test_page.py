"""The page about the ledger says what the code does, and its script works."""

import re
import subprocess
import sys
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

from core.ledger.codes import Account, JournalKind, RefusalCode
from core.ledger.invariants import INVARIANTS
from core.ledger.policy import Clawback
from core.ledger.verify import BALANCES, CHAIN, REBUILD, TOTALS

PAGE = (Path(__file__).parents[3] / "docs" / "ledger.md").read_text(encoding="utf-8")
SCRIPT = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[-1]


def table(heading: str) -> list[list[str]]:
    """Return the cells of the table whose first column has this heading."""
    lines = PAGE[PAGE.index(f"\n| {heading} |") + 1 :].split("\n\n")[0].splitlines()
    return [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in lines[2:]
    ]


@pytest.mark.parametrize(
    ("heading", "numbers"),
    [("account", Account), ("kind", JournalKind), ("code", RefusalCode)],
)
def test_every_number_is_listed(heading: str, numbers: type[IntEnum]) -> None:
    listed = [(row[0], int(row[1])) for row in table(heading)]

    assert listed == [(one.name, one.value) for one in numbers]


def test_every_policy_is_listed() -> None:
    assert [row[0] for row in table("`clawback`")] == list(Clawback)


def test_every_check_is_listed_with_its_claim() -> None:
    checks = [(one.code, one.claim) for one in INVARIANTS]
    checks += [CHAIN, REBUILD, BALANCES, TOTALS]

    assert [(row[0], row[1]) for row in table("check")] == checks


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_script_proves_the_chains_alone(stored: Any, tmp_path: Path) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 30, expires_at_us=book.clock.us + 50)
    await book.earn(ada, 5)
    script = tmp_path / "chains.py"
    script.write_text(SCRIPT, encoding="utf-8")

    def run() -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(script), str(tmp_path / "guerdon.db")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    sound = run()
    for sql in (
        "DROP TRIGGER journal_no_update",
        "UPDATE journal SET meta = '{\"forged\":1}' WHERE seq = 2",
    ):
        await database.write(lambda connection, sql=sql: connection.execute(sql))
    forged = run()

    assert (sound.returncode, sound.stdout) == (
        0,
        "3 transactions, every hash follows\n",
    )
    assert forged.returncode == 1
    assert forged.stderr == f"holder {ada}: the chain breaks at transaction 2\n"
