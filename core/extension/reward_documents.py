"""Config, options and fulfillment of a reward type, from outside and from storage.

Stored documents carry the version of the plugin that wrote them; reading one that is
older asks the plugin to upgrade it. Nothing that is stored is ever rewritten.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from core.errors import ConfigurationError, InvalidOptionsError, PluginFailedError
from core.extension import in_place
from core.extension.documents import (
    UnacceptableError,
    UnstorableError,
    accept,
    problems,
    write,
)
from core.extension.reward_type import AnyRewardType, Part, Stored


def accept_config(reward_type: AnyRewardType, values: Mapping[str, Any]) -> BaseModel:
    """Return what an operator sets for a reward, checked by its type too.

    Raises:
        ConfigurationError: names the field and says what is wrong.
        PluginFailedError: the plugin raised something else.
    """
    code = reward_type.code
    model: type[BaseModel] = reward_type.config
    try:
        config = in_place.run(
            code, "config", lambda: accept(model, values), passing=(UnacceptableError,)
        )
        in_place.run(
            code, "check", lambda: reward_type.check(config), passing=(ValueError,)
        )
    except (UnacceptableError, ValueError) as error:
        raise ConfigurationError(f"config of a {code} reward: {error}") from error
    return config


def config_faults(
    reward_type: AnyRewardType, values: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Return all that is wrong with a config, as (path, reason)."""
    try:
        accept_config(reward_type, values)
    except PluginFailedError as error:
        return [("", str(error))]
    except ConfigurationError as error:
        cause = error.__cause__
        if isinstance(cause, UnacceptableError):
            found = problems(reward_type.config, values)
            return found or [(cause.field, cause.reason)]
        return [("", str(cause))]
    return []


def accept_options(
    reward_type: AnyRewardType, values: Mapping[str, Any] | None
) -> BaseModel | None:
    """Return what a member has chosen; None for a reward type without options.

    Choosing nothing is choosing the defaults.

    Raises:
        InvalidOptionsError: names the field and says what is wrong.
        PluginFailedError: the plugin raised something else.
    """
    code = reward_type.code
    model: type[BaseModel] | None = reward_type.options
    if model is None:
        if values:
            reason = f"a {code} reward has none"
            raise InvalidOptionsError(field="options", reason=reason)
        return None
    given = {} if values is None else values
    try:
        return in_place.run(
            code, "options", lambda: accept(model, given), passing=(UnacceptableError,)
        )
    except UnacceptableError as error:
        raise InvalidOptionsError(field=error.field, reason=error.reason) from error


def read_config(reward_type: AnyRewardType, text: str, version: int) -> BaseModel:
    """Return a stored config as one of the present version.

    Raises:
        PluginFailedError: the plugin that runs cannot read it.
    """
    return _read(reward_type, Stored(Part.CONFIG, version, json.loads(text)))


def read_options(
    reward_type: AnyRewardType, text: str | None, version: int
) -> BaseModel | None:
    """Return stored options; None for a reward type without.

    Raises:
        PluginFailedError: the plugin that runs cannot read them.
    """
    if reward_type.options is None:
        return None
    document = {} if text is None else json.loads(text)
    return _read(reward_type, Stored(Part.OPTIONS, version, document))


def read_fulfillment(reward_type: AnyRewardType, text: str, version: int) -> BaseModel:
    """Return a stored fulfillment.

    Raises:
        PluginFailedError: the plugin that runs cannot read it.
    """
    return _read(reward_type, Stored(Part.FULFILLMENT, version, json.loads(text)))


def present_document(
    reward_type: AnyRewardType, part: Part, document: dict[str, Any], version: int
) -> dict[str, Any]:
    """Return a stored document as the present version would have stored it.

    Raises:
        PluginFailedError: the plugin that runs cannot read it.
    """
    model = _read(reward_type, Stored(part, version, document))
    try:
        written: dict[str, Any] = json.loads(write(model))
    except UnstorableError:
        reason = f"its {part} of version {version} cannot be shown"
        raise PluginFailedError(plugin=reward_type.code, reason=reason) from None
    return written


def _read(reward_type: AnyRewardType, stored: Stored) -> BaseModel:
    code, document = reward_type.code, stored.document
    if stored.version > reward_type.version:
        reason = (
            f"its {stored.part} was stored by version {stored.version}, but version "
            f"{reward_type.version} is installed"
        )
        raise PluginFailedError(plugin=code, reason=reason)
    if stored.version < reward_type.version:
        document = in_place.run(code, "upgrade", lambda: reward_type.upgrade(stored))
    model: type[BaseModel] = getattr(reward_type, stored.part)
    try:
        return in_place.run(
            code,
            stored.part,
            lambda: model.model_validate_json(to_json(document)),
            passing=(ValidationError,),
        )
    except ValidationError:
        reason = f"its {stored.part} of version {stored.version} cannot be read"
        raise PluginFailedError(plugin=code, reason=reason) from None
