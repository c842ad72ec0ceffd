"""Loads plugins: from a source to what it brings, complaining at the first thing wrong.

Built-in and partner plugins take the same way; nothing here knows any of them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from pluggy import HookCaller, PluginManager, PluginValidationError
from pydantic import SecretStr

from core.errors import PluginLoadError
from core.extension import hookspecs
from core.extension.checks import check_earning_action, check_reward_type
from core.extension.earning_action import AnyEarningAction, EarningAction
from core.extension.plugin_settings import (
    PluginSettings,
    SettingInfo,
    read_settings,
    refuse_unknown,
)
from core.extension.reward_type import AnyRewardType, RewardType

_HOOKS = ", ".join(sorted(name for name in vars(hookspecs) if "register_" in name))


@dataclass(frozen=True, slots=True)
class Source:
    """Where a plugin comes from."""

    name: str
    load: Callable[[], object]
    distribution: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """A plugin that is loaded."""

    name: str
    module: str
    distribution: str | None
    """The installed package it belongs to; None if it was handed over in code."""
    version: str | None
    """The version of that package."""
    brings: tuple[str, ...]
    """What it brings, such as `reward type discount`."""
    settings: tuple[SettingInfo, ...] = ()
    """Its settings: the variable, whether it is set, whether it is a secret."""


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plugin with what it brings."""

    info: PluginInfo
    reward_types: tuple[AnyRewardType, ...]
    earning_actions: tuple[AnyEarningAction, ...]
    callback_secret: SecretStr | None = None
    """What its partner signs messages with; None: it takes no messages."""


def installed_sources(skip: Collection[str]) -> list[Source]:
    """Return the plugins that are installed beside Guerdon, sorted by name.

    Raises:
        PluginLoadError: *skip* names a plugin that is not installed.
    """
    sources = [
        Source(
            name=entry.name,
            load=entry.load,
            distribution=entry.dist.name if entry.dist else None,
            version=entry.dist.version if entry.dist else None,
        )
        for entry in entry_points(group=hookspecs.PROJECT)
    ]
    names = sorted({source.name for source in sources})
    for name in skip:
        if name not in names:
            reason = (
                f"cannot be skipped, as it is not installed; {', '.join(names)} are"
            )
            raise PluginLoadError(plugin=name, reason=reason)
    wanted = [source for source in sources if source.name not in skip]
    return sorted(wanted, key=lambda source: source.name)


def given_sources(plugins: Iterable[object]) -> list[Source]:
    """Return plugins that are handed over in code: modules, or objects with hooks."""
    return [Source(_name(plugin), lambda p=plugin: p) for plugin in plugins]  # type: ignore[misc]


def load(
    sources: Iterable[Source],
    environment: Mapping[str, str],
    skipped: Collection[str] = (),
) -> Iterator[LoadedPlugin]:
    """Load plugins one after the other.

    Args:
        sources: where they come from.
        environment: variables with their settings.
        skipped: names of plugins whose settings may be there for nothing.

    Raises:
        PluginLoadError: names the plugin, what is wrong and what to do.
        ConfigurationError: a variable is the setting of no plugin.
    """
    manager = PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    known: list[tuple[str, SettingInfo]] = []
    for source in sources:
        plugin = _load(manager, source, environment)
        known += ((source.name, setting) for setting in plugin.info.settings)
        yield plugin
    refuse_unknown(environment, known, skipped)


def _load(
    manager: PluginManager, source: Source, environment: Mapping[str, str]
) -> LoadedPlugin:
    plugin = _import(source)
    _register(manager, source, plugin)
    hooks = _Hooks(manager, source.name, plugin)
    settings = hooks.settings(environment)
    reward_types = hooks.brought("register_reward_types", RewardType, settings)
    earning_actions = hooks.brought("register_earning_actions", EarningAction, settings)
    for reward_type in reward_types:
        check_reward_type(source.name, reward_type)
    for action in earning_actions:
        check_earning_action(source.name, action)
    brings = (
        *(f"reward type {one.code}" for one in reward_types),
        *(f"earning action {one.code}" for one in earning_actions),
    )
    if not brings:
        reason = f"brings nothing; mark its hooks with @hookimpl: {_HOOKS}"
        raise PluginLoadError(plugin=source.name, reason=reason)
    info = PluginInfo(
        name=source.name,
        module=_module(plugin),
        distribution=source.distribution,
        version=source.version,
        brings=brings,
        settings=settings.infos,
    )
    return LoadedPlugin(info, reward_types, earning_actions, settings.callback_secret)


