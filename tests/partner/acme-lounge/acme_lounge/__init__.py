"""Visits to the airport lounges of Acme, for Guerdon."""

from pydantic import BaseModel, Field, HttpUrl, SecretStr

from acme_lounge.desk import HttpDesk
from acme_lounge.lounge import Lounge
from guerdon import hookimpl


class Settings(BaseModel):
    """What the operator of an installation sets."""

    desk_url: HttpUrl = Field(description="Where Acme's booking system answers.")
    api_key: SecretStr = Field(description="The key that Acme gave you.")


@hookimpl
def register_settings() -> type[Settings]:
    """Tell Guerdon which variables to read."""
    return Settings


@hookimpl
def register_reward_types(settings: Settings) -> list[Lounge]:
    """Bring the lounge."""
    key = settings.api_key.get_secret_value()
    return [Lounge(HttpDesk(str(settings.desk_url), key))]
