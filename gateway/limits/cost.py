"""What an operation costs: before it runs, and what it did cost.

The tree of a document is made once. It has a node for each place in the answer, so what
several fragments ask for alike is counted once. Fields after expansion are bounded, and
so is the tree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from core.errors import InvalidInputError
from gateway.limits.directives import Cost, ListSize
from gateway.limits.refusals import require
from gateway.limits.weights import INTROSPECTION

Variables = Mapping[str, Any]
_META = {"__schema", "__type"}
_PAGES = {"first", "last"}


@dataclass(frozen=True, slots=True)
class Size:
    """How many items a list is asked for.

    Attributes:
        assumed: if no argument tells.
        given: arguments that were given: their names, with a number, a list or the
            name of a variable.
    """

    assumed: int
    given: tuple[tuple[str, int | VariableNode], ...] = ()

    def amount(self, variables: Variables, max_page: int) -> int:
        """Return the number.

        Raises:
            LimitExceededError: a page is larger than allowed.
            InvalidInputError: it is not a size.
        """
        found: dict[str, int] = {}
        for name, value in self.given:
            number: Any = value
            if isinstance(value, VariableNode):
                number = variables.get(value.name.value)
            if isinstance(number, list):
                number = len(number)
            if type(number) is not int:
                continue
            if name in _PAGES and number < 1:
                raise InvalidInputError(field=name, reason=f"must be 1 to {max_page}")
            require(f"items of {name}", number, max_page)
            found[name] = number
        if len(found) > 1:
            raise InvalidInputError(field="last", reason="does not go with first")
        return next(iter(found.values()), self.assumed)


@dataclass(slots=True)
class Node:
    """One place in an answer, and what is asked for there."""

    weight: int = 0
    sizes: set[Size] = field(default_factory=set)
    below: dict[str, "Node"] = field(default_factory=dict)

    def requested(self, variables: Variables, max_page: int) -> int:
        """Return what this costs at most, as asked for."""
        each = self.weight + sum(
            one.requested(variables, max_page) for one in self.below.values()
        )
        amounts = (one.amount(variables, max_page) for one in self.sizes)
        return each * max(amounts, default=1)

    def actual(self, value: Any) -> int:
        """Return what it cost, going by what was returned."""
        if isinstance(value, list):
            return sum(map(self.actual, value))
        total = self.weight
        if isinstance(value, dict):
            for key, one in self.below.items():
                if key in value:
                    total += one.actual(value[key])
        return total


@dataclass(frozen=True, slots=True)
class Price:
    """What one operation of a document costs."""

    root: Node
    defaults: Variables

    def requested(self, variables: Variables | None, max_page: int) -> int:
        """Return what it costs at most; at least 1.

        Raises:
            LimitExceededError: a page is larger than allowed.
            InvalidInputError: a page has a size that is none.
        """
        given = {**self.defaults, **(variables or {})}
        return max(1, self.root.requested(given, max_page))

    def actual(self, data: Any) -> int:
        """Return what it did cost; at least 1."""
        return max(1, self.root.actual(data))


def price_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Price:
    """Make the tree of an operation of a document that is valid and within limits."""
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    root = Node()
    kind = schema.get_root_type(operation.operation)
    _Builder(schema, fragments).fill(root, kind, operation.selection_set, {})
    defaults = {
        one.variable.name.value: _literal(one.default_value)
        for one in operation.variable_definitions or ()
        if one.default_value is not None
    }
    return Price(root, defaults)


@dataclass(frozen=True, slots=True)
class _Builder:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]

    def fill(
        self, into: Node, kind: Any, chosen: SelectionSetNode, sized: Mapping[str, Size]
    ) -> None:
        """Add what is selected of *kind*; *sized* fields have the size of a page."""
        for node in chosen.selections:
            if isinstance(node, FieldNode):
                self._add(into, kind, node, sized)
                continue
            part: Any = node
            if isinstance(node, FragmentSpreadNode):
                part = self.fragments[node.name.value]
            condition = part.type_condition
            narrowed = kind
            if condition is not None:
                narrowed = self.schema.get_type(condition.name.value)
            self.fill(into, narrowed, part.selection_set, sized)

    def _add(
        self, into: Node, kind: Any, node: FieldNode, sized: Mapping[str, Size]
    ) -> None:
        name = node.name.value
        if name == "__typename":
            return
        key = node.alias.value if node.alias else name
        if name in _META:
            into.below[key] = Node(INTROSPECTION)
            return
        definition: GraphQLField = kind.fields[name]
        weight, list_size = _terms(definition)
        if not weight and node.selection_set is None:
            return  # most fields; the tree is smaller without them
        place = into.below.setdefault(key, Node())
        place.weight = max(place.weight, weight)
        size = None if list_size is None else _size(definition, node, list_size)
        inner: Mapping[str, Size] = {}
        if list_size is not None and size is not None and list_size.sized_fields:
            inner, size = dict.fromkeys(list_size.sized_fields, size), None
        size = sized.get(name, size)
        if size is not None:
            place.sizes.add(size)
        if node.selection_set is not None:
            named = get_named_type(definition.type)
            self.fill(place, named, node.selection_set, inner)


def _terms(definition: GraphQLField) -> tuple[int, ListSize | None]:
    """Return what a field weighs, and how its length is told."""
    weight = int(is_composite_type(get_named_type(definition.type)))
    size = None
    for one in _directives(definition):
        if isinstance(one, Cost):
            weight = one.weight
        elif isinstance(one, ListSize):
            size = one
    return weight, size


def _directives(definition: GraphQLField) -> Iterable[object]:
    strawberry_field = definition.extensions.get("strawberry-definition")
    return getattr(strawberry_field, "directives", None) or ()


def _size(definition: GraphQLField, node: FieldNode, told: ListSize) -> Size:
    given: list[tuple[str, Any]] = []
    for argument in node.arguments or ():
        if argument.name.value in (told.slicing_arguments or ()):
            value = argument.value
            number = value if isinstance(value, VariableNode) else _literal(value)
            given.append((argument.name.value, number))
    if not given:
        for name in told.slicing_arguments or ():
            default = definition.args[name].default_value
            if type(default) is int:
                given.append((name, default))
    return Size(told.assumed_size or 1, tuple(given))


def _literal(value: Any) -> int | None:
    """Return the number that a value is, or the length of the list."""
    if isinstance(value, IntValueNode):
        return int(value.value)
    return len(value.values) if isinstance(value, ListValueNode) else None
