"""Fetches a small JSON document, in a thread, within a deadline.

The standard library does: one document now and then, from an address that the operator
has set. Redirects are not followed, so that is where it comes from.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from http.client import HTTPException
from typing import Any, TypeAlias
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

MAX_BYTES = 262_144
DEADLINE_S = 5.0

_CHUNK = 16_384
_LOCAL = {"localhost", "127.0.0.1", "::1"}

Fetch: TypeAlias = Callable[[str], Awaitable[Any]]
"""Returns the JSON value at an address."""


class FetchError(Exception):
    """The document cannot be had now."""


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: the answer is an error."""


_OPENER = build_opener(_Stay)


def is_safe(url: str) -> bool:
    """Tell whether nobody on the way can change what *url* answers."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in _LOCAL
    )


async def fetch(url: str) -> Any:
    """Return the JSON value at *url*.

    Raises:
        FetchError: it does not answer in time, or not with a small JSON document.
    """
    try:
        async with asyncio.timeout(DEADLINE_S + 1):  # a name may take long to be found
            return await asyncio.to_thread(_get, url)
    except TimeoutError:
        raise FetchError("too slow") from None


def _get(url: str) -> Any:
    if not is_safe(url):
        raise FetchError("only https, or this machine")
    ends_s = time.monotonic() + DEADLINE_S
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310  (see above)
    body = bytearray()
    try:
        with _OPENER.open(request, timeout=DEADLINE_S) as answer:
            while chunk := answer.read1(_CHUNK):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise FetchError("too large")
                if time.monotonic() > ends_s:
                    raise FetchError("too slow")
        return json.loads(body)
    except HTTPError as error:
        raise FetchError(f"status {error.code}") from None
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise FetchError(type(error).__name__) from None
