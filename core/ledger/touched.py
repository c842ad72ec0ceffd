"""Which holders moved since somebody last looked, by their places in the feed."""

from dataclasses import dataclass

from core.ledger.feed import HORIZON, POSITION
from core.storage.database import Database
from core.storage.service_tables import FeedCursor

_EPOCH = "SELECT epoch FROM installation"
_CURSOR = "SELECT epoch, feed FROM feed_cursor WHERE consumer = $1 AND shard = 0"
_TOUCHED = (
    "SELECT DISTINCT holder_id FROM journal "
    "WHERE feed > {after} AND feed <= {upto} ORDER BY 1"
)


@dataclass(frozen=True, slots=True)
class Touched:
    """Holders that moved, and the place in the feed up to which that is known."""

    consumer: str
    holders: tuple[int, ...]
    epoch: int
    feed: int


async def touched_since(database: Database, consumer: str) -> Touched:
    """Return who moved since *consumer* last remembered; at first, everybody."""
    ((epoch,),) = await database.read(_EPOCH)
    cursor = await database.read(_CURSOR, consumer)
    after = cursor[0][1] if cursor and cursor[0][0] == epoch else 0
    ((horizon,),) = await database.read(HORIZON[database.dialect])
    position = POSITION[database.dialect]
    sql = _TOUCHED.format(after=position.format("$1"), upto=position.format("$2"))
    rows = await database.read(sql, int(after), horizon, bounded=False)
    return Touched(consumer, tuple(one for (one,) in rows), epoch, horizon)


async def remember(database: Database, touched: Touched) -> None:
    """Begin after these next time."""
    row = FeedCursor(
        consumer=touched.consumer,
        shard=0,
        epoch=touched.epoch,
        feed=touched.feed,
        holder_id=0,
        seq=0,
    )
    await database.configure(lambda session: session.merge(row))
