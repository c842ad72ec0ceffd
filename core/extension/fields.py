"""The fields of a plugin's models, as the few shapes that storage and API can carry.

A field is text, a whole number, a decimal, a truth value, an instant, a date, an
enumeration of texts, or a model of such fields; one of them or a list of them; always
there or optional. Everything has a description. No floats: they do not travel exactly.
"""

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, FutureDatetime, PastDatetime, RootModel
from pydantic.fields import FieldInfo

SCALARS: frozenset[type] = frozenset({str, int, bool, Decimal, datetime, date})
"""Types of single values, besides enumerations."""

_INSTANTS = (AwareDatetime, PastDatetime, FutureDatetime)
_FIELD_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_ENUM_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


class UnsupportedFieldError(Exception):
    """A field that storage or the API could not carry."""

    def __init__(self, model: type, field: str | None, reason: str) -> None:
        place = model.__name__ if field is None else f"{model.__name__}.{field}"
        super().__init__(f"{place} {reason}")


@dataclass(frozen=True, slots=True)
class Shape:
    """One field of a model."""

    name: str
    description: str
    type: type
    """One of `SCALARS`, a subclass of StrEnum, or a subclass of BaseModel."""
    is_list: bool
    is_optional: bool
    """Whether the value may be None."""
    is_required: bool
    """Whether the value must be given, because the field has no default."""


def shapes(model: type[BaseModel]) -> tuple[Shape, ...]:
    """Return the fields of *model*, in its order; nested models are not entered.

    Raises:
        UnsupportedFieldError: a field has no description or a type not listed above.
    """
    if issubclass(model, RootModel):
        raise UnsupportedFieldError(model, None, "is a RootModel; make it a BaseModel")
    if model.model_config.get("extra") == "allow":
        raise UnsupportedFieldError(model, None, 'has extra="allow"; name every field')
    if not model.model_fields:
        raise UnsupportedFieldError(model, None, "has no fields")
    found = tuple(_shape(model, *item) for item in model.model_fields.items())
    bare = [shape.name.replace("_", "") for shape in found]
    for shape, name in zip(found, bare, strict=True):
        if bare.count(name) > 1:
            reason = "differs from another field only in its underscores; rename it"
            raise UnsupportedFieldError(model, shape.name, reason)
    return found


def check_model(model: type[BaseModel]) -> None:
    """Check *model* and all models inside it.

    Raises:
        UnsupportedFieldError: see `shapes`; or a model contains itself.
    """
    for _ in _walk(model, ()):
        pass


def nested_types(*models: type[BaseModel]) -> set[type]:
    """Return the models and enumerations that occur inside *models*."""
    return {kind for model in models for kind in _walk(model, ())}


def _walk(model: type[BaseModel], outer: tuple[type, ...]) -> Iterator[type]:
    if model in outer:
        raise UnsupportedFieldError(model, None, "contains itself; make it flat")
    for shape in shapes(model):
        if issubclass(shape.type, BaseModel):
            yield shape.type
            yield from _walk(shape.type, (*outer, model))
        elif shape.type not in SCALARS:
            yield shape.type


def _shape(model: type[BaseModel], name: str, field: FieldInfo) -> Shape:
    def unsupported(reason: str) -> UnsupportedFieldError:
        return UnsupportedFieldError(model, name, reason)

    if not _FIELD_NAME.fullmatch(name):
        raise unsupported("is not snake_case; rename it")
    if not field.description:
        raise unsupported('has no description; add Field(description="...")')
    if field.alias or field.validation_alias or field.serialization_alias:
        raise unsupported("has an alias; name the field as it shall be published")
    if field.exclude:
        raise unsupported("has exclude=True; what is not stored cannot be read back")
    kind, is_optional = _without_none(field.annotation)
    is_list = get_origin(kind) is list
    if is_list:
        (kind,) = get_args(kind)
        kind, holds_none = _without_none(kind)
        if holds_none:
            raise unsupported("is a list that may hold None; leave such items out")
    reason = _objection(kind)
    if reason is not None:
        raise unsupported(reason)
    return Shape(
        name=name,
        description=field.description,
        type=datetime if kind in _INSTANTS else kind,
        is_list=is_list,
        is_optional=is_optional,
        is_required=field.is_required(),
    )


def _without_none(annotation: Any) -> tuple[Any, bool]:
    kind = _without_metadata(annotation)
    if get_origin(kind) not in {Union, types.UnionType}:
        return kind, False
    options = [one for one in get_args(kind) if one is not types.NoneType]
    if len(options) == 1 and len(options) < len(get_args(kind)):
        return _without_metadata(options[0]), True
    return kind, False


def _without_metadata(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return get_args(annotation)[0]
    return annotation


def _objection(kind: Any) -> str | None:
    """Say what is wrong with *kind* as the type of one value, if anything is."""
    if kind in SCALARS or kind in _INSTANTS:
        return None
    if isinstance(kind, type) and get_origin(kind) is None:
        if issubclass(kind, BaseModel):
            return None
        if issubclass(kind, StrEnum):
            wrong = [one.name for one in kind if not _ENUM_NAME.fullmatch(one.name)]
            if wrong:
                return f"has the enumeration name {wrong[0]}; write it UPPER_CASE"
            return None if len(kind) else "is an enumeration without values"
        if issubclass(kind, float):
            return "is a float, which does not travel exactly; use Decimal or int"
    shown = kind.__name__ if isinstance(kind, type) else str(kind)
    return (
        f"has the unsupported type {shown}; use str, int, bool, Decimal, datetime, "
        "date, a StrEnum, a model, a list of one of them, or `| None`"
    )
