"""Headers that every answer has, and who of other origins may read it."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from core.errors import ConfigurationError

ASKED = (
    *("Authorization", "Content-Type", "Accept-Language", "traceparent", "tracestate"),
    *("GraphQL-Require-Preflight", "Apollo-Require-Preflight"),
    *("X-Apollo-Operation-Name", "Apollographql-Client-Name"),
    "Apollographql-Client-Version",
)
"""Headers that a page of an allowed origin may send."""

TOLD = ("Retry-After", "X-Request-ID")
"""Headers that it may read."""

_PREFLIGHT_S = 7_200
"""So long browsers remember the answer to a preflight; more they do not."""

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def secure(headers: MutableHeaders, scheme: str, hsts_seconds: int) -> None:
    """Add what an answer does not have of its own.

    Args:
        headers: of the answer.
        scheme: that the client used.
        hsts_seconds: how long browsers shall keep to TLS; 0: not said.
    """
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    if hsts_seconds and scheme in {"https", "wss"}:
        headers.setdefault("Strict-Transport-Security", f"max-age={hsts_seconds}")


def cross_origin(origins: Collection[str]) -> list[Middleware]:
    """Return what lets pages of *origins* in; nothing, if there are none.

    Nobody needs credentials that browsers send by themselves: tokens are sent by pages.

    Raises:
        ConfigurationError: an origin is not written as browsers send it.
    """
    for one in origins:
        parts = urlsplit(one)
        is_origin = parts.scheme in {"http", "https"} and parts.netloc != ""
        if not is_origin or one != f"{parts.scheme}://{parts.netloc}".lower():
            raise ConfigurationError(
                f"GUERDON_ALLOWED_ORIGINS: {one!r} is no origin; write each out, like "
                "https://shop.example"
            )
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=ASKED,
            expose_headers=TOLD,
            allow_credentials=False,
            max_age=_PREFLIGHT_S,
        )
    ]
