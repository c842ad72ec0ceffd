"""What callers may spend, shared by all processes of one PostgreSQL database.

One row is one bucket: the instant at which it is full again. The table is not logged,
since what it holds is worth nothing a minute later, and no posting touches it.
"""

import asyncpg

from core.engine import Engine
from core.storage.postgres import PostgresDatabase

FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError)
"""What a database that does not do its part raises."""

_NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

_TAKE = f"""
WITH instant AS MATERIALIZED (SELECT {_NOW} AS now_us)
INSERT INTO allowance AS a (bucket, full_at_us)
SELECT $1, now_us + $2 FROM instant
ON CONFLICT (bucket) DO UPDATE
SET full_at_us = GREATEST(a.full_at_us, excluded.full_at_us - $2) + $2
WHERE GREATEST(a.full_at_us, excluded.full_at_us - $2)
    + $2 - (excluded.full_at_us - $2) <= $3
RETURNING full_at_us - (SELECT now_us FROM instant)
"""  # noqa: S608  (the only text put in is our own)
_LOOK = (
    f"SELECT GREATEST(full_at_us - {_NOW}, 0) "  # noqa: S608
    "FROM allowance WHERE bucket = $1"
)
_GIVE_BACK = "UPDATE allowance SET full_at_us = full_at_us - $2 WHERE bucket = $1"
_FORGET = f"DELETE FROM allowance WHERE full_at_us < {_NOW}"  # noqa: S608


async def take(
    engine: Engine, bucket: str, cost_us: int, window_us: int
) -> tuple[bool, int] | None:
    """Spend of a bucket, if it holds so much.

    Args:
        engine: the engine.
        bucket: whose.
        cost_us: how long the bucket takes to fill by what is spent.
        window_us: how long it takes to fill when it is empty.

    Returns:
        Whether it was spent, and how long the bucket now takes to fill; None where
        nothing is shared, since SQLite is served by one process.
    """
    database = engine.database
    if not isinstance(database, PostgresDatabase):
        return None
    if rows := await database.write(_TAKE, bucket, cost_us, window_us):
        return True, rows[0][0]
    rows = await database.write(_LOOK, bucket)
    return False, rows[0][0] if rows else 0


async def give_back(engine: Engine, bucket: str, cost_us: int) -> None:
    """Put back what was not needed."""
    if isinstance(engine.database, PostgresDatabase):
        await engine.database.write(_GIVE_BACK, bucket, cost_us)


async def forget(engine: Engine) -> None:
    """Drop the buckets that are full."""
    if isinstance(engine.database, PostgresDatabase):
        await engine.database.write(_FORGET)
