"""The database refuses what the ledger must never write, whoever asks for it.

Each good row lies just inside what is allowed, each bad one differs in one thing and
lies just outside.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from core.ledger.codes import Account
from core.storage import ledger_tables, sqlite, sqlite_connection
from core.storage.columns import Big
from core.storage.opening import open_database
from core.storage.schema import METADATA

TABLES = [
    METADATA.tables[name]
    for name in (
        *("holder", "wallet", "journal", "posting", "lot"),
        *("hold", "allocation", "refusal", "counter"),
    )
]
GOOD: dict[str, dict[str, Any]] = {
    "holder": {
        "holder_id": 5,
        "program_id": 7,
        "kind": 1,
        "status": 1,
        "last_seq": 0,
        "last_at_us": 0,
        "last_hash": b"",
        "next_due_us": None,
    },
    "wallet": {
        "holder_id": 5,
        "currency_id": 1,
        "as_of_seq": 0,
        "pending": 0,
        "available": 0,
        "held": 0,
        "debt": 0,
    },
    "journal": {
        "holder_id": 5,
        "seq": 1,
        "kind": 2,
        "idem_key": "k",
        "fingerprint": b"f",
        "at_us": 0,
        "effective_us": 0,
        "source": "s",
        "external_id": "x",
        "balances": "[]",
        "terms": "{}",
        "meta": "{}",
        "hash": b"h",
    },
    "posting": {
        "holder_id": 5,
        "seq": 1,
        "line": 1,
        "currency_id": 1,
        "amount": 1,
        "src": Account.ISSUED,
        "src_lot": None,
        "dst": Account.PENDING,
        "dst_lot": 1024,
    },
    "lot": {
        "holder_id": 5,
        "lot_id": 1024,
        "currency_id": 1,
        "original": 1,
        "pending": 0,
        "available": 0,
        "held": 1,
        "expired": 0,
        "is_open": True,
        "available_at_us": 0,
        "expires_at_us": 0,
        "policy": "{}",
    },
    "hold": {
        "holder_id": 5,
        "hold_id": 2,
        "currency_id": 1,
        "is_open": False,
        "authorized": 1,
        "captured": 1,
        "released": 0,
    },
    "allocation": {
        "holder_id": 5,
        "hold_id": 2,
        "lot_id": 1024,
        "ord": 0,
        "authorized": 1,
        "captured": 0,
        "released": 1,
    },
    "refusal": {
        "holder_id": 5,
        "idem_key": "k",
        "fingerprint": b"f",
        "code": 1,
        "detail": "{}",
        "at_us": 0,
    },
    "counter": {"holder_id": 5, "name": "n", "period": "p", "value": 0},
}
BAD: list[tuple[str, dict[str, Any]]] = [
    ("holder_last_seq", {"last_seq": -1}),
    ("wallet_not_negative", {"pending": -1}),
    ("wallet_not_negative", {"available": -1}),
    ("wallet_not_negative", {"held": -1}),
    ("wallet_not_negative", {"debt": -1}),
    ("journal_seq", {"seq": 0}),
    ("posting_amount", {"amount": 0}),
    ("posting_moves", {"src": Account.PENDING, "src_lot": 1024}),
    ("posting_src_lot", {"src_lot": 1024}),
    ("posting_src_lot", {"src": Account.AVAILABLE}),
    ("posting_src_lot", {"src": Account.HELD}),
    ("posting_dst_lot", {"dst": Account.DEBT}),
    ("posting_dst_lot", {"dst_lot": None}),
    ("posting_dst_lot", {"dst": Account.AVAILABLE, "dst_lot": None}),
    ("posting_dst_lot", {"dst": Account.HELD, "dst_lot": None}),
    ("lot_original", {"original": 0, "held": 0}),
    ("lot_not_negative", {"pending": -1}),
    ("lot_not_negative", {"available": -1}),
    ("lot_not_negative", {"held": -1}),
    ("lot_not_negative", {"expired": -1}),
    ("lot_within_original", {"pending": 1}),
    ("lot_within_original", {"available": 1}),
    ("lot_within_original", {"held": 2}),
    ("lot_within_original", {"expired": 1}),
    ("hold_authorized", {"authorized": 0, "captured": 0}),
    ("hold_not_negative", {"captured": -1}),
    ("hold_not_negative", {"released": -1}),
    ("hold_within", {"captured": 2}),
    ("hold_within", {"released": 1}),
    ("allocation_authorized", {"authorized": 0, "released": 0}),
    ("allocation_not_negative", {"captured": -1}),
    ("allocation_not_negative", {"released": -1}),
    ("allocation_within", {"captured": 1}),
    ("allocation_within", {"released": 2}),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """A migrated database of each kind, opened as the product opens it."""
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres").format("template_guerdon")
        url = address.replace("postgresql", "postgresql+psycopg", 1)
        yield sa.create_engine(url, poolclass=NullPool)
        return
    path = tmp_path_factory.mktemp("constraints") / "guerdon.db"

    async def migrate() -> None:
        await (await open_database(f"sqlite:///{path}")).close()

    asyncio.run(migrate())
    connection = sqlite_connection.connect(path)
    yield sqlite._engine(connection)
    connection.close()


@pytest.fixture
def connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection; what is done on it is undone."""
    with engine.connect() as opened:
        transaction = opened.begin()
        yield opened
        transaction.rollback()


