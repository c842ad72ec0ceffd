"""The benchmark runs, its references write what the ledger writes, its page is true."""

import re
from pathlib import Path

import asyncpg
import ledger as bench
import orjson
import pytest
import table
from callers import Window, earn
from click.testing import CliRunner
from figures import FIGURES, MANY, Goal, Result
from members import FIRST, POINTS, PROGRAM
from naive import connect, earn_plainly
from pgbench import PREPARED
from scene import Scale, opened

from core.ledger.codes import HolderKind
from core.ledger.commands import Command, Open, Posted, Step
from core.ledger.verify import verify
from core.storage.program_tables import Currency

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
MINIATURE = Scale(
    window=Window(0.1, 0.1),
    rounds=1,
    fine_window=Window(0.1, 0.1),
    fine_rounds=1,
    members=40,
    sizes=(20, 40),
    entries=40,
    calls=5,
    commands=20,
    earns=20,
    subscribers=5,
    imported=40,
)


def test_every_figure_is_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bench, "QUICK", MINIATURE)
    file = tmp_path / "figures.json"

    done = CliRunner().invoke(bench.main, ["--quick", "--json", str(file)])

    assert done.exit_code == 0, done.output
    found = orjson.loads(file.read_bytes())["figures"]
    assert [(one["part"], one["what"]) for one in found] == [
        (one.part, one.what) for one in FIGURES
    ]
    assert [len(one["rounds"]) for one in found] == [1] * len(FIGURES)


def test_only_some_parts_are_run_if_asked() -> None:
    refused = CliRunner().invoke(bench.main, ["--only", "a,z"])

    assert refused.exit_code == 2
    assert "'z' is not one of a, b, c, d, e, f, g, h, i, j" in refused.output


async def test_references_write_what_the_ledger_writes(database_url: str) -> None:
    """Their rows pass the proof between ours, and are as long as ours."""
    async with opened(database_url) as (ledger, database):
        currency = Currency(
            currency_id=POINTS, program_id=PROGRAM, code="PTS", name="Points"
        )
        await database.configure(lambda session: session.add(currency))
        opening = Step(FIRST + 1, Open(PROGRAM, HolderKind.MEMBER))
        assert isinstance(await ledger.post(Command("open", b"", (opening,))), Posted)

        await ledger.post(earn(1))
        await earn_by_reference(database_url)
        await ledger.post(earn(1))

        report = await verify(database, full=True)
        assert (report.findings, report.transactions) == ((), 5)
        assert await database.read(
            "SELECT count(DISTINCT seq), length(idem_key), length(fingerprint), terms, "
            "meta FROM journal WHERE kind = 2 GROUP BY 2, 3, 4, 5"
        ) == [(4, 24, 16, "{}", "{}")]


async def earn_by_reference(url: str) -> None:
    """Let the reference of a database post twice."""
    if url.startswith("sqlite"):
        engine = connect(Path(url.removeprefix("sqlite:///")))
        for _ in range(2):
            await earn_plainly(engine, FIRST + 1)
        await engine.dispose()
        return
    connection = await asyncpg.connect(url)
    for number in range(2):
        await connection.execute(PREPARED, FIRST + 1, f"{number:018}")
    await connection.close()


def test_a_result_is_the_median_of_its_rounds() -> None:
    result = Result(MANY, "2/s", "1/s", (1.1, 3.0, 2.0))

    assert table.markdown([result]) == (
        "| a | earn, 128 callers | 2/s | pgbench, 32 clients | 1/s | 2.00 "
        "| 1.10 to 3.00 | >= 1.2, aim 1.8 | yes |"
    )


@pytest.mark.parametrize(
    ("goal", "bad", "good"),
    [(Goal(">=", 1.2), 1.19, 1.2), (Goal("<=", 1.03), 1.04, 1.03)],
)
def test_a_goal_is_met_at_its_bound(goal: Goal, bad: float, good: float) -> None:
    assert (goal.is_met(bad), goal.is_met(good)) == (False, True)


def test_the_page_keeps_every_figure_with_its_goal() -> None:
    rows = re.findall(r"^\| ([a-z]) \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    cells = [(part, *row.split(" | ")) for part, row in rows]

    kept = [(one[0], one[1], one[3], one[7]) for one in cells]

    assert kept == [
        (one.part, one.what, one.reference, str(one.goal)) for one in FIGURES
    ]
