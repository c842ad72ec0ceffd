"""An event loop whose time moves only when everybody waits.

Nobody sleeps: when nothing is left to do, the clock is moved to whatever is awaited
next. A thousand retries with pauses of seconds take no time, and one seed gives one
order of events.
"""

import asyncio
import selectors

LONGEST_S = 3_600.0
"""Who is not done by then, in virtual time, will never be."""


class StuckError(Exception):
    """Everybody waits for somebody else, or asks in vain."""


class _Patience(selectors.SelectSelector):
    """Waits by moving the clock; there are no sockets to hear from."""

    now_s = 0.0

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or self.now_s > LONGEST_S:
            raise StuckError
        self.now_s += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop in virtual time."""

    def __init__(self) -> None:
        self._patience = _Patience()
        super().__init__(self._patience)

    def time(self) -> float:
        return self._patience.now_s
