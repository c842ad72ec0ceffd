"""What is written beside the types and fields of the schema, for the planner."""

from typing import Any

from graphql import GraphQLField, GraphQLObjectType

from gateway.plans.documents import Versioned
from gateway.plans.sources import SOURCE, Source


def source_of(definition: GraphQLField) -> Source | None:
    """Return where a field's value comes from, None if it is computed."""
    strawberry_field = definition.extensions.get("strawberry-definition")
    metadata = getattr(strawberry_field, "metadata", None) or {}
    source: Source | None = metadata.get(SOURCE)
    return source


def entity_of(kind: GraphQLObjectType) -> str:
    """Return the entity that an object type shows, or an empty text."""
    return getattr(_origin(kind), "row_entity", "")


def variant_of(kind: GraphQLObjectType) -> str | None:
    """Return the value of the discriminator of an object type's rows, if it has one."""
    return getattr(_origin(kind), "row_variant", None)


def document_of(kind: GraphQLObjectType) -> Versioned | None:
    """Return the document of which an object type shows members."""
    return getattr(_origin(kind), "row_document", None)


def is_open(kind: GraphQLObjectType) -> bool:
    """Tell whether *kind* stands for all variants that have no type of their own."""
    return getattr(_origin(kind), "row_is_rest", False)


def _origin(kind: GraphQLObjectType) -> Any:
    return kind.extensions["strawberry-definition"].origin
