"""From a credential to an actor. Tokens travel in a header or in `connection_init`."""

from core.actors import Actor
from core.engine import Engine
from core.program import tokens

_SCHEME = "bearer "
_MAX_SECRET = 200


async def authenticate(engine: Engine, authorization: str | None) -> Actor | None:
    """Return who sends *authorization*, the value of such a header; None if nobody."""
    if authorization is None or not authorization.lower().startswith(_SCHEME):
        return None
    secret = authorization[len(_SCHEME) :].strip()
    if not 0 < len(secret) <= _MAX_SECRET:
        return None
    return await tokens.authenticate(engine, secret)
