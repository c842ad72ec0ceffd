"""An import that is killed at any point is finished by running it again."""

import asyncio
import multiprocessing
import os
import random
import secrets
import signal
import sys
import time
from pathlib import Path

import pytest

from core.engine import Engine
from core.errors import DatabaseFailedError
from core.ledger.verify import verify
from core.program import definition
from tests.bulk.pasts import PROGRAM, bring, earn, member, redeem, written

HERE = Path(__file__).parent
MEMBERS, EACH = 60, 10
BATCHES = 30
"""There are two members in each batch of 20 lines."""

LEFT = 5 * (EACH - 2) - 30
"""Points of each member in the end."""


@pytest.fixture
async def program_id(engine: Engine) -> int:
    return await definition.apply(engine, PROGRAM)


def history() -> list[dict[str, object]]:
    return [
        line
        for number in map(str, range(MEMBERS))
        for line in (
            member(number),
            *(earn(number, f"e{place}", -500 + place, 5) for place in range(EACH - 2)),
            redeem(number, "r", -400, 30),
        )
    ]


async def ended(group: int) -> bool:
    """Tell whether all processes of a group end within some seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        await asyncio.sleep(0.1)
    return False


@pytest.mark.parametrize("workers", [0, 2])
async def test_a_killed_import_is_finished_by_another_run(
    engine: Engine, program_id: int, tmp_path: Path, workers: int
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201
    batches = random.Random(seed).randint(1, BATCHES // 2)
    file = written(tmp_path / "past.jsonl", history())

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, HERE / "killed_import.py"),
        *(engine.settings.database_url, file),
        *map(str, (program_id, workers, batches)),
        start_new_session=True,
    )

    assert await process.wait() == -signal.SIGKILL
    assert await ended(process.pid)
    ((done, transactions, points),) = await state(engine)
    summary = await bring(engine, program_id, file)
    again = await bring(engine, program_id, file)
    assert 2 * batches <= done < MEMBERS
    assert (transactions, points) == (done * EACH, done * LEFT)
    assert (summary.members, summary.skipped) == (MEMBERS - done, done * EACH)
    assert (summary.errors, again.skipped) == ((), MEMBERS * EACH)
    assert await state(engine) == [(MEMBERS, MEMBERS * EACH, MEMBERS * LEFT)]
    assert (await verify(engine.database, full=True)).ok


async def state(engine: Engine) -> list[tuple[int, ...]]:
    """Return how many members, transactions and points there are."""
    return await engine.database.read(
        "SELECT (SELECT count(*) FROM member), (SELECT count(*) FROM journal), "
        "(SELECT CAST(coalesce(sum(available), 0) AS bigint) FROM wallet)"
    )


async def test_a_worker_that_is_killed_ends_the_import(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    file = written(tmp_path / "past.jsonl", history())

    def kill() -> None:
        while not (workers := multiprocessing.active_children()):
            time.sleep(0.01)
        workers[0].kill()

    killing = asyncio.create_task(asyncio.to_thread(kill))
    with pytest.raises(DatabaseFailedError, match="a worker process was killed"):
        await bring(engine, program_id, file, workers=1)
    await killing

    assert (await bring(engine, program_id, file)).members == MEMBERS
