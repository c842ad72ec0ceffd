"""A connection that breaks at COMMIT: what became of it is found under the same key."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest
from proxy import Loss, Proxy

from core.errors import OutcomeUnknownError
from core.ledger import pipeline, postgres_store
from core.ledger.codes import RefusalCode
from core.ledger.commands import Award, Command, Earn, Operation, Posted, Redeem, Step
from core.ledger.ledger import Ledger
from core.ledger.postgres_store import PostgresStore
from core.ledger.verify import verify

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PTS = 1


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    async with Proxy.open(database_url) as opened:
        yield opened


@pytest.fixture
async def remote(proxy: Proxy, clock: Any) -> AsyncIterator[Ledger]:
    """A ledger that reaches its database through the proxy."""
    ledger = Ledger(
        await PostgresStore.open(proxy.url, lanes=2, clock=clock), queue=1_000
    )
    yield ledger
    await ledger.close()


def command(holder_id: int, operation: Operation, key: str = "k") -> Command:
    return Command(f"t:{key}", b"f", (Step(holder_id, operation),))


def earn(amount: int) -> Earn:
    return Earn((Award(PTS, amount),))


@pytest.mark.parametrize("is_locking", [False, True])
@pytest.mark.parametrize(("loss", "was_done"), [("commit", False), ("answer", True)])
async def test_a_commit_whose_answer_is_lost_happens_once(
    stored: Any,
    proxy: Proxy,
    remote: Ledger,
    loss: Loss,
    was_done: bool,  # noqa: FBT001
    is_locking: bool,  # noqa: FBT001
) -> None:
    book, database = stored
    ada = await book.open()
    store: Any = remote.store
    store._wary = int(is_locking)
    proxy.losses = [loss]

    outcome = await remote.post(command(ada, earn(10)))

    assert proxy.lost == 1
    assert outcome == Posted(ada, 2, book.clock.us, {ada: 2}, replayed=was_done)
    assert await database.read("SELECT available FROM wallet") == [(10,)]
    assert await database.read("SELECT max(seq) FROM journal") == [(2,)]
    assert (await verify(database, full=True)).findings == ()


async def test_a_refusal_whose_answer_is_lost_is_the_same_again(
    stored: Any, proxy: Proxy, remote: Ledger
) -> None:
    book, database = stored
    ada = await book.open()
    proxy.losses = ["answer"]

    refused = await remote.post(command(ada, Redeem(PTS, 1)))

    assert proxy.lost == 1
    assert refused.replayed
    assert refused.code is RefusalCode.INSUFFICIENT_POINTS
    assert await database.read("SELECT count(*) FROM refusal") == [(1,)]


async def test_an_outcome_that_stays_unknown_is_found_when_asked_again(
    stored: Any, proxy: Proxy, remote: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_FIRST_PAUSE_S", 0.0)
    book, database = stored
    ada = await book.open()
    proxy.losses = ["answer"]
    proxy.goes_down = True

    with pytest.raises(OutcomeUnknownError):
        await remote.post(command(ada, earn(10)))
    proxy.is_down = False
    outcome = await remote.post(command(ada, earn(10)))

    assert (outcome.seq, outcome.replayed) == (2, True)
    assert await database.read("SELECT available FROM wallet") == [(10,)]


async def test_many_lost_commits_lose_and_double_nothing(
    stored: Any, proxy: Proxy, remote: Ledger
) -> None:
    book, database = stored
    holders = [await book.open() for _ in range(5)]
    replayed = 0

    for round_ in range(10):
        proxy.losses = ["answer", "commit"]
        outcomes = await asyncio.gather(
            *(
                remote.post(command(holder_id, earn(1), f"{round_}-{number}"))
                for holder_id in holders
                for number in range(4)
            )
        )
        replayed += sum(one.replayed for one in outcomes)

    assert proxy.lost == 20
    assert replayed > 0
    wallets = await database.read("SELECT available, as_of_seq FROM wallet")
    assert wallets == [(40, 41)] * 5
    assert (await verify(database, full=True)).findings == ()


async def test_a_server_that_says_nothing_more_is_not_waited_for(
    stored: Any, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection stands, and nothing comes: the server process is stopped."""
    book, database = stored
    monkeypatch.setattr(postgres_store, "_COMMAND_TIMEOUT_S", 0.3)
    store = await PostgresStore.open(database_url, lanes=1, clock=book.clock)
    ledger = Ledger(store, queue=10)
    ada = await book.open()
    process = store._idle[0].get_server_pid()
    os.kill(process, signal.SIGSTOP)
    try:
        async with asyncio.timeout(10):
            outcome = await ledger.post(command(ada, earn(10)))
    finally:
        os.kill(process, signal.SIGCONT)

    assert isinstance(outcome, Posted)
    assert await database.read("SELECT available FROM wallet") == [(10,)]
    await ledger.close()
