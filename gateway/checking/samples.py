"""Samples of a plugin's models, made up of what their fields allow. Pure.

They are tried, not promised: where no value can be found, there is no sample.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import chain
from typing import Any, get_args, get_origin

from pydantic import (
    AwareDatetime,
    BaseModel,
    FutureDatetime,
    PastDatetime,
    TypeAdapter,
    ValidationError,
)
from pydantic.fields import FieldInfo

from core.extension.fields import opened

_TEXTS = (
    *("sample", "A", "AA", "AAA", "AAAA", "a", "1", "EUR", "AB-1234", "a_b", "a-b"),
    *("2030-01-01", "12:00", "+43123456", "1234567890123", "#00ff00"),
    *("someone@example.org", "https://example.org/", "en-US"),
)
_INSTANTS = tuple(datetime(year, 6, 1, 12, tzinfo=UTC) for year in (2030, 2000))
_KINDS_OF_INSTANTS = (AwareDatetime, FutureDatetime, PastDatetime)
_BOUNDS = {"ge": 0, "le": 0, "gt": 1, "lt": -1, "multiple_of": 0}
_NO_SAMPLE = object()


def sample_of(model: type[BaseModel]) -> BaseModel | None:
    """Return a sample of *model*; None if none could be made up.

    Fields with a default have it.
    """
    values = {}
    for name, field in model.model_fields.items():
        if field.is_required():
            values[name] = _value(field)
    if _NO_SAMPLE in values.values():
        return None
    try:
        return model.model_validate(values)
    except Exception:  # noqa: BLE001  (whatever a validator may raise)
        return None


def _value(field: FieldInfo) -> Any:
    """Return the first value that a field takes."""
    adapter: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
    for value in chain(field.examples or (), _candidates(field)):
        try:
            return adapter.validate_python(value)
        except ValidationError:
            continue
        except Exception:  # noqa: BLE001  (whatever a validator may raise)
            break
    return _NO_SAMPLE


def _candidates(field: FieldInfo) -> Iterator[Any]:
    kind, metadata, is_optional = opened(field.annotation, field.metadata)
    if get_origin(kind) is list:
        item, of_item, _ = opened(get_args(kind)[0], ())
        least = _limits(metadata, "min_length")
        yield from ([one] * max([1, *least]) for one in _singles(item, of_item))
        yield []
    else:
        yield from _singles(kind, metadata)
    if is_optional:
        yield None


def _singles(kind: Any, metadata: list[Any]) -> Iterator[Any]:
    """Yield values of one type, those that fit its limits among them."""
    if kind in _KINDS_OF_INSTANTS or issubclass(kind, datetime):
        yield from _INSTANTS
    elif issubclass(kind, BaseModel):
        found = sample_of(kind)
        yield from () if found is None else (found,)
    elif issubclass(kind, StrEnum):
        yield from kind
    elif issubclass(kind, str):
        yield from _texts(metadata)
    elif kind is bool:
        yield True
    elif issubclass(kind, int | Decimal):
        yield from (kind(number) for number in _numbers(metadata))
    elif issubclass(kind, date):
        yield from (instant.date() for instant in _INSTANTS)
        yield from (limit for name in ("ge", "le") for limit in _limits(metadata, name))


def _texts(metadata: list[Any]) -> Iterator[str]:
    yield from _TEXTS
    for length in _limits(metadata, "min_length"):
        yield "a" * length


def _numbers(metadata: list[Any]) -> Iterator[Any]:
    yield 1
    for name, step in _BOUNDS.items():
        yield from (limit + step for limit in _limits(metadata, name))
    yield 0


def _limits(metadata: list[Any], name: str) -> list[Any]:
    found = [getattr(one, name, None) for one in metadata]
    return [one for one in found if one is not None]
