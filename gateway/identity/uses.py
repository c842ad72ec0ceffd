"""When keys were used: written down beside the requests, and rarely."""

import asyncio

from core.engine import Engine
from core.program import keys

INTERVAL_S = 60.0
"""A use is written down this long after the one before, by each process."""

_MOST = 10_000


class Uses:
    """What this process has written down of late."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._noted_s: dict[int, float] = {}

    def note(self, key_id: int) -> None:
        """Let a use be written down, if the last one was some time ago."""
        now_s = asyncio.get_running_loop().time()
        noted_s = self._noted_s.get(key_id)
        if noted_s is not None and now_s < noted_s + INTERVAL_S:
            return
        if len(self._noted_s) >= _MOST:
            self._noted_s.clear()
        self._noted_s[key_id] = now_s
        used_at_us = self._engine.clock.now_us()
        self._engine.background.start(
            keys.note_use(self._engine, key_id=key_id, used_at_us=used_at_us)
        )
