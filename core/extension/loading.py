"""Loads plugins: from a source to what it brings, complaining at the first thing wrong.

Built-in and partner plugins take the same way; nothing here knows any of them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from pluggy import PluginManager, PluginValidationError

from core.errors import PluginLoadError
from core.extension import hookspecs
from core.extension.checks import check_earning_action, check_reward_type
from core.extension.earning_action import AnyEarningAction, EarningAction
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


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """A plugin with what it brings."""

    info: PluginInfo
    reward_types: tuple[AnyRewardType, ...]
    earning_actions: tuple[AnyEarningAction, ...]


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


def load(sources: Iterable[Source]) -> Iterator[LoadedPlugin]:
    """Load plugins one after the other.

    Raises:
        PluginLoadError: names the plugin, what is wrong and what to do.
    """
    manager = PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for source in sources:
        plugin = _import(source)
        _register(manager, source, plugin)
        others = [one for one in manager.get_plugins() if one is not plugin]
        reward_types = tuple(
            _brought(manager, source.name, "register_reward_types", RewardType, others)
        )
        earning_actions = tuple(
            _brought(
                manager, source.name, "register_earning_actions", EarningAction, others
            )
        )
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
        )
        yield LoadedPlugin(info, reward_types, earning_actions)


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
        reason = f"{fault}; the hooks are {_HOOKS}, without arguments"
        raise PluginLoadError(plugin=source.name, reason=reason) from error


def _brought(
    manager: PluginManager,
    name: str,
    hook: str,
    kind: type[object],
    others: list[Any],
) -> Iterator[Any]:
    """Yield what one plugin returns from one hook, all of it of one kind."""
    try:
        found = [
            one
            for answer in manager.subset_hook_caller(hook, remove_plugins=others)()
            for one in answer
        ]
    except Exception as error:
        reason = f"{hook} raised {type(error).__name__}: {error}"
        raise PluginLoadError(plugin=name, reason=reason) from error
    for one in found:
        if isinstance(one, type):
            reason = f"{hook} returned the class {one.__name__}; return an instance"
            raise PluginLoadError(plugin=name, reason=reason)
        if not isinstance(one, kind):
            reason = f"{hook} returned {one!r}, which is no {kind.__name__}"
            raise PluginLoadError(plugin=name, reason=reason)
        yield one


def _name(plugin: object) -> str:
    return str(getattr(plugin, "__name__", type(plugin).__name__))


def _module(plugin: object) -> str:
    return str(getattr(plugin, "__name__", type(plugin).__module__))
