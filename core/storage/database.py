"""One face for the two databases.

`read` runs one statement of fixed or compiled SQL; its parameters are numbered `$1`,
`$2` … on both databases. `configure` runs a synchronous unit of work on a
SQLModel session and commits at its end: for configuration, never for points.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Literal, TypeVar

from sqlmodel import Session

Result = TypeVar("Result")
Row = tuple[Any, ...]
Dialect = Literal["sqlite", "postgresql"]

SLICE = 5_000
"""So many rows are in memory at once while much is read or written."""


class ClashError(Exception):
    """A row has a key that another row has already; nothing was written."""


class View(ABC):
    """What can be read from."""

    dialect: ClassVar[Dialect]

    @abstractmethod
    async def read(self, sql: str, *parameters: Any, bounded: bool = True) -> list[Row]:
        """Run a statement that only reads.

        Args:
            sql: the statement, with numbered parameters.
            parameters: their values.
            bounded: an index keeps it short; then SQLite runs it without a thread hop.
        """


class Snapshot(View):
    """A view in which all reads see one moment; not for several tasks."""

    @abstractmethod
    def stream(self, sql: str, *parameters: Any) -> AsyncIterator[list[Row]]:
        """Run a statement that reads much, and yield its rows slice by slice."""


class Bulk(View):
    """One transaction that writes finished rows; not for several tasks."""

    @abstractmethod
    async def execute(self, sql: str, *parameters: Any) -> None:
        """Run a statement that writes."""

    @abstractmethod
    async def copy(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Add rows to *table*; those of the journal get their place in the feed.

        Raises:
            ClashError: one of them has a key that is there already.
        """


class Database(View):
    """An open database; close it when done."""

    @abstractmethod
    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """Open a view on this moment."""

    @abstractmethod
    def bulk(self) -> AbstractAsyncContextManager[Bulk]:
        """Begin a transaction in bulk; leaving it without an error commits it."""

    @abstractmethod
    async def configure(self, work: Callable[[Session], Result]) -> Result:
        """Run *work* in a transaction of its own, off the event loop."""

    @property
    @abstractmethod
    def connections(self) -> tuple[int, int]:
        """Return how many connections read now, and how many may."""

    @abstractmethod
    async def is_current(self) -> bool:
        """Tell whether the schema is the newest."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of all connections."""
