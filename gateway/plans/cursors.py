"""Cursors of lists: the list and the last row's key, opaque to clients, strictly read.

They are computed from what SQL returns and carry no secret: whose rows a page shows is
decided by the statement's scope, not by the cursor.
"""

import re

from core.errors import InvalidInputError

_FORM = re.compile(r"([a-z]+)\.(0|[1-9a-f][0-9a-f]{0,15})")


def encode(name: str, key: int) -> str:
    """Return the cursor of the row with *key* in the list *name*."""
    return f"{name}.{key:x}"


def decode(name: str, cursor: str, *, field: str) -> int:
    """Return the key of a *cursor* that stands in *field*.

    Raises:
        InvalidInputError: no cursor, or one of another list.
    """
    match = _FORM.fullmatch(cursor)
    if match is None or match[1] != name or int(match[2], 16) >= 2**63:
        raise InvalidInputError(field=field, reason="is not a cursor of this list")
    return int(match[2], 16)
