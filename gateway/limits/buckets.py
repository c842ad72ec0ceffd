"""Leaky buckets: what a caller may spend, told by one number.

A bucket is the instant at which it will be full again. What is spent moves the instant
on; a bucket whose instant has passed is full, and nothing needs to be known of it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """How much a bucket holds, and how fast it fills."""

    burst: int
    per_second: float

    @property
    def window_s(self) -> float:
        """Return how long an empty bucket takes to fill."""
        return self.burst / self.per_second

    def remaining(self, full_at_s: float, now_s: float) -> int:
        """Return what a bucket holds at an instant."""
        missing = max(0.0, full_at_s - now_s) * self.per_second
        return max(0, self.burst - round(missing))


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an attempt to spend.

    Attributes:
        is_granted: whether it was spent; if not, nothing was.
        remaining: what can still be spent.
        retry_after_s: when the same would be granted; 0 if it was.
        is_shared: whether the bucket is one of all processes.
    """

    is_granted: bool
    remaining: int
    retry_after_s: float = 0.0
    is_shared: bool = False


class Buckets:
    """The buckets of one process; full ones are forgotten."""

    def __init__(self) -> None:
        self._full_at_s: dict[str, float] = {}
        self._look_again_s = 0.0

    def __len__(self) -> int:
        return len(self._full_at_s)

    def take(self, key: str, cost: float, terms: Terms, now_s: float) -> Taken:
        """Spend *cost* of the bucket of *key*, if it holds so much."""
        self._forget(now_s)
        taken = self.look(key, cost, terms, now_s)
        if taken.is_granted:
            full_at_s = max(self._full_at_s.get(key, now_s), now_s)
            self._full_at_s[key] = full_at_s + min(cost, terms.burst) / terms.per_second
        return taken

    def look(self, key: str, cost: float, terms: Terms, now_s: float) -> Taken:
        """Tell what would become of spending *cost*."""
        cost = min(cost, terms.burst)  # what costs more than all is asked all
        full_at_s = max(self._full_at_s.get(key, now_s), now_s)
        then_s = full_at_s + cost / terms.per_second
        over_s = then_s - now_s - terms.window_s
        if over_s > _TINY_S:
            return Taken(
                is_granted=False,
                remaining=terms.remaining(full_at_s, now_s),
                retry_after_s=over_s,
            )
        return Taken(is_granted=True, remaining=terms.remaining(then_s, now_s))

    def give_back(self, key: str, cost: float, terms: Terms) -> None:
        """Put back what was not needed."""
        if key in self._full_at_s:
            self._full_at_s[key] -= cost / terms.per_second

    def _forget(self, now_s: float) -> None:
        """Drop full buckets, once in a while: seldom enough to cost nothing."""
        if now_s < self._look_again_s:
            return
        self._full_at_s = {
            key: at_s for key, at_s in self._full_at_s.items() if at_s > now_s
        }
        self._look_again_s = now_s + _LOOK_S


_TINY_S = 1e-6
"""Below what instants are told by: a bucket is empty, not just over."""

_LOOK_S = 1.0
