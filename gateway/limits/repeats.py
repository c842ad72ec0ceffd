"""How often one object is asked for: what validation has to compare.

Fields of one response key are compared pair by pair, and so is what stands below them.
Two hundred mentions of one object cost a tenth of a second, twenty some milliseconds. A
field without a selection costs a fifth of that.
"""

from collections import Counter
from collections.abc import Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

_WHOLE = 5
"""Counted are fifths: a field without a selection is one."""


def repeats_of(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> int:
    """Return how many fields share one place in the answer, at most.

    Takes time in proportion to the fields after expansion.
    """
    return _Walk(fragments).most(operation.selection_set) // _WHOLE


class _Walk:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, Counter[str]] = {}

    def most(self, selections: SelectionSetNode) -> int:
        return max(self._count(selections).values(), default=0)

    def _count(self, selections: SelectionSetNode) -> Counter[str]:
        found: Counter[str] = Counter()
        for node in selections.selections:
            if isinstance(node, FieldNode):
                below = 1
                if node.selection_set is not None:
                    below = max(self.most(node.selection_set), _WHOLE)
                found[(node.alias or node.name).value] += below
            elif isinstance(node, FragmentSpreadNode):
                found.update(self._in_fragment(node.name.value))
            elif isinstance(node, InlineFragmentNode):
                found.update(self._count(node.selection_set))
        return found

    def _in_fragment(self, name: str) -> Counter[str]:
        if name not in self._known:
            self._known[name] = Counter()  # a cycle ends here; validation names it
            if name in self._fragments:
                self._known[name] = self._count(self._fragments[name].selection_set)
        return self._known[name]
