"""Whether this process should be sent requests: told to load balancers, cheaply.

What is found is good for a second, and one check runs at a time, so asking often costs
nothing. A database that says nothing is found out by a deadline.
"""

import asyncio
import logging
from dataclasses import dataclass

from core.engine import Engine
from core.extension.breaker import State

_DEADLINE_S = 2.0
_KEPT_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found, as one word for each part.

    Attributes:
        status: `ready`, `degraded` (ready, with a plugin that rests), `not_ready`, or
            `stopping`.
        checks: `ok` or what is wrong, by the name of the part.
        plugins_resting: plugins that are left alone for a while.
    """

    status: str
    checks: dict[str, str]
    plugins_resting: int = 0

    @property
    def is_ready(self) -> bool:
        """Tell whether requests are welcome."""
        return self.status in {"ready", "degraded"}


class Readiness:
    """Checks the parts that every request needs."""

    def __init__(
        self,
        engine: Engine,
        *,
        deadline_s: float = _DEADLINE_S,
        kept_s: float = _KEPT_S,
    ) -> None:
        self._engine = engine
        self._deadline_s = deadline_s
        self._kept_s = kept_s
        self._is_stopping = False
        self._found: Found | None = None
        self._found_at_s = 0.0
        self._checking: asyncio.Task[Found] | None = None

    def stop(self) -> None:
        """Say from now on that this process ends."""
        self._is_stopping = True

    async def look(self) -> Found:
        """Return what was found, a second ago at most."""
        if self._is_stopping:
            return Found("stopping", {})
        now_s = asyncio.get_running_loop().time()
        if self._found is None or now_s - self._found_at_s >= self._kept_s:
            await self._check()
        return self._found or _silent()

    async def _check(self) -> None:
        """Wait for the check under way, or a new one, until the deadline."""
        if self._checking is None:
            self._checking = asyncio.create_task(self._examine())
        checking = self._checking
        await asyncio.wait({checking}, timeout=self._deadline_s)
        if self._checking is not checking:
            return  # somebody else who waited for it has taken it
        self._found_at_s = asyncio.get_running_loop().time()
        if not checking.done():
            self._found = _silent()  # it goes on: no second one is begun beside it
            return
        self._checking = None
        self._found = checking.result()

    async def _examine(self) -> Found:
        database = self._engine.database
        try:
            await database.read("SELECT 1")
            is_current = await database.is_current()
        except Exception as error:  # noqa: BLE001  (whatever it is, it is not ready)
            _log.warning("the database does not answer: %s", type(error).__name__)
            return Found("not_ready", {"database": "unreachable"})
        if not is_current:
            _log.warning("the schema of the database is not the newest")
            return Found("not_ready", {"database": "ok", "migrations": "missing"})
        states = [one.state for one in self._engine.host.health().values()]
        resting = len(states) - states.count(State.CLOSED)
        checks = {"database": "ok", "migrations": "ok"}
        plugins = "resting" if resting else "ok"
        status = "degraded" if resting else "ready"
        return Found(status, checks | {"plugins": plugins}, resting)


def _silent() -> Found:
    return Found("not_ready", {"database": "silent"})