def _import(source: Source) -> object:
    try:
        return source.load()
    except (Exception, SystemExit) as error:
        reason = (
            f"cannot be imported ({type(error).__name__}: {error}); repair or uninstall"
            f" it, or start with --skip-plugin {source.name}"
        )
        raise PluginLoadError(plugin=source.name, reason=reason) from error


def _register(manager: PluginManager, source: Source, plugin: object) -> None:
    if manager.has_plugin(source.name):
        reason = "two installed packages have a plugin of this name; uninstall one"
        raise PluginLoadError(plugin=source.name, reason=reason)
    if manager.is_registered(plugin):
        other = manager.get_name(plugin)
        reason = f"is the same module as plugin {other!r}; remove one entry point"
        raise PluginLoadError(plugin=source.name, reason=reason)
    try:
        manager.register(plugin, source.name)
        manager.check_pending()
    except PluginValidationError as error:
        fault = " ".join(str(error).split())
        reason = (
            f"{fault}; the hooks are {_HOOKS}; the only argument is settings, of those "
            "that return what the plugin brings"
        )
        raise PluginLoadError(plugin=source.name, reason=reason) from error


@dataclass(frozen=True, slots=True)
class _Hooks:
    """The hooks of one plugin."""

    manager: PluginManager
    name: str
    plugin: object

    def settings(self, environment: Mapping[str, str]) -> PluginSettings:
        """Read the settings that the plugin declares."""
        try:
            models = self._caller("register_settings")()
        except Exception as error:
            reason = f"register_settings raised {type(error).__name__}: {error}"
            raise PluginLoadError(plugin=self.name, reason=reason) from error
        return read_settings(self.name, models[0] if models else None, environment)

    def brought(
        self, hook: str, kind: type[object], settings: PluginSettings
    ) -> tuple[Any, ...]:
        """Return what one hook returns, all of it of one kind."""
        self._check_arguments(hook, settings)
        try:
            answers = self._caller(hook)(settings=settings.own)
            found = [one for answer in answers for one in answer]
        except Exception as error:
            shown = settings.masked(error)
            reason = f"{hook} raised {type(error).__name__}: {shown}"
            if shown != str(error):  # a trace would tell the secret that it has
                raise PluginLoadError(plugin=self.name, reason=reason) from None
            raise PluginLoadError(plugin=self.name, reason=reason) from error
        for one in found:
            if isinstance(one, type):
                reason = f"{hook} returned the class {one.__name__}; return an instance"
                raise PluginLoadError(plugin=self.name, reason=reason)
            if not isinstance(one, kind):
                shown = settings.masked(repr(one))
                reason = f"{hook} returned {shown}, which is no {kind.__name__}"
                raise PluginLoadError(plugin=self.name, reason=reason)
        return tuple(found)

    def _check_arguments(self, hook: str, settings: PluginSettings) -> None:
        if settings.own is not None:
            return
        for one in self._caller(hook).get_hookimpls():
            if "settings" in one.argnames:
                reason = f"{hook} takes settings, but there is no register_settings"
                raise PluginLoadError(plugin=self.name, reason=reason)

    def _caller(self, hook: str) -> HookCaller:
        others = [one for one in self.manager.get_plugins() if one is not self.plugin]
        return self.manager.subset_hook_caller(hook, remove_plugins=others)


def _name(plugin: object) -> str:
    return str(getattr(plugin, "__name__", type(plugin).__name__))


def _module(plugin: object) -> str:
    return str(getattr(plugin, "__name__", type(plugin).__module__))
