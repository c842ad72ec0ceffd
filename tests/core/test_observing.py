"""What the core tells an observer: which batches and calls, and how they ended."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from core.errors import OutcomeUnknownError
from core.ledger import pipeline
from core.ledger.pipeline import Bounds, Pipeline
from core.ledger.requests import RetryError
from core.observing import Block, Observation, Observer


class Diary(Observer):
    """Writes down what it sees."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []
        self.marked = 0

    def mark(self) -> object:
        self.marked += 1
        return self.marked

    @contextmanager
    def batch(self, queue: str, marks: Sequence[object]) -> Iterator[Block]:
        block = Block()
        yield block
        self.seen.append((queue, list(marks), block.outcome))


class Answering:
    """A store that does as it is told."""

    lanes = 1

    def __init__(self) -> None:
        self.errors: list[Exception] = []

    async def run(self, begin: Any) -> Any:
        if self.errors:
            raise self.errors.pop()
        return begin()


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def store() -> Answering:
    return Answering()


@pytest.fixture
def queue(store: Any, diary: Diary) -> Pipeline[int, int]:
    begin: Any = list
    return Pipeline(
        store,
        begin,
        lambda item: {item},
        bounds=Bounds(10),
        name="numbers",
        observation=Observation(diary),
    )


async def test_a_batch_is_seen_with_the_marks_of_its_items(
    queue: Pipeline[int, int], diary: Diary
) -> None:
    answers = await asyncio.gather(*(queue.submit(n) for n in range(3)))
    await queue.drain()

    assert answers == [0, 1, 2]
    assert diary.seen == [("numbers", [1, 2, 3], "committed")]


async def test_how_batches_end_that_fail(
    queue: Pipeline[int, int],
    store: Answering,
    diary: Diary,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline, "_PATIENCE_S", 0)

    store.errors = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        await queue.submit(1)
    store.errors = [ZeroDivisionError()]
    await asyncio.gather(queue.submit(2), queue.submit(3))
    store.errors = [RetryError("no answer")]
    with pytest.raises(OutcomeUnknownError):
        await queue.submit(4)
    await queue.drain()

    assert [outcome for *_, outcome in diary.seen] == ["failed", "split", "unknown"]
    assert queue.waiting == queue.running == 0
