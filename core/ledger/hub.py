"""Wake-up hints inside one process: "something was posted for this holder".

A hint may be lost or doubled without harm, since the journal is the truth: whoever is
woken reads on from where it stood. Register before reading, or a hint can be missed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Hub:
    """Who listens for which holder."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def subscribe(self, holder_id: int) -> Iterator[asyncio.Event]:
        """Return an event that is set after each commit that touches the holder."""
        event = asyncio.Event()
        self._listeners[holder_id].add(event)
        try:
            yield event
        finally:
            self._listeners[holder_id].discard(event)
            if not self._listeners[holder_id]:
                del self._listeners[holder_id]

    def listened(self) -> list[int]:
        """Return the holders that somebody listens for."""
        return list(self._listeners)

    def wake(self, holder_ids: Iterable[int]) -> None:
        """Set the events of everyone who listens for one of the holders."""
        for holder_id in holder_ids:
            for event in self._listeners.get(holder_id, ()):
                event.set()
