"""What resolvers call: read what the client selected below the present field."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_abstract_type

from core.ids import GlobalId
from core.reads import rights
from core.reads.selection import Branch, Leaf, Selection
from gateway.context import Info
from gateway.plans.kinds import entity_of
from gateway.plans.planner import Planner
from gateway.plans.shapes import Row, Shape
from gateway.plans.sight import sight_of
from gateway.plans.sources import FromConnection


async def one(info: Info, entity: str, key: tuple[int, ...]) -> Row | None:
    """Return the row of *entity* with *key* as selected; None if absent or private."""
    return (await many(info, [GlobalId(entity, key)]))[0]


async def shown(info: Info, entity: str, key: tuple[int, ...]) -> Row | None:
    """Return a row as `one` does, to those who may see any of its kind.

    Raises:
        ForbiddenError: the caller may see none.
    """
    require(info, entity)
    return await one(info, entity, key)


def require(info: Info, entity: str) -> None:
    """Check that the caller may see rows of *entity*.

    Raises:
        ForbiddenError: it may see none.
    """
    rights.require(rights.needs_of(entity), info.context.scope)


async def many(info: Info, ids: Sequence[GlobalId]) -> list[Row | None]:
    """Return rows in the order of *ids*: one statement for each kind of them."""
    planner = await planner_of(info)
    places: dict[str, list[int]] = defaultdict(list)
    for place, wanted in enumerate(ids):
        places[wanted.entity].append(place)
    found: list[Row | None] = [None] * len(ids)
    for entity, where in places.items():
        selection, shape = _plan(info, planner, entity)
        keys = [ids[place].key for place in where]
        context = info.context
        rows = await context.engine.reads.many(entity, keys, selection, context.scope)
        shape.arrange(rows)
        for place, row in zip(where, rows, strict=True):
            found[place] = row
    return found


async def of_entity(
    info: Info, entity: str, keys: Sequence[tuple[int, ...]], *extra: Leaf
) -> list[Row | None]:
    """Return rows of an entity that the field's one type can be read from.

    Args:
        info: of the present field.
        entity: where to read from.
        keys: of the rows.
        extra: leaves to read beside what is selected.
    """
    planner = await planner_of(info)
    raw: Any = info._raw_info  # noqa: SLF001
    types = planner.possible(raw.return_type)
    selected, shape = planner.object(types, raw.field_nodes)
    selection = Selection((*selected.fields, *extra))
    context = info.context
    found = await context.engine.reads.many(entity, keys, selection, context.scope)
    shape.arrange(found)
    return found


async def related(
    info: Info, entity: str, key: tuple[int, ...], relation: str
) -> list[Row]:
    """Return the rows that *relation* leads to from one row, as selected."""
    planner = await planner_of(info)
    raw: Any = info._raw_info  # noqa: SLF001
    types = planner.possible(raw.return_type)
    below, shape = planner.object(types, raw.field_nodes)
    selection = Selection((Branch("rows", relation, below),))
    context = info.context
    row = await context.engine.reads.one(entity, key, selection, context.scope)
    found: list[Row] = [] if row is None else row["rows"]
    shape.arrange(found)
    return found


async def page(info: Info, relation: str) -> Row:
    """Return a page of the program's *relation*, by the present field's arguments."""
    planner = await planner_of(info)
    raw: Any = info._raw_info  # noqa: SLF001  (Strawberry shows no field nodes)
    definition = raw.parent_type.fields[raw.field_name]
    source = FromConnection(relation, lambda *_: {})
    wanted, connection, below = planner.connection(
        "page", source, definition, raw.field_nodes
    )
    shape = Shape(connections={"page": connection}, below={"page": below})
    context = info.context
    key = (context.actor.program_id,)
    selection = Selection(tuple(wanted))
    row = await context.engine.reads.one("program", key, selection, context.scope)
    if row is None:
        raise AssertionError("a caller without a program")
    shape.arrange(row)
    result: Row = row["page"]
    return result


async def planner_of(info: Info) -> Planner:
    """Return a planner for the operation of *info*."""
    raw: Any = info._raw_info  # noqa: SLF001
    engine = info.context.engine
    return Planner(
        raw.schema,
        raw.fragments,
        raw.variable_values,
        engine.settings.max_page_size,
        await engine.clocks.now_us(info.context.actor.program_id),
        sight_of(info.context.actor),
        info.context.languages.wanted,
    )


def _plan(info: Info, planner: Planner, entity: str) -> tuple[Selection, Shape]:
    raw: Any = info._raw_info  # noqa: SLF001
    returned = get_named_type(raw.return_type)
    types = planner.possible(returned)
    shown: list[GraphQLObjectType] = [one for one in types if entity_of(one) == entity]
    if is_abstract_type(returned) and len(shown) == 1:
        return planner.tagged(shown[0], raw.field_nodes)
    return planner.object(shown, raw.field_nodes)
