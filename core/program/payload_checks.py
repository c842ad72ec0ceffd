"""Payloads against the JSON Schema of their type: the first thing that does not fit.

The schema was checked when it was registered (`core.program.payload_schemas`). Its
patterns run on an engine without backtracking, and nothing is ever fetched.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError, best_match
from pydantic_core import SchemaValidator, core_schema
from pydantic_core import ValidationError as NoMatchError
from referencing import Registry

from core.extension.money import MAX_EXACT
from core.ledger.change import compact
from core.ledger.shape import UNSTORABLE

MAX_TEXT = 16_384
MAX_DEPTH = 12
MAX_ITEMS = 1_000
_LONGEST = 200

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


class MisfitError(Exception):
    """A payload that does not fit; `field` is a path with dots."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def check(schema: str, payload: Mapping[str, Any]) -> str:
    """Check *payload* against the text of a schema; return it as it is stored.

    Raises:
        MisfitError: the first thing that does not fit.
    """
    _check_values(payload, ())
    document = compact(dict(payload))
    if len(document) > MAX_TEXT:
        raise MisfitError("payload", f"must not have more than {MAX_TEXT} characters")
    error = best_match(_validator(schema).iter_errors(payload))
    if error is not None:
        raise _misfit(error)
    return document


def _check_values(value: Any, path: tuple[str, ...]) -> None:
    """Check what no schema can allow: what storage or clients could not carry."""
    inner: list[tuple[str, Any]] = []
    match value:
        case Mapping():
            inner = list(value.items())
        case list():
            inner = [(str(number), one) for number, one in enumerate(value)]
            if len(inner) > MAX_ITEMS:
                raise _wrong(path, f"must not have more than {MAX_ITEMS} items")
        case str() if UNSTORABLE.search(value):
            raise _wrong(path, "must not have a null character")
        case int() if abs(value) > MAX_EXACT:
            raise _wrong(path, f"must be within ±{MAX_EXACT}")
        case float() if not math.isfinite(value):
            raise _wrong(path, "must be a finite number")
    if inner and len(path) >= MAX_DEPTH:
        raise _wrong(path, f"must not be nested deeper than {MAX_DEPTH} levels")
    for name, one in inner:
        if UNSTORABLE.search(name):
            raise _wrong(path, "must not have a null character in a name")
        _check_values(one, (*path, name))


def _wrong(path: Sequence[str], reason: str) -> MisfitError:
    return MisfitError(".".join(path) or "payload", reason[:_LONGEST])


@lru_cache(maxsize=256)
def _validator(schema: str) -> Any:
    """Return the validator of a schema; a text stands for itself for ever."""
    return _Validator(closed(json.loads(schema)), registry=Registry())


def closed(part: Any) -> Any:
    """Return a schema that refuses members which it does not name.

    That is said of each value that has a schema of its own. What `allOf`, `if` and
    their like say of the same value once more stays as it is.
    """
    if not isinstance(part, Mapping):
        return part
    made = dict(part)
    for keyword in ("properties", "$defs"):
        if keyword in made:
            inner = closed if keyword == "properties" else _closed_inside
            made[keyword] = {name: inner(one) for name, one in made[keyword].items()}
    if "prefixItems" in made:
        made["prefixItems"] = [closed(one) for one in made["prefixItems"]]
    for keyword in ("items", "additionalProperties"):
        if keyword in made:
            made[keyword] = closed(made[keyword])
    kinds = made.get("type", ["object"])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    is_open = "additionalProperties" in made or "unevaluatedProperties" in made
    if "object" in kinds and not is_open:
        made["unevaluatedProperties"] = False
    return made


def _closed_inside(part: Any) -> Any:
    """Close what is inside a definition: itself is closed where it is referred to."""
    made = closed(part)
    if isinstance(part, Mapping) and "unevaluatedProperties" not in part:
        made.pop("unevaluatedProperties", None)
    return made


@lru_cache(maxsize=1024)
def regex(pattern: str) -> SchemaValidator:
    """Return what tells whether a text has a match of *pattern*, in linear time.

    Raises:
        pydantic_core.SchemaError: it is no pattern that this engine knows.
    """
    return SchemaValidator(
        core_schema.str_schema(pattern=pattern, regex_engine="rust-regex")
    )


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str):
        try:
            regex(pattern).validate_python(value)
        except NoMatchError:
            yield ValidationError("does not match")


def _format(_: Any, name: str, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not FORMATS[name](value):
        yield ValidationError("has another format")


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _is_instant(text: str) -> bool:
    try:
        return bool(_INSTANT.fullmatch(text) and datetime.fromisoformat(text.upper()))
    except ValueError:
        return False


def _is_uri(text: str) -> bool:
    try:
        return bool(_URI.fullmatch(text) and urlsplit(text).path is not None)
    except ValueError:
        return False


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": _is_date,
    "date-time": _is_instant,
    "email": lambda text: bool(_EMAIL.fullmatch(text)),
    "uri": _is_uri,
}
"""Formats that are checked; a schema can name no other."""

_Validator = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"pattern": _pattern, "format": _format},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: type(value) is int
    ),
)

_REASONS: Mapping[str, str] = {
    "type": "must be of type {}",
    "const": "must be {}",
    "enum": "must be one of {}",
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be above {}",
    "exclusiveMaximum": "must be below {}",
    "multipleOf": "must be a multiple of {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "pattern": "must match {}",
    "format": "must be a valid {}",
    "minItems": "must have at least {} items",
    "maxItems": "must have at most {} items",
    "uniqueItems": "must not have an item twice",
    "minProperties": "must have at least {} members",
    "maxProperties": "must have at most {} members",
}


def _misfit(error: ValidationError) -> MisfitError:
    """Say which member an error is about, and what is wrong with it."""
    path = [str(step) for step in error.absolute_path]
    keyword = str(error.validator)
    said: Any = error.validator_value
    value: Any = error.instance
    if keyword == "required":
        missing = next(name for name in said if name not in value)
        return _wrong([*path, missing], "is required")
    if keyword in {"additionalProperties", "unevaluatedProperties"} and said is False:
        extra = next((one for one in value if repr(one) in error.message), "")
        return _wrong([*path, extra], "is no member of this type")
    if keyword not in _REASONS:
        return _wrong(path, "does not fit its schema")
    return _wrong(path, _REASONS[keyword].format(_spelled(said)))


def _spelled(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_spelled(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
