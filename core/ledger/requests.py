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
class Select:
    """Rows of *table* whose *by* columns are one of *keys*; answered with the rows.

    `only` names a boolean column that must be true. With `first`, at most so many rows
    of each key come, the first in the order of the columns `order`.
    """

    table: str
    columns: tuple[str, ...]
    by: tuple[str, ...]
    keys: Sequence[Row]
    only: str | None = None
    order: tuple[str, ...] = ()
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Lock the rows of *table* with these keys, in the order of their keys; then read.

    Answered with the locked rows, the present instant in microseconds, and a list of
    the answers to `reads`. Nothing may change behind the lock: whoever writes anything
    that belongs to such a row changes the row as well, and what is read here is as
    fresh as the lock.
    """

    table: str
    columns: tuple[str, ...]
    by: str
    keys: Sequence[int]
    reads: Sequence[Select] = ()


@dataclass(frozen=True, slots=True)
class ClaimDue:
    """Lock the rows of *table* whose *due* instant has come, the earliest first.

    At most `most` rows, none with the key of one of `left_out`, and none that somebody
    else has locked: any number of workers may ask at once, and each gets others.
    Answered with the rows and the present instant in microseconds.

    Rows of programs that have a clock of their own are left out, unless `program_id`
    names one: then its rows come alone, those due at `at_us`, in the order of keys
    where they are due at once.
    """

    table: str
    columns: tuple[str, ...]
    due: str
    most: int
    left_out: tuple[int, ...] = ()
    program_id: int | None = None
    at_us: int | None = None


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
    """Writes of different rows, in no promised order: the last that is asked for."""

    writes: Sequence[Insert | Update]


Request = Claim | ClaimDue | Select | Insert | Update | Reads | Writes
Transaction = Generator[Request, Any, T]


def read_all(selects: Sequence[Select]) -> Transaction[list[list[Row]]]:
    """Ask for *selects* at once; what is asked of no keys needs no asking."""
    asked = [one for one in selects if one.keys]
    answers: list[list[Row]] = (yield Reads(asked)) if asked else []
    found = iter(answers)
    return [next(found) if one.keys else [] for one in selects]


class GuardError(Exception):
    """A row was not as it was read: what should hold under the lock did not."""


class RetryError(Exception):
    """Another process got in between; the transaction is to be run again."""
