"""The clock of each program: a sandbox has one of its own, all others the real one.

Whether a program is a sandbox never changes, so those that are none are remembered, and
cost nothing.
"""

from core.clock import Clock
from core.storage.database import View

_CLOCK = "SELECT clock_us FROM program WHERE program_id = $1"


class ProgramClocks:
    """Tells the time of programs."""

    def __init__(self, database: View, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.real: set[int] = set()
        """Programs that are known to go by the real time."""

    async def now_us(self, program_id: int) -> int:
        """Return the present instant of a program in microseconds UTC."""
        own_us = await self.own_us(program_id)
        return self._clock.now_us() if own_us is None else own_us

    async def own_us(self, program_id: int) -> int | None:
        """Return what a sandbox's own clock shows; None for other programs."""
        if program_id in self.real:
            return None
        rows = await self._database.read(_CLOCK, program_id)
        own_us: int | None = rows[0][0] if rows else None
        if rows and own_us is None:
            self.real.add(program_id)
        return own_us
