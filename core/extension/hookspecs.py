"""The hooks of Guerdon: functions that a plugin module may define.

A plugin is a module, named by an entry point in the group `guerdon`. Functions marked
with `hookimpl` and named like one below are called once, when Guerdon starts; what they
return is checked, and anything wrong stops the start with a message. An implementation
may leave arguments out that it does not need.
"""

from collections.abc import Iterable
from typing import Any

from pluggy import HookimplMarker, HookspecMarker
from pydantic import BaseModel

from core.extension.earning_action import AnyEarningAction
from core.extension.reward_type import AnyRewardType

PROJECT = "guerdon"
"""Name of the pluggy project and of the entry point group."""

hookspec = HookspecMarker(PROJECT)
hookimpl = HookimplMarker(PROJECT)


@hookspec
def register_settings() -> type[BaseModel]:
    """Return the model of the settings that this plugin needs.

    Each field is read from a variable: `api_key` of the plugin `acme_lounge` from
    `GUERDON_PLUGIN_ACME_LOUNGE_API_KEY`. Fields are single values with a description,
    secrets are `SecretStr`; one without a default must be set. Every plugin has the
    setting `callback_secret` anyway.
    """
    raise NotImplementedError


@hookspec
def register_reward_types(settings: Any) -> Iterable[AnyRewardType]:
    """Return instances of the reward types that this plugin brings.

    The `code` of each must be new: two plugins cannot bring the same one.

    Args:
        settings: the plugin's own, an instance of what `register_settings` returned.
    """
    raise NotImplementedError


@hookspec
def register_earning_actions(settings: Any) -> Iterable[AnyEarningAction]:
    """Return instances of the earning actions that this plugin brings.

    The `code` of each must be new: two plugins cannot bring the same one.

    Args:
        settings: as above.
    """
    raise NotImplementedError
