"""Input types made of the options that members choose.

Each is a member of `RedemptionOptionsInput @oneOf`. Defaults are published where
GraphQL can spell them, and else told; either way it is the plugin that fills them in.
"""

from enum import StrEnum
from typing import Any

import strawberry
from pydantic import BaseModel
from strawberry.types.base import get_object_definition

from core.extension.fields import Shape, shapes
from core.extension.names import SHARED_TYPES, nested_input_name, pascal
from core.extension.registry import Registry
from gateway.plugin_models import (
    Models,
    described,
    first_line,
    provided_by,
    scalar,
    wrapped,
)


class OptionInputs:
    """The input types of all reward types that have options."""

    def __init__(self, registry: Registry, models: Models) -> None:
        self._models = models
        self._made: dict[str, type] = {}
        inputs: dict[str, tuple[type, str]] = {}
        for reward_type in registry.reward_types:
            if reward_type.options is not None:
                code = reward_type.code
                plugin = registry.plugin_of(reward_type).name
                name = f"{pascal(code)}OptionsInput"
                made = self._input(code, plugin, reward_type.options, name)
                inputs[code] = made, plugin
        self._codes = tuple(inputs)
        self.type = _one_of(inputs) if inputs else None
        """The input type of all options; None if no reward type has any."""

    def chosen(self, options: Any) -> tuple[str, dict[str, Any]] | None:
        """Return the code of the reward type that was named, and what was chosen."""
        if options is None:
            return None
        for code in self._codes:
            value = getattr(options, code, None)
            if value is not None and value is not strawberry.UNSET:
                return code, _plain(getattr(value, "value", value))
        return None

    def _input(self, code: str, plugin: str, model: type[BaseModel], name: str) -> type:
        if name in self._made:
            return self._made[name]
        body: dict[str, Any] = {"__annotations__": {}}
        for shape in shapes(model):
            kind = self._kind(code, plugin, model, shape)
            optional, given, told = _default(shape)
            body["__annotations__"][shape.name] = wrapped(
                kind, shape, optional=optional
            )
            body[shape.name] = strawberry.field(
                description=described(shape, told), **given
            )
        made = strawberry.input(
            type(name, (), body),
            description=first_line(model) or f"What a member chooses of {code}.",
            directives=() if model in SHARED_TYPES else provided_by(plugin),
        )
        self._made[name] = made
        return made

    def _kind(
        self, code: str, plugin: str, model: type[BaseModel], shape: Shape
    ) -> Any:
        if issubclass(shape.type, StrEnum):
            return self._models.enum(code, plugin, shape.type)
        if issubclass(shape.type, BaseModel):
            name = nested_input_name(code, shape.type)
            return self._input(code, plugin, shape.type, name)
        return scalar(model, shape)


def _default(shape: Shape) -> tuple[bool, dict[str, Any], str]:
    """Return whether null may be given, the default, and what is told of it."""
    if shape.is_required:
        return shape.is_optional, _left_out(shape), ""
    if shape.default is None:
        return True, {"default": strawberry.UNSET}, ""
    if shape.type in {str, int, bool}:
        return shape.is_optional, _fixed(shape.default), ""
    if issubclass(shape.type, StrEnum):
        kind = shape.type
        value = (
            [kind(one) for one in shape.default]
            if shape.is_list
            else kind(shape.default)
        )
        return shape.is_optional, _fixed(value), ""
    if shape.default == []:
        return shape.is_optional, _fixed([]), ""
    return True, {"default": strawberry.UNSET}, f"Default: {_told(shape.default)}."


def _left_out(shape: Shape) -> dict[str, Any]:
    return {"default": strawberry.UNSET} if shape.is_optional else {}


def _fixed(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"default_factory": lambda: list(value)}
    return {"default": value}


def _told(default: Any) -> str:
    match default:
        case dict():
            return ", ".join(f"{name} {_told(one)}" for name, one in default.items())
        case list():
            return "; ".join(_told(one) for one in default)
        case bool():
            return str(default).lower()
        case None:
            return "null"
        case _:
            return str(default)


def _one_of(inputs: dict[str, tuple[type, str]]) -> type:
    body: dict[str, Any] = {"__annotations__": {}}
    for code, (made, plugin) in inputs.items():
        body["__annotations__"][code] = strawberry.Maybe[made]  # type: ignore[misc,valid-type]
        body[code] = strawberry.field(
            description=f"For rewards of type {code}.",
            default=None,
            directives=provided_by(plugin),
        )
    made_one = type("RedemptionOptionsInput", (), body)
    description = (
        "What a member chooses: exactly one member, that of the reward's type."
    )
    return strawberry.input(made_one, one_of=True, description=description)


def _plain(value: Any) -> Any:
    """Return an input object as plain values, without what was left out.

    A default that GraphQL filled in is left out too: what a caller asked for stays the
    same when a plugin changes its default.
    """
    definition = get_object_definition(value)
    if definition is not None:
        found = {
            one.python_name: getattr(value, one.python_name)
            for one in definition.fields
            if getattr(value, one.python_name) != _filled_in(one)
        }
        return {
            name: _plain(one)
            for name, one in found.items()
            if one is not strawberry.UNSET
        }
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _filled_in(field: Any) -> Any:
    """Return what stands in a field that was left out."""
    if callable(field.default_factory):
        return field.default_factory()
    return field.default
