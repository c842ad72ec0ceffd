"""Which pages of other origins may connect."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection


def is_allowed(connection: HTTPConnection, origins: Collection[str]) -> bool:
    """Tell whether the page behind *connection* may connect.

    Clients that are no browsers name no origin. A page that the gateway itself serves
    is of its own.

    Args:
        connection: a request, or a socket.
        origins: those that the settings allow, such as `https://shop.example`.
    """
    origin = connection.headers.get("origin")
    if origin is None or origin in origins:
        return True
    try:
        return urlsplit(origin).netloc == connection.headers.get("host")
    except ValueError:  # no origin that a browser would name
        return False
