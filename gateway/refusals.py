"""Refusals of plugins as user errors: `LoungeTooYoung implements UserError`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from core.errors import PluginFailedError
from core.extension import in_place
from core.extension.documents import UnstorableError, write
from core.extension.fields import shapes
from core.extension.names import nested_name, refusal_code
from gateway.plugin_models import Convert, Models, described, first_line, provided_by
from gateway.user_error import Message, UserError


@dataclass(frozen=True, slots=True)
class Refusal:
    """A model of a plugin's refusals, and the type that shows it.

    Attributes:
        code: of the reward type.
        model: what the plugin raises.
        kind: what clients get.
        converters: how stored values become those of the type, where they differ.
    """

    code: str
    model: type[BaseModel]
    kind: type[UserError]
    converters: Mapping[str, Convert]

    def show(
        self, reason: str, detail: Mapping[str, Any], path: list[str] | None
    ) -> UserError | None:
        """Return a stored detail as a user error; None if it is no longer one.

        It may have been stored by an earlier version of the plugin.
        """
        try:
            model = in_place.run(
                self.code,
                "refusal",
                lambda: self.model.model_validate_json(to_json(detail)),
                passing=(ValidationError,),
            )
            values: dict[str, Any] = json.loads(write(model))
        except (ValidationError, UnstorableError, PluginFailedError):
            return None
        for name, convert in self.converters.items():
            if values[name] is not None:
                values[name] = convert(values[name])
        code = refusal_code(self.model)
        name = nested_name(self.code, self.model)
        said = Message(name, reason, json.loads(write(model)))
        return self.kind(code=code, said=said, path=path, **values)


Refusals = Mapping[tuple[str | None, str | None], Refusal]
"""By the code of the reward type, and the name of the model."""


def refusals_of(
    models: Models, code: str, plugin: str, refused: Sequence[type[BaseModel]]
) -> dict[tuple[str | None, str | None], Refusal]:
    """Make the types of what a reward type may raise."""
    return {
        (code, model.__name__): _refusal(models, code, plugin, model)
        for model in refused
    }


def _refusal(models: Models, code: str, plugin: str, model: type[BaseModel]) -> Refusal:
    body: dict[str, Any] = {"__annotations__": {}}
    converters = {}
    for shape in shapes(model):
        kind, convert = models.output(code, plugin, model, shape)
        body["__annotations__"][shape.name] = kind
        body[shape.name] = strawberry.field(description=described(shape))
        if convert is not None:
            converters[shape.name] = convert
    made = strawberry.type(
        type(nested_name(code, model), (UserError,), body),
        description=first_line(model) or f"Why {code} was refused.",
        directives=provided_by(plugin),
    )
    return Refusal(code, model, made, converters)
