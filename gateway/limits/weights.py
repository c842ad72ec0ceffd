"""What fields cost, written onto the schema: printed and computed from the same datum.

Most follows from what a field is: a connection has the size of its page, a list the
size that its arguments give or a usual one, a mutation posts to the ledger. Only what
is dear for a reason that the schema does not show is named here.
"""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from gateway.limits.directives import Cost, ListSize

USUAL_PAGE = 20
"""Size of a page that is not asked for by number."""

USUAL_LIST = 5
"""Size of a list that is short by nature: balances, tiers, effects."""

MUTATION = 10
"""A transaction of the ledger, and what leads to it."""

INTROSPECTION = 100
"""The whole schema, however much of it is asked for."""

COUNT = 5
"""An index is read, as far as it is counted at all."""

DEAR = {
    ("Member", "balancesAt"): 10,  # reads the journal, not the balances
    ("Member", "statement"): 10,
    ("Program", "totals"): 50,  # sums up what all members have
    ("Query", "estimateEarn"): 10,  # judges by all rules, for each tier
    ("Query", "quote"): 10,  # asks a plugin
    ("Query", "rewardTotals"): 50,
    ("Query", "redemptionQueue"): 10,
    ("Query", "plugins"): 10,
    ("MemberConnection", "totalCount"): COUNT,
    ("RedemptionConnection", "totalCount"): COUNT,
    ("RewardConnection", "totalCount"): COUNT,
    ("TransactionConnection", "totalCount"): COUNT,
}
"""By type and field."""

_SLICING = ("first", "last", "ids")
_SIZED = ["edges", "nodes"]


def weigh(schema: GraphQLSchema) -> None:
    """Write `@cost` and `@listSize` onto the fields of *schema*."""
    for kind, name, field in _fields(schema):
        weight = DEAR.get((kind.name, name))
        if weight is None and kind is schema.mutation_type:
            weight = MUTATION
        strawberry_field: Any = field.extensions["strawberry-definition"]
        kept = [
            one
            for one in strawberry_field.directives or ()
            if not isinstance(one, (Cost, ListSize))
        ]
        cost = [] if weight is None else [Cost(weight=weight)]
        size = None if "pageInfo" in kind.fields else _size(field)
        strawberry_field.directives = [*kept, *cost, *([] if size is None else [size])]


def _fields(schema: GraphQLSchema) -> Iterator[tuple[Any, str, GraphQLField]]:
    for kind in schema.type_map.values():
        is_ours = not kind.name.startswith("__")
        if is_ours and isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
            for name, field in kind.fields.items():
                yield kind, name, field


def _size(field: GraphQLField) -> ListSize | None:
    named: Any = get_named_type(field.type)
    if not is_composite_type(named):
        return None
    slicing = [one for one in _SLICING if one in field.args]
    if not is_list_type(get_nullable_type(field.type)):
        below = getattr(named, "fields", {})
        if "pageInfo" not in below:
            return None
        return ListSize(
            assumed_size=USUAL_PAGE,
            slicing_arguments=slicing,
            sized_fields=[one for one in _SIZED if one in below],
            require_one_slicing_argument=False,
        )
    if not slicing:
        return ListSize(assumed_size=USUAL_LIST)
    return ListSize(
        assumed_size=USUAL_PAGE,
        slicing_arguments=slicing,
        require_one_slicing_argument=False,
    )
