"""Quick code of plugins, run in place: checked like any other answer.

A plugin's `check`, `upgrade`, `quantity`, `capacity` and the methods of an earning
action are called where they are needed, without a thread. What they raise or return
wrongly is the plugin's fault and is named as such, never the caller's.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from core.errors import InvalidOptionsError, PluginFailedError
from core.extension.earning_action import Fact
from core.extension.reward_type import AnyRewardType
from core.extension.traces import places

ResultT = TypeVar("ResultT")

_log = logging.getLogger(__name__)

_MAX_SLOT = 100


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
    except Exception as error:  # noqa: BLE001  (whatever a plugin may raise)
        reason = f"{what} raised {type(error).__name__}"
        _log.info("%s: %s", code, places(error))
        raise PluginFailedError(plugin=code, reason=reason) from None


def quantity(reward_type: AnyRewardType, options: BaseModel | None) -> int:
    """Return how many units *options* ask for, at least 1.

    Raises:
        PluginFailedError: the plugin raised, or answered anything else.
    """
    units = run(reward_type.code, "quantity", lambda: reward_type.quantity(options))
    return _whole(reward_type.code, "quantity", units, at_least=1)


def capacity(reward_type: AnyRewardType, config: BaseModel) -> dict[str, int] | None:
    """Return the units of each slot of a reward; None: no limit.

    Raises:
        PluginFailedError: the plugin raised, or answered anything else.
    """
    code = reward_type.code
    units: Any = run(code, "capacity", lambda: reward_type.capacity(config))
    if units is None:
        return None
    if not isinstance(units, Mapping):
        return {"": _whole(code, "capacity", units, at_least=0)}
    for slot in units:
        if not _is_slot(slot):
            reason = (
                f"capacity has the slot {slot!r}, not a text of 1 to 100 characters"
            )
            raise PluginFailedError(plugin=code, reason=reason)
    return {
        slot: _whole(code, f"capacity of {slot}", one, at_least=0)
        for slot, one in units.items()
    }


def slot(
    reward_type: AnyRewardType,
    config: BaseModel,
    options: BaseModel | None,
    attributes: Mapping[str, Fact],
) -> str:
    """Return whose units a member asks for.

    Raises:
        InvalidOptionsError: the plugin says that the options do not fit.
        PluginFailedError: the plugin raised, or answered anything else.
    """
    code = reward_type.code
    try:
        found: Any = run(
            code,
            "slot",
            lambda: reward_type.slot(config, options, attributes),
            passing=(ValueError,),
        )
    except ValueError as error:
        raise InvalidOptionsError(field="options", reason=str(error)) from error
    if found != "" and not _is_slot(found):
        reason = f"slot returned {found!r}, not a text of at most 100 characters"
        raise PluginFailedError(plugin=code, reason=reason)
    return str(found)


def uses_codes(reward_type: AnyRewardType, config: BaseModel) -> bool:
    """Tell whether each unit of a reward is a code from its pool.

    Raises:
        PluginFailedError: the plugin raised.
    """
    code = reward_type.code
    return bool(run(code, "uses_codes", lambda: reward_type.uses_codes(config)))


def _is_slot(value: object) -> bool:
    is_short = isinstance(value, str) and 1 <= len(value) <= _MAX_SLOT
    return is_short and str(value).isprintable()


def _whole(code: str, what: str, value: Any, *, at_least: int) -> int:
    if type(value) is not int or value < at_least:
        reason = f"{what} returned {value!r}, not a whole number from {at_least}"
        raise PluginFailedError(plugin=code, reason=reason)
    return value
