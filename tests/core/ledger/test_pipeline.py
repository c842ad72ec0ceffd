"""The queue before a store: batches, order, faults, overload."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import BusyError, OutcomeUnknownError
from core.ledger import pipeline
from core.ledger.codes import HolderKind
from core.ledger.commands import Award, Command, Earn, Note, Open, Posted, Step
from core.ledger.ledger import Ledger
from core.ledger.memory_store import MemoryStore
from core.ledger.requests import RetryError
from core.ledger.store import Store

PTS = 1
POINTS = {"is_redeemable": True, "is_transferable": False, "floor": 0}


def earn(holder_id: int, number: int, amount: int = 1) -> Command:
    return Command(f"t:{number}", b"f", (Step(holder_id, Earn((Award(PTS, amount),))),))


class Counting(MemoryStore):
    """Counts batches, waits when told to, and fails when told to."""

    def __init__(self, clock: Any) -> None:
        super().__init__(clock)
        self.batches = 0
        self.failures: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def run(self, begin: Callable[[], Any]) -> Any:
        self.batches += 1
        await self.gate.wait()
        result = await super().run(begin)
        if self.failures:
            raise self.failures.pop()
        return result


@pytest.fixture
def counting(clock: Any) -> Counting:
    store = Counting(clock)
    store.put("currency", currency_id=PTS, program_id=1, **POINTS)
    return store


async def open_holder(ledger: Ledger, clock: Any) -> int:
    holder_id: int = clock.new_id()
    operation = Open(1, HolderKind.MEMBER)
    await ledger.post(Command("t:open", b"f", (Step(holder_id, operation),)))
    return holder_id


async def test_what_arrives_together_travels_together(
    counting: Counting, clock: Any
) -> None:
    ledger = Ledger(counting, queue=1_000)
    ada = await open_holder(ledger, clock)
    before = counting.batches

    await asyncio.gather(*(ledger.post(earn(ada, n)) for n in range(100)))

    assert counting.batches == before + 1


async def test_while_a_batch_is_under_way_the_next_collects(
    counting: Counting, clock: Any
) -> None:
    ledger = Ledger(counting, queue=1_000)
    ada = await open_holder(ledger, clock)
    before = counting.batches
    counting.gate.clear()
    posts = [asyncio.create_task(ledger.post(earn(ada, 0)))]
    await asyncio.sleep(0.01)
    posts += [asyncio.create_task(ledger.post(earn(ada, n))) for n in range(1, 30)]
    await asyncio.sleep(0.01)

    counting.gate.set()
    outcomes = await asyncio.gather(*posts)

    assert counting.batches == before + 2
    assert [one.seq for one in outcomes] == list(range(2, 32))  # in their order


async def test_a_poisonous_command_harms_nobody_else(
    counting: Counting, clock: Any
) -> None:
    ledger = Ledger(counting, queue=1_000)
    ada = await open_holder(ledger, clock)
    poison = Command("t:p", b"f", (Step(ada, Note(), companions=(object(),)),))

    results = await asyncio.gather(
        *(ledger.post(earn(ada, n)) for n in range(63)),
        ledger.post(poison),
        return_exceptions=True,
    )

    assert all(isinstance(one, Posted) for one in results[:63])
    assert isinstance(results[63], AttributeError)
    assert counting.tables["wallet"][ada, PTS]["available"] == 63


async def test_overload_is_answered_before_anything_begins(
    counting: Counting, clock: Any
) -> None:
    ledger = Ledger(counting, queue=10)
    ada = await open_holder(ledger, clock)
    counting.gate.clear()
    first = asyncio.create_task(ledger.post(earn(ada, 0)))
    await asyncio.sleep(0.01)

    waiting = [asyncio.create_task(ledger.post(earn(ada, n))) for n in range(1, 11)]
    await asyncio.sleep(0.01)
    with pytest.raises(BusyError):
        async with asyncio.timeout(5):
            await ledger.post(earn(ada, 11))

    counting.gate.set()
    await asyncio.gather(first, *waiting)
    assert counting.tables["wallet"][ada, PTS]["available"] == 11
    again = await ledger.post(earn(ada, 11))
    assert not again.replayed


async def test_who_waited_too_long_is_told_before_anything_begins(
    counting: Counting, clock: Any
) -> None:
    ledger = Ledger(counting, queue=10, wait_s=0.01)
    ada = await open_holder(ledger, clock)
    counting.gate.clear()
    first = asyncio.create_task(ledger.post(earn(ada, 0)))
    await asyncio.sleep(0)
    late = asyncio.create_task(ledger.post(earn(ada, 1)))
    await asyncio.sleep(0.05)

    counting.gate.set()
    with pytest.raises(BusyError):
        await late
    assert isinstance(await ledger.post(earn(ada, 2)), Posted)

    assert isinstance(await first, Posted)
    keys = {row["idem_key"] for row in counting.tables["journal"].values()}
    assert keys == {"t:open", "t:0", "t:2"}


async def test_cancelling_a_caller_does_not_cancel_its_command(
    counting: Counting, clock: Any
) -> None:
    ledger = Ledger(counting, queue=10)
    ada = await open_holder(ledger, clock)
    counting.gate.clear()
    caller = asyncio.create_task(ledger.post(earn(ada, 0)))
    await asyncio.sleep(0.01)

    caller.cancel()
    counting.gate.set()
    await ledger.close()

    assert caller.cancelled()
    assert counting.tables["wallet"][ada, PTS]["available"] == 1


async def test_a_lost_answer_is_found_under_the_same_key(
    counting: Counting, clock: Any
) -> None:
    ledger = Ledger(counting, queue=10)
    ada = await open_holder(ledger, clock)
    counting.failures = [RetryError("the connection broke after COMMIT")]

    outcome = await ledger.post(earn(ada, 0, amount=5))

    assert isinstance(outcome, Posted)
    assert outcome.replayed  # answered from the commit whose answer was lost
    assert counting.tables["wallet"][ada, PTS]["available"] == 5


async def test_a_store_that_never_answers_leaves_the_outcome_unknown(
    counting: Counting, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_FIRST_PAUSE_S", 0.0)
    ledger = Ledger(counting, queue=10)
    ada = await open_holder(ledger, clock)
    counting.failures = [RetryError("gone")] * 100

    with pytest.raises(OutcomeUnknownError):
        await ledger.post(earn(ada, 0))


async def test_listeners_are_woken_after_the_commit(
    counting: Counting, clock: Any
) -> None:
    ledger = Ledger(counting, queue=10)
    ada, bob = await open_holder(ledger, clock), await open_holder(ledger, clock)
    with ledger.hub.subscribe(ada) as woken, ledger.hub.subscribe(bob) as other:
        await ledger.post(earn(ada, 0))
        await asyncio.sleep(0)

        assert woken.is_set()
        assert not other.is_set()
    assert ledger.hub.listened() == []


async def test_holders_in_work_are_left_to_their_batch(clock: Any) -> None:
    class TwoLanes(Counting):
        lanes = 2

    store: Store = TwoLanes(clock)
    assert isinstance(store, TwoLanes)
    ledger = Ledger(store, queue=100)
    ada, bob = await open_holder(ledger, clock), await open_holder(ledger, clock)
    before = store.batches
    store.gate.clear()
    posts = [asyncio.create_task(ledger.post(earn(ada, 0)))]
    await asyncio.sleep(0.01)
    posts.append(asyncio.create_task(ledger.post(earn(ada, 1))))
    posts.append(asyncio.create_task(ledger.post(earn(bob, 2))))
    await asyncio.sleep(0.01)

    assert store.batches == before + 2  # bob's goes ahead, ada's second waits
    store.gate.set()
    await asyncio.gather(*posts)
    assert store.batches == before + 3


async def test_who_waits_for_two_holders_is_not_overtaken_on_one(clock: Any) -> None:
    class TwoLanes(Counting):
        lanes = 2

    store = TwoLanes(clock)
    store.put("currency", currency_id=PTS, program_id=1, **POINTS)
    ledger = Ledger(store, queue=100)
    ada, bob = await open_holder(ledger, clock), await open_holder(ledger, clock)
    before = store.batches
    store.gate.clear()
    both = Command("t:b", b"f", (Step(ada, Note()), Step(bob, Note())))
    posts = []
    for command in (earn(ada, 0), both, earn(bob, 1)):
        posts.append(asyncio.create_task(ledger.post(command)))
        await asyncio.sleep(0.01)

    assert store.batches == before + 1
    store.gate.set()
    _, note, earned = await asyncio.gather(*posts)
    assert (note.seqs[bob], earned.seq) == (2, 3)
