"""The memory store: tables as dictionaries, for simulation and model tests.

It knows nothing of points: it answers the same requests as a database does, keeps the
same keys unique, and forgets everything a failed transaction wrote.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from core.clock import Clock
from core.ledger.requests import (
    Claim,
    ClaimDue,
    GuardError,
    Insert,
    Reads,
    Request,
    Row,
    Select,
    T,
    Transaction,
    Update,
    Writes,
)
from core.ledger.store import Store
from core.storage.schema import METADATA

Table = dict[Row, dict[str, Any]]


class MemoryStore(Store):
    """All tables of one database, in this process."""

    lanes = 1

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._keys = {
            name: tuple(column.name for column in table.primary_key.columns)
            for name, table in METADATA.tables.items()
        }
        self.tables: dict[str, Table] = {name: {} for name in self._keys}

    def put(self, table: str, **row: Any) -> None:
        """Store a row of configuration."""
        self.tables[table][tuple(row[column] for column in self._keys[table])] = row

    async def run(self, begin: Callable[[], Transaction[T]]) -> T:
        """Run a transaction; undo it if anything fails."""
        undo: list[tuple[str, Row, dict[str, Any] | None]] = []
        transaction = begin()
        answer: Any = None
        try:
            while True:
                answer = self._answer(transaction.send(answer), undo)
        except StopIteration as done:
            result: T = done.value
            return result
        except BaseException:
            for table, key, row in reversed(undo):
                if row is None:
                    del self.tables[table][key]
                else:
                    self.tables[table][key] = row
            raise

    async def look(self, begin: Callable[[], Transaction[T]]) -> T:
        """Run a transaction that only reads; nothing comes in between here."""
        return await self.run(begin)

    async def close(self) -> None:
        """Nothing to let go of."""

    def _answer(
        self, request: Request, undo: list[tuple[str, Row, dict[str, Any] | None]]
    ) -> Any:
        match request:
            case Claim():
                keys = [(key,) for key in request.keys]
                select = Select(request.table, request.columns, (request.by,), keys)
                reads = [self._select(one) for one in request.reads]
                return self._select(select), self._clock.now_us(), reads
            case ClaimDue():
                now_us = request.at_us
                if now_us is None:
                    now_us = self._clock.now_us()
                return self._claim_due(request, now_us), now_us
            case Select():
                return self._select(request)
            case Reads():
                return [self._select(one) for one in request.selects]
            case Writes():
                for one in request.writes:
                    self._answer(one, undo)
            case Insert() | Update():
                change = self._insert if isinstance(request, Insert) else self._update
                for row in request.rows:
                    change(request, row, undo)  # type: ignore[arg-type]
        return None

    def _claim_due(self, request: ClaimDue, now_us: int) -> list[Row]:
        due = [
            row
            for row in self.tables[request.table].values()
            if (at_us := row[request.due]) is not None
            and at_us <= now_us
            and row[request.columns[0]] not in request.left_out
            and self._is_of(row["program_id"], request.program_id)
        ]
        due.sort(key=lambda row: (row[request.due], row[request.columns[0]]))
        return [
            tuple(row[column] for column in request.columns)
            for row in due[: request.most]
        ]

    def _is_of(self, program_id: int, wanted: int | None) -> bool:
        """Tell whether a program is the one wanted; if none is, one by real time."""
        if wanted is not None:
            return program_id == wanted
        program = self.tables["program"].get((program_id,), {})
        return program.get("clock_us") is None

    def _select(self, request: Select) -> list[Row]:
        wanted = set(request.keys)
        found = [
            (key, row)
            for row in self._candidates(request, wanted)
            if (key := tuple(row.get(column) for column in request.by)) in wanted
            and (request.only is None or row[request.only])
        ]
        if request.first is not None:
            found = list(_first(found, request.order, request.first))
        return [tuple(row[column] for column in request.columns) for _, row in found]

    def _candidates(self, request: Select, wanted: set[Row]) -> list[dict[str, Any]]:
        table = self.tables[request.table]
        if request.by == self._keys[request.table]:
            return [table[key] for key in sorted(wanted) if key in table]
        return list(table.values())

    def _insert(
        self,
        request: Insert,
        values: Row,
        undo: list[tuple[str, Row, dict[str, Any] | None]],
    ) -> None:
        row = dict(zip(request.columns, values, strict=True))
        key = tuple(row[column] for column in self._keys[request.table])
        table = self.tables[request.table]
        if key in table:
            if request.missing_only:
                return
            raise GuardError(f"{request.table} {key} exists")
        table[key] = row
        undo.append((request.table, key, None))

    def _update(
        self,
        request: Update,
        values: Row,
        undo: list[tuple[str, Row, dict[str, Any] | None]],
    ) -> None:
        row = dict(zip(request.columns, values, strict=False))
        key = tuple(row[column] for column in self._keys[request.table])
        old = self.tables[request.table].get(key)
        if old is None or (request.guard and old[request.guard] != values[-1]):
            raise GuardError(f"{request.table} {key} is not as it was read")
        undo.append((request.table, key, old))
        self.tables[request.table][key] = old | row


def _first(
    found: list[tuple[Row, dict[str, Any]]], order: tuple[str, ...], number: int
) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Yield the first rows of each key."""
    seen: dict[Row, int] = defaultdict(int)
    for key, row in sorted(found, key=lambda one: [one[1][name] for name in order]):
        seen[key] += 1
        if seen[key] <= number:
            yield key, row
