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
class Lock:
    """Lock the rows of *table* with these keys, in the order of their keys.

    Answered with the rows and the present instant in microseconds. It reads nothing but
    the rows that it locks: what other statements read is as fresh as the lock only if
    they begin after it.
    """

    table: str
    columns: tuple[str, ...]
    by: str
    keys: Sequence[int]


@dataclass(frozen=True, slots=True)
class Select:
    """Rows of *table* whose *by* columns are one of *keys*; answered with the rows.

    `only` names a boolean column that must be true.
    """

    table: str
    columns: tuple[str, ...]
    by: tuple[str, ...]
    keys: Sequence[Row]
    only: str | None = None


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


@dataclass(frozen=True, slots=True)
class Reads:
    """Several selects at once; answered with a list of their answers."""

    selects: Sequence[Select]


@dataclass(frozen=True, slots=True)
class Writes:
    """Several writes at once, of different rows; in no promised order."""

    writes: Sequence[Insert | Update]


Request = Lock | Select | Insert | Update | Reads | Writes
Transaction = Generator[Request, Any, T]


class GuardError(Exception):
    """A row was not as it was read: what should hold under the lock did not."""


class RetryError(Exception):
    """Another process got in between; the transaction is to be run again."""
