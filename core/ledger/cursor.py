"""Cursors of event streams: "I have processed everything up to and including this".

A cursor names holder, epoch, sequence number and the beginning of that row's hash, and
carries a MAC, so it cannot be made up. The epoch is raised when a database is restored
from a copy: then positions that clients know may never have happened.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass

from core.errors import InvalidInputError

_VERSION = 1
_HASH_BYTES = 8
_MAC_BYTES = 12
_LENGTH = 1 + 8 + 4 + 8 + _HASH_BYTES + _MAC_BYTES


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a holder's journal; `hash` is the first 8 bytes of the row's hash."""

    holder_id: int
    epoch: int
    seq: int
    hash: bytes


def encode(position: Position, secret: bytes) -> str:
    """Return the cursor of *position*."""
    body = b"".join(
        (
            bytes([_VERSION]),
            position.holder_id.to_bytes(8, "big"),
            position.epoch.to_bytes(4, "big"),
            position.seq.to_bytes(8, "big"),
            position.hash[:_HASH_BYTES],
        )
    )
    return _spelled(body + _mac(body, secret))


def decode(cursor: str, secret: bytes) -> Position:
    """Read a cursor.

    Raises:
        InvalidInputError: it was not made here, or was changed.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        data = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        data = b""
    if _spelled(data) != cursor:  # spare bits, padding, the other alphabet
        data = b""
    body, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
    is_ours = len(data) == _LENGTH and hmac.compare_digest(mac, _mac(body, secret))
    if not is_ours or body[0] != _VERSION:
        raise InvalidInputError(field="after", reason="is not a cursor of this stream")
    return Position(
        int.from_bytes(body[1:9], "big"),
        int.from_bytes(body[9:13], "big"),
        int.from_bytes(body[13:21], "big"),
        body[21:],
    )


def _spelled(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _mac(body: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, b"cursor" + body, "sha256")[:_MAC_BYTES]
