"""What goes on may not outlive the caller's credential, nor this process.

Whoever serves something long holds a lifeline. It is cut when the credential runs out
or is revoked, and when the gateway is about to end; whoever holds it then tells the
client and stops.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

from core.clock import Clock
from gateway.identity.caller import Caller

T = TypeVar("T")

CHECK_INTERVAL_S = 2.0
"""A credential that was revoked is noticed so soon."""

Alive: TypeAlias = Callable[[Sequence[int]], Awaitable[AbstractSet[int]]]
"""Tells which of some keys are good."""


class CutError(Exception):
    """The lifeline was cut."""


class ExpiredError(CutError):
    """The credential ran out, or was revoked."""


class StoppedError(CutError):
    """The gateway is about to end; another one, or the next, goes on."""


Lifeline: TypeAlias = "asyncio.Future[CutError]"
"""Has a result when it was cut."""


class Lifelines:
    """All lifelines of a gateway."""

    def __init__(self, clock: Clock, alive: Alive) -> None:
        self._clock = clock
        self._alive = alive
        self._held: dict[Caller, set[Lifeline]] = defaultdict(set)
        self._is_stopping = False
        self._are_free = asyncio.Event()
        self._are_free.set()

    @contextmanager
    def hold(self, caller: Caller) -> Iterator[Lifeline]:
        """Hold a lifeline while the block runs."""
        line: Lifeline = asyncio.get_running_loop().create_future()
        self._held[caller].add(line)
        self._are_free.clear()
        if self._is_stopping:
            line.set_result(StoppedError())
        try:
            yield line
        finally:
            lines = self._held[caller]
            lines.discard(line)
            if not lines:
                del self._held[caller]
            if not self._held:
                self._are_free.set()

    async def let_go(self) -> None:
        """Wait until nobody holds any."""
        await self._are_free.wait()

    def stop(self) -> None:
        """Cut all of them, and those to come."""
        self._is_stopping = True
        for caller in list(self._held):
            self._cut(caller, StoppedError())

    async def check(self) -> None:
        """Cut those whose credential is good no more."""
        for caller in list(self._held):  # the clock tells, whatever the database does
            if self.is_expired(caller):
                self._cut(caller, ExpiredError())
        keys = {caller.actor.key_id for caller in self._held} - {None}
        if not keys:
            return
        good = await self._alive([one for one in keys if one is not None])
        for caller in list(self._held):
            key_id = caller.actor.key_id
            if key_id in keys and key_id not in good:
                self._cut(caller, ExpiredError())

    def is_expired(self, caller: Caller) -> bool:
        """Tell whether the credential has run out."""
        expires_at_us = caller.expires_at_us
        return expires_at_us is not None and expires_at_us <= self._clock.now_us()

    def _cut(self, caller: Caller, error: CutError) -> None:
        for line in list(self._held.get(caller, ())):
            if not line.done():
                line.set_result(error)


async def until(source: AsyncGenerator[T], line: Lifeline) -> AsyncGenerator[T]:
    """Yield what *source* yields until *line* is cut; *source* is closed in the end.

    Raises:
        CutError: it was cut.
    """
    waiting: asyncio.Future[T] | None = None
    try:
        while True:
            waiting = asyncio.ensure_future(_next(source))
            both: set[asyncio.Future[Any]] = {waiting, line}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if line.done():
                raise line.result()
            finished, waiting = waiting, None
            try:
                value = finished.result()
            except StopAsyncIteration:
                return
            yield value
    finally:
        if waiting is not None:
            waiting.cancel()
            await asyncio.wait({waiting})
        await source.aclose()


async def _next(source: AsyncGenerator[T]) -> T:
    return await anext(source)
