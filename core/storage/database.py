"""One face for the two databases.

`read` runs one statement of fixed or compiled SQL; its parameters are numbered `$1`,
`$2` … on both databases. `configure` runs a synchronous unit of work on a
SQLModel session and commits at its end: for configuration, never for points.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Literal, TypeVar

from sqlmodel import Session

Result = TypeVar("Result")
Row = tuple[Any, ...]
Dialect = Literal["sqlite", "postgresql"]


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


class Database(View):
    """An open database; close it when done."""

    @abstractmethod
    def snapshot(self) -> AbstractAsyncContextManager[View]:
        """Open a view in which all reads see one moment; not for several tasks."""

    @abstractmethod
    async def configure(self, work: Callable[[Session], Result]) -> Result:
        """Run *work* in a transaction of its own, off the event loop."""

    @abstractmethod
    async def is_current(self) -> bool:
        """Tell whether the schema is the newest."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of all connections."""
