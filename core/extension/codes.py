"""Codes that are worth money, made from the engine's secret token alone.

The same token always gives the same code, so a plugin that hands such codes out is safe
to repeat and can probe without keeping anything. Whoever does not know the token cannot
guess the code: it carries 80 of its bits.
"""

import hashlib
import hmac

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is mistaken for a digit or another letter."""

_GROUPS = 4
_GROUP_SIZE = 4


def derive_code(purpose: str, token: str) -> str:
    """Return a code for people, such as `7K3M-Q2ZD-9FHT-X4CN`.

    Args:
        purpose: keeps codes of different kinds apart; usually the plugin's code.
        token: the secret token of the request.
    """
    digest = hmac.digest(token.encode(), purpose.encode(), hashlib.sha256)
    symbols = "".join(_ALPHABET[byte % 32] for byte in digest)
    starts = range(0, _GROUPS * _GROUP_SIZE, _GROUP_SIZE)
    return "-".join(symbols[start : start + _GROUP_SIZE] for start in starts)
