"""How many redemptions are not finished, and where they stand."""

from core.engine import Engine
from core.program.redemption_row import Status

_OPEN = (
    "SELECT status, count(*), "
    "sum(CASE WHEN review_at_us <= $1 THEN 1 ELSE 0 END) FROM redemption "
    "WHERE next_attempt_us IS NOT NULL GROUP BY status"
)
OPEN = (
    *(Status.REQUESTED, Status.HELD, Status.FULFILLING),
    *(Status.UNKNOWN, Status.COMPENSATING),
)
"""The states of a redemption that goes on."""


async def backlog(engine: Engine) -> tuple[dict[Status, int], int]:
    """Return how many go on, by state, and how many of them wait for a person."""
    now_us = engine.clock.now_us()
    rows = await engine.database.read(_OPEN, now_us, bounded=False)
    counts = dict.fromkeys(OPEN, 0)
    counts |= {Status(status): count for status, count, _ in rows}
    return counts, sum(reviewed for _, _, reviewed in rows)
