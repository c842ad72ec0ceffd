"""Limits of input values, whether they stand in the document or come as variables."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    ArgumentNode,
    ConstListValueNode,
    DocumentNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    VariableDefinitionNode,
)

from core.settings import Settings
from gateway.limits.refusals import require

MAX_DIGITS = 100
"""Of a number in a document. No setting: what is longer is no number that we know."""


def check_variables(variables: Mapping[str, Any] | None, settings: Settings) -> None:
    """Check the values of variables.

    Raises:
        LimitExceededError: one is nested too deeply, or has a list that is too long.
    """
    waiting: list[tuple[Any, int]] = [(one, 1) for one in (variables or {}).values()]
    while waiting:
        value, depth = waiting.pop()
        if not isinstance(value, (dict, list)):
            continue
        require("input depth", depth, settings.max_input_depth)
        if isinstance(value, list):
            require("input items", len(value), settings.max_input_items)
            waiting += ((one, depth + 1) for one in value)
        else:
            waiting += ((one, depth + 1) for one in value.values())


def check_literals(document: DocumentNode, settings: Settings) -> None:
    """Check the values that stand in a document.

    Raises:
        LimitExceededError: one is nested too deeply, or has a list or a number that is
            too long.
    """
    waiting: list[tuple[Any, int]] = [(one, 1) for one in _values(document)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, (ListValueNode, ConstListValueNode)):
            require("input depth", depth, settings.max_input_depth)
            require("input items", len(value.values), settings.max_input_items)
            waiting += ((one, depth + 1) for one in value.values)
        elif isinstance(value, ObjectValueNode):
            require("input depth", depth, settings.max_input_depth)
            waiting += ((one.value, depth + 1) for one in value.fields)
        elif isinstance(value, (IntValueNode, FloatValueNode)):
            require("digits", len(value.value), MAX_DIGITS)


def _values(document: DocumentNode) -> Iterator[Node]:
    """Yield the values of all arguments, and the defaults of variables."""
    waiting: list[Any] = list(document.definitions)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ArgumentNode):
            yield node.value
            continue
        if isinstance(node, VariableDefinitionNode) and node.default_value:
            yield node.default_value
        for name in _INSIDE:
            inside = getattr(node, name, None)
            if inside is not None:
                waiting += inside if isinstance(inside, (tuple, list)) else (inside,)


_INSIDE = (
    "variable_definitions",
    "directives",
    "arguments",
    "selection_set",
    "selections",
)
