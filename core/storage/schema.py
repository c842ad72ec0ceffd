"""The schema of a database: bring it up to date, or tell that it is not."""

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from core.storage import (
    activity_tables,
    ledger_tables,
    program_tables,
    rule_tables,
    service_tables,
    token_tables,
    version_tables,
)

METADATA = SQLModel.metadata
"""All tables; the modules register their models here."""

_MIGRATION_LOCK = 0x6775_6572  # any constant, one per product
_FOLDER = Path(__file__).parent / "migrations"

__all__ = [
    "METADATA",
    "activity_tables",
    "is_current",
    "ledger_tables",
    "newest",
    "program_tables",
    "rule_tables",
    "service_tables",
    "token_tables",
    "upgrade",
    "version_tables",
]


def upgrade(engine: sa.Engine) -> None:
    """Run what is missing; two processes that start at once take turns."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(
                sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK))
            )
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(engine: sa.Engine) -> bool:
    """Tell whether no migration is missing."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest()


@cache
def newest() -> str | None:
    """Return the revision to which this software brings a database."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config
