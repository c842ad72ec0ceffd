"""Published names that follow from what a plugin brings.

`free_shipping` becomes `FreeShipping` in front of types and `freeShipping` as a member.
The names of all types are known before any of them is made, so that two plugins which
would publish the same one are told apart when they are loaded.
"""

import re
from collections.abc import Iterator

from pydantic import BaseModel

from core.extension.earning_action import AnyEarningAction
from core.extension.fields import nested_types
from core.extension.money import Money
from core.extension.reward_type import AnyRewardType

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
"""What the code of a reward type or an earning action looks like."""

SHARED_TYPES: frozenset[type] = frozenset({Money})
"""Types of the contract itself; they are published once, under their own name."""


def pascal(code: str) -> str:
    """Return *code* as the first part of a type's name."""
    return "".join(part.capitalize() for part in code.split("_"))


def camel(code: str) -> str:
    """Return *code* as the name of a member."""
    first, *rest = code.split("_")
    return first + "".join(part.capitalize() for part in rest)


def nested_name(code: str, kind: type) -> str:
    """Return the published name of a model or an enum inside what *code* brings.

    It starts with the code, so that the `Address` of two plugins are two types.
    """
    name, prefix = kind.__name__, pascal(code)
    rest = name.removeprefix(prefix)
    if kind in SHARED_TYPES or (rest != name and not rest[:1].islower()):
        return name
    return prefix + name


def nested_input_name(code: str, kind: type) -> str:
    """Return the name of the same thing inside options; enums have one name only."""
    name = nested_name(code, kind)
    return f"{name}Input" if issubclass(kind, BaseModel) else name


def refusal_code(model: type[BaseModel]) -> str:
    """Return the code of a user error: `TooYoung` is TOO_YOUNG."""
    return _WORD_START.sub("_", model.__name__).upper()


def reward_type_names(reward_type: AnyRewardType) -> Iterator[tuple[str, type]]:
    """Yield name and origin of the types a reward type publishes, except shared."""
    code = reward_type.code
    prefix = pascal(code)
    yield f"{prefix}Reward", reward_type.config
    yield f"{prefix}Fulfillment", reward_type.fulfillment
    refusals = reward_type.refusals
    for kind in _own_types(reward_type.config, reward_type.fulfillment, *refusals):
        yield nested_name(code, kind), kind
    for kind in refusals:
        yield nested_name(code, kind), kind
    if reward_type.options is not None:
        yield f"{prefix}OptionsInput", reward_type.options
        for kind in _own_types(reward_type.options):
            yield nested_input_name(code, kind), kind


def earning_action_names(action: AnyEarningAction) -> Iterator[tuple[str, type]]:
    """Yield name and origin of the types an action publishes, except shared ones."""
    yield f"{pascal(action.code)}Payload", action.payload
    for kind in _own_types(action.payload):
        yield nested_name(action.code, kind), kind


def _own_types(*models: type[BaseModel]) -> list[type]:
    found = nested_types(*models) - SHARED_TYPES
    return sorted(found, key=lambda kind: kind.__name__)
