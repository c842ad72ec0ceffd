"""The id of a quote: what was quoted, carried by its reader and signed by us.

Nothing is stored of a quote. Its id has all that a redemption must compare, and a MAC,
so it cannot be made up; it is no secret, and reads as nothing to those who have it.
"""

import base64
import binascii
import hashlib
import hmac
import json
import zlib
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidInputError
from core.ledger.preview import Use

MOST_LOTS = 40
"""More lots than these are carried as a digest."""

_VERSION = 1
_MAC_BYTES = 16
_MAX_TEXT = 2_000
"""Lots that make an id longer than this are carried as a digest too."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a quote says a redemption will be.

    Attributes:
        program_id: of the reward.
        holder_id: the member.
        reward_id: the reward.
        options: what the member chose, as JSON text, as it was given; None: nothing.
        price: points in all.
        quantity: units.
        currency_id: of the price.
        terms: a digest of all else that decides what the member gets.
        valid_until_us: from then on it is a promise no more.
        lots: the points to be used, or a digest of them; none if it said that it could
            not be redeemed.
    """

    program_id: int
    holder_id: int
    reward_id: int
    options: str | None
    price: int
    quantity: int
    currency_id: int
    terms: str
    valid_until_us: int
    lots: tuple[Use, ...] | str

    def has_lots(self, lots: tuple[Use, ...]) -> bool:
        """Tell whether *lots* are the ones that it names."""
        if isinstance(self.lots, str):
            return self.lots == digest_of(lots)
        return self.lots == lots


def digest_of(value: Any) -> str:
    """Return 22 characters that tell this JSON value from any other."""
    text = json.dumps(value, separators=(",", ":"))
    return _text(hashlib.sha256(text.encode()).digest()[:16])


def seal(promise: Promise, secret: bytes) -> str:
    """Return the id of a quote that makes *promise*."""
    lots = promise.lots
    if isinstance(lots, tuple) and len(lots) <= MOST_LOTS:
        sealed = _seal(promise, list(zip(*lots, strict=True)), secret)
        if len(sealed) <= _MAX_TEXT:
            return sealed
    return _seal(promise, lots if isinstance(lots, str) else digest_of(lots), secret)


def unseal(text: str, secret: bytes) -> Promise:
    """Read the id of a quote.

    Raises:
        InvalidInputError: it was not made here, or was changed.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        data = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        data = b""
    body, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(body, secret)) or body[0] != _VERSION:
        raise InvalidInputError(field="quoteId", reason="is not the id of a quote")
    values: list[Any] = json.loads(zlib.decompress(body[1:]))
    if isinstance(values[-1], list):
        values[-1] = tuple(Use(*one) for one in zip(*values[-1], strict=True))
    return Promise(*values)


def _seal(promise: Promise, lots: Any, secret: bytes) -> str:
    values = [
        *(promise.program_id, promise.holder_id, promise.reward_id, promise.options),
        *(promise.price, promise.quantity, promise.currency_id, promise.terms),
        *(promise.valid_until_us, lots),
    ]
    document = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    body = bytes([_VERSION]) + zlib.compress(document.encode(), 9)
    return _text(body + _mac(body, secret))


def _mac(body: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, b"quote" + body, "sha256")[:_MAC_BYTES]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
