"""Types made of the models inside what plugins declare, and of their fields.

What a field is called, described as and limited to comes from `core.extension.fields`;
here it becomes GraphQL.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal as PythonDecimal
from enum import StrEnum
from typing import Any

import strawberry
from pydantic import BaseModel

from core.extension.fields import Shape, shapes
from core.extension.names import SHARED_TYPES, nested_name
from core.extension.visibility import Visibility
from gateway import scalars
from gateway.plans.sources import member_of_document, row_type
from gateway.provider import Provider

_SCALARS: dict[type, Any] = {
    str: str,
    bool: bool,
    PythonDecimal: scalars.Decimal,
    datetime: scalars.DateTime,
    date: scalars.Date,
}
_VALUE_LINE = re.compile(r"^\s*([A-Z][A-Z0-9_]*): (.+)$", re.MULTILINE)
_MAX_INT = 2**31 - 1

_SEEN_BY = {
    Visibility.EVERYONE: "",
    Visibility.MEMBER: "Only for the member whose redemption it is, and with "
    "fulfillments:read; null for others.",
    Visibility.STAFF: "Only with catalog:read; null for others.",
}

Convert = Callable[[Any], Any]


class Models:
    """The nested types of all plugins, by their published names."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def output(
        self, code: str, plugin: str, model: type[BaseModel], shape: Shape
    ) -> tuple[Any, Convert | None]:
        """Return the type of a field, and how one stored value becomes it."""
        if issubclass(shape.type, StrEnum):
            kind = self.enum(code, plugin, shape.type)
            return output_type(kind, shape), _converter(
                shape.type, is_list=shape.is_list
            )
        if issubclass(shape.type, BaseModel):
            return output_type(self._nested(code, plugin, shape.type), shape), None
        return output_type(scalar(model, shape), shape), None

    def enum(self, code: str, plugin: str, kind: type[StrEnum]) -> Any:
        """Return the type of an enumeration."""
        name = nested_name(code, kind)
        if name not in self.made:
            self.made[name] = strawberry.enum(
                kind,
                name=name,
                description=first_line(kind) or f"Values of {code}.",
                directives=provided_by(plugin),
            )
            _describe_values(self.made[name], kind)
        return self.made[name]

    def _nested(self, code: str, plugin: str, model: type[BaseModel]) -> Any:
        name = nested_name(code, model)
        if name not in self.made:
            body: dict[str, Any] = {"__annotations__": {}}
            for shape in shapes(model):
                kind, convert = self.output(code, plugin, model, shape)
                body["__annotations__"][shape.name] = kind
                body[shape.name] = member_of_document(
                    description=described(shape), convert=convert, default=shape.default
                )
            decorate = row_type(
                description=first_line(model) or f"Part of {code}.",
                directives=() if model in SHARED_TYPES else provided_by(plugin),
            )
            self.made[name] = decorate(type(name, (), body))
        return self.made[name]


def _describe_values(made: Any, kind: type[StrEnum]) -> None:
    """Describe values as the documentation of *kind* says, `NAME: What it means`."""
    found: dict[str, str] = dict(_VALUE_LINE.findall(kind.__doc__ or ""))
    for value in made.__strawberry_definition__.values:
        value.description = found.get(value.name)


def provided_by(plugin: str) -> tuple[Provider, ...]:
    """Return the directives of what a plugin brings."""
    return (Provider(name=plugin),)


def described(shape: Shape, *more: str) -> str:
    """Return the description of a field: the plugin's, its limits, who reads it."""
    text = shape.description.rstrip()
    if not text.endswith((".", "!", "?")):
        text += "."
    sentences = (text, shape.limits, *more, _SEEN_BY[shape.visibility])
    return " ".join(one for one in sentences if one)


def output_type(kind: Any, shape: Shape) -> Any:
    """Return the type of a field; what some read as null may be null for all."""
    is_open = shape.visibility is Visibility.EVERYONE
    return wrapped(kind, shape, optional=shape.is_optional or not is_open)


def wrapped(kind: Any, shape: Shape, *, optional: bool) -> Any:
    """Return *kind* as a list and nullable, as the field is."""
    several = list[kind] if shape.is_list else kind
    return several | None if optional else several


def scalar(model: type[BaseModel], shape: Shape) -> Any:
    """Return the scalar of a field."""
    if shape.type is int:
        return int if _fits_int(model, shape.name) else scalars.SafeInt
    return _SCALARS[shape.type]


def first_line(kind: type) -> str | None:
    """Return the first line of the documentation of a class, if it has any."""
    text = kind.__doc__
    return (
        text.strip().splitlines()[0] if text and kind.__module__ != "builtins" else None
    )


def _fits_int(model: type[BaseModel], name: str) -> bool:
    """Tell whether the field's own limits keep it within GraphQL's Int."""
    low = high = None
    for limit in model.model_fields[name].metadata:
        low = getattr(limit, "ge", getattr(limit, "gt", low))
        high = getattr(limit, "le", getattr(limit, "lt", high))
    return low is not None and high is not None and -_MAX_INT <= low <= high <= _MAX_INT


def _converter(kind: type[StrEnum], *, is_list: bool) -> Convert:
    if is_list:
        return lambda values: [kind(value) for value in values]
    return kind
