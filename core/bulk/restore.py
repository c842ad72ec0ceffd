"""Restore: an empty database becomes what an export holds.

The file is checked from its first byte to its last before the database is touched. Then
one transaction writes everything, so a restore that was stopped, at whatever moment and
by whatever, has left the database empty, and can be begun again.
"""

from collections.abc import Callable
from pathlib import Path

from core.bulk.export import Contents
from core.bulk.files import opened
from core.bulk.form import Header, Reader
from core.bulk.tables import TABLES
from core.errors import ConfigurationError, DamagedFileError, DatabaseNotEmptyError
from core.ledger.root import root_of
from core.ledger.totals import add_up
from core.settings import Settings
from core.storage.database import Database, View
from core.storage.opening import failures_told, open_database
from core.storage.schema import newest

Progress = Callable[[int], None]
"""Told of so many rows that were written."""

_INSTALLATION = "installation"
_EPOCH = "epoch"


async def restore(
    settings: Settings, path: Path, progress: Progress = lambda _: None
) -> Contents:
    """Make the empty database of *settings* what the export at *path* holds.

    Cursors of streams that were given out before are not good here, since what they
    name may never have happened.

    Raises:
        DatabaseNotEmptyError: the database is not empty.
        DamagedFileError: the file is not as it was written.
        ConfigurationError: the export has another schema than this software.
        DatabaseFailedError: the database broke off; it is still empty.
    """
    database = await open_database(settings.database_url)
    try:
        with failures_told():
            await _require_empty(database)
            header = check(path)
            rows = await _load(database, path, header, progress)
            await add_up(database)
        return Contents(rows, header.root)
    finally:
        await database.close()


def check(path: Path) -> Header:
    """Read an export to its end, and return its header.

    Raises:
        DamagedFileError: it is not as it was written.
        ConfigurationError: it has another schema than this software.
    """
    with opened(path) as stream:
        reader = Reader(stream)
        if reader.header.schema != newest():
            raise ConfigurationError(
                f"the export has the schema {reader.header.schema} and this software "
                f"{newest()}; restore it with the release that made it"
            )
        for _ in reader.slices():
            pass
    return reader.header


async def _load(
    database: Database, path: Path, header: Header, progress: Progress
) -> int:
    written = 0
    async with database.bulk() as bulk:
        if bulk.dialect == "postgresql":  # SQLite has locked the file
            names = ", ".join(f'"{table.name}"' for table in TABLES)
            await bulk.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        await _require_empty(bulk)
        await bulk.execute(f"DELETE FROM {_INSTALLATION}")  # noqa: S608
        with opened(path) as stream:
            for table, lines in Reader(stream).slices():
                columns, rows = table.columns, table.rows(lines)
                if table.name == _INSTALLATION:
                    columns = (*columns, _EPOCH)
                    rows = [[*row, header.epoch + 1] for row in rows]
                await bulk.copy(table.name, columns, rows)
                written += len(rows)
                progress(len(rows))
        if await root_of(bulk) != header.root:
            raise DamagedFileError(line=1, reason="it names a root of other holders")
        if bulk.dialect == "postgresql":
            await bulk.execute("ANALYZE")
    return written


async def _require_empty(view: View) -> None:
    for table in TABLES:
        if table.name != _INSTALLATION and await view.read(
            f'SELECT 1 FROM "{table.name}" LIMIT 1'  # noqa: S608
        ):
            raise DatabaseNotEmptyError(table=table.name)
