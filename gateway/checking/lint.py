"""What clients and operators would stumble over in what a plugin publishes."""

import re
from collections.abc import Iterator

from pydantic import BaseModel

from core.extension.earning_action import AnyEarningAction
from core.extension.fields import nested_types, shapes
from core.extension.names import SHARED_TYPES
from core.extension.reward_type import AnyRewardType, RewardType
from gateway.checking.findings import Finding, fault, warning

Brought = AnyRewardType | AnyEarningAction

_TOPIC = "schema"
_TYPE_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_NO_LETTER = re.compile(r"[^a-z0-9]")
_ENDS = (".", "!", "?")


def models_of(brought: Brought) -> list[type[BaseModel]]:
    """Return the models that are published with what a plugin brings."""
    if not isinstance(brought, RewardType):
        return [brought.payload]
    parts = (brought.config, brought.options, brought.fulfillment, *brought.refusals)
    return [one for one in parts if one is not None]


def check_words(brought: Brought) -> Iterator[Finding]:
    """Check the names and descriptions of all that it publishes."""
    who = type(brought)
    if not _own_text(who):
        yield warning(_TOPIC, f"{who.__name__} has no docstring; clients read it")
    models = models_of(brought)
    inner = nested_types(*models) - SHARED_TYPES
    for kind in (*models, *sorted(inner - set(models), key=lambda one: one.__name__)):
        if kind.__module__.startswith("core."):
            continue
        yield from _check_type(kind)
        if issubclass(kind, BaseModel):
            yield from _check_fields(kind)


def _check_type(kind: type) -> Iterator[Finding]:
    name = kind.__name__
    if not _TYPE_NAME.fullmatch(name):
        yield fault(_TOPIC, f"{name} is no name for a type; write it like LoungePass")
    if not _own_text(kind):
        yield warning(_TOPIC, f"{name} has no docstring; clients read it")


def _check_fields(model: type[BaseModel]) -> Iterator[Finding]:
    for shape in shapes(model):
        place, text = f"{model.__name__}.{shape.name}", shape.description.strip()
        if not text.endswith(_ENDS):
            reason = "the description does not end with a period; make it a sentence"
            yield warning(_TOPIC, f"{place}: {reason}")
        if _bare(text) == _bare(shape.name):
            reason = "the description only repeats the name; say what it holds"
            yield warning(_TOPIC, f"{place}: {reason}")


def _bare(text: str) -> str:
    return _NO_LETTER.sub("", text.lower())


def _own_text(kind: type) -> str:
    """Return the docstring that a class itself has."""
    return (vars(kind).get("__doc__") or "").strip()
