"""Models and the JSON documents that they are stored as.

Outside input is *accepted* strictly: types as they are, no unknown names, instants with
a zone. Everything is *written* in one canonical form, so that SQL may hand values out
as they are: instants as `2026-06-01T18:00:00.000000Z`, always of that width; decimals
as plain text; whole numbers that every client reads exactly.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from core.extension.money import MAX_EXACT

ModelT = TypeVar("ModelT", bound=BaseModel)

_DECIMAL_PLACES = 30
"""Most digits before and behind the point of a decimal."""


class UnacceptableError(Exception):
    """Outside input that does not fit a model; `field` is a path with dots."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class UnstorableError(Exception):
    """A model holds a value that cannot be stored; `field` is a path with dots."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def accept(model: type[ModelT], values: Mapping[str, Any]) -> ModelT:
    """Return *values*, which come from outside, as a *model*.

    Raises:
        UnacceptableError: the first thing that does not fit.
    """
    try:
        text = to_json(values)
        accepted = model.model_validate_json(text, strict=True, extra="forbid")
        write(accepted)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = ".".join(str(step) for step in first["loc"]) or model.__name__
        raise UnacceptableError(path, first["msg"]) from None
    except UnstorableError as error:
        raise UnacceptableError(error.field, error.reason) from None
    except (PydanticSerializationError, UnicodeError):
        raise UnacceptableError(model.__name__, "is not valid JSON") from None
    return accepted


def problems(
    model: type[BaseModel], values: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Return all that keeps *values* from being accepted, as (path, reason)."""
    try:
        model.model_validate_json(to_json(values), strict=True, extra="forbid")
    except ValidationError as error:
        return [
            (".".join(str(step) for step in one["loc"]), one["msg"])
            for one in error.errors(include_url=False, include_input=False)
        ]
    return []


def write(model: BaseModel) -> str:
    """Return *model* as the document that is stored.

    Raises:
        UnstorableError: a value is not of its field's type, an instant has no zone, a
            number is too large, or no database could hold a text.
    """
    try:
        values = model.model_dump(warnings="error")
    except PydanticSerializationError as error:
        raise UnstorableError(type(model).__name__, "has a wrong type") from error
    return json.dumps(stored(values), ensure_ascii=False, separators=(",", ":"))


def stored(value: Any, path: str = "") -> Any:
    """Return *value*, dumped from a model, in its one stored form.

    Raises:
        UnstorableError: see `write`; it was found at *path*.
    """
    match value:
        case dict():
            prefix = f"{path}." if path else ""
            return {name: stored(one, f"{prefix}{name}") for name, one in value.items()}
        case list():
            return [stored(one, f"{path}.{n}") for n, one in enumerate(value)]
        case _:
            return _scalar(value, path)


def _scalar(value: object, path: str) -> int | str | None:
    match value:
        case None | bool():
            return value
        case int():
            return _number(value, path)
        case str():
            return _text(value, path)
        case datetime():
            return _instant(value, path)
        case date():
            return value.isoformat()
        case Decimal():
            return _decimal(value, path)
        case _:
            raise UnstorableError(path, f"is a {type(value).__name__}")


def _number(value: int, path: str) -> int:
    if abs(value) > MAX_EXACT:
        raise UnstorableError(path, f"is not within ±{MAX_EXACT}")
    return value


def _text(value: str, path: str) -> str:
    if "\0" in value:
        raise UnstorableError(path, "must not contain a zero character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UnstorableError(path, "is not valid Unicode text") from None
    # An enumeration is stored as its text.
    return str(value)


def _instant(value: datetime, path: str) -> str:
    if value.tzinfo is None:
        raise UnstorableError(path, "needs a time zone")
    try:
        utc = value.astimezone(UTC)
    except OverflowError:
        raise UnstorableError(path, "is out of range") from None
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _decimal(value: Decimal, path: str) -> str:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise UnstorableError(path, "is not a finite number")
    if value.adjusted() >= _DECIMAL_PLACES or -exponent > _DECIMAL_PLACES:
        raise UnstorableError(path, f"has more than {_DECIMAL_PLACES} digits")
    return f"{value:f}"
