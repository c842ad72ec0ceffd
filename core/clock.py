"""Time and ids, as values that are passed in.

Nothing else in the project reads the system clock or makes ids. Instants are integers:
microseconds since 1970, UTC. Ids are 63-bit integers: 41 bits of milliseconds and 22
random bits, so that they sort by age and need no coordination.
"""

import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANDOM_BITS = 22


class Clock(Protocol):
    """Where instants and ids come from."""

    def now_us(self) -> int:
        """Return the present instant in microseconds UTC."""

    def new_id(self) -> int:
        """Return an id that this clock did not give before.

        Two processes may give the same one; that is rare, and retried.
        """


class SystemClock:
    """The clock of the machine."""

    def __init__(self) -> None:
        self._last_id = 0
        self._lock = threading.Lock()

    def now_us(self) -> int:
        """Return the present instant in microseconds UTC."""
        return time.time_ns() // 1_000

    def new_id(self) -> int:
        """Return a new id, above all that this clock gave before."""
        milliseconds = time.time_ns() // 1_000_000
        fresh = milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            # Random bits alone clash once in a few thousand ids of one millisecond.
            self._last_id = max(fresh, self._last_id + 1)
            return self._last_id


def to_us(instant: datetime) -> int:
    """Return *instant*, which must be aware, in microseconds UTC."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (instant - _EPOCH) // timedelta(microseconds=1)


def from_us(instant_us: int) -> datetime:
    """Return the aware UTC datetime of *instant_us*."""
    return _EPOCH + timedelta(microseconds=instant_us)
