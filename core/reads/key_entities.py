"""The part of the read model that keys fill."""

from core.actors import Needs, Scope
from core.reads.model import (
    PROGRAM_SCOPE,
    Attribute,
    Entity,
    Id,
    Relation,
    instant,
    text,
)

_NEEDS = Needs.any_of(Scope.KEYS_WRITE)

API_KEY = Entity(
    source="token {t}",
    key=("key_id",),
    program_scope=PROGRAM_SCOPE,
    # Who is a member manages nothing, whatever a key says.
    holder_scope="1 = 0",
    needs=_NEEDS,
    attributes={
        "id": Id("api_key", ("key_id",)),
        "hint": text("hint"),
        "client": text("client_id"),
        "role": text("role"),
        "scopes": Attribute("{t}.role || ':' || coalesce({t}.scopes, '*')"),
        "created_at": instant("created_at_us"),
        "created_by": text("created_by"),
        "expires_at": instant("expires_at_us"),
        "revoked_at": instant("revoked_at_us"),
        "last_used_at": instant("last_used_at_us"),
    },
    relations={"member": Relation("member", "{t}.holder_id = {p}.holder_id")},
)
"""A key, without its secret; `scopes` are its role and the ones it is narrowed to."""

API_KEYS = Relation(
    "api_key",
    "{t}.program_id = {p}.program_id",
    is_many=True,
    order="key_id",
    needs=_NEEDS,
)
"""The keys of a program."""
