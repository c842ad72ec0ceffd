"""The planner: the document below one field becomes a selection and a shape.

The selection says what to read; the shape says how to arrange what comes back into
connections. Both are plain values, so that they can be kept per document.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)
from graphql.execution.values import get_argument_values, get_directive_values

from core.languages import looked_up
from core.reads.selection import (
    Branch,
    DocumentLeaf,
    Leaf,
    Same,
    Selection,
    Variant,
)
from core.reads.selection import Field as Wanted
from gateway.plans.kinds import entity_of, is_open, source_of, variant_of
from gateway.plans.pages import counts_of, page_of
from gateway.plans.shapes import ConnectionShape, Shape
from gateway.plans.sight import Sight
from gateway.plans.sources import (
    LOCALE,
    FromAttribute,
    FromConnection,
    FromDocument,
    FromRelation,
    FromSameRow,
)
from gateway.plans.versions import variants_of


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans fields of one operation."""

    schema: GraphQLSchema
    fragments: Mapping[str, Any]
    variables: Any
    max_page: int
    now_us: int
    sight: Sight
    languages: tuple[str, ...]

    def object(
        self, types: Sequence[GraphQLObjectType], nodes: Iterable[FieldNode]
    ) -> tuple[Selection, Shape]:
        """Plan a field that yields one of *types*; several of them are variants."""
        sets = [one.selection_set for one in nodes if one.selection_set is not None]
        if len(types) == 1 and variant_of(types[0]) is None and not is_open(types[0]):
            return self._fields(types[0], sets)
        planned = {kind.name: self._fields(kind, sets) for kind in types}
        return variants_of(list(types), planned)

    def tagged(
        self, kind: GraphQLObjectType, nodes: Iterable[FieldNode]
    ) -> tuple[Selection, Shape]:
        """Plan a field of abstract type that is known to yield *kind*."""
        sets = [one.selection_set for one in nodes if one.selection_set is not None]
        selection, shape = self._fields(kind, sets)
        variants = (Variant(kind.name, None, selection.fields),)
        return Selection(variants=variants), Shape(variants={kind.name: shape})

    def connection(
        self,
        key: str,
        source: FromConnection,
        definition: GraphQLField,
        nodes: list[FieldNode],
    ) -> tuple[list[Wanted], ConnectionShape, Shape]:
        """Plan a connection: its rows carry what nodes and edges want of them."""
        arguments = self._arguments(definition, nodes)
        page = page_of(source.name, arguments, self.max_page)
        given = source.read(arguments, self.now_us)
        kind: Any = get_named_type(definition.type)
        sets = [one.selection_set for one in nodes if one.selection_set is not None]
        wanted: list[Wanted] = []
        fields: dict[str, tuple[str, Mapping[str, str]]] = {}
        shape = Shape()
        for alias, inner in self._collect(kind, sets).items():
            name = inner[0].name.value
            if name == "__typename":
                continue
            parts: dict[str, list[FieldNode]] = {}
            if name == "nodes":
                selection, shape.below[alias] = self._row(kind, name, inner)
                wanted.append(Same(alias, selection))
            elif name != "totalCount":
                below = get_named_type(kind.fields[name].type)
                deeper = [one.selection_set for one in inner if one.selection_set]
                parts = self._collect(below, deeper)
                if name == "edges":
                    edges, shape.below[alias] = self._edges(below, parts)
                    wanted.append(Same(alias, edges))
            names = {one: found[0].name.value for one, found in parts.items()}
            names = {one: part for one, part in names.items() if part != "__typename"}
            fields[alias] = (name, names)
        rows = Branch(key, source.name, Selection(tuple(wanted)), page, given)
        counts = counts_of(rows, fields.values())
        return [rows, *counts], ConnectionShape(source.name, page, fields), shape

    def _edges(
        self, kind: Any, parts: Mapping[str, list[FieldNode]]
    ) -> tuple[Selection, Shape]:
        """Plan what edges want of their rows."""
        shape = Shape()
        wanted = []
        for alias, inner in parts.items():
            if inner[0].name.value == "node":
                selection, shape.below[alias] = self._row(kind, "node", inner)
                wanted.append(Same(alias, selection))
        return Selection(tuple(wanted)), shape

    def _row(
        self, kind: Any, name: str, nodes: list[FieldNode]
    ) -> tuple[Selection, Shape]:
        return self.object(self.possible(kind.fields[name].type), nodes)

    def possible(self, returned: Any) -> list[GraphQLObjectType]:
        """Return the object types that a field of type *returned* can yield."""
        kind = get_named_type(returned)
        if is_abstract_type(kind):
            return list(self.schema.get_possible_types(kind))
        return [kind]

    def _fields(
        self, kind: GraphQLObjectType, sets: Sequence[SelectionSetNode]
    ) -> tuple[Selection, Shape]:
        shape = Shape()
        wanted: list[Wanted] = []
        inner = self
        if entity_of(kind) == "redemption":
            inner = replace(self, sight=self.sight.of_redemption())
        for key, nodes in self._collect(kind, sets).items():
            name = nodes[0].name.value
            definition = kind.fields.get(name)
            if definition is None:  # __typename
                continue
            match source_of(definition):
                case FromAttribute(attribute):
                    languages = self._languages(definition, nodes)
                    wanted.append(Leaf(key, attribute, languages))
                case FromDocument(attribute, part):
                    member = part.read_by(self.sight)
                    wanted.append(DocumentLeaf(key, attribute, member))
                case FromRelation(choose):
                    arguments = self._arguments(definition, nodes)
                    relation, given = choose(arguments, self.now_us)
                    types = self.possible(definition.type)
                    selection, shape.below[key] = inner.object(types, nodes)
                    wanted.append(Branch(key, relation, selection, given=given))
                case FromSameRow(unless_null, entity, read):
                    given = read(self._arguments(definition, nodes), self.now_us)
                    types = self.possible(definition.type)
                    selection, shape.below[key] = inner.object(types, nodes)
                    wanted.append(Same(key, selection, unless_null, entity, given))
                case FromConnection() as source:
                    rows, shape.connections[key], below = inner.connection(
                        key, source, definition, nodes
                    )
                    # Rows are arranged before their connection is.
                    shape.below[key] = below
                    wanted += rows
                case None:  # computed by its resolver
                    continue
        return Selection(tuple(wanted)), shape

    def _languages(
        self, definition: GraphQLField, nodes: Sequence[FieldNode]
    ) -> tuple[str, ...]:
        """Return the tags to look for: of `locale`, or else of the request."""
        if LOCALE not in definition.args:
            return ()
        tag = self._arguments(definition, nodes).get(LOCALE)
        return self.languages if tag is None else looked_up([tag])

    def _arguments(
        self, definition: GraphQLField, nodes: Sequence[FieldNode]
    ) -> Mapping[str, Any]:
        """Return the arguments of a field; all its nodes have the same."""
        return get_argument_values(definition, nodes[0], self.variables)

    def _collect(
        self, kind: Any, sets: Sequence[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        """Return the fields that *kind* is asked for, by response key."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        waiting = [
            one for chosen in reversed(sets) for one in reversed(chosen.selections)
        ]
        while waiting:
            node = waiting.pop()
            if self._is_left_out(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                found.setdefault(key, []).append(node)
                continue
            fragment: Any = node
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in seen:
                    continue
                seen.add(node.name.value)
                fragment = self.fragments[node.name.value]
                fragment = getattr(fragment, "definition", fragment)
            if self._applies(kind, fragment):
                waiting += reversed(fragment.selection_set.selections)
        return found

    def _applies(self, kind: Any, fragment: Any) -> bool:
        condition = fragment.type_condition
        if condition is None or condition.name.value == kind.name:
            return True
        named = self.schema.get_type(condition.name.value)
        return is_abstract_type(named) and self.schema.is_sub_type(named, kind)

    def _is_left_out(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        if skip is not None and skip["if"]:
            return True
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return include is not None and not include["if"]
