"""Many at once on the same holders: nobody is in anybody's way for ever."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest

from core.ledger import postgres_store
from core.ledger.codes import HolderKind, RefusalCode
from core.ledger.commands import (
    Award,
    Command,
    Earn,
    Note,
    Open,
    Posted,
    Receive,
    Redeem,
    Send,
    Step,
)
from core.ledger.companions import NewMember
from core.ledger.directory import Claim, Claimed, Ticket, claim_all
from core.ledger.ledger import Ledger
from core.ledger.postgres_store import PostgresStore
from core.ledger.requests import GuardError
from core.ledger.transact import transact
from core.ledger.verify import verify

PTS = 1
PROGRAM = 7
on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def earn(holder_id: int, amount: int, key: str) -> Command:
    return Command(f"t:{key}", b"f", (Step(holder_id, Earn((Award(PTS, amount),))),))


def send(sender: int, receiver: int, amount: int, key: str) -> Command:
    steps = (Step(sender, Send(PTS, amount)), Step(receiver, Receive(sender)))
    return Command(f"t:{key}", b"f", steps)


class Watched(PostgresStore):
    """Remembers why transactions had to be run again."""

    async def run(self, begin: Callable[[], Any]) -> Any:
        try:
            return await super().run(begin)
        except Exception as error:
            self.troubles.append(type(error.__cause__ or error))
            raise


@on_postgres
async def test_transfers_to_and_fro_never_deadlock(stored: Any) -> None:
    """From three processes, and in batches that overlap."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201
    chance = random.Random(seed)
    book, database = stored
    holders = [await book.open() for _ in range(6)]
    for one in holders:
        await book.earn(one, 1_000)
    troubles: list[type] = []
    async with AsyncExitStack() as stack:
        ledgers = []
        for _ in range(3):
            store = await Watched.open(database.url, lanes=4, clock=book.clock)
            store.troubles = troubles
            ledger = Ledger(store, queue=1_000)
            stack.push_async_callback(ledger.close)
            ledgers.append(ledger)

        outcomes = await asyncio.gather(
            *(
                ledgers[number % 3].post(
                    send(*chance.sample(holders, 2), chance.randint(1, 5), f"{number}")
                )
                for number in range(900)
            )
        )

    assert all(isinstance(one, Posted) for one in outcomes)
    assert asyncpg.DeadlockDetectedError not in troubles
    ((total,),) = await database.read("SELECT sum(available) FROM wallet")
    assert total == 6_000
    assert (await verify(database, full=True)).findings == ()


async def test_two_who_send_to_each_other_both_succeed(
    stored: Any, another: Any
) -> None:
    book, database = stored
    ledgers = [book.ledger, await another()]
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, 100)
    await book.earn(bob, 100)

    for number in range(50):
        outcomes = await asyncio.gather(
            ledgers[0].post(send(ada, bob, 2, f"a{number}")),
            ledgers[1].post(send(bob, ada, 1, f"b{number}")),
        )
        assert [type(one) for one in outcomes] == [Posted, Posted]

    wallets = await database.read("SELECT available FROM wallet ORDER BY holder_id")
    assert wallets == [(50,), (150,)]
    assert (await verify(database, full=True)).findings == ()


async def is_free(connection: Any, sql: str) -> bool:
    """Tell whether a statement gets its locks at once; what it did is undone."""
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SET LOCAL lock_timeout = '100ms'")
    try:
        await connection.execute(sql)
    except asyncpg.LockNotAvailableError:
        return False
    finally:
        await transaction.rollback()
    return True


@pytest.fixture
async def strangers(stored: Any) -> AsyncIterator[list[Any]]:
    """Two connections: one is in the way, the other tries what is free."""
    opened = [await asyncpg.connect(stored[1].url) for _ in range(2)]
    yield opened
    for one in opened:
        await one.close()


