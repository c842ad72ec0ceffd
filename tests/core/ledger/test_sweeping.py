"""Sweeping: what is due is done once, by whoever comes first, as by a touch."""

import asyncio
from typing import Any

import pytest

from core.ledger import sweeping
from core.ledger.codes import JournalKind
from core.ledger.commands import Authorize, Note, Step
from core.ledger.ledger import Ledger
from core.ledger.verify import verify
from core.ledger.workspace import Workspace

PTS = 1
GRACE = '{"grace_us":500}'
DUE_KINDS = {JournalKind.ACTIVATE, JournalKind.HOLD_EXPIRE, JournalKind.EXPIRE}


async def begin(book: Any) -> int:
    """Open a holder with something of every kind that time ends."""
    ada: int = await book.open()
    now_us = book.clock.us
    await book.earn(ada, 50, available_at_us=now_us + 30)
    await book.earn(ada, 10, expires_at_us=now_us + 10)
    await book.earn(ada, 20, expires_at_us=now_us + 40, policy=GRACE)
    await book.earn(ada, 5, available_at_us=now_us + 5, expires_at_us=now_us + 35)
    await book.do(ada, Authorize(PTS, 25, expires_at_us=now_us + 60))
    return ada


async def rows_of(database: Any, holder_id: int) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = await database.read(
        "SELECT seq, kind, effective_us, balances FROM journal "
        "WHERE holder_id = $1 ORDER BY seq",
        holder_id,
    )
    return rows


async def test_a_sweep_does_what_a_touch_does(stored: Any) -> None:
    book, database = stored
    ada, bob = await begin(book), await begin(book)
    book.clock.us += 1_000

    await book.do(bob, Note())

    assert await book.ledger.sweep() == 1

    swept, touched = await rows_of(database, ada), await rows_of(database, bob)
    assert swept == touched[:-1]
    assert [row[1] for row in swept[-6:]] == [
        JournalKind.ACTIVATE,  # +5, runs out at +35
        JournalKind.ACTIVATE,  # +30
        JournalKind.EXPIRE,  # +35
        JournalKind.EXPIRE,  # +40: what is not under the hold
        JournalKind.HOLD_EXPIRE,  # +60: its lots ran out at +10 and +40
        JournalKind.EXPIRE,  # +560: what grace gave a new life
    ]
    assert await book.ledger.sweep() == 0
    assert (await verify(database, full=True)).ok


async def test_each_is_effective_when_it_was_due(stored: Any) -> None:
    book, database = stored
    began_us = book.clock.us
    ada = await begin(book)
    book.clock.us += 1_000

    await book.ledger.sweep()

    due = [
        row[2] - began_us for row in await rows_of(database, ada) if row[1] in DUE_KINDS
    ]
    assert due == [5, 30, 35, 40, 60, 560]


async def test_nothing_is_done_before_its_time(stored: Any) -> None:
    book, database = stored
    ada = await begin(book)
    book.clock.us += 4

    assert await book.ledger.sweep() == 0

    assert {row[1] for row in await rows_of(database, ada)} & DUE_KINDS == set()


async def test_a_head_that_was_early_is_set_right(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10, expires_at_us=book.clock.us + 1_000)
    early = "UPDATE holder SET next_due_us = 5"
    await database.configure(
        lambda session: session.connection().exec_driver_sql(early)
    )

    assert await book.ledger.sweep() == 1
    assert await book.ledger.sweep() == 0

    found = await database.read("SELECT next_due_us FROM holder")
    assert found == [(book.clock.us + 1_000,)]


async def test_much_work_on_one_holder_takes_several_sweeps(
    stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, database = stored
    monkeypatch.setattr(sweeping, "_PIECES", 2)
    ada = await begin(book)
    book.clock.us += 1_000

    assert [await book.ledger.sweep() for _ in range(4)] == [1, 1, 1, 0]

    due = [row[2] for row in await rows_of(database, ada) if row[1] in DUE_KINDS]
    assert len(due) == 6
    assert due == sorted(due)


async def test_listeners_hear_of_it(stored: Any) -> None:
    book, _ = stored
    ada = await begin(book)
    book.clock.us += 1_000
    with book.ledger.hub.subscribe(ada) as woken:
        await book.ledger.sweep()

        assert woken.is_set()


async def test_three_who_sweep_at_once_do_each_thing_once(
    stored: Any, another: Any
) -> None:
    book, database = stored
    holders = [await begin(book) for _ in range(40)]
    ledgers = [book.ledger, await another(), await another()]
    book.clock.us += 1_000

    async def sweep_all(ledger: Ledger) -> int:
        swept = 0
        while found := await ledger.sweep():
            swept += found
        return swept

    swept = await asyncio.gather(*(sweep_all(one) for one in ledgers))

    assert sum(swept) == 40

    for ada in holders:
        kinds = [row[1] for row in await rows_of(database, ada)]
        assert len([kind for kind in kinds if kind in DUE_KINDS]) == 6
    assert (await verify(database, full=True)).ok


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_is_in_work_is_passed_over(stored: Any) -> None:
    book, database = stored
    ada, bob = await begin(book), await begin(book)
    book.clock.us += 1_000
    async with database._pool.acquire() as connection, connection.transaction():
        lock = "SELECT 1 FROM holder WHERE holder_id = $1 FOR NO KEY UPDATE"
        await connection.execute(lock.replace("$1", str(ada)))

        assert await book.ledger.sweep() == 1

        assert len(await rows_of(database, ada)) < len(await rows_of(database, bob))
    assert await book.ledger.sweep() == 1


async def test_a_sweep_goes_between_commands(stored: Any) -> None:
    book, database = stored
    holders = [await begin(book) for _ in range(20)]
    book.clock.us += 1_000

    await asyncio.gather(
        *(book.post(Step(ada, Note())) for ada in holders for _ in range(5)),
        *(book.ledger.sweep() for _ in range(10)),
    )

    for ada in holders:
        kinds = [row[1] for row in await rows_of(database, ada)]
        assert len([kind for kind in kinds if kind in DUE_KINDS]) == 6
    assert (await verify(database, full=True)).ok


async def test_many_holders_with_much_take_turns(
    stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, database = stored
    monkeypatch.setattr(sweeping, "_PIECES", 7)
    holders = [await begin(book) for _ in range(6)]
    book.clock.us += 1_000

    sizes = []
    while swept := await book.ledger.sweep():
        sizes.append(swept)

    assert max(sizes) <= 2  # six pieces each: never more than one and a part
    for ada in holders:
        due = [row[2] for row in await rows_of(database, ada) if row[1] in DUE_KINDS]
        assert len(due) == 6
        assert due == sorted(due)
    assert (await verify(database, full=True)).ok


async def test_a_holder_on_whom_it_fails_is_left_out(
    stored: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    book, database = stored
    ada, bad, bob = [await begin(book) for _ in range(3)]
    book.clock.us += 1_000
    plain = Workspace.catch_up

    def catch_up(self: Workspace, state: Any, most: int | None = None) -> None:
        if state.holder_id == bad:
            raise ZeroDivisionError("poison")
        plain(self, state, most)

    monkeypatch.setattr(Workspace, "catch_up", catch_up)
    while await book.ledger.sweep():
        pass

    done = {one: len(await rows_of(database, one)) for one in (ada, bad, bob)}
    assert done == {ada: 12, bad: 6, bob: 12}
    assert f"what is due on holder {bad} cannot be done" in caplog.text
    assert (await verify(database, full=True)).ok
