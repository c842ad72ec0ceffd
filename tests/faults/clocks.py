"""The clock of a machine that others set back, and forth again, while it runs."""

from typing import Any

from core.clock import Clock, SystemClock


class LateClock:
    """Some microseconds behind; how many stands in memory shared with who sets it.

    It is no `SystemClock`, so that a store on PostgreSQL goes by it too.
    """

    def __init__(self, late_us: Any) -> None:
        self._late_us = late_us
        self._true = SystemClock()

    def now_us(self) -> int:
        late_us: int = self._late_us.value
        return self._true.now_us() - late_us

    def new_id(self) -> int:
        return self._true.new_id()


def clock_of(late_us: Any | None) -> Clock:
    """Return the clock of a machine that is so late, or of one that is right."""
    return SystemClock() if late_us is None else LateClock(late_us)
