"""The tables of an export, and their rows as lines.

Everything is exported but what means nothing in another database: places in the feed,
how far its consumers came, the totals made from it, which are made again, and what
callers may spend just now. The epoch
stands in the header, since a restore raises it. A row is a JSON array of its columns:
integers and texts as they are, bytes in base64.
"""

import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import orjson
import sqlalchemy as sa

from core.storage.columns import Bytes, Flag, Words
from core.storage.database import Dialect, Row
from core.storage.schema import METADATA

_MADE_AGAIN = {"allowance", "feed_cursor", "program_total"}
_ELSEWHERE = {("journal", "feed"), ("installation", "epoch")}
_NEWLINE = orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is exported, and where its columns need a word of their own."""

    name: str
    columns: tuple[str, ...]
    key: tuple[tuple[str, bool], ...]
    """Columns of the primary key, and whether they are texts."""
    bytes_at: tuple[int, ...]
    flags_at: tuple[int, ...]

    @classmethod
    def of(cls, table: sa.Table) -> Self:
        """Describe a table of the schema."""
        columns = [
            column
            for column in table.columns
            if (table.name, column.name) not in _ELSEWHERE
        ]

        def places(kind: type) -> tuple[int, ...]:
            numbered = enumerate(columns)
            return tuple(at for at, one in numbered if isinstance(one.type, kind))

        return cls(
            table.name,
            tuple(one.name for one in columns),
            tuple((one.name, isinstance(one.type, Words)) for one in table.primary_key),
            places(Bytes),
            places(Flag),
        )

    def query(self, dialect: Dialect) -> str:
        """Return the statement that reads all rows, in the same order everywhere."""
        bytewise = ' COLLATE "C"' if dialect == "postgresql" else ""
        order = [f'"{name}"{bytewise if text else ""}' for name, text in self.key]
        names = ", ".join(f'"{name}"' for name in self.columns)
        return f'SELECT {names} FROM "{self.name}" ORDER BY {", ".join(order)}'  # noqa: S608

    def lines(self, rows: Iterable[Row]) -> bytes:
        """Return rows as lines."""
        if self.flags_at:
            rows = map(self._with_flags, rows)
        return b"".join([orjson.dumps(row, _base64, _NEWLINE) for row in rows])

    def _with_flags(self, row: Row) -> Row:
        """Tell true from 1, which SQLite does not."""
        values = list(row)
        for at in self.flags_at:
            values[at] = None if values[at] is None else bool(values[at])
        return tuple(values)

    def rows(self, lines: Sequence[bytes]) -> list[list[Any]]:
        """Return lines as rows."""
        rows: list[list[Any]] = [orjson.loads(line) for line in lines]
        for row in rows:
            for at in self.bytes_at:
                if row[at] is not None:
                    row[at] = binascii.a2b_base64(row[at])
        return rows


def _base64(value: Any) -> str:
    return binascii.b2a_base64(value, newline=False).decode()


TABLES = tuple(
    Table.of(table)
    for name, table in sorted(METADATA.tables.items())
    if name not in _MADE_AGAIN
)
"""All that is exported, in its order."""
