"""What is checked of a reward type or an earning action before Guerdon starts with it.

Each check says what to do about it. What passes here can be stored and published; a
mistake never waits for the first member who meets it.
"""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from core import errors
from core.errors import PluginLoadError
from core.extension.earning_action import AnyEarningAction, Trust, Uniqueness
from core.extension.fields import (
    UnsupportedFieldError,
    check_model,
    hidden_fields,
    nested_types,
    shapes,
)
from core.extension.names import CODE, SHARED_TYPES, refusal_code
from core.extension.reward_type import AnyRewardType

_MAX_CODE = 50

RESERVED_CODES = frozenset({"retired"})
"""Codes that no plugin may take: they name what a removed plugin leaves behind."""

REWARD_FIELDS = frozenset(
    {
        "accepted_options",
        "availability",
        "code",
        "created_at",
        "currency",
        "description",
        "id",
        "image_url",
        "is_active",
        "limit_per_member",
        "name",
        "plugin",
        "price",
        "program",
        "remaining",
        "reward_type",
        "slots",
        "stock",
        "tags",
    }
)
"""Fields that every reward has; a config cannot have one of the same name."""

FULFILLMENT_FIELDS = frozenset(
    {"id", "fulfilled_at", "plugin", "redemption", "reward", "reward_type"}
)
"""Fields that every fulfillment has; a plugin's cannot have one of the same name."""

REFUSAL_FIELDS = frozenset({"code", "message", "path"})
"""Fields that every user error has; a refusal cannot have one of the same name."""

_OWN_CODES = frozenset(
    kind.code
    for kind in (getattr(errors, name) for name in errors.__all__)
    if hasattr(kind, "code")
)


def check_reward_type(plugin: str, reward_type: AnyRewardType) -> None:
    """Check a reward type that *plugin* brings.

    Raises:
        PluginLoadError: says what is wrong with it.
    """
    who = type(reward_type).__name__
    complain = _complaint(plugin, who)
    _check_code(complain, reward_type)
    _check_version(complain, reward_type)
    if reward_type.code in RESERVED_CODES:
        raise complain(f"the code {reward_type.code!r} is reserved; choose another")
    deadline: Any = reward_type.deadline_seconds
    is_number = isinstance(deadline, int | float) and deadline > 0
    if deadline is not None and not is_number:
        raise complain("deadline_seconds must be a number above 0, or None")
    _check_part(complain, reward_type, "config", REWARD_FIELDS)
    _check_part(complain, reward_type, "fulfillment", FULFILLMENT_FIELDS)
    if getattr(reward_type, "options", ...) is not None:
        _check_part(complain, reward_type, "options")
        _check_open(complain, reward_type.options, "options")
    _check_refusals(complain, reward_type)


def check_earning_action(plugin: str, action: AnyEarningAction) -> None:
    """Check an earning action that *plugin* brings.

    Raises:
        PluginLoadError: says what is wrong with it.
    """
    complain = _complaint(plugin, type(action).__name__)
    _check_code(complain, action)
    _check_version(complain, action)
    for name, kind in (("trust", Trust), ("uniqueness", Uniqueness)):
        if not isinstance(getattr(action, name), kind):
            raise complain(f"{name} must be a member of {kind.__name__}")
    if not isinstance(action.needs_approval, bool):
        raise complain("needs_approval must be True or False")
    _check_part(complain, action, "payload")
    _check_open(complain, action.payload, "payload")


Complaint = Callable[[str], PluginLoadError]


def _complaint(plugin: str, who: str) -> Complaint:
    return lambda reason: PluginLoadError(plugin=plugin, reason=f"{who}: {reason}")


def _check_code(complain: Complaint, brought: Any) -> None:
    code = getattr(brought, "code", None)
    if code is None:
        raise complain('there is no code; set code = "..." in the class')
    if not isinstance(code, str) or not CODE.fullmatch(code) or len(code) > _MAX_CODE:
        raise complain(
            f"the code {code!r} is not snake_case of at most {_MAX_CODE} characters"
        )


def _check_version(complain: Complaint, brought: Any) -> None:
    if type(brought.version) is not int or brought.version < 1:
        raise complain("version must be a whole number from 1")


def _check_refusals(complain: Complaint, reward_type: AnyRewardType) -> None:
    refusals: Any = reward_type.refusals
    if not isinstance(refusals, tuple):
        raise complain("refusals must be a tuple of pydantic model classes")
    for model in refusals:
        _check_model(complain, model, "a refusal", REFUSAL_FIELDS)
        _check_open(complain, model, "a refusal")
    nested = nested_types(reward_type.config, reward_type.fulfillment, *refusals)
    names = set()
    for model in refusals:
        if model in nested | SHARED_TYPES:
            reason = "is part of another model, too; give the refusal its own class"
            raise complain(f"{model.__name__} {reason}")
        code = refusal_code(model)
        if code in _OWN_CODES:
            reason = f"{model.__name__} would have the code {code} of Guerdon's own"
            raise complain(f"{reason} errors; rename it")
        if code in names:
            raise complain(f"two refusals are called {model.__name__}; rename one")
        names.add(code)


def _check_part(
    complain: Complaint, brought: Any, name: str, taken: frozenset[str] = frozenset()
) -> None:
    _check_model(complain, getattr(brought, name, None), name, taken)


def _check_model(
    complain: Complaint, model: Any, name: str, taken: frozenset[str]
) -> None:
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise complain(f"{name} must be a pydantic model class")
    try:
        check_model(model)
        clashes = [shape.name for shape in shapes(model) if shape.name in taken]
    except UnsupportedFieldError as error:
        raise complain(str(error)) from error
    if clashes:
        place = f"{model.__name__}.{clashes[0]}"
        reason = f"is a field that every {name.removeprefix('a ')} shows already"
        raise complain(f"{place} {reason}; rename it")


def _check_open(complain: Complaint, model: Any, name: str) -> None:
    """Refuse markers where they could hide nothing: the caller knows it all."""
    for field in hidden_fields(model):
        reason = f"has a Visibility, which means nothing in {name}; remove it"
        raise complain(f"{field} {reason}")
