"""A ledger on each store, and a short way to post to it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.errors import InvalidInputError
from core.ledger import loading, wanted
from core.ledger.codes import TRACELESS, HolderKind, RefusalCode
from core.ledger.commands import (
    Award,
    Command,
    Earn,
    Open,
    Operation,
    Outcome,
    Posted,
    Receive,
    Refused,
    Reverse,
    Send,
    Step,
)
from core.ledger.ledger import Ledger
from core.ledger.memory_store import MemoryStore
from core.ledger.postgres_store import PostgresStore
from core.ledger.sqlite_store import SqliteStore
from core.storage import program_tables as tables
from core.storage.database import Database
from core.storage.opening import open_database
from core.storage.sqlite import SqliteDatabase

PTS = 1
PROGRAM = 7
CONFLICTS = {RefusalCode.KEY_REUSED, RefusalCode.REFERENCE_REUSED}
"""What was stored first stays as it is; nothing is stored of who comes after."""


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
        """Post what must be refused, and check what it leaves."""
        return await self.refuse(Step(holder_id, operation), **more)

    async def refuse(self, *steps: Step, **more: Any) -> Refused:
        """Post what must be refused: it leaves its refusal, or nothing at all."""
        before = await self.everything()
        outcome = await self.post(*steps, **more)
        assert isinstance(outcome, Refused), outcome
        after = await self.everything()
        refusals = len(after.pop("refusal")) - len(before.pop("refusal"))
        assert after == before
        assert refusals == (outcome.code not in TRACELESS | CONFLICTS)
        return outcome

    async def reject(self, *steps: Step, **more: Any) -> InvalidInputError:
        """Post what has not the shape of a command; nothing at all is stored."""
        before = await self.everything()
        with pytest.raises(InvalidInputError) as caught:
            await self.post(*steps, **more)
        assert await self.everything() == before
        return caught.value

    @staticmethod
    def transfer(
        sender: int, receiver: int, amount: int, currency_id: int = PTS
    ) -> tuple[Step, Step]:
        """Return the steps of a transfer."""
        send = Step(sender, Send(currency_id, amount))
        return send, Step(receiver, Receive(sender))

    async def send(
        self, sender: int, receiver: int, amount: int, currency_id: int = PTS
    ) -> Posted:
        outcome = await self.post(*self.transfer(sender, receiver, amount, currency_id))
        assert isinstance(outcome, Posted), outcome
        return outcome

    async def send_back(self, sent: Posted, receiver: int, **more: Any) -> Posted:
        """Let the receiver of a transfer send it back, or an `amount` of it."""
        outcome = await self.post(
            Step(receiver, Reverse(sent.seqs[receiver], **more)),
            Step(sent.holder_id, Receive(receiver)),
        )
        assert isinstance(outcome, Posted), outcome
        return outcome

    async def open(
        self, kind: HolderKind = HolderKind.MEMBER, program_id: int = PROGRAM
    ) -> int:
        holder_id = self.clock.new_id()
        await self.do(holder_id, Open(program_id, kind))
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

    def ends(self, holder_id: int) -> list[int]:
        """Return when each lot runs out, in their order."""
        return [
            row["expires_at_us"]
            for key, row in sorted(self.tables["lot"].items())
            if key[0] == holder_id
        ]

    def journal(self, holder_id: int, seq: int) -> dict[str, Any]:
        """Return a row of the journal."""
        row: dict[str, Any] = self.tables["journal"][holder_id, seq]
        return row

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


def make_memory(clock: Any) -> MemoryStore:
    """Return an empty store with a program's currencies."""
    store = MemoryStore(clock)
    for row in currency_rows():
        store.put("currency", **row)
    return store


@pytest.fixture(scope="session")
def new_memory() -> Callable[[Any], MemoryStore]:
    """Makes stores in memory, for tests that try many histories."""
    return make_memory


@pytest.fixture(scope="session")
def new_book(new_clock: Callable[[], Any]) -> Callable[[], Book]:
    """Makes ledgers in memory, for tests that try many examples."""

    def make() -> Book:
        clock = new_clock()
        return Book(Ledger(make_memory(clock), queue=1_000), clock)

    return make


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read so few lots at first that holders often have more."""
    for module in (wanted, loading):
        monkeypatch.setattr(module, "SLICE", 2)


@pytest.fixture
def memory(clock: Any) -> MemoryStore:
    """An empty store with a program's currencies."""
    return make_memory(clock)


@pytest.fixture
def book(memory: MemoryStore, clock: Any) -> Book:
    """A ledger in memory."""
    return Book(Ledger(memory, queue=1_000), clock)


@asynccontextmanager
async def open_ledger(url: str, clock: Any) -> AsyncIterator[tuple[Ledger, Database]]:
    """Open a ledger with connections of its own, as each process has."""
    database = await open_database(url)
    store: Any
    if isinstance(database, SqliteDatabase):
        store = SqliteStore(database, clock)
    else:
        store = await PostgresStore.open(url, lanes=4, clock=clock)
    ledger = Ledger(store, queue=1_000)
    yield ledger, database
    await ledger.close()
    await database.close()


@asynccontextmanager
async def open_book(url: str, clock: Any) -> AsyncIterator[tuple[Book, Database]]:
    """Open a ledger on an empty database, and that database."""
    async with open_ledger(url, clock) as (ledger, database):
        await database.configure(
            lambda session: session.add_all(
                [tables.Currency(**row) for row in currency_rows()]
            )
        )
        yield Book(ledger, clock), database


@pytest.fixture(scope="session")
def open_stored() -> Any:
    """Opens ledgers on databases, for tests that need several at once."""
    return open_book


@pytest.fixture
async def stored(database_url: str, clock: Any) -> AsyncIterator[tuple[Book, Any]]:
    """A ledger on each database, and that database."""
    async with open_book(database_url, clock) as opened:
        yield opened


@pytest.fixture
async def another(database_url: str, clock: Any) -> AsyncIterator[Any]:
    """Opens further ledgers on the same database, as other processes do."""
    async with AsyncExitStack() as stack:

        async def open_one() -> Ledger:
            opened = open_ledger(database_url, clock)
            ledger, _ = await stack.enter_async_context(opened)
            return ledger

        yield open_one


@pytest.fixture
def until_blocked(stored: tuple[Book, Any]) -> Any:
    """Waits until somebody waits for a lock; on PostgreSQL."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    async def wait() -> None:
        for _ in range(500):
            if await stored[1].read(waiting) != [(0,)]:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("nobody waits for a lock")

    return wait
