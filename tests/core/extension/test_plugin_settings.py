"""Settings of plugins: from variables, loud when wrong, silent about secrets."""

import traceback
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from types import FunctionType, ModuleType
from typing import Any

import pytest
from pydantic import (
    BaseModel,
    Field,
    HttpUrl,
    ImportString,
    SecretStr,
    field_validator,
    model_validator,
)

from core.errors import ConfigurationError, PluginLoadError
from core.extension.hookspecs import hookimpl
from core.extension.registry import Registry
from core.settings import Settings
from plugins import discount, purchase
from tests.core.extension.test_registry import Lounge, Visiting

PREFIX = "GUERDON_PLUGIN_ACME_LOUNGE_"
SECRET = "sesame-open-yourself-now"


class Region(StrEnum):
    EU = "eu"
    US = "us"


class LoungeSettings(BaseModel):
    url: HttpUrl = Field(description="Where the lounges are booked.")
    api_key: SecretStr = Field(description="What the lounges know us by.")
    retries: int = Field(default=2, ge=0, le=5, description="How often to try.")
    region: Region = Field(default=Region.EU, description="Which system.")
    pause: timedelta | None = Field(default=None, description="Between tries.")
    join: ImportString[Callable[..., str]] | None = Field(
        default=None, description="How names are joined."
    )


GIVEN = {PREFIX + "URL": "https://lounges.example", PREFIX + "API_KEY": SECRET}


def plugin(
    model: Any = LoungeSettings,
    *,
    name: str = "acme_lounge",
    make: Callable[[Any], Any] | None = None,
) -> tuple[ModuleType, list[Any]]:
    """Make a plugin module, and a list of the settings that it was given."""
    module, seen = ModuleType(name), list[Any]()

    @hookimpl
    def register_settings() -> Any:
        return model() if isinstance(model, FunctionType) else model

    @hookimpl
    def register_reward_types(settings: Any) -> list[Any]:
        seen.append(settings)
        return [make(settings) if make else Lounge()]

    @hookimpl
    def register_earning_actions(settings: Any) -> list[Any]:
        seen.append(settings)
        return [Visiting()]

    hooks = (register_settings, register_reward_types, register_earning_actions)
    vars(module).update({one.__name__: one for one in hooks})
    return module, seen


def complaint(module: object, environment: dict[str, str]) -> PluginLoadError:
    with pytest.raises(PluginLoadError) as caught:
        Registry.of(module, environment=environment)
    told = "".join(traceback.format_exception(caught.value))
    assert SECRET not in told
    return caught.value


def test_both_hooks_get_what_the_variables_say() -> None:
    module, seen = plugin()
    environment = GIVEN | {
        PREFIX + "RETRIES": "5",
        PREFIX + "REGION": "us",
        PREFIX + "PAUSE": "PT2S",
        PREFIX + "JOIN": "os.path.join",
        "PATH": "/bin",
    }

    Registry.of(module, environment=environment)

    first, second = seen
    assert first is second
    assert str(first.url) == "https://lounges.example/"
    assert first.api_key.get_secret_value() == SECRET
    assert (first.retries, first.region) == (5, Region.US)
    assert first.pause == timedelta(seconds=2)
    assert first.join("a", "b") == "a/b"


def test_what_has_a_default_may_be_left_out() -> None:
    module, seen = plugin()

    Registry.of(module, environment=GIVEN)

    assert (seen[0].retries, seen[0].region, seen[0].pause) == (2, Region.EU, None)


def test_operators_see_which_variables_there_are_and_no_value() -> None:
    module, _ = plugin()

    registry = Registry.of(module, environment=GIVEN)

    (info,) = registry.plugins
    assert info.settings == (
        (PREFIX + "URL", True, False),
        (PREFIX + "API_KEY", True, True),
        (PREFIX + "RETRIES", False, False),
        (PREFIX + "REGION", False, False),
        (PREFIX + "PAUSE", False, False),
        (PREFIX + "JOIN", False, False),
        (PREFIX + "CALLBACK_SECRET", False, True),
    )
    assert SECRET not in repr(registry.plugins)
    assert "lounges.example" not in repr(registry.plugins)


