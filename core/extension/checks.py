"""What is checked of a reward type or an earning action before Guerdon starts with it.

Each check says what to do about it. What passes here can be stored and published; a
mistake never waits for the first member who meets it.
"""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from core.errors import PluginLoadError
from core.extension.earning_action import AnyEarningAction, Trust, Uniqueness
from core.extension.fields import UnsupportedFieldError, check_model, shapes
from core.extension.names import CODE
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
        "stock",
        "tags",
    }
)
"""Fields that every reward has; a config cannot have one of the same name."""

FULFILLMENT_FIELDS = frozenset(
    {"id", "fulfilled_at", "plugin", "redemption", "reward", "reward_type"}
)
"""Fields that every fulfillment has; a plugin's cannot have one of the same name."""


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
    _check_model(complain, reward_type, "config", REWARD_FIELDS)
    _check_model(complain, reward_type, "fulfillment", FULFILLMENT_FIELDS)
    if getattr(reward_type, "options", ...) is not None:
        _check_model(complain, reward_type, "options", frozenset())


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
    _check_model(complain, action, "payload", frozenset())


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


def _check_model(
    complain: Complaint, brought: Any, name: str, taken: frozenset[str]
) -> None:
    model = getattr(brought, name, None)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise complain(f"{name} must be a pydantic model class")
    try:
        check_model(model)
        clashes = [shape.name for shape in shapes(model) if shape.name in taken]
    except UnsupportedFieldError as error:
        raise complain(str(error)) from error
    if clashes:
        place = f"{model.__name__}.{clashes[0]}"
        raise complain(f"{place} is a field that every {name} shows already; rename it")
