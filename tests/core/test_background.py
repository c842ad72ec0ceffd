"""Work that outlives its caller."""

import asyncio
import contextlib

import pytest

from core.background import Background


async def test_a_caller_that_leaves_stops_nothing() -> None:
    background, done, begun = Background(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.sleep(0.01)
        done.set()

    caller = asyncio.create_task(background.run(work()))
    await begun.wait()
    caller.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await caller
    assert not done.is_set()

    await background.drain()

    assert done.is_set()


async def test_the_caller_gets_the_answer_or_the_error() -> None:
    background = Background()

    async def answer() -> int:
        return 7

    async def fail() -> None:
        raise LookupError

    assert await background.run(answer()) == 7
    with pytest.raises(LookupError):
        await background.run(fail())
    await background.drain()
