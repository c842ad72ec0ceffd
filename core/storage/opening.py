"""From a URL to an open database."""

from pathlib import Path

from core.errors import ConfigurationError
from core.storage.database import Database
from core.storage.postgres import PostgresDatabase
from core.storage.sqlite import SqliteDatabase

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


async def open_database(
    url: str, *, read_connections: int = 8, migrate: bool = True
) -> Database:
    """Open the database that *url* names.

    Raises:
        ConfigurationError: the URL is of another kind.
    """
    if url.startswith(_SQLITE) and url != _SQLITE:
        return await SqliteDatabase.open(
            Path(url.removeprefix(_SQLITE)), migrate=migrate
        )
    for prefix in _POSTGRES:
        if url.startswith(prefix):
            return await PostgresDatabase.open(
                "postgresql://" + url.removeprefix(prefix),
                connections=read_connections,
                migrate=migrate,
            )
    kind = url.partition(":")[0]
    raise ConfigurationError(
        f"GUERDON_DATABASE_URL begins with {kind!r}; "
        "it must be sqlite:///FILE or postgresql://USER@HOST/NAME"
    )
