"""Keys, as those see them who manage them."""

from enum import Enum

import strawberry

from core.actors import Role
from core.program.keys import scopes_of
from gateway.plans.sources import attribute, part, relation, row_type
from gateway.scalars import DateTime
from gateway.types.common import CURSOR, EDGES, NODES, PAGE_INFO, Node, PageInfo
from gateway.types.members import Member


@strawberry.enum(description="What a key is for; it maps to scopes.")
class KeyRole(Enum):
    """See the description."""

    MEMBER = strawberry.enum_value("member", description="A member's own.")
    STORE = strawberry.enum_value("store", description="A till.")
    ANALYST = strawberry.enum_value(
        "analyst", description="Somebody who looks at sums and changes nothing."
    )
    MARKETER = strawberry.enum_value(
        "marketer", description="Somebody who looks after rewards and rules."
    )
    INTEGRATOR = strawberry.enum_value(
        "integrator", description="A system, such as a shop."
    )
    STAFF = strawberry.enum_value("staff", description="Somebody who helps members.")
    ADMIN = strawberry.enum_value("admin", description="Who may do everything.")


def _scopes(stored: str) -> list[str]:
    """Return what a key may do, of its role and what it is narrowed to."""
    role, _, narrowed_to = stored.partition(":")
    return sorted(scopes_of(Role(role), None if narrowed_to == "*" else narrowed_to))


@row_type(
    description="A key: a credential of a client. Its secret is stored nowhere.",
    entity="api_key",
)
class ApiKey(Node):
    """See the description."""

    hint: str = attribute(
        "hint", description="How its secret begins, to tell keys apart."
    )
    client: str = attribute(
        "client",
        description="Name of the client that has it; idempotency keys belong to it.",
    )
    role: KeyRole = attribute("role", description="What it is for.", convert=KeyRole)
    scopes: list[str] = attribute(
        "scopes", description="What it may do.", convert=_scopes
    )
    member: Member | None = relation(
        "member", description="The member that it is for; null for all other roles."
    )
    created_at: DateTime = attribute("created_at", description="When it was made.")
    created_by: str | None = attribute(
        "created_by",
        description="The client that made it; null: it was made by command.",
    )
    expires_at: DateTime | None = attribute(
        "expires_at", description="From then on it is good no more; null: for ever."
    )
    revoked_at: DateTime | None = attribute(
        "revoked_at", description="When it was revoked; null if it was not."
    )
    last_used_at: DateTime | None = attribute(
        "last_used_at", description="When it was last used; may be late by a minute."
    )


@row_type(description="One key in a page.")
class ApiKeyEdge:
    """See the description."""

    cursor: str = part(description=CURSOR)
    node: ApiKey = part(description="The key.")


@row_type(description="Keys, the oldest first.")
class ApiKeyConnection:
    """See the description."""

    edges: list[ApiKeyEdge] = part(description=EDGES)
    nodes: list[ApiKey] = part(description=NODES)
    page_info: PageInfo = part(description=PAGE_INFO)
