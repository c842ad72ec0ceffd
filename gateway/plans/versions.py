"""Rows whose document was stored by another version of its plugin."""

from graphql import GraphQLObjectType

from core.reads.selection import DocumentLeaf, Otherwise, Same, Selection, Variant
from gateway.plans.kinds import document_of, is_open, variant_of
from gateway.plans.shapes import RETIRED, Shape, StoredShape

Planned = tuple[Selection, Shape]


def variants_of(types: list[GraphQLObjectType], planned: dict[str, Planned]) -> Planned:
    """Put together what is wanted of rows that are one of several types.

    Args:
        types: the types.
        planned: what is wanted of each, by name.
    """
    retired = next((kind.name for kind in types if is_open(kind)), None)
    variants = []
    for kind in types:
        selection, shape = planned[kind.name]
        otherwise = _otherwise(kind, selection, shape, retired, planned)
        variants.append(
            Variant(kind.name, variant_of(kind), selection.fields, otherwise)
        )
    shape = Shape(variants={name: below for name, (_, below) in planned.items()})
    return Selection(variants=tuple(variants)), shape


def _otherwise(
    kind: GraphQLObjectType,
    selection: Selection,
    shape: Shape,
    retired: str | None,
    planned: dict[str, Planned],
) -> Otherwise | None:
    """Plan what is read where the document is not of today's version, if it matters.

    *retired* is the type as which a row is shown whose document cannot be read.
    """
    document = document_of(kind)
    members = {
        one.key: one.member for one in selection.fields if isinstance(one, DocumentLeaf)
    }
    if document is None or all(one.is_hidden for one in members.values()):
        return None
    fields = [one for one in selection.fields if one.key not in members]
    shown_as = None
    if document.retires and retired is not None:
        instead, below = planned[retired]
        fields.append(Same(RETIRED, instead))
        shown_as = retired, below
    shape.stored = StoredShape(document, members, shown_as)
    return Otherwise(document.attribute, document.version, tuple(fields))
