"""The root: one figure that stands for all histories.

A running SHA-256 over number, last sequence number and last hash of every holder, in
the order of their numbers. The last hash stands for all rows before it, so two
databases with the same root have the same histories.
"""

import hashlib

from core.storage.database import View

_GENESIS = b"guerdon root 1"
_PAGE = 5_000
_HEADS = (
    "SELECT holder_id, last_seq, last_hash FROM holder WHERE holder_id > $1 "
    "ORDER BY holder_id LIMIT $2"
)


class Root:
    """The root of the holders that were taken in."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256(_GENESIS)

    def take(self, holder_id: int, last_seq: int, last_hash: bytes) -> None:
        """Take the next holder in, in the order of their numbers."""
        head = (holder_id, last_seq, len(last_hash), last_hash)
        self._hash.update(b"%d,%d,%d:%b," % head)

    @property
    def text(self) -> str:
        """Return the root as 64 hex digits."""
        return self._hash.hexdigest()


async def root_of(view: View) -> str:
    """Return the root of all holders, as their heads say."""
    root = Root()
    after = -1
    while rows := await view.read(_HEADS, after, _PAGE, bounded=False):
        for holder_id, last_seq, last_hash in rows:
            root.take(holder_id, last_seq, bytes(last_hash))
        after = rows[-1][0]
    return root.text
