"""Quick code of plugins, run in place: checked like any other answer.

A plugin's `check`, `upgrade`, `quantity`, `capacity` and the methods of an earning
action are called where they are needed, without a thread. What they raise or return
wrongly is the plugin's fault and is named as such, never the caller's.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

from core.errors import PluginFailedError
from core.extension.reward_type import AnyRewardType

ResultT = TypeVar("ResultT")


def run(
    code: str,
    what: str,
    call: Callable[[], ResultT],
    *,
    passing: tuple[type[Exception], ...] = (),
) -> ResultT:
    """Return what *call* returns.

    Args:
        code: what the plugin brought.
        what: names the method for the message.
        call: calls it.
        passing: exceptions that the contract allows, let through.

    Raises:
        PluginFailedError: any other exception.
    """
    try:
        return call()
    except passing:
        raise
    except Exception as error:
        reason = f"{what} raised {type(error).__name__}"
        raise PluginFailedError(plugin=code, reason=reason) from error


def quantity(reward_type: AnyRewardType, options: BaseModel | None) -> int:
    """Return how many units *options* ask for, at least 1.

    Raises:
        PluginFailedError: the plugin raised, or answered anything else.
    """
    units = run(reward_type.code, "quantity", lambda: reward_type.quantity(options))
    return _whole(reward_type.code, "quantity", units, at_least=1)


def capacity(reward_type: AnyRewardType, config: BaseModel) -> int | None:
    """Return how many units there are of a reward; None: no limit.

    Raises:
        PluginFailedError: the plugin raised, or answered anything else.
    """
    units = run(reward_type.code, "capacity", lambda: reward_type.capacity(config))
    if units is None:
        return None
    return _whole(reward_type.code, "capacity", units, at_least=0)


def _whole(code: str, what: str, value: Any, *, at_least: int) -> int:
    if type(value) is not int or value < at_least:
        reason = f"{what} returned {value!r}, not a whole number from {at_least}"
        raise PluginFailedError(plugin=code, reason=reason)
    return value
