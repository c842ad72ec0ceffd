"""Settings come from variables; a mistake is named."""

import pytest

from core.errors import ConfigurationError
from core.settings import Settings


def test_defaults() -> None:
    assert Settings.from_environment({"PATH": "/bin"}) == Settings()


def test_values_are_read() -> None:
    settings = Settings.from_environment(
        {"GUERDON_PORT": "9000", "GUERDON_DATABASE_URL": "sqlite:///x.db"}
    )

    assert settings == Settings(port=9000, database_url="sqlite:///x.db")


def test_a_misspelled_setting_is_no_setting() -> None:
    with pytest.raises(
        ConfigurationError, match=r"GUERDON_PROT is not a setting.*PORT"
    ):
        Settings.from_environment({"GUERDON_PROT": "9000"})


@pytest.mark.parametrize("text", ["", "many", "-1", "1.5", "0x10"])
def test_a_number_must_be_one(text: str) -> None:
    with pytest.raises(ConfigurationError, match="GUERDON_PORT must be a whole number"):
        Settings.from_environment({"GUERDON_PORT": text})
