"""Member tokens: signed by this installation, for a member's own page, for minutes.

The key is made from the installation's secret, so all processes have it. EdDSA: no
algorithm with a shared secret is ever taken, so none can be passed off as another.
"""

import base64
import hmac
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.actors import Actor, Role
from core.engine import Engine
from core.program import tokens
from core.program.impersonation import Permit
from gateway.identity import claims, jws
from gateway.identity.caller import Caller

ISSUER = AUDIENCE = "guerdon"

_ALGORITHM = "EdDSA"
_KID = "guerdon-1"
_PURPOSE = b"guerdon member tokens 1"
_SECRET = "SELECT secret FROM installation"  # noqa: S105  (a statement)
_SECOND_US = 1_000_000
_EXPECTED = claims.Expected(ISSUER, AUDIENCE)


class MemberTokens:
    """Signs and takes them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._private: Ed25519PrivateKey | None = None
        self._public: Mapping[str, Any] = {}

    async def sign(self, permit: Permit) -> str:
        """Return the token of a permit."""
        actor = permit.actor
        if actor.holder_id is None:
            raise AssertionError("a permit is for a member")
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": f"{actor.holder_id:016x}",
            "iat": permit.issued_at_us // _SECOND_US,
            "exp": permit.expires_at_us // _SECOND_US,
            "program": f"{actor.program_id:016x}",
            "scope": " ".join(sorted(actor.scopes)),
        }
        if actor.key_id is not None:
            payload["key"] = f"{actor.key_id:016x}"
        key = await self._key()
        return jwt.encode(payload, key, _ALGORITHM, headers={"kid": _KID})

    async def authenticate(self, token: jws.Unverified) -> Caller:
        """Return who sends a token.

        Raises:
            BadTokenError: it is not taken.
        """
        if token.kid != _KID:
            raise jws.BadTokenError("a key of another time")
        await self._key()
        known = jws.verify(token, self._public, {_ALGORITHM})
        now_us = self._engine.clock.now_us()
        checked = claims.check(known, _EXPECTED, now_us)
        holder_id = int(checked.subject, 16)
        key_id = int(known["key"], 16) if "key" in known else None
        if key_id is not None and not await tokens.is_alive(self._engine, key_id):
            raise jws.BadTokenError("the key that it hangs on is good no more")
        scopes = tokens.read_scopes(known["scope"])
        actor = Actor(
            int(known["program"], 16),
            tokens.client_of_member(holder_id),
            Role.MEMBER,
            holder_id,
            scopes,
            key_id,
            checked.expires_at_us,
        )
        return Caller(actor, checked.expires_at_us)

    async def _key(self) -> Ed25519PrivateKey:
        if self._private is None:
            ((secret,),) = await self._engine.database.read(_SECRET)
            seed = hmac.digest(bytes(secret), _PURPOSE, "sha256")
            self._private = Ed25519PrivateKey.from_private_bytes(seed)
            raw = self._private.public_key().public_bytes(
                Encoding.Raw, PublicFormat.Raw
            )
            x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
            self._public = {"kty": "OKP", "crv": "Ed25519", "x": x}
        return self._private
