"""The queue before a store: commands that arrive together travel in one batch.

There is no timer. While a batch is under way the next one collects, so an idle system
answers at once and a busy one batches by itself; where several batches can be under
way, each takes half of what there is. A batch never holds a holder that another batch
has in work, and keeps the order in which a holder's commands came.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from core.errors import BusyError, OutcomeUnknownError
from core.ledger.requests import RetryError, Transaction
from core.ledger.store import Store
from core.observing import Observation, Observer

MAX_BATCH = 128
_MAX_LOOK_AHEAD = 1024
_ATTEMPTS = 8
_FIRST_PAUSE_S = 0.02
_PATIENCE_S = 15.0

_log = logging.getLogger(__name__)

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Waiting(Generic[Item, Answer]):
    item: Item
    claims: frozenset[Hashable]
    since_s: float
    mark: object
    answer: "asyncio.Future[Answer]" = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a queue bears: so many items, none of them longer than so long."""

    items: int
    wait_s: float = 60.0


class Pipeline(Generic[Item, Answer]):
    """Batches items and runs them through a store."""

    def __init__(  # noqa: PLR0913  (keyword-only)
        self,
        store: Store,
        begin: Callable[[Sequence[Item]], Transaction[list[Answer]]],
        claims: Callable[[Item], Iterable[Hashable]],
        *,
        bounds: Bounds,
        done: Callable[[Iterable[Any]], None] = lambda _: None,
        name: str = "ledger",
        observation: Observation | None = None,
    ) -> None:
        """Make a pipeline.

        Args:
            store: runs the batches.
            begin: makes the transaction of a batch; one answer per item.
            claims: what an item needs for itself while it is in work.
            bounds: what may wait.
            done: told the claims of each batch after its commit.
            name: of the queue, for the observer.
            observation: where the observer of batches stands.
        """
        self._store = store
        self._begin = begin
        self._claims = claims
        self._bounds = bounds
        self._done = done
        self._name = name
        self._observation = observation or Observation(Observer())
        self._queue: deque[_Waiting[Item, Answer]] = deque()
        self._claimed: set[Hashable] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._is_pumping = False
        self._expiring: asyncio.TimerHandle | None = None

    async def submit(self, item: Item) -> Answer:
        """Run *item* and return its answer. Cancelling the caller changes nothing.

        Raises:
            BusyError: too many wait, or it waited too long; nothing was begun.
            OutcomeUnknownError: the store did not answer; the item may have been done.
        """
        if len(self._queue) >= self._bounds.items:
            raise BusyError
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        claims = frozenset(self._claims(item))
        mark = self._observation.by.mark()
        self._queue.append(_Waiting(item, claims, loop.time(), mark, answer))
        if self._expiring is None:
            self._expiring = loop.call_later(self._bounds.wait_s, self._expire)
        if not self._is_pumping:  # once per turn of the loop: who comes along, comes
            self._is_pumping = True
            loop.call_soon(self._pump)
        return await answer

    @property
    def waiting(self) -> int:
        """Return how many items are not in work yet."""
        return len(self._queue)

    @property
    def running(self) -> int:
        """Return how many batches are in work."""
        return len(self._running)

    async def drain(self) -> None:
        """Wait until nothing is in work."""
        while self._running or self._queue:
            await asyncio.gather(*self._running)
            await asyncio.sleep(0)

    def _pump(self) -> None:
        self._is_pumping = False
        while len(self._running) < self._store.lanes and (batch := self._take()):
            claims = frozenset().union(*(one.claims for one in batch))
            self._claimed |= claims
            task = asyncio.create_task(self._run(batch, claims))
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        self._pump()

    def _take(self) -> list[_Waiting[Item, Answer]]:
        batch: list[_Waiting[Item, Answer]] = []
        passed: list[_Waiting[Item, Answer]] = []
        blocked: set[Hashable] = set()
        while self._queue and len(batch) < MAX_BATCH and len(passed) < _MAX_LOOK_AHEAD:
            waiting = self._queue.popleft()
            if waiting.claims & self._claimed or waiting.claims & blocked:
                blocked |= waiting.claims
                passed.append(waiting)
            else:
                batch.append(waiting)
        self._queue.extendleft(reversed(passed))
        return batch

    def _expire(self) -> None:
        """Refuse what has waited too long, and look again when the next one has."""
        loop = asyncio.get_running_loop()
        oldest_s = loop.time() - self._bounds.wait_s
        late = [one for one in self._queue if one.since_s <= oldest_s]
        _fail(late, BusyError())
        self._queue = deque(one for one in self._queue if one.since_s > oldest_s)
        self._expiring = None
        if self._queue:
            wait_s = self._queue[0].since_s - oldest_s
            self._expiring = loop.call_later(wait_s, self._expire)

    async def _run(
        self, batch: list[_Waiting[Item, Answer]], claims: frozenset[Hashable]
    ) -> None:
        marks = [one.mark for one in batch]
        try:
            with self._observation.by.batch(self._name, marks) as block:
                block.outcome = await self._carry_out(batch)
        finally:
            self._claimed -= claims
        self._done(claims)

    async def _carry_out(self, batch: list[_Waiting[Item, Answer]]) -> str:
        """Run a batch and tell who waits; return how it ended, in a word."""
        items = [one.item for one in batch]
        try:
            answers = await self._persist(items)
        except RetryError:
            _log.exception("the store does not answer")
            _fail(batch, OutcomeUnknownError())
            return "unknown"
        except Exception as error:  # noqa: BLE001  (whatever it is, callers hear of it)
            if len(batch) == 1:
                _log.exception("a command failed: %s", type(items[0]).__name__)
                _fail(batch, error)
                return "failed"
            for one in batch:  # whoever is at fault must not harm the others
                await self._carry_out([one])
            return "split"
        for one, answer in zip(batch, answers, strict=True):
            if not one.answer.done():
                one.answer.set_result(answer)
        return "committed"

    async def _persist(self, items: Sequence[Item]) -> list[Answer]:
        """Run a batch again while it fails for a reason that passes.

        A batch whose outcome is unknown is run again too: keys make it safe.
        """
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + _PATIENCE_S
        for attempt in range(_ATTEMPTS):
            try:
                return await self._store.run(lambda: self._begin(items))
            except RetryError as error:
                if loop.time() > ends_s:
                    raise
                _log.warning("trying again: %s", error)
                await asyncio.sleep(_FIRST_PAUSE_S * 2**attempt)
        return await self._store.run(lambda: self._begin(items))


def _fail(batch: Iterable[_Waiting[Any, Any]], error: Exception) -> None:
    for one in batch:
        if not one.answer.done():
            one.answer.set_exception(error)
