"""What passes by itself is tried again; what does not is told at once."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from core.ledger.commands import Award, Command, Earn, Posted, Step
from core.ledger.ledger import Ledger
from core.ledger.postgres_store import PostgresStore
from core.ledger.requests import GuardError
from core.storage import sqlite_connection

PTS = 1
on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


FIELDS = b"SFATAL\0C57P02\0Mterminating connection\0\0"
LEAVE = b"E" + (4 + len(FIELDS)).to_bytes(4) + FIELDS
"""What the server says to all connections when one of its processes crashed."""


class Failing(PostgresStore):
    """Lets the server, or the driver, fail so many times."""

    failures: list[str | Exception]
    attempts = 0

    async def _run(self, connection: Any, begin: Callable[[], Any]) -> Any:
        self.attempts += 1
        if self.failures:
            failure = self.failures.pop()
            if isinstance(failure, Exception):
                raise failure
            await connection.execute(
                f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{failure}'; END $$"
            )
        return await super()._run(connection, begin)


@pytest.fixture
async def failing(stored: Any) -> AsyncIterator[Failing]:
    book, database = stored
    store = await Failing.open(database.url, lanes=1, clock=book.clock)
    store.failures = []
    yield store
    await store.close()


def earn(holder_id: int) -> Command:
    return Command("t:k", b"f", (Step(holder_id, Earn((Award(PTS, 10),))),))


PASSING = {
    "deadlock": "40P01",
    "serialization": "40001",
    "lock timeout": "55P03",
    "statement timeout": "57014",
    "shutdown": "57P01",
    "crash": "57P02",
    "starting up": "57P03",
    "idle too long": "25P03",
    "too many connections": "53300",
    "connection lost": "08006",
    "driver: connection closed": asyncpg.ConnectionDoesNotExistError("closed"),
    "system: refused": ConnectionRefusedError("refused"),
    "system: no such socket": FileNotFoundError("no socket"),
    "system: too slow": TimeoutError("too slow"),
}


LASTING: dict[str, tuple[str | Exception, type[Exception]]] = {
    "number too large": ("22003", asyncpg.NumericValueOutOfRangeError),
    "no such table": ("42P01", asyncpg.UndefinedTableError),
    "outside of a check": ("23514", GuardError),
    "key exists": ("23505", GuardError),
    "wrong arguments": (asyncpg.InterfaceError("6 expected"), asyncpg.InterfaceError),
    "a fault of ours": (ZeroDivisionError("bug"), ZeroDivisionError),
}


@on_postgres
async def test_what_passes_is_tried_again(stored: Any, failing: Failing) -> None:
    book, database = stored
    ledger = Ledger(failing, queue=10)
    for number, (name, failure) in enumerate(PASSING.items(), 1):
        ada = await book.open()
        failing.failures = [failure, failure]
        failing.attempts = 0

        outcome = await ledger.post(earn(ada))

        assert isinstance(outcome, Posted), name
        assert not outcome.replayed, name
        assert failing.attempts == 3, name
        rows = await database.read("SELECT sum(available) FROM wallet")
        assert rows == [(10 * number,)], name


@on_postgres
async def test_a_connection_that_broke_while_it_lay_idle_is_replaced(
    stored: Any, failing: Failing
) -> None:
    book, _ = stored
    ada = await book.open()
    (idle,) = failing._idle
    idle.terminate()

    outcome = await Ledger(failing, queue=10).post(earn(ada))

    assert isinstance(outcome, Posted)
    assert failing.attempts == 1
    assert failing._idle != [idle]


@on_postgres
async def test_a_connection_of_which_the_server_takes_leave_is_replaced(
    stored: Any, failing: Failing
) -> None:
    book, _ = stored
    ada = await book.open()
    (idle,) = failing._idle
    idle._protocol.data_received(LEAVE)  # the end of the connection is yet to come

    outcome = await Ledger(failing, queue=10).post(earn(ada))

    assert isinstance(outcome, Posted)
    assert failing.attempts == 2
    assert failing._idle != [idle]
    assert idle.is_closed()


@on_postgres
async def test_what_does_not_pass_is_not_tried_again(
    stored: Any, failing: Failing
) -> None:
    book, database = stored
    ada = await book.open()
    ledger = Ledger(failing, queue=10)
    for name, (failure, error) in LASTING.items():
        failing.failures = [failure]
        failing.attempts = 0

        with pytest.raises(error):
            await ledger.post(earn(ada))

        assert failing.attempts == 1, name
        assert await database.read("SELECT count(*) FROM journal") == [(1,)], name


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite gives up soon; for this to hold, it stands before `stored`."""
    monkeypatch.setattr(sqlite_connection, "_BUSY_TIMEOUT_S", 0.05)


@on_sqlite
@pytest.mark.usefixtures("impatient")
async def test_a_file_that_another_program_writes_to_is_waited_for(
    database_url: str, stored: Any
) -> None:
    """A program that does not take turns as ours do."""
    book, database = stored
    ada = await book.open()
    stranger = sqlite3.connect(
        database_url.removeprefix("sqlite:///"), isolation_level=None
    )
    stranger.execute("BEGIN IMMEDIATE")

    waiting = asyncio.create_task(book.ledger.post(earn(ada)))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    stranger.execute("COMMIT")
    stranger.close()

    assert isinstance(await waiting, Posted)
    assert await database.read("SELECT available FROM wallet") == [(10,)]
