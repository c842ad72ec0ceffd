"""What a transaction asks of a store: rows by key, rows to add, rows to change.

The work of a batch is written once, as a generator that yields these and is sent the
answers (`core.ledger.transact`); each store only carries them out. Rows are tuples in
the order of `columns`.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Row = tuple[Any, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Now:
    """Answered with the present instant, in microseconds."""


@dataclass(frozen=True, slots=True)
class Select:
    """Rows of *table* whose *by* columns are one of *keys*; answered with the rows.

    With `lock` they are locked in the order of their keys; `only` names a boolean
    column that must be true.
    """

    table: str
    columns: tuple[str, ...]
    by: tuple[str, ...]
    keys: Sequence[Row]
    only: str | None = None
    lock: bool = False


@dataclass(frozen=True, slots=True)
class Insert:
    """Rows to add; with `missing_only` those whose key exists are left alone."""

    table: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    missing_only: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """Rows to change: the *by* columns find them, the others of *columns* are set.

    With `guard`, each row ends with the value that this column must still have. All
    rows must be found, or the store raises `GuardError` and nothing is written.
    """

    table: str
    columns: tuple[str, ...]
    by: tuple[str, ...]
    rows: Sequence[Row]
    guard: str | None = None


Request = Now | Select | Insert | Update
Transaction = Generator[Request, Any, T]


class GuardError(Exception):
    """A row was not as it was read: what should hold under the lock did not."""


class RetryError(Exception):
    """Another process got in between; the transaction is to be run again."""
