"""What a plugin adds to the schema."""

from collections.abc import Iterator
from typing import Any

from graphql import DefinitionNode, parse, print_ast

from core.extension.registry import Registry
from gateway.checking.findings import Finding, fault, ok
from gateway.checking.lint import check_words
from gateway.checking.loading import Loaded
from gateway.checking.promises import check_promises
from gateway.schema import build_schema


def check_publishing(loaded: Loaded) -> Iterator[Finding]:
    """Check what is brought, and how it reads in the schema."""
    for plugin in loaded.registry.plugins:
        if plugin.name in loaded.names:
            yield ok("contract", f"{plugin.name} brings {', '.join(plugin.brings)}")
    for brought in loaded.brought():
        yield from check_promises(brought)
    complaints = [one for brought in loaded.brought() for one in check_words(brought)]
    yield from complaints
    try:
        build_schema(loaded.registry)
    except Exception as error:  # noqa: BLE001  (whatever stands in the way of a start)
        reason = f"{type(error).__name__}: {error}"
        yield fault("schema", f"the schema cannot be made with it: {reason}")
        return
    if not complaints:
        yield ok("schema", "every field says what it is")


def added_types(loaded: Loaded) -> str:
    """Return the SDL of what the plugins add to the schema.

    What is new is shown whole; of a type that has grown, the members that are new.
    """
    before, after = _definitions(loaded.before), _definitions(loaded.registry)
    found = []
    for name, node in after.items():
        if name not in before:
            found.append(print_ast(node))
        elif print_ast(node) != print_ast(before[name]):
            found.append(_grown(node, before[name]))
    return "\n\n".join(found)


def _definitions(registry: Registry) -> dict[str, DefinitionNode]:
    document = parse(build_schema(registry).as_str())
    named: Any = document.definitions
    return {one.name.value: one for one in named if hasattr(one, "name") and one.name}


def _grown(node: Any, before: Any) -> str:
    """Return an extension with the members that a type did not have before."""
    known = {one.name.value for one in before.fields}
    members = [print_ast(one) for one in node.fields if one.name.value not in known]
    kind = "input" if node.kind == "input_object_type_definition" else "type"
    body = "\n".join(f"  {line}" for one in members for line in one.splitlines())
    return f"extend {kind} {node.name.value} {{\n{body}\n}}"
