"""From a URL to an open database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from core.errors import (
    ConfigurationError,
    DatabaseFailedError,
    DatabaseUnreachableError,
)
from core.storage.database import ClashError, Database
from core.storage.postgres import PostgresDatabase
from core.storage.sqlite import SqliteDatabase

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    OperationalError,
    ConnectionError,
)
"""What is raised in use when the database goes, or is not there."""

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


async def open_database(
    url: str,
    *,
    read_connections: int = 8,
    read_timeout_ms: int = 0,
    migrate: bool = True,
) -> Database:
    """Open the database that *url* names.

    Raises:
        ConfigurationError: the URL is of another kind.
        DatabaseUnreachableError: there is none, or it does not let us in.
    """
    try:
        return await _open(url, read_connections, read_timeout_ms, migrate=migrate)
    except (sqlite3.Error, asyncpg.PostgresError, SQLAlchemyError, OSError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DatabaseUnreachableError(reason=reason) from error


@contextmanager
def failures_told() -> Iterator[None]:
    """Tell what a database says while it is in use as one of our errors.

    Raises:
        DatabaseFailedError: it broke off, or could not do what was asked.
    """
    try:
        yield
    except (
        sqlite3.Error,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        SQLAlchemyError,
        ConnectionError,
        ClashError,
    ) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DatabaseFailedError(reason=reason) from error


async def _open(
    url: str, read_connections: int, read_timeout_ms: int, *, migrate: bool
) -> Database:
    if url.startswith(_SQLITE) and url != _SQLITE:
        path = Path(url.removeprefix(_SQLITE))
        return await SqliteDatabase.open(path, migrate=migrate)
    for prefix in _POSTGRES:
        if url.startswith(prefix):
            return await PostgresDatabase.open(
                "postgresql://" + url.removeprefix(prefix),
                connections=read_connections,
                read_timeout_ms=read_timeout_ms,
                migrate=migrate,
            )
    kind = url.partition(":")[0]
    raise ConfigurationError(
        f"GUERDON_DATABASE_URL begins with {kind!r}; "
        "it must be sqlite:///FILE or postgresql://USER@HOST/NAME"
    )
