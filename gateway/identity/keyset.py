"""The public keys of an issuer: fetched when needed, and kept while it is down.

A token that names an unknown key makes the set be fetched again, for keys are replaced;
but no more often than `RETRY_S`, whatever is sent. One fetch runs at a time.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from gateway.identity.fetching import Fetch, FetchError, fetch

FRESH_S = 600.0
"""So long a set is used before a new one is looked for."""

RETRY_S = 10.0
"""The least time between two fetches."""

_MAX_KEYS = 100

_log = logging.getLogger(__name__)

Jwk = Mapping[str, Any]


class KeySet:
    """The keys of one issuer, by `kid`."""

    def __init__(self, issuer: str, jwks_url: str, fetching: Fetch = fetch) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._fetch = fetching
        self._keys: dict[str, Jwk] = {}
        self._fetched_s: float | None = None
        self._tried_s: float | None = None
        self._lock = asyncio.Lock()

    async def find(self, kid: str | None) -> Jwk | None:
        """Return the key that a token names; None if there is none.

        A token need not name a key where the issuer has one only.
        """
        if self._is_due(kid):
            async with self._lock:
                if self._is_due(kid):  # nobody else has fetched meanwhile
                    await self._refresh()
        elif self._found(kid) is None and self._lock.locked():
            async with self._lock:  # somebody is fetching it
                pass
        return self._found(kid)

    def _found(self, kid: str | None) -> Jwk | None:
        if kid is not None:
            return self._keys.get(kid)
        return next(iter(self._keys.values())) if len(self._keys) == 1 else None

    def _is_due(self, kid: str | None) -> bool:
        now_s = asyncio.get_running_loop().time()
        if self._tried_s is not None and now_s < self._tried_s + RETRY_S:
            return False
        is_old = self._fetched_s is None or now_s >= self._fetched_s + FRESH_S
        return is_old or self._found(kid) is None

    async def _refresh(self) -> None:
        loop = asyncio.get_running_loop()
        self._tried_s = loop.time()
        try:
            self._keys = _by_kid(await self._fetch(await self._address()))
        except FetchError as error:
            kept = len(self._keys)
            _log.warning("keys of the OpenID issuer: %s; %d are kept", error, kept)
        else:
            self._fetched_s = loop.time()

    async def _address(self) -> str:
        if self._jwks_url:
            return self._jwks_url
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        document = await self._fetch(url)
        if not isinstance(document, dict) or document.get("issuer") != self._issuer:
            raise FetchError("the discovery document is of another issuer")
        address = document.get("jwks_uri")
        if not isinstance(address, str):
            raise FetchError("the discovery document names no keys")
        return address


def _by_kid(document: Any) -> dict[str, Jwk]:
    """Return the keys of a set, but for those that are kept secret elsewhere."""
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or len(keys) > _MAX_KEYS:
        raise FetchError("no set of keys")
    public = [one for one in keys if isinstance(one, dict) and one.get("kty") != "oct"]
    found: dict[str, Jwk] = {
        str(one.get("kid", place)): one for place, one in enumerate(public)
    }
    if not found:
        raise FetchError("a set without keys")
    return found
