"""The feed of all holders: how a place in it is written, and how far it is settled."""

from core.storage.database import Dialect, View

HORIZON: dict[Dialect, str] = {
    # What is below is committed; what is still being written comes after it.
    "postgresql": "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) "
    "AS bigint) - 1",
    "sqlite": "SELECT coalesce(max(feed), 0) FROM journal",
}
"""Reads the last place that is settled, as a number."""

POSITION: dict[Dialect, str] = {
    "postgresql": "CAST(CAST(CAST({} AS bigint) AS text) AS xid8)",
    "sqlite": "{}",
}
"""Turns a number, or a parameter, into a place to compare `journal.feed` with."""

_NEW = "SELECT 1 FROM journal WHERE feed > {after} LIMIT 1"
_AFTER = "(SELECT feed FROM feed_cursor WHERE consumer = $1 AND shard = 0)"


async def has_news(view: View, consumer: str) -> bool:
    """Tell whether anything came since *consumer* last remembered its place."""
    after = POSITION[view.dialect].format(f"coalesce({_AFTER}, 0)")
    return bool(await view.read(_NEW.format(after=after), consumer))