@on_postgres
async def test_holders_are_locked_in_the_order_of_their_ids(
    stored: Any,
    strangers: list[Any],
    until_blocked: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the plan: here it finds the one with the higher id first."""
    book, database = stored
    blocker, other = strangers
    low, high = book.clock.new_id(), book.clock.new_id()
    for one in (high, low):
        await book.do(one, Open(PROGRAM, HolderKind.MEMBER))
    plan = {"enable_indexscan": "off", "enable_bitmapscan": "off"}
    monkeypatch.setattr(postgres_store, "_SETTINGS", plan)
    store = await PostgresStore.open(database.url, lanes=1, clock=book.clock)
    commands = [earn(high, 1, "h"), earn(low, 1, "l")]
    lock = "SELECT 1 FROM holder WHERE holder_id = {} FOR NO KEY UPDATE"

    async with blocker.transaction():
        await blocker.execute(lock.format(low))
        batch = asyncio.create_task(store.run(lambda: transact(commands)))
        await until_blocked()
        assert await is_free(other, lock.format(high))

    assert [type(one) for one in await batch] == [Posted, Posted]
    await store.close()


@on_postgres
async def test_holders_are_opened_in_the_order_of_their_ids(
    stored: Any, strangers: list[Any], until_blocked: Any
) -> None:
    book, _ = stored
    blocker, other = strangers
    low, high = book.clock.new_id(), book.clock.new_id()
    operation = Open(PROGRAM, HolderKind.MEMBER)
    commands = [
        Command(f"t:{one}", b"f", (Step(one, operation),)) for one in (high, low)
    ]
    insert = "INSERT INTO holder VALUES ({}, 7, 1, 1, 0, 0, '', NULL)"

    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute(insert.format(low))
    batch = asyncio.create_task(book.ledger.store.run(lambda: transact(commands)))
    await until_blocked()
    assert await is_free(other, insert.format(high))
    await transaction.rollback()

    assert [type(one) for one in await batch] == [Posted, Posted]


@on_postgres
@pytest.mark.parametrize(
    "insert",
    [
        "INSERT INTO directory VALUES (7, 'number', '{}', 1)",
        "INSERT INTO request VALUES (7, 'shop', '{}', '', 1, NULL, 1)",
    ],
    ids=["names", "tickets"],
)
async def test_names_are_claimed_in_their_order(
    stored: Any, strangers: list[Any], until_blocked: Any, insert: str
) -> None:
    """And so are the keys of those who claim them."""
    book, _ = stored
    blocker, other = strangers
    claims = [
        Claim(PROGRAM, 10, (("number", one),), Ticket("shop", one, b"f", 1))
        for one in ("b", "a")
    ]

    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute(insert.format("a"))
    batch = asyncio.create_task(book.ledger.store.run(lambda: claim_all(claims)))
    await until_blocked()
    assert await is_free(other, insert.format("b"))
    await transaction.rollback()

    assert await batch == [Claimed(10), Claimed(10)]


@pytest.mark.parametrize("is_refused", [False, True])
async def test_fifty_calls_through_two_processes_happen_once(
    stored: Any,
    another: Any,
    is_refused: bool,  # noqa: FBT001
) -> None:
    book, database = stored
    ledgers = [book.ledger, await another()]
    ada = await book.open()
    await book.earn(ada, 10)
    command = Command("t:k", b"f", (Step(ada, Redeem(PTS, 11 if is_refused else 10)),))

    outcomes = await asyncio.gather(
        *(ledgers[number % 2].post(command) for number in range(50))
    )

    assert sum(not one.replayed for one in outcomes) == 1
    if is_refused:
        assert {one.code for one in outcomes} == {RefusalCode.INSUFFICIENT_POINTS}
        assert all(one.detail == {"required": 11, "available": 10} for one in outcomes)
    else:
        assert {(one.seq, one.at_us) for one in outcomes} == {(3, book.clock.us)}
    rows = await database.read("SELECT count(*) FROM journal")
    assert rows == [(2 if is_refused else 3,)]
    assert await database.read("SELECT count(*) FROM refusal") == [(int(is_refused),)]


async def test_a_row_that_the_database_refuses_harms_only_its_own_command(
    stored: Any,
) -> None:
    """One of a batch of 64 names a member that exists."""
    book, database = stored
    ada, bob = await book.open(), await book.open()
    member = NewMember(PROGRAM, None, None, None)
    await book.post(Step(bob, Note(), companions=(member,)))
    before = await database.read(
        "SELECT max(seq) FROM journal WHERE holder_id = $1", bob
    )
    poison = Command("t:p", b"f", (Step(bob, Note(), companions=(member,)),))

    results = await asyncio.gather(
        *(book.ledger.post(earn(ada, 1, f"{number}")) for number in range(31)),
        book.ledger.post(poison),
        *(book.ledger.post(earn(ada, 1, f"{number}")) for number in range(31, 63)),
        return_exceptions=True,
    )

    assert isinstance(results.pop(31), GuardError)
    assert [one.seq for one in results] == list(range(2, 65))
    assert await database.read("SELECT available FROM wallet") == [(63,)]
    after = await database.read(
        "SELECT max(seq) FROM journal WHERE holder_id = $1", bob
    )
    assert after == before
    assert (await verify(database, full=True)).findings == ()
