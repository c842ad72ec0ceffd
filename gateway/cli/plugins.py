"""`guerdon plugins`: what is loaded, from where, and how it does."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import click
import orjson
import uvloop

from core.engine import Engine, is_current
from core.errors import GuerdonError
from core.extension.loading import PluginInfo
from core.extension.plugin_settings import SettingInfo
from core.extension.registry import Registry
from core.program.plugin_health import PluginReport, reports
from core.program.recovery import orphans
from core.settings import Settings
from gateway.cli.running import Installation, told


@dataclass(frozen=True, slots=True)
class _Health:
    """How the plugins do, as the database tells it.

    Attributes:
        unknown: why it is not known; None if it is.
        reports: plugins that are loaded, by name.
        missing: redemptions that wait for reward types which nobody brings, by type.
    """

    unknown: str | None = None
    reports: dict[str, PluginReport] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)


@click.command()
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def plugins(installation: Installation, *, is_json: bool) -> None:
    """List the plugins that are loaded: what they bring, from where, how they do.

    How they do is read from the database, if there is one: redemptions that wait for
    them, and those that wait for a person.
    """
    with told():
        registry = installation.registry()
        settings = installation.settings()
    health = uvloop.run(_health(settings, registry))
    if is_json:
        document = {
            "plugins": [_document(one, health) for one in registry.plugins],
            "missing": health.missing,
            "health_unknown": health.unknown,
        }
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        return
    for plugin in registry.plugins:
        for line in _lines(plugin, health):
            click.echo(line)
    for line in _remarks(health):
        click.echo(line, err=True)


async def _health(settings: Settings, registry: Registry) -> _Health:
    """Look into the database; nothing is made or changed there."""
    try:
        if not await is_current(settings):
            return _Health("its schema is not the newest")
        async with Engine.open(settings, registry) as engine:
            found = {one.info.name: one for one in await reports(engine)}
            return _Health(None, found, await orphans(engine))
    except GuerdonError as error:
        return _Health(str(error))


def _lines(plugin: PluginInfo, health: _Health) -> Iterator[str]:
    package = f"{plugin.distribution or ''} {plugin.version or ''}".strip()
    yield f"{plugin.name:16} {package}".rstrip()
    yield f"  from      {_file(plugin)}"
    yield f"  brings    {', '.join(plugin.brings)}"
    for setting in plugin.settings:
        if _is_shown(setting):
            yield f"  setting   {_setting(setting)}"
    report = health.reports.get(plugin.name)
    if report is not None:
        yield f"  health    {_open(report)}"


def _file(plugin: PluginInfo) -> str:
    """Return where the code of a plugin lies."""
    module = sys.modules.get(plugin.module)
    return str(getattr(module, "__file__", None) or plugin.module)


def _is_shown(setting: SettingInfo) -> bool:
    """Leave out what every plugin has and nobody has set."""
    return setting.is_set or not setting.variable.endswith("_CALLBACK_SECRET")


def _setting(setting: SettingInfo) -> str:
    state = "set" if setting.is_set else "not set"
    return f"{setting.variable} ({state}{', secret' if setting.is_secret else ''})"


def _open(report: PluginReport) -> str:
    if not report.open:
        return "no redemption is open"
    verb = "waits" if report.in_review == 1 else "wait"
    person = f"{report.in_review} of them {verb} for a person"
    return f"{_counted(report.open)} open" + (f", {person}" if report.in_review else "")


def _counted(count: int) -> str:
    return f"{count} {'redemption is' if count == 1 else 'redemptions are'}"


def _remarks(health: _Health) -> Iterator[str]:
    if health.unknown is not None:
        yield f"How they do is not known: {health.unknown}."
    for code, count in health.missing.items():
        yield (
            f"No plugin brings the reward type {code}, and {_counted(count)} open: "
            f"install its plugin again, or see `guerdon plugin retire {code}`."
        )


def _document(plugin: PluginInfo, health: _Health) -> dict[str, Any]:
    report = health.reports.get(plugin.name)
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "module": plugin.module,
        "file": _file(plugin),
        "brings": list(plugin.brings),
        "settings": [one._asdict() for one in plugin.settings],
        "open": None if report is None else report.open,
        "in_review": None if report is None else report.in_review,
    }
