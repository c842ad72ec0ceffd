"""Imports of finished history: as if the ledger had been there."""

import random
import secrets
from pathlib import Path
from typing import Any

import pytest

from core.actors import Actor, Role
from core.bulk import replay
from core.engine import Engine
from core.errors import DuplicateActivityError, IdentifierTakenError
from core.ledger.ledger import Ledger
from core.ledger.memory_store import MemoryStore
from core.ledger.root import root_of
from core.ledger.totals import totals
from core.ledger.verify import verify
from core.program import activities, definition, members
from tests.bulk.pasts import (
    DAY_US,
    PROGRAM,
    PTS,
    STATUS,
    adjust,
    bring,
    day,
    earn,
    member,
    random_past,
    redeem,
    tell,
    written,
)
from tests.conftest import START_US
from tests.core.ledger.conftest import Book

NEVER_US = 2**53 - 1
SAME = {
    "lot": "lot_id, currency_id, original, pending, available, held, expired, "
    "available_at_us, expires_at_us, is_open, policy",
    "posting": "seq, line, currency_id, amount, src, src_lot, dst, dst_lot, sys_ref",
    "wallet": "currency_id, pending, available, held, debt, as_of_seq",
    "counter": "name, period, value",
    "journal": "seq, kind, effective_us, balances, terms",
}
"""What is the same whether a history was imported or posted at the time."""


@pytest.fixture
async def program_id(engine: Engine) -> int:
    return await definition.apply(engine, PROGRAM)


@pytest.fixture
def shop(program_id: int) -> Actor:
    return Actor(program_id, "shop", Role.INTEGRATOR)


async def holder(engine: Engine, program_id: int, number: str) -> int:
    found = await members.find(engine, program_id=program_id, number=number)
    assert found is not None
    return found


async def rows(engine: Engine, table: str, columns: str, holder_id: int) -> list[Any]:
    sql = f"SELECT {columns} FROM {table} WHERE holder_id = $1 ORDER BY 1, 2"
    return await engine.database.read(sql, holder_id)


def rows_in_memory(book: Book, table: str, columns: str, holder_id: int) -> list[Any]:
    found = [
        tuple(row[name] for name in columns.split(", "))
        for row in book.tables[table].values()
        if row["holder_id"] == holder_id
    ]
    return sorted(found, key=lambda row: row[:2])


@pytest.fixture
def live(program_id: int, clock: Any) -> Book:
    """A ledger in memory with the same program."""
    store = MemoryStore(clock)
    for currency_id, redeems in ((PTS, True), (STATUS, False)):
        store.put(
            "currency",
            currency_id=currency_id,
            program_id=program_id,
            is_redeemable=redeems,
            is_transferable=False,
            floor=0,
        )
    return Book(Ledger(store, queue=100), clock)


