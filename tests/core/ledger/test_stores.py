"""Stores: alike in what they answer, and safe against everybody else."""

import asyncio
import json
import random
from typing import Any

import pytest

from core.ledger.codes import HolderKind
from core.ledger.commands import (
    Authorize,
    Award,
    Capture,
    Command,
    Earn,
    Open,
    Posted,
    Redeem,
    Refused,
    Step,
)
from core.ledger.ledger import Ledger
from core.ledger.postgres_store import PostgresStore
from core.ledger.requests import GuardError, Reads
from core.ledger.sqlite_store import SqliteStore
from core.ledger.transact import transact
from core.ledger.verify import verify
from core.storage.opening import open_database

PTS = 1


async def second_ledger(book: Any, database: Any) -> Ledger:
    """Return another ledger on the same database, as another process has."""
    store: Any
    if database.dialect == "sqlite":
        store = SqliteStore(database, book.clock)
    else:
        store = await PostgresStore.open(database.url, lanes=4, clock=book.clock)
    return Ledger(store, queue=1_000)


async def test_a_wallet_that_changed_behind_the_lock_stops_the_batch(
    stored: Any,
) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10)
    await database.configure(
        lambda session: session.connection().exec_driver_sql(
            "UPDATE wallet SET as_of_seq = 1"
        )
    )
    before = await database.read("SELECT * FROM wallet")

    # The caches now disagree with the journal: nothing must be built upon them.
    transaction = transact([Command("t:x", b"f", (Step(ada, Redeem(PTS, 5)),))])
    seen = []

    def tampered() -> Any:
        answer: Any = None
        while True:
            try:
                request = transaction.send(answer)
            except StopIteration as done:
                return done.value
            answer = yield request
            if isinstance(request, Reads):
                tables = [one.table for one in request.selects]
                place = tables.index("wallet")
                stale = [(*row[:-1], 99) for row in answer[place]]
                answer = [*answer[:place], stale, *answer[place + 1 :]]
                seen.append(request)

    with pytest.raises(GuardError):
        await book.ledger.store.run(tampered)

    assert seen
    assert await database.read("SELECT * FROM wallet") == before
    assert await database.read("SELECT count(*) FROM journal") == [(2,)]


async def test_redeeming_from_two_lots_at_once_takes_each_once(stored: Any) -> None:
    """The first stale read: lots read by the statement that locks."""
    book, database = stored
    other = await second_ledger(book, database)
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
    await close(other, database)


async def test_no_point_is_lost_between_eight_writers(stored: Any) -> None:
    """The second stale read: a wallet joined to the row that is locked."""
    book, database = stored
    ada = await book.open()
    ledgers = [await second_ledger(book, database) for _ in range(2)]
    earn = Step(ada, Earn((Award(PTS, 1),)))

    await asyncio.gather(
        *(ledgers[n % 2].post(Command(f"t:{n}", b"f", (earn,))) for n in range(400))
    )

    assert await database.read("SELECT available, as_of_seq FROM wallet") == [
        (400, 401)
    ]
    assert (await verify(database)).ok
    for one in ledgers:
        await close(one, database)


async def test_what_happened_at_once_happened_in_an_order(
    stored: Any, memory: Any
) -> None:
    """Serial witness: the journal, replayed alone, gives every result again."""
    book, database = stored
    chance = random.Random(7)
    holders = [await book.open() for _ in range(3)]
    ledgers = [book.ledger, await second_ledger(book, database)]
    commands: dict[str, Command] = {}

    async def one(number: int) -> None:
        ada = chance.choice(holders)
        operation: Any = chance.choice(
            [Earn((Award(PTS, chance.randint(1, 50)),)), Redeem(PTS, 20)]
        )
        command = Command(f"w:{number}", b"f", (Step(ada, operation),))
        commands[command.key] = command
        hold = chance.random() < 0.3
        await ledgers[number % 2].post(command)
        if hold:
            key = f"h:{number}"
            step = Step(ada, Authorize(PTS, 5))
            commands[key] = Command(key, b"f", (step,))
            held = await ledgers[number % 2].post(commands[key])
            if isinstance(held, Posted):
                key = f"c:{number}"
                commands[key] = Command(key, b"f", (Step(ada, Capture(held.seq)),))
                await ledgers[number % 2].post(commands[key])

    await asyncio.gather(*(one(number) for number in range(120)))

    journal = await database.read(
        "SELECT holder_id, idem_key, balances FROM journal ORDER BY holder_id, seq"
    )
    alone = Ledger(memory, queue=1_000)
    for number, ada in enumerate(holders):
        step = Step(ada, Open(7, HolderKind.MEMBER))
        await alone.post(Command(f"test:key-{number + 1}", b"f", (step,)))
    for _, key, _ in journal:
        if key in commands:
            await alone.post(commands[key])
    tables: Any = alone.store
    replayed = [
        (row["holder_id"], row["idem_key"], row["balances"])
        for _, row in sorted(tables.tables["journal"].items())
    ]
    assert replayed == journal
    assert all(json.loads(balances) is not None for _, _, balances in journal)
    await close(ledgers[1], database)


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


async def close(ledger: Ledger, database: Any) -> None:
    """Close a second ledger; on SQLite the database is the first one's."""
    if database.dialect == "postgresql":
        await ledger.close()
