"""From a credential to a caller. Credentials travel in a header or `connection_init`.

There are three kinds: keys, which are opaque; tokens of the OpenID issuer; and member
tokens, which an integrator had made. Whatever is wrong, the answer is the same.
"""

import logging

from core.engine import Engine
from core.program import tokens
from gateway.identity import jws
from gateway.identity.caller import Caller
from gateway.identity.fetching import Fetch, fetch
from gateway.identity.issuer import Issuer
from gateway.identity.member_tokens import ISSUER, MemberTokens
from gateway.identity.uses import Uses

_SCHEME = "bearer "
_MAX_KEY = 200

_log = logging.getLogger(__name__)


class Credentials:
    """Knows whose a credential is."""

    def __init__(self, engine: Engine, fetching: Fetch = fetch) -> None:
        """Read the settings of the issuer.

        Raises:
            ConfigurationError: they do not go together.
        """
        self._engine = engine
        self._uses = Uses(engine)
        self._issuer = Issuer(engine, fetching) if engine.settings.oidc_issuer else None
        self.member_tokens = MemberTokens(engine)

    async def authenticate(self, authorization: str | None) -> Caller | None:
        """Return who sends *authorization*, the value of such a header, or None."""
        secret = _secret(authorization)
        if not secret:
            return None
        find = self._of_token if "." in secret else self._of_key
        caller = await find(secret)
        if caller is not None and caller.actor.key_id is not None:
            self._uses.note(caller.actor.key_id)
        return caller

    async def _of_key(self, secret: str) -> Caller | None:
        if len(secret) > _MAX_KEY:
            return None
        known = await tokens.authenticate(self._engine, secret)
        return None if known is None else Caller(known.actor, known.expires_at_us)

    async def _of_token(self, text: str) -> Caller | None:
        try:
            token = jws.read(text)
            if token.claims.get("iss") == ISSUER:
                return await self.member_tokens.authenticate(token)
            return await self._of_issuer(token)
        except jws.BadTokenError as error:
            _log.info("a token was not taken: %s", error)
            return None

    async def _of_issuer(self, token: jws.Unverified) -> Caller:
        if self._issuer is None:
            raise jws.BadTokenError("there is no issuer")
        return await self._issuer.authenticate(token)


def _secret(authorization: str | None) -> str:
    if authorization is None or not authorization.lower().startswith(_SCHEME):
        return ""
    return authorization[len(_SCHEME) :].strip()
