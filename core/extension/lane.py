"""The lane in which one plugin runs, apart from the engine and from other plugins.

Plain functions get a thread of their own, coroutines an event loop that belongs to the
plugin: nothing of a plugin ever runs on the caller's loop, so one that blocks, even in
the middle of a coroutine, blocks its own lane only. The threads are daemons: one that
hangs does not keep the process from ending.

A lane has a number of slots. A call holds its slot until it truly ends, also after the
caller has stopped waiting, since Python cannot end a thread from outside.
"""

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Returned:
    """The call returned this, of whatever type."""

    value: object


@dataclass(frozen=True, slots=True)
class Raised:
    """The call raised this."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Late:
    """The deadline passed first; `was_begun` tells whether the call had a slot."""

    was_begun: bool


Outcome = Returned | Raised | Late


class Lane:
    """The slots, the threads and the event loop of one plugin."""

    def __init__(self, name: str, *, slots: int) -> None:
        self._name = name
        self._slots = asyncio.Semaphore(slots)
        self.running = 0
        """Calls that have a slot."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    async def call(
        self, method: Callable[[Any], object], argument: object, *, deadline: float
    ) -> Outcome:
        """Call *method* with *argument* and wait for at most *deadline* seconds."""
        caller = asyncio.get_running_loop()
        end = caller.time() + deadline
        try:
            async with asyncio.timeout_at(end):
                await self._slots.acquire()
        except TimeoutError:
            return Late(was_begun=False)
        self.running += 1
        answer: asyncio.Future[Outcome] = caller.create_future()

        def settle(outcome: Outcome) -> None:
            self.running -= 1
            self._slots.release()
            if not answer.done():
                answer.set_result(outcome)

        def report(outcome: Outcome) -> None:
            # The caller's loop may be closed by now: then nobody waits.
            with suppress(RuntimeError):
                caller.call_soon_threadsafe(settle, outcome)

        call = _Call(self, method, argument, report)
        call.start()
        try:
            async with asyncio.timeout_at(end):
                return await answer
        except TimeoutError:
            return Late(was_begun=True)
        finally:
            call.cancel()

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the plugin's own event loop, started when it is first needed."""
        with self._lock:
            if self._loop is None:
                self._loop = loop = asyncio.new_event_loop()
                self._thread = _daemon(self._name, lambda: _run(loop))
            return self._loop

    def close(self, *, patience: float = 0.2) -> None:
        """End the event loop; wait at most *patience* seconds for it."""
        with self._lock:
            loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(loop.stop)
        thread.join(patience)


class _Call:
    """One call; reports its outcome once, from the thread that ran it."""

    def __init__(
        self,
        lane: Lane,
        method: Callable[[Any], object],
        argument: object,
        report: Callable[[Outcome], None],
    ) -> None:
        self._lane = lane
        self._method = method
        self._argument = argument
        self._report = report
        self._context = contextvars.copy_context()
        self._task: asyncio.Task[Outcome] | None = None
        self._is_cancelled = False

    def start(self) -> None:
        """Begin, on the plugin's loop or in a thread."""
        if inspect.iscoroutinefunction(self._method):
            self._enter_loop(lambda: self._method(self._argument))
        else:
            _daemon("call", lambda: self._context.run(self._run_plain))

    def cancel(self) -> None:
        """Ask a coroutine to end. A plain function cannot be asked."""
        self._is_cancelled = True
        if self._task is not None:
            with suppress(RuntimeError):
                self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    def _run_plain(self) -> None:
        try:
            value = self._method(self._argument)
        except BaseException as error:  # noqa: BLE001 - whatever a plugin may raise
            self._report(Raised(error))
            return
        if inspect.isawaitable(value):
            self._enter_loop(lambda: value)
        else:
            self._report(Returned(value))

    def _enter_loop(self, begin: Callable[[], Any]) -> None:
        try:
            # A copy, since a plain function that returned an awaitable is still in it.
            self._lane.loop().call_soon_threadsafe(
                self._begin, begin, context=self._context.copy()
            )
        except RuntimeError as error:
            # The lane was closed meanwhile.
            self._report(Raised(error))

    def _begin(self, begin: Callable[[], Any]) -> None:
        self._task = asyncio.get_running_loop().create_task(_outcome(begin))
        self._task.add_done_callback(self._end)
        if self._is_cancelled:
            self._task.cancel()

    def _end(self, task: asyncio.Task[Outcome]) -> None:
        cancelled = Raised(asyncio.CancelledError())
        self._report(cancelled if task.cancelled() else task.result())


async def _outcome(begin: Callable[[], Any]) -> Outcome:
    """Await a plugin's answer so that not even SystemExit reaches its loop."""
    try:
        return Returned(await begin())
    except BaseException as error:  # noqa: BLE001 - whatever a plugin may raise
        return Raised(error)


def _daemon(name: str, target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target, name=f"plugin {name}", daemon=True)
    thread.start()
    return thread


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Run a plugin's event loop until it is stopped, then end what is still there."""
    asyncio.set_event_loop(loop)
    loop.run_forever()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
