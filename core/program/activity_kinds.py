"""Types of activity, whoever brought them: a plugin, or the program itself.

Recording an activity knows this one form and never where a type comes from.
"""

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.engine import Engine
from core.errors import ActivityTypeNotFoundError
from core.extension.earning_action import AnyEarningAction, Trust, Uniqueness
from core.extension.reports import Report, read_report
from core.program import activity_types


class ActivityKind(Protocol):
    """What recording needs of a type."""

    @property
    def code(self) -> str:
        """Return its name in snake_case."""

    @property
    def trust(self) -> Trust:
        """Return whose report is believed."""

    @property
    def uniqueness(self) -> Uniqueness:
        """Return where a reference may occur once only."""

    @property
    def needs_approval(self) -> bool:
        """Tell whether points wait until a person has decided."""

    def read(self, values: Mapping[str, Any]) -> Report:
        """Read the payload of an activity.

        Raises:
            InvalidPayloadError: names the member and says what is wrong.
            PluginFailedError: a plugin is at fault.
        """


@dataclass(frozen=True, slots=True)
class PluginKind:
    """An earning action of a plugin."""

    action: AnyEarningAction

    @property
    def code(self) -> str:
        """Return its name in snake_case."""
        return self.action.code

    @property
    def trust(self) -> Trust:
        """Return whose report is believed."""
        return self.action.trust

    @property
    def uniqueness(self) -> Uniqueness:
        """Return where a reference may occur once only."""
        return self.action.uniqueness

    @property
    def needs_approval(self) -> bool:
        """Tell whether points wait until a person has decided."""
        return self.action.needs_approval

    def read(self, values: Mapping[str, Any]) -> Report:
        """Read the payload of an activity."""
        return read_report(self.action, values)


async def find_kind(engine: Engine, program_id: int, code: str) -> ActivityKind:
    """Return the type *code*; what a plugin brings comes first.

    Raises:
        ActivityTypeNotFoundError: no plugin brings it, and nobody registered it.
    """
    action = engine.registry.earning_action(code)
    if action is not None:
        return PluginKind(action)
    registered = await activity_types.find(engine, program_id, code)
    if registered is None:
        raise ActivityTypeNotFoundError
    return registered


@dataclass(frozen=True, slots=True)
class Description:
    """A type as clients see it; `plugin` is None if the program registered it."""

    code: str
    name: str
    description: str | None
    trust: Trust
    uniqueness: Uniqueness
    needs_approval: bool
    plugin: str | None
    payload_schema: Mapping[str, Any]
    version: int


async def describe_all(engine: Engine, program_id: int) -> list[Description]:
    """Return all types that can be recorded in a program, by code."""
    found = [_of_plugin(engine, one) for one in engine.registry.earning_actions]
    taken = {one.code for one in found}
    found += [
        describe(one)
        for one in await activity_types.find_all(engine, program_id)
        if one.code not in taken
    ]
    return sorted(found, key=lambda one: one.code)


def describe(registered: activity_types.RegisteredType) -> Description:
    """Return a registered type as clients see it."""
    return Description(
        code=registered.code,
        name=registered.name,
        description=registered.description,
        trust=registered.trust,
        uniqueness=registered.uniqueness,
        needs_approval=registered.needs_approval,
        plugin=None,
        payload_schema=json.loads(registered.payload_schema),
        version=registered.version,
    )


def _of_plugin(engine: Engine, action: AnyEarningAction) -> Description:
    text = inspect.cleandoc(type(action).__doc__ or "")
    return Description(
        code=action.code,
        name=action.code.replace("_", " ").capitalize(),
        description=text.splitlines()[0] if text else None,
        trust=action.trust,
        uniqueness=action.uniqueness,
        needs_approval=action.needs_approval,
        plugin=engine.registry.plugin_of(action).name,
        payload_schema=_closed(action.payload.model_json_schema()),
        version=action.version,
    )


def _closed(schema: Any) -> Any:
    """Return a schema of pydantic's that says what is so: no other members."""
    match schema:
        case dict():
            made = {name: _closed(one) for name, one in schema.items()}
            is_object = schema.get("type") == "object"
            return made | ({"additionalProperties": False} if is_object else {})
        case list():
            return [_closed(one) for one in schema]
        case _:
            return schema
