"""The form of an export: lines of JSON, and after each table its checksum.

The first line is the header. Then comes, for every table, a line with its name and
columns, a line for each row, and a line with the number of its rows and the SHA-256 of
their lines. The last line has the number of all rows and the SHA-256 of all lines
before it that are no rows. So no byte of the file can change unnoticed.
"""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, NamedTuple

import orjson

from core.bulk.tables import TABLES, Table
from core.errors import DamagedFileError
from core.storage.database import SLICE

_FORMAT = {"format": "guerdon export", "version": 1}


@dataclass(frozen=True, slots=True)
class Header:
    """Which schema the rows have, the epoch they come from, and the ledger's root."""

    schema: str
    epoch: int
    root: str


class Slice(NamedTuple):
    """Some rows of a table, as lines."""

    table: Table
    lines: list[bytes]


class Writer:
    """Writes an export, table by table."""

    def __init__(self, stream: BinaryIO, header: Header) -> None:
        self._stream = stream
        self._marks = hashlib.sha256()
        self._checksum = hashlib.sha256()
        self._rows = 0
        self.rows = 0
        self._mark(_FORMAT | asdict(header))

    def begin(self, table: Table) -> None:
        """Begin a table."""
        self._checksum = hashlib.sha256()
        self._rows = 0
        self._mark(_head(table))

    def add(self, lines: bytes, rows: int) -> None:
        """Add lines with so many rows of the table."""
        self._checksum.update(lines)
        self._rows += rows
        self._stream.write(lines)

    def end(self, table: Table) -> None:
        """End the table."""
        self.rows += self._rows
        self._mark(_foot(table, self._rows, self._checksum.hexdigest()))

    def close(self) -> None:
        """Write the last line."""
        self._mark({"rows": self.rows, "sha256": self._marks.hexdigest()})

    def _mark(self, values: dict[str, Any]) -> None:
        line = _line(values)
        self._marks.update(line)
        self._stream.write(line)


class Reader:
    """Reads an export, and checks every line of it on the way."""

    def __init__(self, stream: BinaryIO) -> None:
        """Read the header.

        Raises:
            DamagedFileError: there is none.
        """
        self._stream = stream
        self._marks = hashlib.sha256()
        self._number = 0
        self._total = 0
        self.header = self._header(self._next())

    def slices(self) -> Iterator[Slice]:
        """Yield all rows, in slices.

        Raises:
            DamagedFileError: something is not as it was written.
        """
        for table in TABLES:
            self._expect(
                _head(table), self._next(), f"here {table.name!r} should begin"
            )
            yield from self._rows(table)
        last = {"rows": self._total, "sha256": self._marks.hexdigest()}
        self._expect(last, self._next(), "some line before that is no row was changed")
        if self._read():
            raise self._damaged("the file should have ended before this line")

    def _rows(self, table: Table) -> Iterator[Slice]:
        checksum = hashlib.sha256()
        first = self._number + 1
        lines: list[bytes] = []
        while (line := self._next()).startswith(b"["):
            lines.append(line)
            if len(lines) == SLICE:
                checksum.update(b"".join(lines))
                yield Slice(table, lines)
                lines = []
        checksum.update(b"".join(lines))
        if lines:
            yield Slice(table, lines)
        rows = self._number - first
        self._expect(
            _foot(table, rows, checksum.hexdigest()),
            line,
            f"the rows of {table.name!r}, which began in line {first}, are not as they "
            "were written",
        )
        self._total += rows

    def _next(self) -> bytes:
        line = self._read()
        if not line.endswith(b"\n"):
            raise self._damaged("the file ends here, before its last line")
        return line

    def _read(self) -> bytes:
        self._number += 1
        try:
            return self._stream.readline()
        except (EOFError, OSError, zlib.error) as error:
            raise self._damaged(f"it cannot be read: {error}") from error

    def _header(self, line: bytes) -> Header:
        reason = "it is not the first line of an export of this version"
        try:
            values = orjson.loads(line)
            header = Header(values["schema"], values["epoch"], values["root"])
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged(reason) from error
        self._expect(_FORMAT | asdict(header), line, reason)
        return header

    def _expect(self, values: dict[str, Any], line: bytes, otherwise: str) -> None:
        if _line(values) != line:
            raise self._damaged(otherwise)
        self._marks.update(line)

    def _damaged(self, reason: str) -> DamagedFileError:
        return DamagedFileError(line=self._number, reason=reason)


def _head(table: Table) -> dict[str, Any]:
    return {"table": table.name, "columns": table.columns}


def _foot(table: Table, rows: int, checksum: str) -> dict[str, Any]:
    return {"table": table.name, "rows": rows, "sha256": checksum}


def _line(values: dict[str, Any]) -> bytes:
    return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)
