"""Loads the plugins of a folder as an installation would, beside those installed."""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint

from core.errors import GuerdonError
from core.extension.hookspecs import PROJECT
from core.extension.loading import Source, installed_sources, load
from core.extension.registry import Registry
from gateway.checking.findings import Finding, fault
from gateway.checking.lint import Brought
from gateway.checking.project import Package, normal

_TOPIC = "contract"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is loaded.

    Attributes:
        before: the installation without the plugins that are checked.
        registry: the same with them.
        names: names of the plugins that are checked.
    """

    before: Registry
    registry: Registry
    names: frozenset[str]

    def brought(self) -> list[Brought]:
        """Return what the plugins that are checked bring."""
        types, actions = self.registry.reward_types, self.registry.earning_actions
        return [
            *(one for one in types if self._is_checked(one)),
            *(one for one in actions if self._is_checked(one)),
        ]

    def _is_checked(self, brought: Brought) -> bool:
        return self.registry.plugin_of(brought).name in self.names


def load_beside_others(
    package: Package, skipped: Collection[str], environment: Mapping[str, str]
) -> Loaded | Finding:
    """Load the plugins of a package after all others, so that a clash is its own.

    Args:
        package: what is checked.
        skipped: names of installed plugins to leave out.
        environment: variables with the settings of plugins.
    """
    try:
        installed = installed_sources(skipped)
        others = [one for one in installed if not _is_same(one, package)]
        left_out = [*skipped, *(one.name for one in installed if one not in others)]
        before = Registry(load(others, environment, [*left_out, *package.entry_points]))
    except GuerdonError as error:
        text = f"Guerdon does not start here even without this plugin: {error}"
        return fault(_TOPIC, text)
    # Not before: a module of the folder could stand in front of one that others need.
    for root in reversed(package.roots()):
        sys.path.insert(0, str(root))
    mine = [_source(package, *item) for item in package.entry_points.items()]
    try:
        registry = Registry(load([*others, *mine], environment, left_out))
    except GuerdonError as error:
        return fault(_TOPIC, str(error))
    return Loaded(before, registry, frozenset(package.entry_points))


def _is_same(source: Source, package: Package) -> bool:
    """Tell whether an installed plugin is the one that is checked."""
    if package.project is None:
        return source.name in package.entry_points and source.distribution != PROJECT
    return normal(source.distribution or "") == normal(package.name)


def _source(package: Package, name: str, target: str) -> Source:
    entry = EntryPoint(name=name, value=target, group=PROJECT)
    return Source(name, entry.load, package.name or None, package.version)
