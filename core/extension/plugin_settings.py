"""Settings of plugins, read from variables: `GUERDON_PLUGIN_ACME_LOUNGE_API_KEY`.

A plugin declares a pydantic model; each of its fields is one variable. Secrets are
`SecretStr`: no value of theirs is ever repeated in a message. Every plugin has
`callback_secret` beside its own settings.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from pydantic import BaseModel, Field, SecretStr, ValidationError

from core.errors import ConfigurationError, PluginLoadError
from core.extension.setting_fields import check_settings, is_secret
from core.settings import PLUGIN_PREFIX, PREFIX, Settings

_OWN = frozenset(PREFIX + one.name.upper() for one in fields(Settings))
"""Settings of the engine, some of which look like those of a plugin."""

_MASK = "**********"


class CommonSettings(BaseModel):
    """Settings that every plugin has."""

    callback_secret: SecretStr | None = Field(
        default=None,
        min_length=24,
        description="What a partner signs its messages with.",
    )


class SettingInfo(NamedTuple):
    """A setting of a plugin, without its value."""

    variable: str
    is_set: bool
    is_secret: bool


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """The settings of one plugin."""

    own: BaseModel | None
    """Those that it declares; None if it declares none."""
    callback_secret: SecretStr | None
    infos: tuple[SettingInfo, ...]
    secrets: tuple[str, ...] = field(repr=False)
    """Values that must not be repeated."""

    def masked(self, text: object) -> str:
        """Return *text* without the secrets."""
        return _masked(str(text), self.secrets)


def variable_prefix(plugin: str) -> str:
    """Return what the variables of a plugin begin with."""
    return f"{PLUGIN_PREFIX}{re.sub('[^A-Z0-9]', '_', plugin.upper())}_"


def read_settings(
    plugin: str, model: type[BaseModel] | None, environment: Mapping[str, str]
) -> PluginSettings:
    """Read the settings of a plugin.

    Args:
        plugin: its name.
        model: what it declares, if anything.
        environment: variables and their values.

    Raises:
        PluginLoadError: a field cannot be a setting; a variable is missing or wrong.
    """
    if model is not None:
        check_settings(plugin, model, CommonSettings.model_fields)
    prefix = variable_prefix(plugin)
    models = (CommonSettings,) if model is None else (model, CommonSettings)
    infos, given, secrets = [], {}, []
    for name, one in (item for kind in models for item in kind.model_fields.items()):
        variable = prefix + name.upper()
        if variable in _OWN:
            reason = f"{variable} is a setting of Guerdon; rename {name}"
            raise PluginLoadError(plugin=plugin, reason=reason)
        infos.append(SettingInfo(variable, variable in environment, is_secret(one)))
        if variable in environment:
            given[name] = environment[variable]
            if infos[-1].is_secret:
                secrets.append(environment[variable])
    read: list[Any] = [
        _validated(plugin, one, {n: given[n] for n in given if n in one.model_fields})
        for one in models
    ]
    return PluginSettings(
        own=None if model is None else read[0],
        callback_secret=read[-1].callback_secret,
        infos=tuple(infos),
        secrets=tuple(secret for secret in secrets if secret),
    )


def refuse_unknown(
    environment: Mapping[str, str],
    known: Iterable[tuple[str, SettingInfo]],
    skipped: Collection[str],
) -> None:
    """Refuse variables that look like a plugin's setting and are none.

    Those of skipped plugins are let through, so that one can be skipped in a hurry.

    Args:
        environment: variables and their values.
        known: names of the loaded plugins, and their settings.
        skipped: names of plugins that are not loaded on purpose.

    Raises:
        ConfigurationError: names the variable, and those that there are.
        PluginLoadError: two plugins have one variable.
    """
    owners: dict[str, str] = {}
    for plugin, setting in known:
        owner = owners.setdefault(setting.variable, plugin)
        if owner != plugin:
            reason = f"{setting.variable} is a setting of plugin {owner!r}, too"
            raise PluginLoadError(plugin=plugin, reason=f"{reason}; rename one")
    prefixes = tuple(variable_prefix(name) for name in skipped)
    for variable in environment:
        if not variable.startswith(PLUGIN_PREFIX) or variable in _OWN:
            continue
        if variable not in owners and not variable.startswith(prefixes):
            plugins = sorted(set(owners.values()))
            raise ConfigurationError(
                f"{variable} is not a setting of a plugin that is loaded "
                f"({', '.join(plugins) or 'none is'}); there are "
                f"{', '.join(sorted(owners)) or 'none'}"
            )


def _validated(
    plugin: str, model: type[BaseModel], given: Mapping[str, str]
) -> BaseModel:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        reason = _complaint(plugin, model, given, found)
        # Its cause would carry the values that it is about.
        raise PluginLoadError(plugin=plugin, reason=reason) from None
    except Exception as error:  # noqa: BLE001 - whatever a validator may raise
        reason = f"{model.__name__} raised {type(error).__name__}"
        raise PluginLoadError(plugin=plugin, reason=reason) from None


def _complaint(
    plugin: str,
    model: type[BaseModel],
    given: Mapping[str, str],
    found: Mapping[str, Any],
) -> str:
    secrets = [
        given[name]
        for name, field in model.model_fields.items()
        if name in given and is_secret(field)
    ]
    message = _masked(found["msg"], secrets)
    if not found["loc"]:
        return f"{model.__name__}: {message}"
    name = str(found["loc"][0])
    variable = variable_prefix(plugin) + name.upper()
    if name not in given:
        described = model.model_fields[name].description
        return f"the variable {variable} is not set: {described}"
    return f"the variable {variable} is wrong: {message}"


def _masked(text: str, secrets: Iterable[str]) -> str:
    # The longest first: one may be part of another.
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return text
