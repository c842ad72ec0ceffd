"""Config, options and fulfillment: from outside strictly, from storage for ever."""

from typing import Any

import pytest
from pydantic import BaseModel, Field, field_validator

from core.errors import ConfigurationError, InvalidOptionsError, PluginFailedError
from core.extension import in_place
from core.extension.answers import Unknown
from core.extension.reward_documents import (
    accept_config,
    accept_options,
    read_config,
    read_fulfillment,
    read_options,
)
from core.extension.reward_type import (
    AnyRequest,
    Part,
    RewardType,
    Stored,
)


class Config(BaseModel):
    airport: str = Field(description="Where.")

    @field_validator("airport")
    @classmethod
    def is_known(cls, value: str) -> str:
        return {"VIE": "VIE", "Vienna": "VIE"}[value]


class Options(BaseModel):
    guests: int = Field(default=0, le=2, description="Guests who come along.")


class Pass(BaseModel):
    code: str = Field(description="Shown at the desk.")


class Lounge(RewardType[Config, Options, Pass]):
    code = "lounge"
    config, options, fulfillment = Config, Options, Pass
    version = 2

    def fulfill(self, request: AnyRequest) -> Pass:
        return Pass(code=request.token)

    def probe(self, request: AnyRequest) -> Unknown:
        return Unknown()

    def upgrade(self, old: Stored) -> dict[str, Any]:
        match old.part:
            case Part.CONFIG:
                return {"airport": old.document["city"]}
            case Part.OPTIONS:
                return {"guests": int(old.document["guests"])}
            case Part.FULFILLMENT:
                return {"code": old.document["codes"][0]}


class Bare(Lounge):
    code = "bare"
    options = None  # type: ignore[assignment]


def test_older_config_is_upgraded() -> None:
    config = read_config(Lounge(), '{"city": "Vienna"}', 1)

    assert config == Config(airport="VIE")


def test_older_options_are_upgraded() -> None:
    assert read_options(Lounge(), '{"guests": "2"}', 1) == Options(guests=2)


def test_older_fulfillment_is_upgraded() -> None:
    assert read_fulfillment(Lounge(), '{"codes": ["x"]}', 1) == Pass(code="x")


def test_present_version_is_read_as_it_is() -> None:
    assert read_config(Lounge(), '{"airport": "VIE"}', 2) == Config(airport="VIE")
    assert read_options(Lounge(), None, 2) == Options(guests=0)


@pytest.mark.parametrize(
    ("text", "version", "reason"),
    [
        ('{"airport": "VIE"}', 3, "its config was stored by version 3, but version 2"),
        ('{"town": "Vienna"}', 1, "upgrade raised KeyError"),
        ('{"airport": 7}', 2, "its config of version 2 cannot be read"),
        ('{"airport": "XXX"}', 2, "config raised KeyError"),
    ],
)
def test_unreadable_config_is_the_plugins_fault(
    text: str, version: int, reason: str
) -> None:
    with pytest.raises(PluginFailedError) as caught:
        read_config(Lounge(), text, version)

    assert caught.value.plugin == "lounge"
    assert caught.value.reason.startswith(reason)


def test_config_is_checked_by_its_type() -> None:
    class Closed(Lounge):
        def check(self, config: Config) -> None:
            raise ValueError("closed in winter")

    with pytest.raises(ConfigurationError) as caught:
        accept_config(Closed(), {"airport": "VIE"})

    assert caught.value.reason == "config of a lounge reward: closed in winter"


def test_failing_check_is_the_plugins_fault() -> None:
    class Broken(Lounge):
        def check(self, config: Config) -> None:
            raise KeyError(config.airport)

    with pytest.raises(PluginFailedError, match="check raised KeyError"):
        accept_config(Broken(), {"airport": "VIE"})


def test_failing_validator_is_the_plugins_fault() -> None:
    with pytest.raises(PluginFailedError, match="config raised KeyError"):
        accept_config(Lounge(), {"airport": "XXX"})


def test_wrong_option_is_named() -> None:
    with pytest.raises(InvalidOptionsError) as caught:
        accept_options(Lounge(), {"guests": 3})

    assert caught.value.field == "guests"


def test_type_without_options_takes_none() -> None:
    assert accept_options(Bare(), None) is None
    assert accept_options(Bare(), {}) is None
    assert read_options(Bare(), None, 2) is None
    with pytest.raises(InvalidOptionsError, match="a bare reward has none"):
        accept_options(Bare(), {"guests": 1})


@pytest.mark.parametrize("answer", [0, -1, True, 1.0, "1", None])
def test_quantity_is_a_whole_number_from_one(answer: Any) -> None:
    class Odd(Lounge):
        def quantity(self, options: Options) -> int:
            return answer  # type: ignore[no-any-return]

    with pytest.raises(PluginFailedError, match="quantity returned"):
        in_place.quantity(Odd(), Options())


@pytest.mark.parametrize("answer", [-1, False, 1.0, "1"])
def test_capacity_is_a_whole_number_from_zero(answer: Any) -> None:
    class Odd(Lounge):
        def capacity(self, config: Config) -> int | None:
            return answer  # type: ignore[no-any-return]

    with pytest.raises(PluginFailedError, match="capacity returned"):
        in_place.capacity(Odd(), Config(airport="VIE"))


def test_units_have_defaults() -> None:
    assert in_place.quantity(Lounge(), Options()) == 1
    assert in_place.capacity(Lounge(), Config(airport="VIE")) is None
