"""Much is read as of one moment, and written in one transaction, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.storage import postgres, sqlite_views
from core.storage.database import ClashError, Database
from core.storage.opening import open_database
from core.storage.program_tables import Program

COLUMNS = ("program_id", "code", "name", "time_zone", "language", "rules_revision")
JOURNAL = (
    *("holder_id", "seq", "kind", "idem_key", "fingerprint", "at_us", "effective_us"),
    *("balances", "terms", "meta", "hash"),
)
COUNT = "SELECT count(*) FROM program"


def programs(*numbers: int) -> list[tuple[Any, ...]]:
    return [(number, f"p{number}", "Shop", "UTC", "en", 0) for number in numbers]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url)
    yield opened
    await opened.close()


async def test_what_is_copied_is_there_after_the_transaction(
    database: Database,
) -> None:
    async with database.bulk() as bulk:
        await bulk.copy("program", COLUMNS, programs(1, 2))
        await bulk.execute("UPDATE program SET name = $1 WHERE program_id = $2", "A", 2)
        assert await bulk.read(COUNT) == [(2,)]
        assert await database.read(COUNT) == [(0,)]

    assert await database.read("SELECT name FROM program ORDER BY program_id") == [
        ("Shop",),
        ("A",),
    ]


async def fail_after_copying(database: Database) -> None:
    async with database.bulk() as bulk:
        await bulk.copy("program", COLUMNS, programs(1))
        raise LookupError


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(LookupError):
        await fail_after_copying(database)

    assert await database.read(COUNT) == [(0,)]
    async with database.bulk() as bulk:
        await bulk.copy("program", COLUMNS, programs(1))
    assert await database.read(COUNT) == [(1,)]


async def test_a_key_that_is_there_is_told_and_nothing_is_written(
    database: Database,
) -> None:
    for again in (programs(2, 1), [(3, "p1", "Shop", "UTC", "en", 0)]):
        await database.configure(
            lambda session: session.merge(Program(program_id=1, code="p1", name="x"))
        )
        with pytest.raises(ClashError):
            async with database.bulk() as bulk:
                await bulk.copy("program", COLUMNS, again)

    assert await database.read(COUNT) == [(1,)]


async def test_copied_journal_rows_get_their_place_in_the_feed(
    database: Database,
) -> None:
    rows = [
        (9, seq, 1, f"k{seq}", b"f", 1, 1, "[]", "{}", "{}", b"h") for seq in (1, 2)
    ]
    async with database.bulk() as bulk:
        await bulk.copy("journal", JOURNAL, rows)
        await bulk.copy("journal", JOURNAL, [(8, *rows[0][1:])])

    order = "SELECT holder_id, seq FROM journal ORDER BY feed, holder_id DESC, seq"
    assert await database.read(order) == [(9, 1), (9, 2), (8, 1)]
    assert await database.read("SELECT 1 FROM journal WHERE feed IS NULL") == []


async def test_others_wait_their_turn_on_sqlite(database: Database) -> None:
    if database.dialect != "sqlite":
        return  # there they write at the same time
    async with database.bulk() as bulk:
        await bulk.copy("program", COLUMNS, programs(1))
        waiting = asyncio.create_task(
            database.configure(
                lambda session: session.add(Program(program_id=2, code="2", name="x"))
            )
        )
        await asyncio.sleep(0.05)
        assert not waiting.done()

    await waiting
    assert await database.read(COUNT) == [(2,)]


async def test_a_stream_reads_one_moment_slice_by_slice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (postgres, sqlite_views):
        monkeypatch.setattr(module, "SLICE", 2)
    async with database.bulk() as bulk:
        await bulk.copy("program", COLUMNS, programs(1, 2, 3, 4, 5))

    sql = "SELECT program_id FROM program WHERE program_id > $1 ORDER BY program_id"
    found = []
    async with database.snapshot() as view:
        async for rows in view.stream(sql, 1):
            found.append(rows)
            await database.configure(
                lambda session: session.merge(
                    Program(program_id=9, code="late", name="x")
                )
            )

    assert found == [[(2,), (3,)], [(4,), (5,)]]
    assert await database.read(COUNT) == [(6,)]
