"""Three ledgers side by side: in memory, on SQLite, on PostgreSQL.

They are given the same commands at the same instants, must answer alike, and must keep
the same rows.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from core.ledger.commands import Command, Outcome
from core.ledger.ledger import Ledger
from core.ledger.memory_store import MemoryStore
from core.ledger.preview import Preview
from core.ledger.verify import verify
from core.storage.database import Database
from core.storage.schema import METADATA

Rows = dict[str, list[tuple[Any, ...]]]

TABLES = ("holder", "wallet", "journal", "posting", "lot", "hold", "allocation")
TABLES += ("counter", "refusal")
COLUMNS = {
    # Where a row stands in the feed of all holders is each database's own affair.
    table: [one.name for one in METADATA.tables[table].columns if one.name != "feed"]
    for table in TABLES
}
KEYS = {
    table: [one.name for one in METADATA.tables[table].primary_key] for table in TABLES
}


class Trio:
    """The three ledgers. Databases live on; the memory is new for each history."""

    def __init__(
        self,
        new_memory: Callable[[], MemoryStore],
        ledgers: Sequence[Ledger],
        databases: Sequence[Database],
    ) -> None:
        self._new_memory = new_memory
        self._ledgers = ledgers
        self._databases = databases
        self.forget()

    def forget(self) -> None:
        """Begin anew in memory."""
        self.memory = self._new_memory()
        self._in_memory = Ledger(self.memory, queue=1_000)

    async def post(self, commands: Sequence[Command]) -> list[list[Outcome]]:
        """Post *commands* in one batch to each ledger; return what each answers."""

        async def post_to(ledger: Ledger) -> list[Outcome]:
            return await asyncio.gather(*(ledger.post(one) for one in commands))

        ledgers = (self._in_memory, *self._ledgers)
        return await asyncio.gather(*(post_to(one) for one in ledgers))

    async def preview(self, command: Command) -> list[Preview]:
        """Ask each ledger what *command* would do."""
        ledgers = (self._in_memory, *self._ledgers)
        return await asyncio.gather(*(one.preview(command) for one in ledgers))

    async def sweep(self) -> None:
        """Let each ledger do what time has made due, until nothing is."""

        async def sweep_all(ledger: Ledger) -> None:
            while await ledger.sweep():
                pass

        ledgers = (self._in_memory, *self._ledgers)
        await asyncio.gather(*(sweep_all(one) for one in ledgers))

    async def rows(self, first: int, last: int) -> list[Rows]:
        """Return the rows of the holders from *first* to *last* in each store."""
        reads = [_stored(one, first, last) for one in self._databases]
        return [_remembered(self.memory), *await asyncio.gather(*reads)]

    async def findings(self, holders: Sequence[int] | None = None) -> list[Any]:
        """Prove both databases, all of them or some holders; return what is wrong."""
        found: list[Any] = []
        for database in self._databases:
            report = await verify(database, full=True, holders=holders)
            found += report.findings
        return found


def _remembered(memory: MemoryStore) -> Rows:
    return {
        table: [
            tuple(row[name] for name in COLUMNS[table])
            for _, row in sorted(memory.tables[table].items())
        ]
        for table in TABLES
    }


async def _stored(database: Database, first: int, last: int) -> Rows:
    rows = {}
    for table in TABLES:
        columns, keys = _names(COLUMNS[table]), _names(KEYS[table])
        sql = f'SELECT {columns} FROM "{table}" WHERE holder_id BETWEEN $1 AND $2'
        rows[table] = await database.read(f"{sql} ORDER BY {keys}", first, last)
    return rows


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
