"""The event log of a holder: its journal, read forward from a position.

When a sequence number is visible, all below it are, since it is taken under the
holder's lock; so reading on from the last one seen misses nothing. Wake-ups only say
that reading on may pay.
"""

import asyncio
from dataclasses import dataclass

from core.errors import CursorAheadError
from core.ledger.cursor import Position, decode, encode
from core.ledger.hub import Hub
from core.storage.database import Database

_INSTALLATION = "SELECT epoch, secret FROM installation"
_ROW = "SELECT hash FROM journal WHERE holder_id = $1 AND seq = $2"
_TAIL = (
    "SELECT seq, hash, balances FROM journal WHERE holder_id = $1 AND seq > $2 "
    "ORDER BY seq LIMIT $3"
)
_HEADS = {
    "postgresql": "SELECT holder_id, last_seq FROM holder "
    "WHERE holder_id = ANY($1::bigint[])",
    "sqlite": "SELECT holder_id, last_seq FROM holder "
    "WHERE holder_id IN (SELECT value FROM json_each($1))",
}
PAGE = 100


@dataclass(frozen=True, slots=True)
class Event:
    """A transaction in the log; `moves` tells whether it moved points."""

    seq: int
    cursor: str
    moves: bool


class Log:
    """Reads one holder's events, and makes and checks their cursors."""

    def __init__(
        self, database: Database, holder_id: int, epoch: int, secret: bytes
    ) -> None:
        self._database = database
        self._holder_id = holder_id
        self._epoch = epoch
        self._secret = secret

    async def resume(self, cursor: str) -> int:
        """Return the sequence number that *cursor* stands for.

        Raises:
            InvalidInputError: not a cursor of this member's stream.
            CursorAheadError: it names what this database does not have.
        """
        position = decode(cursor, self._secret)
        if position.holder_id != self._holder_id:
            decode("", self._secret)  # another's cursor is no cursor here
        found = await self._hash(position.seq)
        if position.epoch != self._epoch or found[:8] != position.hash:
            raise CursorAheadError
        return position.seq

    async def cursor(self, seq: int) -> str:
        """Return the cursor of a sequence number."""
        return self._encode(seq, await self._hash(seq))

    async def tail(self, after: int) -> list[Event]:
        """Return the next events, at most a page of them."""
        rows = await self._database.read(_TAIL, self._holder_id, after, PAGE)
        return [
            Event(seq, self._encode(seq, bytes(row_hash)), balances != "[]")
            for seq, row_hash, balances in rows
        ]

    def _encode(self, seq: int, row_hash: bytes) -> str:
        position = Position(self._holder_id, self._epoch, seq, row_hash)
        return encode(position, self._secret)

    async def _hash(self, seq: int) -> bytes:
        rows = await self._database.read(_ROW, self._holder_id, seq)
        return bytes(rows[0][0]) if rows else b""


async def open_log(database: Database, holder_id: int) -> Log:
    """Return the log of a holder."""
    ((epoch, secret),) = await database.read(_INSTALLATION)
    return Log(database, holder_id, epoch, bytes(secret))


async def watch(database: Database, hub: Hub, interval_s: float) -> None:
    """Wake listeners whose holder moved on, also by another process; runs for ever.

    One statement for all listeners. With every other hint lost, this alone misses
    nothing.
    """
    known: dict[int, int] = {}
    while True:
        await asyncio.sleep(interval_s)
        listened = hub.listened()
        if not listened:
            known.clear()
            continue
        argument = listened if database.dialect == "postgresql" else str(listened)
        heads: dict[int, int] = dict(
            await database.read(_HEADS[database.dialect], argument)
        )
        hub.wake(one for one, seq in heads.items() if known.get(one) != seq)
        known = heads
