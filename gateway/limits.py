"""Limits that are checked before any work is done for a document.

One walk, linear in the document: what a fragment amounts to is computed once and used
at each place that spreads it, so that fragments which spread each other twice cost
nothing. The same walk gives depth, aliases, fields after expansion and root fields.
"""

from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from core.settings import Settings

_UNBOUNDED = 10**9
"""Where sums stop growing; far above every limit."""


class LimitExceededError(GraphQLError):
    """A document asks for more than is allowed."""

    def __init__(self, what: str, found: int, allowed: int) -> None:
        super().__init__(
            f"{what}: {found} found, {allowed} allowed",
            extensions={
                "code": "LIMIT_EXCEEDED",
                "limit": what,
                "found": found,
                "allowed": allowed,
            },
        )


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    aliases: int = 0
    fields: int = 0
    width: int = 0

    def beside(self, other: "_Size") -> "_Size":
        return _Size(
            max(self.depth, other.depth),
            min(self.aliases + other.aliases, _UNBOUNDED),
            min(self.fields + other.fields, _UNBOUNDED),
            min(self.width + other.width, _UNBOUNDED),
        )


def check_limits(document: DocumentNode, settings: Settings) -> None:
    """Check a parsed document.

    Raises:
        LimitExceededError: says what is exceeded, what was found and what is allowed.
    """
    operations = [
        one for one in document.definitions if isinstance(one, OperationDefinitionNode)
    ]
    _require("operations", len(operations), settings.max_operations)
    walk = _Walk(document)
    for operation in operations:
        size = walk.size(operation.selection_set)
        _require("depth", size.depth, settings.max_depth)
        _require("aliases", size.aliases, settings.max_aliases)
        _require("fields", size.fields, settings.max_fields)
        if operation.operation is OperationType.MUTATION:
            _require("root mutations", size.width, 1)


def _require(what: str, found: int, allowed: int) -> None:
    if found > allowed:
        raise LimitExceededError(what, found, allowed)


class _Walk:
    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, _Size] = {}

    def size(self, selections: SelectionSetNode | None) -> _Size:
        total = _Size()
        for node in selections.selections if selections else ():
            total = total.beside(self._node(node))
        return total

    def _node(self, node: Any) -> _Size:
        if isinstance(node, FieldNode):
            below = self.size(node.selection_set)
            is_meta = node.name.value in {"__schema", "__type"}
            return _Size(
                0 if is_meta else below.depth + 1,
                below.aliases + (node.alias is not None),
                below.fields + 1,
                1,
            )
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value)
        return self.size(node.selection_set)

    def _fragment(self, name: str) -> _Size:
        if name not in self._known:
            self._known[name] = _Size()  # a cycle ends here; validation names it
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._known[name] = self.size(fragment.selection_set)
        return self._known[name]
