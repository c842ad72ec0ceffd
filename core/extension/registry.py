"""The registry: everything that plugins brought, by code. It never changes.

It is made once, when a process starts, and making it fails loudly: a plugin that cannot
be loaded, a code or a published name that two plugins claim, stops the start.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Self, TypeVar

from core.errors import PluginLoadError
from core.extension.earning_action import AnyEarningAction
from core.extension.loading import (
    LoadedPlugin,
    PluginInfo,
    given_sources,
    installed_sources,
    load,
)
from core.extension.names import earning_action_names, reward_type_names
from core.extension.reward_type import AnyRewardType

_NOTHING_SET: Mapping[str, str] = MappingProxyType({})

BroughtT = TypeVar("BroughtT", AnyRewardType, AnyEarningAction)


class Registry:
    """What is loaded."""

    def __init__(self, plugins: Iterable[LoadedPlugin]) -> None:
        loaded = tuple(plugins)
        self.plugins: tuple[PluginInfo, ...] = tuple(one.info for one in loaded)
        """The plugins, in the order in which they were loaded."""
        self._reward_types = _index(
            (item, one.info) for one in loaded for item in one.reward_types
        )
        self._earning_actions = _index(
            (item, one.info) for one in loaded for item in one.earning_actions
        )
        self._callback_secrets = {one.info.name: one.callback_secret for one in loaded}
        self._check_names()

    @classmethod
    def installed(
        cls,
        *,
        skip: Collection[str] = (),
        environment: Mapping[str, str] = _NOTHING_SET,
    ) -> Self:
        """Load what is installed: built-in plugins and those of partners alike.

        Args:
            skip: names of plugins to start without.
            environment: variables with the settings of plugins.

        Raises:
            PluginLoadError: names the plugin, what is wrong and what to do.
            ConfigurationError: a variable is the setting of no plugin.
        """
        return cls(load(installed_sources(skip), environment, skip))

    @classmethod
    def of(
        cls, *plugins: object, environment: Mapping[str, str] = _NOTHING_SET
    ) -> Self:
        """Load the plugins given: modules, or objects whose methods are hooks.

        Args:
            plugins: what to load.
            environment: variables with their settings.

        Raises:
            PluginLoadError: names the plugin, what is wrong and what to do.
            ConfigurationError: a variable is the setting of no plugin.
        """
        return cls(load(given_sources(plugins), environment))

    @property
    def reward_types(self) -> tuple[AnyRewardType, ...]:
        """All reward types, by code."""
        return tuple(item for item, _ in self._reward_types.values())

    @property
    def earning_actions(self) -> tuple[AnyEarningAction, ...]:
        """All earning actions, by code."""
        return tuple(item for item, _ in self._earning_actions.values())

    def reward_type(self, code: str) -> AnyRewardType | None:
        """Return the reward type *code*; None if no plugin brings it (any more)."""
        found = self._reward_types.get(code)
        return found and found[0]

    def earning_action(self, code: str) -> AnyEarningAction | None:
        """Return the earning action *code*; None if no plugin brings it (any more)."""
        found = self._earning_actions.get(code)
        return found and found[0]

    def plugin_of(self, brought: AnyRewardType | AnyEarningAction) -> PluginInfo:
        """Return the plugin that brought this.

        Raises:
            LookupError: it was not loaded by this registry.
        """
        for item, plugin in (
            self._reward_types.get(brought.code, (None, None)),
            self._earning_actions.get(brought.code, (None, None)),
        ):
            if item is brought and plugin is not None:
                return plugin
        raise LookupError(f"{brought.code} was not loaded by this registry")

    def callback_secret(self, reward_type: AnyRewardType) -> str | None:
        """Return what the partner behind a reward type signs its messages with.

        None: it is not set, so no message is believed.

        Raises:
            LookupError: the reward type was not loaded by this registry.
        """
        secret = self._callback_secrets[self.plugin_of(reward_type).name]
        return None if secret is None else secret.get_secret_value()

    def _check_names(self) -> None:
        """Refuse two different types that would be published under one name."""
        owners: dict[str, tuple[type, str, PluginInfo]] = {}
        for name, kind, code, plugin in (
            *_names(self._reward_types, reward_type_names),
            *_names(self._earning_actions, earning_action_names),
        ):
            other, other_code, owner = owners.setdefault(name, (kind, code, plugin))
            if other is not kind:
                reason = (
                    f"{code} would publish {kind.__name__} as {name}, the name of "
                    f"{other.__name__} of {other_code} of plugin {owner.name!r}; rename"
                    f" a code or a model, or start with --skip-plugin {plugin.name}"
                )
                raise PluginLoadError(plugin=plugin.name, reason=reason)


def _index(
    brought: Iterable[tuple[BroughtT, PluginInfo]],
) -> dict[str, tuple[BroughtT, PluginInfo]]:
    index: dict[str, tuple[BroughtT, PluginInfo]] = {}
    for item, plugin in brought:
        earlier = index.setdefault(item.code, (item, plugin))
        if earlier[0] is not item:
            reason = (
                f"the code {item.code!r} is taken by plugin {earlier[1].name!r}; rename"
                f" one, or start with --skip-plugin {plugin.name}"
            )
            raise PluginLoadError(plugin=plugin.name, reason=reason)
    return dict(sorted(index.items()))


def _names(
    index: dict[str, tuple[BroughtT, PluginInfo]],
    names: Callable[[BroughtT], Iterator[tuple[str, type]]],
) -> Iterator[tuple[str, type, str, PluginInfo]]:
    for code, (item, plugin) in index.items():
        for name, kind in names(item):
            yield name, kind, code, plugin
