"""Global ids: a typed prefix and the key, opaque to clients.

A member is `mbr_` and its holder id in 16 hex digits; a row of a holder adds its
number: `txn_<holder>_<seq>`. The form is fixed so that SQL can make the same text on
both databases, and parsing is strict: one spelling per id.
"""

import re
from dataclasses import dataclass

from core.errors import InvalidInputError

PREFIXES = {
    "member": "mbr",
    "reward": "rwd",
    "program": "prg",
    "tier": "tir",
    "transaction": "txn",
    "redemption": "rdm",
    "api_key": "key",
}
"""Entity to prefix; the prefix is part of the public API."""

PAIRS = frozenset({"transaction", "redemption"})
"""Entities whose key is a holder and a number."""

_ENTITIES = {prefix: entity for entity, prefix in PREFIXES.items()}
_FORM = re.compile(r"([a-z]{3})_([0-7][0-9a-f]{15})(?:_([1-9a-f][0-9a-f]{0,12}))?")


@dataclass(frozen=True, slots=True)
class GlobalId:
    """What an id names: the entity and its key of one or two numbers."""

    entity: str
    key: tuple[int, ...]


def encode(entity: str, *key: int) -> str:
    """Return the id of *entity* with *key*."""
    first, *rest = key
    return "_".join([PREFIXES[entity], f"{first:016x}", *(f"{n:x}" for n in rest)])


def decode(text: str, *, field: str = "id") -> GlobalId:
    """Read an id.

    Raises:
        InvalidInputError: *text* is not an id, or not spelled as `encode` spells it.
    """
    match = _FORM.fullmatch(text)
    entity = _ENTITIES.get(match[1]) if match else None
    if match is None or entity is None or (match[3] is not None) != (entity in PAIRS):
        raise InvalidInputError(field=field, reason="is not a valid id")
    key = (int(match[2], 16),)
    return GlobalId(entity, key if match[3] is None else (*key, int(match[3], 16)))


def decode_as(entity: str, text: str, *, field: str = "id") -> tuple[int, ...]:
    """Read an id that must name an *entity*, and return its key.

    Raises:
        InvalidInputError: *text* is no id, or the id of something else.
    """
    found = decode(text, field=field)
    if found.entity != entity:
        raise InvalidInputError(field=field, reason=f"is not the id of a {entity}")
    return found.key
