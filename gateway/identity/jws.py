"""Signed tokens, read strictly and verified. Pure: keys come in, claims go out.

What a token says about its own verification is not believed: the algorithms are pinned,
the key is one of ours or the issuer's, and headers that bring or point to keys (`jwk`,
`jku`, `x5c`, `x5u`) are never looked at.
"""

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.api_jws import PyJWS

MAX_LENGTH = 8_192
"""Longest token."""

_PART = re.compile(r"[A-Za-z0-9_-]+")
_PARTS = 3
_MAX_KID = 200
_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_ASYMMETRIC = frozenset(
    f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)
) | {"EdDSA"}


class BadTokenError(Exception):
    """A token is not taken; the reason is for our log, never for the client."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """A token whose form is right, and of which nothing is believed yet."""

    text: str
    algorithm: str
    kid: str | None
    claims: Mapping[str, Any]


def check_algorithms(names: Collection[str]) -> None:
    """Check that only public keys can verify what is signed so.

    Raises:
        ValueError: names one that is unknown, symmetric, or no signature at all.
    """
    for name in names:
        if name not in _ASYMMETRIC:
            raise ValueError(f"{name} is none of {', '.join(sorted(_ASYMMETRIC))}")


def read(text: str) -> Unverified:
    """Read a token; nothing of it is verified.

    Raises:
        BadTokenError: it has not the form of one.
    """
    parts = text.split(".") if len(text) <= MAX_LENGTH else []
    if len(parts) != _PARTS or not all(map(_PART.fullmatch, parts)):
        raise BadTokenError("no compact JWS")
    header, claims = _object(parts[0]), _object(parts[1])
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or "crit" in header or "b64" in header:
        raise BadTokenError("a header that is not understood")
    if kid is not None and not (isinstance(kid, str) and len(kid) <= _MAX_KID):
        raise BadTokenError("a kid of another form")
    return Unverified(text, algorithm, kid, claims)


def verify(
    token: Unverified, key: Mapping[str, Any], algorithms: Collection[str]
) -> Mapping[str, Any]:
    """Return the claims of a token that *key*, a JWK, has signed.

    Raises:
        BadTokenError: it has not, or not by one of *algorithms*.
    """
    algorithm = token.algorithm
    if algorithm not in algorithms or algorithm not in _ASYMMETRIC:
        raise BadTokenError(f"alg {algorithm[:20]!r} is not taken")
    if key.get("kty") != _KINDS[algorithm[:2]]:
        raise BadTokenError("the key is for another alg")
    if key.get("alg", algorithm) != algorithm or key.get("use", "sig") != "sig":
        raise BadTokenError("the key is for something else")
    try:
        signer = jwt.PyJWK(dict(key), algorithm=algorithm)
        PyJWS(algorithms=[algorithm]).decode(token.text, signer, [algorithm])
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise BadTokenError(type(error).__name__) from None
    return token.claims


def _object(part: str) -> dict[str, Any]:
    padded = part + "=" * (-len(part) % 4)
    try:
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except (binascii.Error, ValueError, RecursionError):
        raise BadTokenError("a part that is no JSON") from None
    if not isinstance(value, dict):
        raise BadTokenError("a part that is no object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that occurs twice: two readers could believe either."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadTokenError("a name twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)
