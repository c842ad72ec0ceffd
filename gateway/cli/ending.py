"""How a process that serves ends: in good order, and in time.

A first signal begins the end: `/readyz` says so at once, requests are taken for a while
more where a load balancer needs it, then no connection is taken, streams end, sockets
are closed with 1012, what runs is finished, and the ledger is drained. A second signal
ends at once, and so does the clock: whatever is cut is whole or has not happened, and a
redemption that was begun is finished by the next process.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from core.settings import Settings

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_STREAMS, _CONNECTIONS = 0.5, 0.25
"""Shares of the time for the end; the ledger has the rest."""

_log = logging.getLogger(__name__)


class EndingServer(uvicorn.Server):
    """Serves until a signal comes, then ends in good order."""

    def __init__(
        self, config: uvicorn.Config, app: Starlette, settings: Settings
    ) -> None:
        """Prepare to serve *app*, by *config*."""
        super().__init__(config)
        self._service = app.state.service
        self._readiness = app.state.readiness
        self._drain_s = settings.drain_ms / 1_000
        self._shutdown_s = settings.shutdown_ms / 1_000
        self._ending: asyncio.Task[None] | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that mean "end" while the server runs.

        Afterwards they have their usual effect: they end the process at once.
        """
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)
            signal.signal(signal.SIGINT, signal.SIG_DFL)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the end; end at once if it has begun."""
        if self._ending is not None:
            _log.warning("a second signal: the process ends at once")
            os._exit(128 + sig)
        self._ending = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        _log.info("ending: /readyz says so, requests are taken for %s s", self._drain_s)
        self._readiness.stop()
        await asyncio.sleep(self._drain_s)
        timer = threading.Timer(self._shutdown_s, _cut_short)
        timer.daemon = True
        timer.start()
        self.should_exit = True

    async def shutdown(self, sockets: object = None) -> None:
        """Take no new connection, end streams, then wait for what runs."""
        for server in self.servers:
            server.close()
        lifelines = self._service.lifelines
        lifelines.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._shutdown_s * _STREAMS):
                await lifelines.let_go()
        await super().shutdown()
        _log.info("no connection is left; the ledger finishes")


def grace_s(settings: Settings) -> int:
    """Return how long connections may take to finish, in whole seconds."""
    return max(1, int(settings.shutdown_ms / 1_000 * _CONNECTIONS))


def _cut_short() -> None:
    _log.warning("the end took too long and is cut short; nothing is lost by that")
    os._exit(1)
