"""The migrations make exactly the tables that the models describe."""

import asyncio
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from core.storage import schema
from core.storage.opening import open_database

NAMES_OF_POSTGRES = (
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
    "FROM pg_constraint WHERE contype IN ('c', 'f', 'p', 'u') ORDER BY 1, 2"
)


def sync_engine(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1))


async def test_migrated_schema_is_that_of_the_models(database_url: str) -> None:
    await (await open_database(database_url)).close()

    engine = sync_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        differences = compare_metadata(context, schema.METADATA)
    engine.dispose()

    assert differences == []


def table_texts(path: Path) -> dict[str, Any]:
    """Return the DDL of a SQLite file, blanks aside."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') "
            "AND tbl_name <> 'alembic_version' AND sql IS NOT NULL"
        ).fetchall()
    engine.dispose()
    return {name: sorted(sql.replace(",", " ").split()) for name, sql in rows}


async def test_migrated_sqlite_tables_are_those_of_the_models(tmp_path: Path) -> None:
    """Alembic does not compare CHECKs and STRICT; the whole DDL is compared here."""
    migrated, made = tmp_path / "migrated.db", tmp_path / "made.db"
    await (await open_database(f"sqlite:///{migrated}")).close()
    engine = sa.create_engine(f"sqlite:///{made}")
    schema.METADATA.create_all(engine)
    engine.dispose()

    assert table_texts(migrated) == table_texts(made)


async def test_migrated_postgres_constraints_are_those_of_the_models(
    postgres: str, database_names: Any
) -> None:
    url = postgres.format("template_guerdon")
    empty = next(database_names)
    admin = sa.create_engine(
        sync_engine(postgres.format("postgres")).url, isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {empty}")
    engine = sync_engine(postgres.format(empty))
    schema.METADATA.create_all(engine)

    def constraints(one: sa.Engine) -> list[tuple[str, ...]]:
        with one.connect() as connection:
            rows = connection.exec_driver_sql(NAMES_OF_POSTGRES).fetchall()
        return [tuple(row) for row in rows if row[0] != "alembic_version"]

    made = constraints(engine)
    engine.dispose()
    migrated_engine = sync_engine(url)
    migrated = constraints(migrated_engine)
    migrated_engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {empty}")
    admin.dispose()

    assert len(made) > 30
    assert migrated == made


async def test_processes_that_start_at_once_take_turns(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"

    databases = await asyncio.gather(*(open_database(url) for _ in range(5)))

    assert all([await one.is_current() for one in databases])
    for one in databases:
        await one.close()


async def test_an_old_schema_is_not_current(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    sa_engine = sa.create_engine(f"sqlite:///{path}")
    with sa_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE something (x int)")
    sa_engine.dispose()

    database = await open_database(f"sqlite:///{path}", migrate=False)

    assert not await database.is_current()
    await database.close()
