"""Limits that are checked before any work is done for a document.

One walk, linear in the document: what a fragment amounts to is computed once and used
at each place that spreads it, so that fragments which spread each other twice cost
nothing. The same walk gives depth, aliases, directives, root fields, and fields after
expansion.
"""

from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from core.settings import Settings
from gateway.limits.inputs import check_literals
from gateway.limits.refusals import require
from gateway.limits.repeats import repeats_of

MAX_ROOT_MUTATIONS = 1
"""No setting: a key and its answer belong to one change."""

_META = {"__schema", "__type"}
_UNBOUNDED = 10**9
"""Where sums stop growing; far above every limit."""


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    aliases: int = 0
    fields: int = 0
    width: int = 0
    directives: int = 0

    def beside(self, other: "_Size") -> "_Size":
        return _Size(
            max(self.depth, other.depth),
            min(self.aliases + other.aliases, _UNBOUNDED),
            min(self.fields + other.fields, _UNBOUNDED),
            min(self.width + other.width, _UNBOUNDED),
            min(self.directives + other.directives, _UNBOUNDED),
        )


def check_limits(document: DocumentNode, settings: Settings) -> None:
    """Check a parsed document.

    Raises:
        LimitExceededError: says what is exceeded, what was found and what is allowed.
    """
    operations = [
        one for one in document.definitions if isinstance(one, OperationDefinitionNode)
    ]
    require("operations", len(operations), settings.max_operations)
    walk = _Walk(document)
    require("fragments", len(walk.fragments), settings.max_fragments)
    check_literals(document, settings)
    for operation in operations:
        size = walk.operation(operation)
        require("depth", size.depth, settings.max_depth)
        require("aliases", size.aliases, settings.max_aliases)
        require("fields", size.fields, settings.max_fields)
        require("directives", size.directives, settings.max_directives)
        if operation.operation is OperationType.MUTATION:
            require("root mutations", size.width, MAX_ROOT_MUTATIONS)
        require("root fields", size.width, settings.max_root_fields)
        # Only now, since it takes time for each field after expansion.
        repeats = repeats_of(operation, walk.fragments)
        require("repeats", repeats, settings.max_repeats)


class _Walk:
    def __init__(self, document: DocumentNode) -> None:
        self.fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, _Size] = {}

    def operation(self, node: OperationDefinitionNode) -> _Size:
        own = len(node.directives or ()) + sum(
            len(one.directives or ()) for one in node.variable_definitions or ()
        )
        return self._set(node.selection_set).beside(_Size(directives=own))

    def _set(self, selections: SelectionSetNode | None) -> _Size:
        total = _Size()
        for node in selections.selections if selections else ():
            total = total.beside(self._node(node))
        return total

    def _node(self, node: Any) -> _Size:
        own = _Size(directives=len(node.directives or ()))
        if isinstance(node, FragmentSpreadNode):
            return own.beside(self._fragment(node.name.value))
        if not isinstance(node, FieldNode):
            return own.beside(self._set(node.selection_set))
        below = self._set(node.selection_set)
        return _Size(
            0 if node.name.value in _META else below.depth + 1,
            below.aliases + (node.alias is not None),
            below.fields + 1,
            1,
            below.directives + own.directives,
        )

    def _fragment(self, name: str) -> _Size:
        if name not in self._known:
            self._known[name] = _Size()  # a cycle ends here; validation names it
            fragment = self.fragments.get(name)
            if fragment is not None:
                own = _Size(directives=len(fragment.directives or ()))
                self._known[name] = self._set(fragment.selection_set).beside(own)
        return self._known[name]
