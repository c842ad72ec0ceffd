"""A full database, and empty ones to restore into."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.actors import Actor
from core.engine import Engine
from core.settings import Settings
from tests.bulk.everything import fill

Fresh = Callable[[str], Settings]


@pytest.fixture
async def shop(engine: Engine, clock: Any) -> Actor:
    """The shop's own system, in a database with something of everything."""
    return await fill(engine, clock)


@pytest.fixture
def full(engine: Engine, shop: Actor) -> Engine:  # noqa: ARG001  (who filled it)
    """An engine on that database."""
    return engine


@pytest.fixture
def fresh(
    postgres: str, database_names: Iterator[str], tmp_path: Path
) -> Iterator[Fresh]:
    """Make empty databases of a kind; those of PostgreSQL go away again."""
    made: list[str] = []

    def make(kind: str) -> Settings:
        name = next(database_names)
        if kind == "sqlite":
            return Settings(database_url=f"sqlite:///{tmp_path}/{name}.db")
        _admin(postgres, f"CREATE DATABASE {name} TEMPLATE template_guerdon")
        made.append(name)
        return Settings(database_url=postgres.format(name))

    yield make
    for name in made:
        _admin(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def _admin(address: str, sql: str) -> None:
    with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
        connection.execute(sql.encode())
