"""Stores: alike in what they answer, and safe against everybody else."""

import asyncio
from typing import Any

import pytest

from core.clock import SystemClock
from core.ledger.commands import (
    Award,
    Command,
    Earn,
    Posted,
    Receive,
    Redeem,
    Refused,
    Send,
    Step,
)
from core.ledger.ledger import Ledger
from core.ledger.postgres_store import PostgresStore
from core.ledger.verify import verify
from core.storage.opening import open_database

PTS = 1


async def test_redeeming_from_two_lots_at_once_takes_each_once(
    stored: Any, another: Any
) -> None:
    book, database = stored
    other = await another()
    for _ in range(20):
        ada = await book.open()
        await book.earn(ada, 100, 100)

        outcomes = await asyncio.gather(
            *(
                ledger.post(Command(f"t:{n}", b"f", (Step(ada, Redeem(PTS, 100)),)))
                for n, ledger in enumerate((book.ledger, other))
            )
        )

        assert all(isinstance(one, Posted) for one in outcomes)
    assert await database.read("SELECT sum(available) FROM wallet") == [(0,)]
    assert (await verify(database)).ok


async def test_no_point_is_lost_between_many_writers(stored: Any, another: Any) -> None:
    book, database = stored
    ada = await book.open()
    ledgers = [await another() for _ in range(2)]
    earn = Step(ada, Earn((Award(PTS, 1),)))

    await asyncio.gather(
        *(ledgers[n % 2].post(Command(f"t:{n}", b"f", (earn,))) for n in range(400))
    )

    assert await database.read("SELECT available, as_of_seq FROM wallet") == [
        (400, 401)
    ]
    assert (await verify(database)).ok


async def test_a_refusal_is_the_same_on_every_store(stored: Any, book: Any) -> None:
    on_disk, _ = stored
    answers = []
    for one in (book, on_disk):
        ada = await one.open()
        await one.earn(ada, 10)
        answers.append(await one.post(Step(ada, Redeem(PTS, 11))))

    assert isinstance(answers[0], Refused)
    assert (answers[0].code, answers[0].detail) == (
        answers[1].code,
        answers[1].detail,
    )


async def test_what_was_written_is_there_after_reopening(
    stored: Any, database_url: str
) -> None:
    book, _ = stored
    ada = await book.open()
    await book.earn(ada, 10)

    again = await open_database(database_url)
    rows = await again.read("SELECT available FROM wallet WHERE holder_id = $1", ada)
    await again.close()

    assert rows == [(10,)]


class Astray(SystemClock):
    """The clock of a machine that was set wrong."""

    def now_us(self) -> int:
        return 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_all_processes_go_by_the_clock_of_the_server(stored: Any) -> None:
    book, database = stored
    minute_us = 60_000_000
    before_us = SystemClock().now_us()
    book.clock.us = before_us - 10 * minute_us
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, 10)
    store = await PostgresStore.open(database.url, lanes=1, clock=Astray())
    ledger = Ledger(store, queue=10)

    alone = await ledger.post(Command("t:1", b"f", (Step(ada, Redeem(PTS, 1)),)))
    steps = (Step(ada, Send(PTS, 1)), Step(bob, Receive(ada)))
    together = await ledger.post(Command("t:2", b"f", steps))
    await ledger.close()

    assert before_us - minute_us < alone.at_us < before_us + minute_us
    assert alone.at_us < together.at_us
