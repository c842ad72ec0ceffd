"""What callers have under way: counted by name, forgotten at nought."""

from collections import Counter

from gateway.limits.refusals import require


class Counts:
    """How much of one thing each caller has at once."""

    def __init__(self, what: str, allowed: int) -> None:
        self._what = what
        self._allowed = allowed
        self._counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, key: str) -> None:
        """Count one more.

        Raises:
            LimitExceededError: the caller has as many as are allowed.
        """
        require(self._what, self._counts.get(key, 0) + 1, self._allowed)
        self._counts[key] += 1

    def remove(self, key: str) -> None:
        """Count one less."""
        self._counts[key] -= 1
        if not self._counts[key]:
            del self._counts[key]