async def test_a_history_becomes_what_the_ledger_would_have_written(
    engine: Engine,
    program_id: int,
    live: Book,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The reference: the same posted live, with the clock moved along."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201
    chance = random.Random(seed)
    monkeypatch.setattr(replay, "_MANY_LOTS", 5)
    pasts = {f"m{number}": random_past(chance, f"m{number}") for number in range(30)}
    for holder_id, lines in enumerate(pasts.values(), 1):
        await tell(live, holder_id, program_id, lines)
    shuffled = [line for lines in pasts.values() for line in lines]
    chance.shuffle(shuffled)

    file = written(tmp_path / "past.jsonl", shuffled)
    summary = await bring(engine, program_id, file, batch=40)

    assert (summary.errors, summary.members) == ((), 30)
    for holder_id, number in enumerate(pasts, 1):
        found = await holder(engine, program_id, number)
        for table, columns in SAME.items():
            expected = rows_in_memory(live, table, columns, holder_id)
            if table == "journal":
                expected.pop()  # the note by which what was due was done
            assert await rows(engine, table, columns, found) == expected, number
    assert (await verify(engine.database, full=True)).findings == ()
    assert await totals(engine.database, program_id) == {
        PTS: summary.totals["PTS"],
        STATUS: summary.totals["STATUS"],
    }


async def test_members_are_there_as_if_they_had_been_enrolled(
    engine: Engine, program_id: int, tmp_path: Path, shop: Actor
) -> None:
    ada = member("007", -30, displayName="Ada", email="ada@example.org")
    file = written(tmp_path / "past.jsonl", [ada, member("008", -20)])

    summary = await bring(engine, program_id, file)

    assert (summary.members, summary.transactions) == (2, 0)
    holder_id = await holder(engine, program_id, "007")
    columns = "number, display_name, email, joined_at_us, program_id"
    assert await rows(engine, "member", columns, holder_id) == [
        ("007", "Ada", "ada@example.org", START_US - 30 * DAY_US, program_id)
    ]
    with pytest.raises(IdentifierTakenError):
        await members.enroll(engine, by=shop, key="k", number="007")


async def test_time_does_its_work_when_it_is_due(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    lines = [
        member("007", -100),
        earn("007", "a", -90, 50, availableAt=day(-80), expiresAt=day(-10)),
        earn("007", "b", -50, 30, availableAt=day(5)),
        redeem("007", "c", -20, 20),
    ]

    await bring(engine, program_id, written(tmp_path / "past.jsonl", lines))

    holder_id = await holder(engine, program_id, "007")
    columns = "at_us, effective_us, kind"
    assert [
        ((at_us - START_US) / DAY_US, effective_us == at_us, kind)
        for at_us, effective_us, kind in await rows(
            engine, "journal", columns, holder_id
        )
    ] == [
        (-100, True, 1),
        (-90, True, 2),
        (-80, True, 3),
        (-50, True, 2),
        (-20, True, 4),
        (-10, True, 10),
    ]
    assert await rows(engine, "wallet", "pending, available, held", holder_id) == [
        (30, 0, 0)
    ]
    ((due_us, _),) = await rows(engine, "holder", "next_due_us, kind", holder_id)
    assert due_us == START_US + 5 * DAY_US


async def test_e101_a_balance_without_dates_is_one_lot_with_a_declared_end(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    opening = [
        {"currency": "PTS", "points": 500, "at": day(-5), "expiresAt": day(300)},
        {"currency": "STATUS", "points": 7},
    ]
    file = written(tmp_path / "past.jsonl", [member("007", -30, opening=opening)])

    summary = await bring(engine, program_id, file)

    holder_id = await holder(engine, program_id, "007")
    columns = "currency_id, original, available, available_at_us, expires_at_us"
    assert await rows(engine, "lot", columns, holder_id) == [
        (PTS, 500, 500, START_US - 5 * DAY_US, START_US + 300 * DAY_US),
        (STATUS, 7, 7, START_US - 30 * DAY_US, NEVER_US),
    ]
    columns = "seq, source, external_id, meta"
    assert await rows(engine, "journal", columns, holder_id) == [
        (1, None, None, '{"imported":"old"}'),
        (2, "migration", "STATUS", '{"imported":"old","reason":"opening balance"}'),
        (3, "migration", "PTS", '{"imported":"old","reason":"opening balance"}'),
    ]
    assert summary.totals["PTS"].adjusted == summary.totals["PTS"].outstanding == 500


async def test_e102_a_negative_balance_becomes_a_debt(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    opening = [{"currency": "PTS", "points": -80}]
    lines = [member("007", -30, opening=opening), earn("007", "a", -10, 30)]

    summary = await bring(engine, program_id, written(tmp_path / "past.jsonl", lines))

    holder_id = await holder(engine, program_id, "007")
    assert await rows(engine, "wallet", "available, debt", holder_id) == [(0, 50)]
    assert summary.totals["PTS"].outstanding == -50
    assert (await verify(engine.database, full=True)).ok


async def test_e103_duplicates_and_a_restart_change_nothing(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    lines = [
        member("007", -30, opening=[{"currency": "PTS", "points": 5}]),
        earn("007", "a", -10, 30),
        earn("007", "a", -10, 30),
        member("007", -30, opening=[{"currency": "PTS", "points": 5}]),
    ]
    file = written(tmp_path / "past.jsonl", lines)

    first = await bring(engine, program_id, file)
    root = await root_of(engine.database)
    again = await bring(engine, program_id, file)

    assert (first.members, first.transactions, first.skipped) == (1, 2, 3)
    assert (again.members, again.transactions, again.skipped) == (0, 0, 4)
    assert (first.errors, again.errors, again.totals) == ((), (), {})
    assert await root_of(engine.database) == root
    holder_id = await holder(engine, program_id, "007")
    assert await rows(engine, "wallet", "available, debt", holder_id) == [(35, 0)]


async def test_what_is_imported_is_marked_in_the_stream(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    lines = [
        member("007", -30, opening=[{"currency": "PTS", "points": 5}]),
        earn("007", "a", -10, 30, expiresAt=day(-5)),
        adjust("007", "b", -9, -3),
    ]

    await bring(engine, program_id, written(tmp_path / "past.jsonl", lines))

    found = await engine.database.read("SELECT meta FROM journal ORDER BY seq")
    assert found == [
        ('{"imported":"old"}',),
        ('{"imported":"old","reason":"opening balance"}',),
        ('{"imported":"old"}',),
        ('{"imported":"old","reason":"sorry"}',),
        ('{"imported":"old"}',),
    ]


async def test_imported_points_count_for_tiers_where_they_qualify(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    lines = [
        member("007", -30),
        earn("007", "a", -10, 130),
        earn("007", "b", -9, 7, currency="STATUS"),
    ]

    await bring(engine, program_id, written(tmp_path / "past.jsonl", lines))

    holder_id = await holder(engine, program_id, "007")
    assert await rows(engine, "counter", "name, period, value", holder_id) == [
        ("earned", "all", 130)
    ]


async def test_an_order_that_was_imported_is_not_recorded_again(
    engine: Engine, tmp_path: Path, shop: Actor
) -> None:
    order = earn("007", "a", -10, 130, source="purchase", reference="o1")
    file = written(tmp_path / "past.jsonl", [member("007", -30), order])
    await bring(engine, shop.program_id, file)

    with pytest.raises(DuplicateActivityError):
        await activities.record(
            engine,
            by=shop,
            key="k",
            holder_id=await holder(engine, shop.program_id, "007"),
            activity_type="purchase",
            payload={"order_id": "o1", "amount_minor": 100, "currency_code": "USD"},
        )


async def test_life_goes_on_after_an_import(
    engine: Engine, tmp_path: Path, shop: Actor, clock: Any
) -> None:
    lines = [member("007", -30), earn("007", "a", -10, 130, expiresAt=day(1))]
    file = written(tmp_path / "past.jsonl", lines)
    await bring(engine, shop.program_id, file)
    holder_id = await holder(engine, shop.program_id, "007")

    clock.us += 2 * DAY_US
    await activities.record(
        engine,
        by=shop,
        key="k",
        holder_id=holder_id,
        activity_type="purchase",
        payload={"order_id": "o1", "amount_minor": 5_000, "currency_code": "USD"},
    )
    again = await bring(engine, shop.program_id, file)

    assert (again.skipped, again.errors) == (2, ())
    assert await rows(engine, "wallet", "available, debt", holder_id) == [(0, 0)]
    assert (await verify(engine.database, full=True)).ok
