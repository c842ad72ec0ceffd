"""The fields of a plugin's models, as the few shapes that storage and API can carry.

A field is text, a whole number, a decimal, a truth value, an instant, a date, an
enumeration of texts, or a model of such fields; one of them or a list of them; always
there or optional. Everything has a description. No floats: they do not travel exactly.
A marker in the annotation may keep a field from callers (`core.extension.visibility`).
"""

import re
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import (
    AwareDatetime,
    BaseModel,
    FutureDatetime,
    PastDatetime,
    RootModel,
    TypeAdapter,
    ValidationError,
)
from pydantic.fields import FieldInfo

from core.extension.documents import UnstorableError, stored
from core.extension.limits import limits_in_words
from core.extension.visibility import Visibility

SCALARS: frozenset[type] = frozenset({str, int, bool, Decimal, datetime, date})
"""Types of single values, besides enumerations."""

FIELD_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
"""What the name of a field looks like."""

_INSTANTS = (AwareDatetime, PastDatetime, FutureDatetime)
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
    """As the plugin wrote it; the limits are not in it."""
    type: type
    """One of `SCALARS`, a subclass of StrEnum, or a subclass of BaseModel."""
    is_list: bool
    is_optional: bool
    """Whether the value may be None."""
    is_required: bool
    """Whether the value must be given, because the field has no default."""
    default: Any = None
    """What is stored if it is not given; None also if it must be."""
    limits: str = ""
    """What values must keep to, as sentences."""
    visibility: Visibility = Visibility.EVERYONE
    """Who may read it."""


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


def hidden_fields(model: type[BaseModel]) -> Iterator[str]:
    """Yield the fields of *model*, and inside it, that not everybody may read."""
    for kind in (model, *sorted(nested_types(model), key=lambda one: one.__name__)):
        if issubclass(kind, BaseModel):
            for shape in shapes(kind):
                if shape.visibility is not Visibility.EVERYONE:
                    yield f"{kind.__name__}.{shape.name}"


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

    if not FIELD_NAME.fullmatch(name):
        raise unsupported("is not snake_case; rename it")
    if not field.description:
        raise unsupported('has no description; add Field(description="...")')
    if field.alias or field.validation_alias or field.serialization_alias:
        raise unsupported("has an alias; name the field as it shall be published")
    if field.exclude:
        raise unsupported("has exclude=True; what is not stored cannot be read back")
    kind, metadata, is_optional = opened(field.annotation, field.metadata)
    is_list = get_origin(kind) is list
    of_items: list[Any] = []
    if is_list:
        kind, of_items, holds_none = opened(get_args(kind)[0], ())
        if holds_none:
            raise unsupported("is a list that may hold None; leave such items out")
    reason = _objection(kind)
    if reason is not None:
        raise unsupported(reason)
    kind = datetime if kind in _INSTANTS else kind
    return Shape(
        name=name,
        description=field.description,
        type=kind,
        is_list=is_list,
        is_optional=is_optional,
        is_required=field.is_required(),
        default=_default(unsupported, field, is_optional=is_optional),
        limits=limits_in_words(kind, metadata, of_items if is_list else None),
        visibility=_visibility(unsupported, [*metadata, *of_items]),
    )


def _default(
    unsupported: Callable[[str], UnsupportedFieldError],
    field: FieldInfo,
    *,
    is_optional: bool,
) -> Any:
    """Return the default as it is stored."""
    if field.is_required() or (field.default is None and is_optional):
        return None
    if field.default_factory_takes_validated_data:
        raise unsupported("has a default that depends on other fields; use a fixed one")
    default = field.get_default(call_default_factory=True)
    adapter: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
    try:
        return stored(adapter.dump_python(adapter.validate_python(default)))
    except (ValidationError, UnstorableError) as error:
        raise unsupported("has a default that its own type refuses") from error


def _visibility(
    unsupported: Callable[[str], UnsupportedFieldError], metadata: Iterable[Any]
) -> Visibility:
    found = {one for one in metadata if isinstance(one, Visibility)}
    if len(found) > 1:
        raise unsupported("has more than one Visibility; keep one of them")
    return found.pop() if found else Visibility.EVERYONE


def opened(annotation: Any, said: Iterable[Any]) -> tuple[Any, list[Any], bool]:
    """Return the type, all that is *said* of it, and whether it may be None."""
    kind, metadata = _without_metadata(annotation)
    metadata = [*said, *metadata]
    if get_origin(kind) not in {Union, types.UnionType}:
        return kind, metadata, False
    options = [one for one in get_args(kind) if one is not types.NoneType]
    if len(options) == 1 and len(options) < len(get_args(kind)):
        kind, more = _without_metadata(options[0])
        return kind, [*metadata, *more], True
    return kind, metadata, False


def _without_metadata(annotation: Any) -> tuple[Any, list[Any]]:
    if get_origin(annotation) is not Annotated:
        return annotation, []
    kind, *metadata = get_args(annotation)
    found: list[Any] = []
    for one in metadata:
        # A `Field` inside a type is kept as it is, one around it is taken apart.
        found += one.metadata if isinstance(one, FieldInfo) else [one]
    return kind, found


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
