"""What a batch is built upon must be so: otherwise nothing of it is written.

Under the lock that cannot fail. Here a batch is given what was read before somebody
changed it behind everybody's back.
"""

from typing import Any

import pytest

from core.ledger.commands import Authorize, Command, Count, Note, Redeem, Step, Void
from core.ledger.requests import Claim, GuardError
from core.ledger.transact import transact
from core.ledger.verify import verify

PTS = 1


class Seen(Exception):  # noqa: N818  (it ends a transaction that is to do nothing)
    """Carries what a batch read."""


def until_read(command: Command) -> Any:
    """Begin a batch, and give up with what it has read."""
    answer = yield next(transact([command]))
    raise Seen(answer)


def built_upon(command: Command, seen: Any) -> Any:
    """Run a batch that believes to have read what was seen before."""
    transaction = transact([command])
    answer: Any = None
    while True:
        try:
            request = transaction.send(answer)
        except StopIteration as done:
            return done.value
        answer = yield request
        if isinstance(request, Claim):
            answer = seen


async def read_by(book: Any, command: Command) -> Any:
    store = book.ledger.store
    with pytest.raises(Seen) as seen:
        await store.run(lambda: until_read(command))
    store._wary = 0  # on PostgreSQL, what follows is tried without the lock too
    return seen.value.args[0]


async def change(database: Any, sql: str) -> None:
    await database.configure(lambda session: session.connection().exec_driver_sql(sql))


async def prepare(book: Any, table: str) -> Command:
    """Return a command that changes a row of *table*, which it reads at once."""
    counted = (Count("times", "all", by=1),)
    ada = await book.open()
    await book.earn(ada, 20)
    hold = await book.do(ada, Authorize(PTS, 10))
    await book.post(Step(ada, Note(), counted))
    operation = Redeem(PTS, 10) if table == "lot" else Void(hold.seq)
    return Command("t:x", b"f", (Step(ada, operation, counted),))


@pytest.mark.parametrize(
    "table", ["holder", "wallet", "lot", "hold", "allocation", "counter"]
)
async def test_a_row_that_is_gone_stops_the_batch(stored: Any, table: str) -> None:
    book, database = stored
    command = await prepare(book, table)
    seen = await read_by(book, command)
    await change(database, f"DELETE FROM {table}")

    with pytest.raises(GuardError, match=f"^{table}: 0 of "):
        await book.ledger.store.run(lambda: built_upon(command, seen))

    assert await database.read("SELECT max(seq) FROM journal") == [(4,)]
    assert await database.read(f"SELECT count(*) FROM {table}") == [(0,)]


@pytest.mark.parametrize(
    ("table", "sql"),
    [
        ("holder", "UPDATE holder SET last_seq = 3"),
        ("wallet", "UPDATE wallet SET as_of_seq = 2"),
    ],
)
async def test_a_row_of_another_moment_stops_the_batch(
    stored: Any, table: str, sql: str
) -> None:
    book, database = stored
    command = await prepare(book, table)
    seen = await read_by(book, command)
    await change(database, sql)

    with pytest.raises(GuardError, match=f"^{table}: 0 of "):
        await book.ledger.store.run(lambda: built_upon(command, seen))

    assert await database.read("SELECT max(seq) FROM journal") == [(4,)]
    assert await database.read("SELECT available, held FROM wallet") == [(10, 10)]


@pytest.mark.parametrize("table", ["lot", "hold"])
async def test_what_was_seen_and_is_still_so_is_built_upon(
    stored: Any, table: str
) -> None:
    book, database = stored
    command = await prepare(book, table)
    seen = await read_by(book, command)

    await book.ledger.store.run(lambda: built_upon(command, seen))

    assert await database.read("SELECT max(seq) FROM journal") == [(5,)]
    assert (await verify(database, full=True)).findings == ()
