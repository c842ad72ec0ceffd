"""Export: one moment of the whole database as a file."""

from dataclasses import dataclass
from pathlib import Path

from core.bulk.files import created
from core.bulk.form import Header, Writer
from core.bulk.tables import TABLES
from core.errors import ConfigurationError
from core.ledger.root import root_of
from core.settings import Settings
from core.storage.database import Snapshot
from core.storage.opening import failures_told, open_database
from core.storage.schema import newest

_EPOCH = "SELECT epoch FROM installation"


@dataclass(frozen=True, slots=True)
class Contents:
    """What an export holds: so many rows, and a ledger with this root."""

    rows: int
    root: str


async def export(settings: Settings, path: Path) -> Contents:
    """Write all that the database of *settings* holds now to *path*.

    It runs beside everything else, and has a slice of rows in memory.

    Raises:
        ConfigurationError: the schema is not the newest.
        DatabaseUnreachableError: there is no such database.
        DatabaseFailedError: the database broke off; there is no file then.
    """
    database = await open_database(settings.database_url, migrate=False)
    try:
        if not await database.is_current():
            raise ConfigurationError(
                "the schema of the database is not the newest; `guerdon ledger verify` "
                "brings it up to date"
            )
        with failures_told():
            async with database.snapshot() as view:
                return await _write(view, path)
    finally:
        await database.close()


async def _write(view: Snapshot, path: Path) -> Contents:
    ((epoch,),) = await view.read(_EPOCH)
    header = Header(newest() or "", epoch, await root_of(view))
    with created(path) as stream:
        writer = Writer(stream, header)
        for table in TABLES:
            writer.begin(table)
            async for rows in view.stream(table.query(view.dialect)):
                writer.add(table.lines(rows), len(rows))
            writer.end(table)
        writer.close()
    return Contents(writer.rows, header.root)
