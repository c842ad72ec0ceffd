"""The fields of a plugin's settings model: single values that a text can spell."""

from collections.abc import Container
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import AnyUrl, BaseModel, ImportString, SecretStr
from pydantic.fields import FieldInfo

from core.errors import PluginLoadError
from core.extension.fields import FIELD_NAME, SCALARS, opened

_TEXTS: tuple[type, ...] = (AnyUrl, Path, SecretStr, StrEnum)
_KINDS: tuple[type, ...] = (*SCALARS, float, timedelta)
_IMPORTED: Any = ImportString


def check_settings(plugin: str, model: Any, taken: Container[str]) -> None:
    """Check what a plugin declares.

    Args:
        plugin: its name.
        model: what `register_settings` returned.
        taken: names that every plugin has.

    Raises:
        PluginLoadError: names the field, and says what is wrong with it.
    """
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        returned = f"register_settings returned a {type(model).__name__}"
        reason = f"{returned}; return a pydantic model class"
        raise PluginLoadError(plugin=plugin, reason=reason)
    for name, field in model.model_fields.items():
        problem = _problem(name, field, taken)
        if problem is not None:
            reason = f"register_settings: {model.__name__}.{name} {problem}"
            raise PluginLoadError(plugin=plugin, reason=reason)


def is_secret(field: FieldInfo) -> bool:
    """Tell whether the value of a setting must not be shown."""
    kind, _, _ = opened(field.annotation, ())
    return isinstance(kind, type) and issubclass(kind, SecretStr)


def _problem(name: str, field: FieldInfo, taken: Container[str]) -> str | None:
    """Say what is wrong with a field, if anything is."""
    if name in taken:
        return "is a setting that every plugin has; remove it"
    if not FIELD_NAME.fullmatch(name):
        return "is not snake_case; rename it"
    if not field.description:
        return 'has no description; add Field(description="...")'
    if field.alias or field.validation_alias:
        return "has an alias; name the field as its variable shall be named"
    kind, metadata, _ = opened(field.annotation, field.metadata)
    if _is_single(kind) or any(isinstance(one, _IMPORTED) for one in metadata):
        return None
    shown = kind.__name__ if isinstance(kind, type) else str(kind)
    return (
        f"has the unsupported type {shown}; use SecretStr, str, int, bool, float, "
        "Decimal, datetime, date, timedelta, a StrEnum, a URL, Path, ImportString, or "
        "`| None`"
    )


def _is_single(kind: Any) -> bool:
    """Tell whether values of *kind* are spelled as one text."""
    return kind in _KINDS or (isinstance(kind, type) and issubclass(kind, _TEXTS))