def test_hooks_may_do_without_settings() -> None:
    registry = Registry.of(discount, purchase)

    assert len(registry.reward_types) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {PREFIX + "URL": None},
            f"the variable {PREFIX}URL is not set: Where the lounges are booked.",
        ),
        (
            {PREFIX + "URL": "lounges"},
            f"the variable {PREFIX}URL is wrong: Input should be a valid URL",
        ),
        (
            {PREFIX + "RETRIES": "9"},
            f"the variable {PREFIX}RETRIES is wrong: Input should be less than or equa",
        ),
        (
            {PREFIX + "RETRIES": ""},
            f"the variable {PREFIX}RETRIES is wrong: Input should be a valid integer",
        ),
        (
            {PREFIX + "REGION": "asia"},
            f"the variable {PREFIX}REGION is wrong: Input should be 'eu' or 'us'",
        ),
        (
            {PREFIX + "JOIN": "acme_nowhere:join"},
            f"the variable {PREFIX}JOIN is wrong: Invalid python path",
        ),
        (
            {PREFIX + "CALLBACK_SECRET": "too short"},
            (
                f"the variable {PREFIX}CALLBACK_SECRET is wrong: Value should have at "
                "least 24 "
            ),
        ),
    ],
)
def test_a_missing_or_wrong_value_names_plugin_and_variable(
    change: dict[str, str | None], reason: str
) -> None:
    module, _ = plugin()
    given = {name: one for name, one in (GIVEN | change).items() if one is not None}

    error = complaint(module, given)

    assert error.plugin == "acme_lounge"
    assert error.reason.startswith(reason)


class Guarded(BaseModel):
    api_key: SecretStr = Field(description="Secret.")
    other: str = Field(default="x", description="Not one.")

    @field_validator("api_key")
    @classmethod
    def begins_well(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value().startswith("sesame"):
            raise ValueError(f"{value.get_secret_value()} is known to all thieves")
        return value

    @model_validator(mode="after")
    def fits(self) -> "Guarded":
        if self.other == self.api_key.get_secret_value():
            raise ValueError(f"{self.other} is no secret")
        if self.other == "bug":
            raise KeyError(self.api_key.get_secret_value())
        return self


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            {"API_KEY": SECRET},
            (
                f"the variable {PREFIX}API_KEY is wrong: Value error, ********** is "
                "known to all thieves"
            ),
        ),
        (
            {"API_KEY": "abc", "OTHER": "abc"},
            "Guarded: Value error, ********** is no secret",
        ),
        ({"API_KEY": "abc", "OTHER": "bug"}, "Guarded raised KeyError"),
    ],
)
def test_messages_of_validators_repeat_no_secret(
    given: dict[str, str], reason: str
) -> None:
    module, _ = plugin(Guarded)

    error = complaint(module, {PREFIX + name: one for name, one in given.items()})

    assert error.reason == reason


def test_a_hook_that_raises_with_a_secret_does_not_tell_it() -> None:
    def make(settings: Any) -> Any:
        raise ConnectionError(f"bad key {settings.api_key.get_secret_value()}")

    module, _ = plugin(make=make)

    error = complaint(module, GIVEN)

    assert error.reason == (
        "register_reward_types raised ConnectionError: bad key **********"
    )


def test_a_hook_that_returns_a_stranger_does_not_tell_a_secret() -> None:
    module, _ = plugin(make=lambda settings: {settings.api_key.get_secret_value()})

    error = complaint(module, GIVEN)

    assert error.reason == (
        "register_reward_types returned {'**********'}, which is no RewardType"
    )


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (7, "register_settings returned a int; return a pydantic model class"),
        (GIVEN, "register_settings returned a dict; return a pydantic"),
        (
            lambda: 1 // 0,
            "register_settings raised ZeroDivisionError: integer division",
        ),
    ],
)
def test_a_wrong_answer_of_the_hook_is_named(model: Any, reason: str) -> None:
    module, _ = plugin(model)

    assert complaint(module, {}).reason.startswith(reason)


