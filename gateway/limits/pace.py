"""How fast messages come in on one socket."""

from collections import deque


class Pace:
    """So many in any window of so long."""

    def __init__(self, allowed: int, window_s: float) -> None:
        self._allowed = allowed
        self._window_s = window_s
        self._instants_s: deque[float] = deque()

    def allows(self, now_s: float) -> bool:
        """Count one that comes at *now_s*; tell whether it is allowed."""
        while self._instants_s and self._instants_s[0] <= now_s - self._window_s:
            self._instants_s.popleft()
        if len(self._instants_s) >= self._allowed:
            return False
        self._instants_s.append(now_s)
        return True
