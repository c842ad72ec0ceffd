"""What differs between two schemas, and whom it hurts. Pure.

graphql-core finds most of it. Added here is what it does not look at: directives on
definitions, such as the scopes that a field requires, deprecations, and that a member
of a `@oneOf` input can be added without harm. A change of a description is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    build_schema,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
    print_ast,
)
from graphql.utilities.find_schema_changes import (
    BreakingChange,
    DangerousChange,
    DangerousChangeType,
    SafeChangeType,
    SchemaChange,
    find_schema_changes,
)

_OWN = {"deprecated"}
"""Directives that are looked at otherwise."""

_PROVIDER = "provider"
_NARROWING = {"requiresScopes", "oneOf"}
"""Directives that refuse what was allowed, where they are new or differ."""

_PLACE = re.compile(r"\w+\.\w+")
_WORD = re.compile(r"\w+")


class Gravity(StrEnum):
    """Whom a change hurts."""

    BREAKING = "breaking"
    """Clients that use what changed."""
    DANGEROUS = "dangerous"
    """Clients that are not ready for more than they knew, or for a limit."""
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, as a reviewer reads it."""

    gravity: Gravity
    kind: str
    text: str


def changes(old: str, new: str) -> list[Change]:
    """Return what differs between two schemas in SDL, the gravest first.

    Raises:
        GraphQLError: one of them is no schema.
    """
    before, after = build_schema(old), build_schema(new)
    found = [*_of_definitions(before, after), *_of_directives(before, after)]
    found += _of_deprecations(before, after)
    order = list(Gravity)
    return sorted(set(found), key=lambda one: (order.index(one.gravity), one.text))


def _of_definitions(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    brought = _brought(after) | _brought(before)
    for one in find_schema_changes(before, after):
        if one.type is not SafeChangeType.DESCRIPTION_CHANGED:
            text = one.description + _origin(brought, one)
            yield Change(_gravity(after, one), one.type.name, text)


def _gravity(after: GraphQLSchema, change: SchemaChange) -> Gravity:
    if isinstance(change, BreakingChange):
        return Gravity.BREAKING
    if not isinstance(change, DangerousChange):
        return Gravity.SAFE
    if change.type is DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED:
        for name, kind in after.type_map.items():
            if _is_one_of(kind) and f" field {name}." in change.description:
                return Gravity.SAFE
    return Gravity.DANGEROUS


def _is_one_of(kind: object) -> bool:
    return isinstance(kind, GraphQLInputObjectType) and kind.is_one_of


def _brought(schema: GraphQLSchema) -> dict[str, str]:
    """Return who brings what plugins bring, by its coordinate."""
    return {
        place: print_ast(directive)
        for place, definition in _definitions(schema)
        for directive in _directives(definition)
        if directive.name.value == _PROVIDER
    }


def _origin(brought: dict[str, str], change: SchemaChange) -> str:
    """Tell which plugin brings, or brought, what a change is about."""
    text = change.description
    places = [*_PLACE.findall(text), *_WORD.findall(text)]
    plugin = next((brought[one] for one in places if one in brought), None)
    verb = "brought" if "REMOVED" in change.type.name else "brings"
    return "" if plugin is None else f" {plugin} {verb} it."


def _of_directives(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    """Compare the directives of definitions that both have."""
    new = dict(_definitions(after))
    for place, old in _definitions(before):
        if place not in new:
            continue
        was, now = _applied(old), _applied(new[place])
        for name in sorted(was.keys() | now.keys()):
            if was.get(name) != now.get(name):
                told = (
                    f"{was.get(name) or 'nothing'} became {now.get(name) or 'nothing'}"
                )
                gravity = _gravity_of_directive(name, now.get(name))
                yield Change(gravity, "DIRECTIVE_CHANGED", f"{place}: {told}.")


def _gravity_of_directive(name: str, now: str | None) -> Gravity:
    """Judge: other scopes shut callers out, other costs may run into a limit."""
    if now is None or name == _PROVIDER:  # what allows more harms nobody
        return Gravity.SAFE
    return Gravity.BREAKING if name in _NARROWING else Gravity.DANGEROUS


def _of_deprecations(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    new = dict(_definitions(after))
    for place, old in _definitions(before):
        was = getattr(old, "deprecation_reason", None)
        now = getattr(new.get(place, old), "deprecation_reason", None)
        if was != now:
            text = f"{place} is deprecated: {now}" if now else f"{place} is used again."
            yield Change(Gravity.SAFE, "DEPRECATION_CHANGED", text)


def _definitions(schema: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    """Yield all that can carry a directive, with its coordinate."""
    for name, kind in schema.type_map.items():
        if name.startswith("__"):
            continue
        yield name, kind
        if is_object_type(kind) or is_interface_type(kind):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field
                for argument_name, argument in field.args.items():
                    yield f"{name}.{field_name}({argument_name}:)", argument
        elif is_input_object_type(kind):
            for field_name, member in kind.fields.items():
                yield f"{name}.{field_name}", member
        elif is_enum_type(kind):
            for value_name, value in kind.values.items():
                yield f"{name}.{value_name}", value


def _applied(definition: Any) -> dict[str, str]:
    """Return the directives of a definition by name, as they are printed."""
    return {
        one.name.value: print_ast(one)
        for one in _directives(definition)
        if one.name.value not in _OWN
    }


def _directives(definition: Any) -> tuple[Any, ...]:
    node = definition.ast_node
    return () if node is None else tuple(node.directives or ())