def model_of(annotation: Any, name: str = "thing", **keywords: Any) -> Any:
    keywords.setdefault("description", "Something.")
    namespace = {
        "__annotations__": {name: annotation},
        name: Field(**keywords),
        "__module__": __name__,
    }
    return type("Sample", (BaseModel,), namespace)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (model_of(str, description=""), "Sample.thing has no description"),
        (model_of(list[str]), "Sample.thing has the unsupported type list"),
        (model_of(dict[str, str]), "Sample.thing has the unsupported type dict"),
        (model_of(int | str), "Sample.thing has the unsupported type"),
        (model_of(LoungeSettings), "Sample.thing has the unsupported type LoungeSett"),
        (model_of(str, alias="other"), "Sample.thing has an alias"),
        (model_of(str, "thisThing"), "Sample.thisThing is not snake_case"),
        (
            model_of(str, "callback_secret"),
            "Sample.callback_secret is a setting that every plugin has",
        ),
    ],
)
def test_a_field_that_is_no_setting_is_named(model: Any, reason: str) -> None:
    module, _ = plugin(model)

    error = complaint(module, {})

    assert error.plugin == "acme_lounge"
    assert error.reason.startswith(f"register_settings: {reason}")


def test_settings_without_their_model_are_a_mistake() -> None:
    module, _ = plugin()
    del module.register_settings

    error = complaint(module, {})

    assert error.reason == (
        "register_reward_types takes settings, but there is no register_settings"
    )


def test_a_misspelled_variable_is_refused() -> None:
    module, _ = plugin()

    with pytest.raises(ConfigurationError) as caught:
        Registry.of(module, environment=GIVEN | {PREFIX + "RETRYS": "1"})

    told = str(caught.value)
    assert told.startswith(
        f"{PREFIX}RETRYS is not a setting of a plugin that is loaded (acme_lounge); "
        f"there are {PREFIX}API_KEY, {PREFIX}CALLBACK_SECRET, {PREFIX}JOIN"
    )
    assert SECRET not in told


def test_a_variable_of_a_plugin_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"\(none is\); there are none"):
        Registry.of(environment=GIVEN)


def test_the_variables_of_a_skipped_plugin_are_let_through() -> None:
    environment = {"GUERDON_PLUGIN_DISCOUNT_CALLBACK_SECRET": SECRET}
    installed = [one.name for one in Registry.installed().plugins]

    registry = Registry.installed(skip=["discount"], environment=environment)

    assert [one.name for one in registry.plugins] == [
        name for name in installed if name != "discount"
    ]
    with pytest.raises(ConfigurationError, match="DISCOUNT_CALLBACK_SECRET is not a"):
        Registry.of(environment=environment)


def test_settings_of_the_engine_are_none_of_a_plugin() -> None:
    environment = {"GUERDON_PLUGIN_DEADLINE_MS": "9000", "GUERDON_PLUGIN_FAULTS": "3"}

    assert Registry.of(environment=environment).plugins == ()
    settings = Settings.from_environment(environment | GIVEN)
    assert settings == Settings(plugin_deadline_ms=9000, plugin_faults=3)


def test_a_plugin_cannot_take_a_setting_of_the_engine() -> None:
    module, _ = plugin(model_of(int, "ms", default=1), name="deadline")

    error = complaint(module, {})

    assert error.reason == (
        "GUERDON_PLUGIN_DEADLINE_MS is a setting of Guerdon; rename ms"
    )


def test_two_plugins_cannot_have_one_variable() -> None:
    one, _ = plugin(model_of(str, "lounge_url", default="x"), name="acme")
    other, _ = plugin(model_of(str, "url", default="x"), name="acme.lounge")
    del other.register_reward_types
    other.register_earning_actions = hookimpl(  # type: ignore[attr-defined]
        lambda: [type("Other", (Visiting,), {"code": "other"})()]
    )

    with pytest.raises(PluginLoadError) as caught:
        Registry.of(one, other)

    assert caught.value.plugin == "acme.lounge"
    assert caught.value.reason == (
        f"{PREFIX}URL is a setting of plugin 'acme', too; rename one"
    )


def test_the_callback_secret_is_found_by_reward_type() -> None:
    module, _ = plugin()
    with_secret = GIVEN | {PREFIX + "CALLBACK_SECRET": SECRET}

    registry = Registry.of(module, discount, environment=with_secret)

    lounge, other = registry.reward_type("lounge"), registry.reward_type("discount")
    assert lounge is not None
    assert other is not None
    assert registry.callback_secret(lounge) == SECRET
    assert registry.callback_secret(other) is None
    with pytest.raises(LookupError):
        registry.callback_secret(Lounge())
