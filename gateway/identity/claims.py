"""What a token must claim to be taken now. Pure; instants come in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.program.subjects import is_subject
from gateway.identity.jws import BadTokenError

_SECOND_US = 1_000_000
_LAST_S = 10**11
"""No instant that is meant lies beyond it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected: who made a token, for whom, and how exact that clock is."""

    issuer: str
    audience: str
    leeway_us: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """Claims that hold now."""

    subject: str
    expires_at_us: int


def check(claims: Mapping[str, Any], expected: Expected, now_us: int) -> Checked:
    """Check the registered claims.

    `iss`, `sub`, `aud`, `exp` and `iat` are required, `nbf` is heeded.

    Raises:
        BadTokenError: one is missing, of another form, or does not hold.
    """
    if claims.get("iss") != expected.issuer:
        raise BadTokenError("another issuer")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if expected.audience not in named:
        raise BadTokenError("for another audience")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not is_subject(subject):
        raise BadTokenError("no subject")
    expires_at_us = _instant(claims, "exp")
    if expires_at_us + expected.leeway_us <= now_us:
        raise BadTokenError("expired")
    latest_us = now_us + expected.leeway_us
    if _instant(claims, "iat") > latest_us:
        raise BadTokenError("made in the future")
    if "nbf" in claims and _instant(claims, "nbf") > latest_us:
        raise BadTokenError("not good yet")
    return Checked(subject, expires_at_us + expected.leeway_us)


def _instant(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= _LAST_S:  # type: ignore[operator]
        raise BadTokenError(f"no {name}")
    return int(value * _SECOND_US)  # type: ignore[operator]
