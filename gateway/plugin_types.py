"""Types made of what plugins declare: they know pydantic, and nothing of GraphQL.

For each reward type: `XReward implements Reward`, `XFulfillment implements
Fulfillment` and, where a member has something to choose, `XOptionsInput` as a member of
`RedemptionOptionsInput @oneOf`. The classes are made anew for each schema.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal as PythonDecimal
from enum import StrEnum
from typing import Any

import strawberry
from pydantic import BaseModel
from strawberry.types.base import get_object_definition

from core.extension.fields import Shape, shapes
from core.extension.names import camel, nested_input_name, nested_name, pascal
from core.extension.registry import Registry
from core.extension.reward_type import AnyRewardType
from gateway import scalars
from gateway.plans.sources import attribute, member_of_document, row_type
from gateway.types.common import Node
from gateway.types.rewards import Fulfillment, Reward

_SCALARS: dict[type, Any] = {
    str: str,
    bool: bool,
    PythonDecimal: scalars.Decimal,
    datetime: scalars.DateTime,
    date: scalars.Date,
}
_MAX_INT = 2**31 - 1


class PluginTypes:
    """The types of all plugins of a registry, for one schema."""

    def __init__(self, registry: Registry) -> None:
        self._nested: dict[str, Any] = {}
        self.outputs: list[type] = []
        self._options: dict[str, str] = {}
        inputs: dict[str, type] = {}
        for reward_type in registry.reward_types:
            self._add_outputs(reward_type)
            if reward_type.options is not None:
                member = camel(reward_type.code)
                self._options[member] = reward_type.code
                inputs[reward_type.code] = self._input(
                    reward_type.code,
                    reward_type.options,
                    f"{pascal(reward_type.code)}OptionsInput",
                )
        self.options_input = _one_of(inputs) if inputs else None
        """The input type of all options; None if no reward type has any."""

    def chosen(self, options: Any) -> tuple[str, dict[str, Any]] | None:
        """Return the code of the reward type that was named, and what was chosen."""
        if options is None:
            return None
        for code in self._options.values():
            value = getattr(options, code, None)
            if value is not None and value is not strawberry.UNSET:
                return code, _plain(getattr(value, "value", value))
        return None

    def _add_outputs(self, reward_type: AnyRewardType) -> None:
        code, prefix = reward_type.code, pascal(reward_type.code)
        description = _first_line(type(reward_type)) or f"A reward of type {code}."
        reward = self._class(
            f"{prefix}Reward", (Reward, Node), code, reward_type.config, "config"
        )
        decorate = row_type(description=description, entity="reward", variant=code)
        self.outputs.append(decorate(reward))
        fulfillment = self._class(
            f"{prefix}Fulfillment",
            (Fulfillment,),
            code,
            reward_type.fulfillment,
            "fulfillment",
        )
        description = _first_line(reward_type.fulfillment) or f"What {code} gives."
        decorate = row_type(description=description, variant=code)
        self.outputs.append(decorate(fulfillment))

    def _class(
        self,
        name: str,
        bases: tuple[type, ...],
        code: str,
        model: type[BaseModel],
        document: str,
    ) -> type:
        """Make the class of a reward or fulfillment: each field is a path."""
        body: dict[str, Any] = {"__annotations__": {}}
        for shape in shapes(model):
            kind, convert = self._output(code, model, shape)
            body["__annotations__"][shape.name] = _wrapped(kind, shape)
            body[shape.name] = attribute(
                document, shape.name, description=shape.description, convert=convert
            )
        return type(name, bases, body)

    def _output(
        self, code: str, model: type[BaseModel], shape: Shape
    ) -> tuple[Any, Callable[[Any], Any] | None]:
        """Return the type of one value, and how the stored value becomes it."""
        if issubclass(shape.type, StrEnum):
            kind = self._enum(code, shape.type)
            return kind, _converter(shape.type, is_list=shape.is_list)
        if issubclass(shape.type, BaseModel):
            return self._nested_type(code, shape.type), None
        return _scalar(model, shape), None

    def _nested_type(self, code: str, model: type[BaseModel]) -> Any:
        name = nested_name(code, model)
        if name not in self._nested:
            body: dict[str, Any] = {"__annotations__": {}}
            for shape in shapes(model):
                kind, convert = self._output(code, model, shape)
                body["__annotations__"][shape.name] = _wrapped(kind, shape)
                body[shape.name] = member_of_document(
                    description=shape.description, convert=convert
                )
            made = type(name, (), body)
            description = _first_line(model) or f"Part of {code}."
            self._nested[name] = row_type(description=description)(made)
        return self._nested[name]

    def _enum(self, code: str, kind: type[StrEnum]) -> Any:
        name = nested_name(code, kind)
        if name not in self._nested:
            description = _first_line(kind)
            self._nested[name] = strawberry.enum(
                kind, name=name, description=description
            )
        return self._nested[name]

    def _input(self, code: str, model: type[BaseModel], name: str) -> type:
        if name in self._nested:
            known: type = self._nested[name]
            return known
        body: dict[str, Any] = {"__annotations__": {}}
        for shape in shapes(model):
            kind: Any
            if issubclass(shape.type, StrEnum):
                kind = self._enum(code, shape.type)
            elif issubclass(shape.type, BaseModel):
                inner = nested_input_name(code, shape.type)
                kind = self._input(code, shape.type, inner)
            else:
                kind = _scalar(model, shape)
            optional = shape.is_optional or not shape.is_required
            body["__annotations__"][shape.name] = _wrapped(
                kind, shape, optional=optional
            )
            default = {"default": strawberry.UNSET} if optional else {}
            body[shape.name] = strawberry.field(
                description=shape.description, **default
            )
        description = _first_line(model) or f"What a member chooses of {code}."
        made = strawberry.input(type(name, (), body), description=description)
        self._nested[name] = made
        return made


def _one_of(inputs: dict[str, type]) -> type:
    body: dict[str, Any] = {"__annotations__": {}}
    for code, made in inputs.items():
        body["__annotations__"][code] = strawberry.Maybe[made]  # type: ignore[misc,valid-type]
        body[code] = strawberry.field(
            description=f"For rewards of type {code}.", default=None
        )
    made_one = type("RedemptionOptionsInput", (), body)
    description = (
        "What a member chooses: exactly one member, that of the reward's type."
    )
    return strawberry.input(made_one, one_of=True, description=description)


def _wrapped(kind: Any, shape: Shape, *, optional: bool | None = None) -> Any:
    wrapped = list[kind] if shape.is_list else kind
    return (
        wrapped | None
        if (shape.is_optional if optional is None else optional)
        else wrapped
    )


def _scalar(model: type[BaseModel], shape: Shape) -> Any:
    if shape.type is int:
        return int if _fits_int(model, shape.name) else scalars.SafeInt
    return _SCALARS[shape.type]


def _fits_int(model: type[BaseModel], name: str) -> bool:
    """Tell whether the field's own limits keep it within GraphQL's Int."""
    low = high = None
    for limit in model.model_fields[name].metadata:
        low = getattr(limit, "ge", getattr(limit, "gt", low))
        high = getattr(limit, "le", getattr(limit, "lt", high))
    return low is not None and high is not None and -_MAX_INT <= low <= high <= _MAX_INT


def _converter(kind: type[StrEnum], *, is_list: bool) -> Callable[[Any], Any]:
    if is_list:
        return lambda values: [kind(value) for value in values]
    return kind


def _plain(value: Any) -> Any:
    """Return an input object as plain values, without what was left out."""
    definition = get_object_definition(value)
    if definition is not None:
        found = {
            one.python_name: getattr(value, one.python_name)
            for one in definition.fields
        }
        return {
            name: _plain(one)
            for name, one in found.items()
            if one is not strawberry.UNSET
        }
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _first_line(kind: type) -> str | None:
    text = kind.__doc__
    return (
        text.strip().splitlines()[0] if text and kind.__module__ != "builtins" else None
    )
