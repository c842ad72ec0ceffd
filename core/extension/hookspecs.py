"""The hooks of Guerdon: functions that a plugin module may define.

A plugin is a module, named by an entry point in the group `guerdon`. Functions marked
with `hookimpl` and named like one below are called once, when Guerdon starts; what they
return is checked, and anything wrong stops the start with a message.
"""

from collections.abc import Iterable

from pluggy import HookimplMarker, HookspecMarker

from core.extension.earning_action import AnyEarningAction
from core.extension.reward_type import AnyRewardType

PROJECT = "guerdon"
"""Name of the pluggy project and of the entry point group."""

hookspec = HookspecMarker(PROJECT)
hookimpl = HookimplMarker(PROJECT)


@hookspec
def register_reward_types() -> Iterable[AnyRewardType]:
    """Return instances of the reward types that this plugin brings.

    The `code` of each must be new: two plugins cannot bring the same one.
    """
    raise NotImplementedError


@hookspec
def register_earning_actions() -> Iterable[AnyEarningAction]:
    """Return instances of the earning actions that this plugin brings.

    The `code` of each must be new: two plugins cannot bring the same one.
    """
    raise NotImplementedError
