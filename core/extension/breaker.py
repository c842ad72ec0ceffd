"""A circuit breaker: a plugin that keeps failing is left alone for a while. Pure.

After `faults` calls in a row without a proper answer it opens, and nothing is asked.
When the pause is over one call is let through: if that is answered the breaker closes,
else it opens again, each time for twice as long up to a limit. Instants are monotonic
seconds, given by the caller.
"""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_PAUSE_SECONDS = 300.0


class State(StrEnum):
    """What a breaker does with calls."""

    CLOSED = "CLOSED"
    """Lets them through."""

    OPEN = "OPEN"
    """Keeps them back."""

    TRYING = "TRYING"
    """Lets one through, to see."""


@dataclass(slots=True)
class Breaker:
    """The breaker of one plugin."""

    faults: int = 5
    pause_seconds: float = 15.0
    _in_a_row: int = 0
    _opened: int = 0
    _open_until: float = 0.0
    _is_trying: bool = False

    def state(self, now: float) -> State:
        """Return what happens to a call now."""
        if not self._opened:
            return State.CLOSED
        if now < self._open_until or self._is_trying:
            return State.OPEN
        return State.TRYING

    def admit(self, now: float) -> bool:
        """Tell whether a call may be made; whoever is told so reports its end."""
        state = self.state(now)
        self._is_trying = self._is_trying or state is State.TRYING
        return state is not State.OPEN

    def answered(self) -> None:
        """Hear that a call was answered: yes, no or unknown, but in proper form."""
        self._in_a_row = self._opened = 0
        self._is_trying = False

    def failed(self, now: float) -> None:
        """Hear that a call raised, hung, or answered what it may not."""
        was_trying, self._is_trying = self._is_trying, False
        self._in_a_row += 1
        if self._in_a_row >= self.faults and (was_trying or not self._opened):
            pause = self.pause_seconds * 2.0**self._opened
            self._open_until = now + min(pause, LONGEST_PAUSE_SECONDS)
            self._opened = min(self._opened + 1, 16)

    def released(self) -> None:
        """Hear that a call that was let through was never made."""
        self._is_trying = False
