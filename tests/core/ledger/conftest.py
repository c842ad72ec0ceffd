"""A ledger on each store, and a short way to post to it."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.ledger.codes import HolderKind
from core.ledger.commands import (
    Award,
    Command,
    Earn,
    Open,
    Operation,
    Outcome,
    Posted,
    Refused,
    Step,
)
from core.ledger.ledger import Ledger
from core.ledger.memory_store import MemoryStore
from core.ledger.postgres_store import PostgresStore
from core.ledger.sqlite_store import SqliteStore
from core.storage import program_tables as tables
from core.storage.opening import open_database

PTS = 1
PROGRAM = 7


@dataclass
class Book:
    """A ledger with a clock that a test moves, and keys that count."""

    ledger: Ledger
    clock: Any
    _keys: Any = field(default_factory=lambda: itertools.count(1))

    async def post(
        self,
        *steps: Step,
        key: str | None = None,
        fingerprint: bytes = b"f",
        **more: Any,
    ) -> Outcome:
        name = f"key-{next(self._keys)}" if key is None else key
        return await self.ledger.post(
            Command(f"test:{name}", fingerprint, steps, **more)
        )

    async def do(self, holder_id: int, operation: Operation, **more: Any) -> Posted:
        outcome = await self.post(Step(holder_id, operation), **more)
        assert isinstance(outcome, Posted), outcome
        return outcome

    async def refused(
        self, holder_id: int, operation: Operation, **more: Any
    ) -> Refused:
        """Post what must be refused, and check that nothing changed but the refusal."""
        before = await self.everything()
        outcome = await self.post(Step(holder_id, operation), **more)
        assert isinstance(outcome, Refused), outcome
        after = await self.everything()
        before.pop("refusal"), after.pop("refusal")
        assert after == before
        return outcome

    async def open(self, kind: HolderKind = HolderKind.MEMBER) -> int:
        holder_id = self.clock.new_id()
        await self.do(holder_id, Open(PROGRAM, kind))
        return holder_id

    async def earn(self, holder_id: int, *amounts: int, **award: Any) -> Posted:
        awards = tuple(Award(PTS, amount, **award) for amount in amounts)
        return await self.do(holder_id, Earn(awards))

    @property
    def tables(self) -> dict[str, Any]:
        store = self.ledger.store
        assert isinstance(store, MemoryStore)
        return store.tables

    async def everything(self) -> dict[str, Any]:
        return {
            name: {key: dict(row) for key, row in rows.items()}
            for name, rows in self.tables.items()
        }

    def wallet(self, holder_id: int, currency_id: int = PTS) -> tuple[int, ...]:
        """Return pending, available, held and debt."""
        row = self.tables["wallet"].get((holder_id, currency_id))
        if row is None:
            return (0, 0, 0, 0)
        return tuple(row[name] for name in ("pending", "available", "held", "debt"))

    def lots(self, holder_id: int) -> list[tuple[int, int, int, int]]:
        """Return original, pending, available and held of each lot, in their order."""
        return [
            tuple(row[name] for name in ("original", "pending", "available", "held"))
            for key, row in sorted(self.tables["lot"].items())
            if key[0] == holder_id
        ]

    def postings(self, holder_id: int, seq: int) -> list[tuple[int, str, str]]:
        """Return amount, source and destination of a transaction's postings."""
        return [
            (row["amount"], row["src"].name, row["dst"].name)
            for key, row in sorted(self.tables["posting"].items())
            if key[:2] == (holder_id, seq)
        ]

    def kinds(self, holder_id: int) -> list[int]:
        """Return the kinds of all transactions, in their order."""
        return [
            row["kind"]
            for key, row in sorted(self.tables["journal"].items())
            if key[0] == holder_id
        ]


CURRENCIES = [
    {"currency_id": PTS, "code": "PTS", "is_transferable": True},
    {"currency_id": 2, "code": "MILES", "is_transferable": True},
    {"currency_id": 3, "code": "STATUS", "is_redeemable": False},
    {"currency_id": 4, "code": "FLOORED", "floor": 100},
    {"currency_id": 5, "code": "OTHERS", "program_id": PROGRAM + 1},
]


def currency_rows() -> list[dict[str, Any]]:
    """Return the rows of all currencies that these tests know."""
    return [
        tables.Currency(**({"program_id": PROGRAM, "name": "x"} | one)).model_dump()
        for one in CURRENCIES
    ]


@pytest.fixture
def memory(clock: Any) -> MemoryStore:
    """An empty store with a program's currencies."""
    store = MemoryStore(clock)
    for row in currency_rows():
        store.put("currency", **row)
    return store


@pytest.fixture
def book(memory: MemoryStore, clock: Any) -> Book:
    """A ledger in memory."""
    return Book(Ledger(memory, queue=1_000), clock)


@pytest.fixture
async def stored(database_url: str, clock: Any) -> AsyncIterator[tuple[Book, Any]]:
    """A ledger on each database, and that database."""
    database = await open_database(database_url)
    await database.configure(
        lambda session: session.add_all(
            [tables.Currency(**row) for row in currency_rows()]
        )
    )
    store: Any
    if database.dialect == "sqlite":
        store = SqliteStore(database, clock)
    else:
        store = await PostgresStore.open(database_url, lanes=4, clock=clock)
    ledger = Ledger(store, queue=1_000)
    yield Book(ledger, clock), database
    await ledger.close()
    await database.close()
