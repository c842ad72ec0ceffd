"""Everything of a schema that can have a description or be deprecated."""

import re
from collections.abc import Iterator
from typing import Any

BUILT_IN = {"String", "Int", "Boolean", "ID", "Float"}
_FILLING = {"a", "an", "the", "of", "its", "it", "this"}


def parts(schema: Any) -> Iterator[tuple[str, Any]]:
    """Return types, fields, arguments, input members and values, by their places."""
    for name, kind in schema.type_map.items():
        if name.startswith("__") or name in BUILT_IN:
            continue
        yield name, kind
        for part_name, part in getattr(kind, "fields", {}).items():
            yield f"{name}.{part_name}", part
            for argument, one in getattr(part, "args", {}).items():
                yield f"{name}.{part_name}({argument})", one
        for value_name, value in getattr(kind, "values", {}).items():
            yield f"{name}.{value_name}", value


def is_trivial(place: str, text: str | None) -> bool:
    """Tell whether a description says nothing, or only what the name says."""
    if text is None or not text.rstrip().endswith((".", "!", "?")):
        return True
    name = re.split(r"[.(]", place.rstrip(")"))[-1]
    return _words(text) - _FILLING <= _words(name)


def _words(text: str) -> set[str]:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)
    return set(re.findall(r"[a-z0-9]+", spaced.lower()))
