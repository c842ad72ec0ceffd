"""Tokens of the OpenID issuer that the settings name."""

import hashlib

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import ConfigurationError
from core.program import subjects
from core.program.tokens import client_of_member
from core.settings import Settings
from gateway.identity import claims, jws
from gateway.identity.caller import Caller
from gateway.identity.fetching import Fetch, fetch, is_safe
from gateway.identity.keyset import KeySet
from gateway.identity.mapping import Terms

_SECOND_US = 1_000_000


class Issuer:
    """Takes what one issuer signed."""

    def __init__(self, engine: Engine, fetching: Fetch = fetch) -> None:
        """Read the settings.

        Raises:
            ConfigurationError: they do not go together.
        """
        settings = engine.settings
        self._engine = engine
        self._algorithms = _checked(settings)
        self._terms = Terms.of(settings)
        self._keys = KeySet(settings.oidc_issuer, settings.oidc_jwks_url, fetching)
        self._expected = claims.Expected(
            settings.oidc_issuer,
            settings.oidc_audience,
            settings.oidc_leeway_s * _SECOND_US,
        )
        self._program_id: int | None = None

    async def authenticate(self, token: jws.Unverified) -> Caller:
        """Return who sends a token.

        Raises:
            BadTokenError: it is not taken.
        """
        if token.algorithm not in self._algorithms:
            raise jws.BadTokenError(f"alg {token.algorithm[:20]!r} is not taken")
        key = await self._keys.find(token.kid)
        if key is None:
            raise jws.BadTokenError("a key that the issuer does not have")
        known = jws.verify(token, key, self._algorithms)
        now_us = self._engine.clock.now_us()
        checked = claims.check(known, self._expected, now_us)
        role = self._terms.role_of(known)
        scopes = self._terms.scopes_of(known)
        program_id = await self._program()
        if role is not Role.MEMBER:
            actor = Actor(
                program_id,
                _client(checked.subject),
                role,
                narrowed_to=scopes,
                expires_at_us=checked.expires_at_us,
            )
            return Caller(actor, checked.expires_at_us)
        holder_id = await subjects.find(
            self._engine, program_id=program_id, subject=checked.subject
        )
        if holder_id is None:
            raise jws.BadTokenError("a subject that is no member")
        client_id = client_of_member(holder_id)
        actor = Actor(
            program_id,
            client_id,
            role,
            holder_id,
            scopes,
            expires_at_us=checked.expires_at_us,
        )
        return Caller(actor, checked.expires_at_us)

    async def _program(self) -> int:
        if self._program_id is None:
            self._program_id = await subjects.program_of_issuer(self._engine)
        if self._program_id is None:
            raise jws.BadTokenError("no program, or several: GUERDON_OIDC_PROGRAM")
        return self._program_id


def _client(subject: str) -> str:
    """Return the client that a subject is: its name can have any form."""
    return f"oidc-{hashlib.sha256(subject.encode()).hexdigest()[:32]}"


def _checked(settings: Settings) -> frozenset[str]:
    algorithms = [one.strip() for one in settings.oidc_algorithms.split(",")]
    try:
        jws.check_algorithms(algorithms)
    except ValueError as error:
        raise ConfigurationError(f"GUERDON_OIDC_ALGORITHMS: {error}") from None
    if not settings.oidc_audience:
        reason = "GUERDON_OIDC_AUDIENCE is needed: whom the issuer's tokens are for"
        raise ConfigurationError(reason)
    for name in ("oidc_issuer", "oidc_jwks_url"):
        url = getattr(settings, name)
        if url and not is_safe(url):
            reason = f"GUERDON_{name.upper()} must begin with https://"
            raise ConfigurationError(reason)
    return frozenset(algorithms)
