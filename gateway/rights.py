"""`@requiresScopes`: what fields need of a caller, as the schema prints it.

What is printed is what is enforced: by the use case that a field calls, or by the read
model that it reads. Fields only point there.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema
from strawberry.schema_directive import Location

from core.actors import Needs
from core.program.access import needs_of
from core.reads import rights
from gateway.plans.kinds import entity_of, source_of
from gateway.plans.sources import FromAttribute

_NEEDS = "needs"


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requiresScopes",
    description="The caller needs all scopes of one of these lists; `viewer` tells "
    "which it has. Without them an object is refused (FORBIDDEN), and a value is null.",
)
class RequiresScopes:
    """See the description; the name and form are those that routers know."""

    scopes: list[list[str]] = strawberry.field(description="The alternatives.")


def of(use_case: Callable[..., Any]) -> Mapping[str, Any]:
    """Return metadata for a field that calls a use case."""
    return {_NEEDS: needs_of(use_case)}


def of_read(entity: str, relation: str = "") -> Mapping[str, Any]:
    """Return metadata for a field that reads an entity, or what it leads to."""
    return {_NEEDS: rights.needs_of(entity, relation)}


def mark(schema: GraphQLSchema) -> None:
    """Write `@requiresScopes` onto the fields of *schema*."""
    for kind, field in _fields(schema):
        strawberry_field: Any = field.extensions["strawberry-definition"]
        kept = [
            one
            for one in strawberry_field.directives or ()
            if not isinstance(one, RequiresScopes)
        ]
        needs = _needs_of(kind, field)
        if needs is not None:
            scopes = sorted(sorted(one) for one in needs.alternatives)
            kept.append(RequiresScopes(scopes=[list(map(str, one)) for one in scopes]))
        strawberry_field.directives = kept


def _needs_of(kind: GraphQLObjectType, field: GraphQLField) -> Needs | None:
    source = source_of(field)
    if isinstance(source, FromAttribute):
        entity = entity_of(kind)
        return rights.needs_of(entity, source.name) if entity else None
    metadata = field.extensions["strawberry-definition"].metadata or {}
    found: Needs | None = metadata.get(_NEEDS)
    return found


def _fields(
    schema: GraphQLSchema,
) -> Iterator[tuple[GraphQLObjectType, GraphQLField]]:
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for field in kind.fields.values():
                yield kind, field