def insert(connection: sa.Connection, table: str, **changes: Any) -> None:
    """Insert a good row with *changes*."""
    statement = METADATA.tables[table].insert()
    connection.execute(statement, GOOD[table] | changes)


def fill(connection: sa.Connection) -> None:
    """Insert all good rows."""
    for table in TABLES:
        insert(connection, table.name)


def refuse(connection: sa.Connection, why: str, table: str, **changes: Any) -> None:
    """Try to insert a row, which must be refused and leave nothing."""
    before = rows(connection, table)
    with pytest.raises(DBAPIError, match=f"(?i){why}"), connection.begin_nested():
        insert(connection, table, **changes)
    assert rows(connection, table) == before


def rows(connection: sa.Connection, table: str) -> list[Any]:
    return [*connection.execute(METADATA.tables[table].select())]


def test_every_table_is_tried() -> None:
    models = [one for one in vars(ledger_tables).values() if hasattr(one, "__table__")]

    assert {one.__tablename__ for one in models} == {one.name for one in TABLES}


def test_every_check_is_tried() -> None:
    checks = {
        str(constraint.name)
        for table in TABLES
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }

    assert {name for name, _ in BAD} == checks


def test_what_is_just_allowed_is_stored(connection: sa.Connection) -> None:
    fill(connection)

    assert [len(rows(connection, table.name)) for table in TABLES] == [1] * 9


@pytest.mark.parametrize(("check", "changes"), BAD)
def test_a_row_outside_of_a_check_is_refused(
    connection: sa.Connection, check: str, changes: dict[str, Any]
) -> None:
    refuse(connection, check, check.partition("_")[0], **changes)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_row_without_what_it_needs_is_refused(
    connection: sa.Connection, table: sa.Table
) -> None:
    fill(connection)
    # A lone key of SQLite is the number of the row, and given if it is missing.
    lone = table.primary_key.columns if len(table.primary_key.columns) == 1 else ()

    for column in table.columns:
        if not column.nullable and column not in [*lone]:
            refuse(connection, rf"\b{column.name}\b", table.name, **{column.name: None})


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_row_stands_twice(connection: sa.Connection, table: sa.Table) -> None:
    fill(connection)
    others = {"idem_key": "l", "external_id": "y"} if table.name == "journal" else {}

    refuse(connection, "unique", table.name, **others)


SECOND = {"seq": 2, "idem_key": "l", "external_id": "y"}
"""What a second row of a holder's journal has of its own."""


def test_a_key_is_used_once_for_each_holder(connection: sa.Connection) -> None:
    insert(connection, "journal")

    refuse(connection, "idem_key", "journal", **SECOND | {"idem_key": "k"})
    insert(connection, "journal", holder_id=6)


def test_a_reference_is_used_once_for_each_holder(connection: sa.Connection) -> None:
    insert(connection, "journal")

    refuse(connection, "external_id", "journal", **SECOND | {"external_id": "x"})
    insert(connection, "journal", holder_id=6)
    insert(connection, "journal", **SECOND | {"source": "t", "external_id": "x"})
    for number in (3, 4):  # who has none meets nobody
        own = {"seq": number, "idem_key": f"{number}", "external_id": None}
        insert(connection, "journal", **own)


@pytest.mark.parametrize("table", ["journal", "posting"])
@pytest.mark.parametrize(
    "sql", ["UPDATE {} SET seq = seq", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_what_was_journaled_stays_as_it_is(
    connection: sa.Connection, table: str, sql: str
) -> None:
    fill(connection)
    before = rows(connection, table)
    sqlite_has_none = connection.dialect.name == "sqlite" and "TRUNCATE" in sql
    why = "syntax error" if sqlite_has_none else "append-only"

    with pytest.raises(DBAPIError, match=why), connection.begin_nested():
        connection.exec_driver_sql(sql.format(table))

    assert rows(connection, table) == before


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_number_is_a_number(connection: sa.Connection, table: sa.Table) -> None:
    """On SQLite only a STRICT table refuses a text in its place."""
    fill(connection)
    column = [one.name for one in table.columns if isinstance(one.type, Big)][-1]

    why = "cannot store text|invalid input syntax"
    refuse(connection, why, table.name, **{column: "many"})
