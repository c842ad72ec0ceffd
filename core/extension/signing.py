"""Signatures of messages, as the Standard Webhooks specification has them. Pure.

A sender puts three headers beside the body: `webhook-id`, `webhook-timestamp` in
seconds since 1970, and `webhook-signature`, which is `v1,` and the base64 of the
HMAC-SHA256 of `ID.TIMESTAMP.BODY` under the shared secret. Several signatures may stand
there, apart by spaces, while a secret is being replaced.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac
import re
from collections.abc import Mapping

TOLERANCE_S = 300
"""How far the sender's clock may be off, and how old a message may be."""

_SECONDS = re.compile(r"[0-9]{1,12}")

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def sign(secret: str, message_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    """Return the headers of a message."""
    signature = _signature(secret, message_id, str(timestamp_s), body)
    return {ID: message_id, TIMESTAMP: str(timestamp_s), SIGNATURE: signature}


def is_signed(
    secret: str, headers: Mapping[str, str], body: bytes, now_s: float, about: str
) -> bool:
    """Tell whether a message comes from somebody who knows the secret, just now.

    Its id, which is signed, must be *about* or begin with it and a dot: a message about
    one thing is none about another.
    """
    if headers.get(ID, "").partition(".")[0] != about:
        return False
    timestamp = headers.get(TIMESTAMP, "")
    if not _SECONDS.fullmatch(timestamp):
        return False
    if abs(int(timestamp) - now_s) > TOLERANCE_S:
        return False
    expected = _signature(secret, headers.get(ID, ""), timestamp, body)
    given = headers.get(SIGNATURE, "").split(" ")
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    content = b".".join([message_id.encode(), timestamp.encode(), body])
    digest = hmac.digest(secret.encode(), content, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"
