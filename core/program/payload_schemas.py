"""JSON Schemas of activities that programs register. Pure.

A schema is 2020-12, of an object, and small. It reads nothing outside itself, it cannot
contain itself, and its patterns are matched in linear time; so what a payload costs to
check is bounded. A keyword that nobody would look at is refused, since a typing mistake
would be one. Objects are closed: members that a schema does not name are refused, but
where it says `additionalProperties`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic_core import SchemaError as PatternError

from core.errors import InvalidInputError
from core.extension.names import CODE
from core.ledger.shape import UNSTORABLE
from core.program.payload_checks import FORMATS, regex

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_TEXT = 16_384
MAX_DEPTH = 12
MAX_PARTS = 500
"""Most subschemas, each counted wherever it is referred to."""

MAX_FACTS = 50

_MAPS = {"properties", "$defs", "dependentSchemas"}
_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
_SINGLE = {
    *("items", "contains", "additionalProperties", "unevaluatedProperties"),
    *("unevaluatedItems", "propertyNames", "not", "if", "then", "else"),
}
_ASSERTIONS = {
    *("type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum"),
    *("exclusiveMinimum", "maxLength", "minLength", "pattern", "format", "maxItems"),
    *("minItems", "uniqueItems", "maxContains", "minContains", "maxProperties"),
    *("minProperties", "required", "dependentRequired", "$ref"),
}
_ANNOTATIONS = {
    *("title", "description", "default", "deprecated", "readOnly", "writeOnly"),
    *("examples", "$comment", "$schema"),
}
_KEYWORDS = _MAPS | _LISTS | _SINGLE | _ASSERTIONS | _ANNOTATIONS
_SCALARS = {"string", "integer", "boolean"}
_REFERRED = "#/$defs/"

Schema = Mapping[str, Any]


def check(schema: Schema) -> str:
    """Check a schema, and return the text that is stored.

    Raises:
        InvalidInputError: names the place in it, and says what is wrong.
    """
    text = _text(schema)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        place = ".".join(["schema", *(str(step) for step in error.absolute_path)])
        raise _wrong(place, error.message[:200]) from None
    if schema.get("type") != "object":
        raise _wrong("schema.type", 'must be "object"')
    if schema.get("$schema", DIALECT) != DIALECT:
        raise _wrong("schema.$schema", f"must be {DIALECT}, or left out")
    for place, part in _walk(schema, "schema"):
        _check_part(schema, place, part)
    _count(schema, schema, ())
    return text


def _text(schema: Schema) -> str:
    """Return the schema as text, if it is small and can be stored."""
    if _is_deeper(schema, 2 * MAX_DEPTH):
        raise _wrong("schema", f"must not be nested deeper than {MAX_DEPTH} levels")
    text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    if len(text) > MAX_TEXT:
        raise _wrong("schema", f"must not have more than {MAX_TEXT} characters")
    if UNSTORABLE.search(text) or "\\u0000" in text:
        raise _wrong("schema", "must not have a null character, or half a character")
    return text


def _is_deeper(value: Any, levels: int) -> bool:
    match value:
        case Mapping():
            inner: Sequence[Any] = list(value.values())
        case list():
            inner = value
        case _:
            return False
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)


def _walk(part: Any, place: str) -> Iterator[tuple[str, Schema]]:
    """Yield all subschemas that are objects, with their places."""
    if not isinstance(part, Mapping):
        return
    yield place, part
    for step, inner in _subschemas(part):
        yield from _walk(inner, f"{place}.{step}")


def _subschemas(part: Schema) -> Iterator[tuple[str, Any]]:
    for keyword, value in part.items():
        if keyword in _MAPS:
            yield from ((f"{keyword}.{name}", one) for name, one in value.items())
        elif keyword in _LISTS:
            yield from ((f"{keyword}.{n}", one) for n, one in enumerate(value))
        elif keyword in _SINGLE:
            yield keyword, value


def _check_part(root: Schema, place: str, part: Schema) -> None:
    for keyword in part:
        if keyword not in _KEYWORDS:
            raise _wrong(f"{place}.{keyword}", "is no keyword that is known here")
        if keyword in {"$schema", "$defs"} and part is not root:
            raise _wrong(f"{place}.{keyword}", "is for the top of the schema only")
    if "format" in part and part["format"] not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise _wrong(f"{place}.format", f"must be one of {known}")
    if "pattern" in part:
        try:
            regex(part["pattern"])
        except PatternError:
            reason = "must be a regular expression without look-around and references"
            raise _wrong(f"{place}.pattern", reason) from None
    if "$ref" in part:
        _check_reference(root, f"{place}.$ref", part["$ref"])


def _check_reference(root: Schema, place: str, target: str) -> None:
    name = target.removeprefix(_REFERRED)
    if name == target:
        reason = "must be #/$defs/ and a name: nothing outside the schema is read"
        raise _wrong(place, reason)
    if name not in root.get("$defs", {}):
        raise _wrong(place, f"there is no {name} in $defs")


def _count(root: Schema, part: Any, inside: tuple[str, ...]) -> int:
    """Count subschemas, those that are referred to as well; refuse too many."""
    if not isinstance(part, Mapping):
        return 1
    number = 1
    for step, inner in _subschemas(part):
        if not step.startswith("$defs."):
            number += _count(root, inner, inside)
    if "$ref" in part:
        name = part["$ref"].removeprefix(_REFERRED)
        if name in inside:
            raise _wrong(f"schema.$defs.{name}", "must not contain itself")
        number += _count(root, root["$defs"][name], (*inside, name))
    if number > MAX_PARTS:
        raise _wrong("schema", f"must not have more than {MAX_PARTS} parts in all")
    return number


def check_reference(schema: Schema, path: str) -> None:
    """Check that the member at *path* can tell one activity from another.

    Raises:
        InvalidInputError: it is not always there, or no text and no whole number.
    """
    member, is_required = _member(schema, path, "reference")
    if not is_required:
        raise _wrong("reference", f"{path} must be required by the schema")
    if _types(schema, member) not in (["string"], ["integer"]):
        raise _wrong("reference", f"{path} must be of type string or integer")


def check_facts(schema: Schema, paths: Sequence[str]) -> None:
    """Check that rules can use the members at *paths*.

    Raises:
        InvalidInputError: one is not in the schema, or may be something else than a
            text, a whole number or a truth value; or two have the same name.
    """
    if len(paths) > MAX_FACTS:
        raise _wrong("facts", f"must not be more than {MAX_FACTS}")
    names = [fact_name(path) for path in paths]
    for path, name in zip(paths, names, strict=True):
        member, _ = _member(schema, path, "facts")
        kinds = [one for one in _types(schema, member) if one != "null"]
        if len(kinds) != 1 or kinds[0] not in _SCALARS:
            reason = f"{path} must be of type string, integer or boolean"
            raise _wrong("facts", reason)
        if names.count(name) > 1:
            raise _wrong("facts", f"{name} would be the name of two of them")


def fact_name(path: str) -> str:
    """Return the name by which rules know the member at *path*."""
    return path.replace(".", "_")


def _member(schema: Schema, path: str, field: str) -> tuple[Schema, bool]:
    """Return the schema of the member at *path*, and whether it is always there."""
    found: Any = schema
    is_required = True
    for step in path.split("."):
        if not CODE.fullmatch(step):
            raise _wrong(
                field, f"{path} must be names in snake_case, with dots between"
            )
        parts = _merged(schema, found)
        is_required &= any(step in part.get("required", ()) for part in parts)
        named = [part["properties"][step] for part in parts if _has(part, step)]
        if not named or not isinstance(named[0], Mapping):
            raise _wrong(field, f"the schema describes no {path}")
        found = named[0]
    return found, is_required


def _has(part: Schema, name: str) -> bool:
    return name in part.get("properties", {})


def _merged(root: Schema, part: Schema) -> list[Schema]:
    """Return a subschema and what it refers to, one after the other."""
    parts = [part]
    while "$ref" in parts[-1]:
        target = root["$defs"][parts[-1]["$ref"].removeprefix(_REFERRED)]
        if not isinstance(target, Mapping):
            break
        parts.append(target)
    return parts


def _types(root: Schema, member: Schema) -> list[str]:
    """Return the types that a member may have; none if that is not said."""
    for part in _merged(root, member):
        kind = part.get("type", [])
        if kind:
            return [kind] if isinstance(kind, str) else kind
    return []


def _wrong(field: str, reason: str) -> InvalidInputError:
    return InvalidInputError(field=field, reason=reason)
