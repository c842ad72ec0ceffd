"""The proof: a sound ledger proves itself, and every check fires on its own fault."""

from typing import Any

import pytest

from core.ledger.codes import HolderKind
from core.ledger.commands import Adjust, Authorize, Capture, Redeem, Reverse, Step, Void
from core.ledger.verify import verify

PTS = 1


async def tell_a_story(book: Any) -> int:
    """Post something of every kind; the first holder is the one with most history."""
    ada, stock = await book.open(), await book.open(HolderKind.STOCK)
    await book.do(stock, Adjust(0, 5))
    earned = await book.earn(ada, 100, 50)
    await book.earn(ada, 10, available_at_us=book.clock.us + 10)
    await book.earn(ada, 10, expires_at_us=book.clock.us + 20)
    hold = await book.post(Step(ada, Authorize(PTS, 60)), Step(stock, Authorize(0, 1)))
    await book.post(
        Step(ada, Capture(hold.seq, amount=40)), Step(stock, Capture(hold.seqs[stock]))
    )
    voided = await book.do(ada, Authorize(PTS, 5))
    await book.do(ada, Void(voided.seq))
    await book.do(ada, Authorize(PTS, 5))
    spent = await book.do(ada, Redeem(PTS, 30))
    await book.do(ada, Reverse(spent.seq, amount=10))
    book.clock.us += 100
    await book.do(ada, Reverse(earned.seq))
    await book.open()
    return ada


async def test_a_sound_ledger_proves_itself(stored: Any) -> None:
    book, database = stored
    await tell_a_story(book)

    report = await verify(database)

    assert report.ok
    assert [code for code, _ in report.checks] == [
        *(f"V{number}" for number in range(1, 11)),
        "CHAIN",
    ]
    assert report.holders == 3
    assert report.transactions == 18
    assert report.findings == ()


FAULTS = {
    "V1": "UPDATE wallet SET held = held + 1 WHERE holder_id = {ada}",
    "V2": "UPDATE lot SET held = held - 1 WHERE holder_id = {ada} AND held > 0",
    "V3": "UPDATE wallet SET debt = debt + 1 WHERE holder_id = {ada}",
    "V4": "UPDATE holder SET last_seq = last_seq + 1 WHERE holder_id = {ada}",
    "V5": "UPDATE allocation SET released = released + 1 "
    "WHERE holder_id = {ada} AND captured + released < authorized",
    "V6": "UPDATE hold SET captured = captured - 1 "
    "WHERE holder_id = {ada} AND captured > 1",
    "V7": "UPDATE lot SET original = original + 1 WHERE holder_id = {ada}",
    "V8": "UPDATE posting SET dst = 105 WHERE holder_id = {ada} AND dst = 102 "
    "AND seq = (SELECT max(seq) FROM posting WHERE dst = 102)",
    "V9": "UPDATE posting SET amount = amount + 1000000 WHERE holder_id = {ada} "
    "AND src = 102",
    "V10": "UPDATE journal SET at_us = at_us - 1000000 "
    "WHERE holder_id = {ada} AND seq = 3",
    "CHAIN": "UPDATE journal SET meta = '{{\"forged\":1}}' "
    "WHERE holder_id = {ada} AND seq = 2",
}


async def break_it(database: Any, sql: str) -> None:
    """Do what only somebody with the keys of the database can do."""
    if database.dialect == "sqlite":

        def fault(connection: Any) -> None:
            for table in ("journal", "posting"):
                for verb in ("update", "delete"):
                    connection.execute(f"DROP TRIGGER {table}_no_{verb}")
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute(sql)

        await database.write(fault)
        return

    def fault_by_session(session: Any) -> None:
        connection = session.connection()
        for table in ("journal", "posting"):
            connection.exec_driver_sql(f"DROP TRIGGER {table}_append_only ON {table}")
        connection.exec_driver_sql(sql)

    await database.configure(fault_by_session)


@pytest.mark.parametrize("check", FAULTS)
async def test_every_check_fires_on_its_fault(stored: Any, check: str) -> None:
    book, database = stored
    ada = await tell_a_story(book)

    await break_it(database, FAULTS[check].format(ada=ada))
    report = await verify(database)

    assert not report.ok
    assert check in {finding.check for finding in report.findings}
    if check != "V8":  # it groups by correlation, and names any one of them
        assert ada in {one.holder_id for one in report.findings if one.check == check}


@pytest.mark.parametrize("table", ["journal", "posting"])
@pytest.mark.parametrize(
    "change", ["UPDATE {table} SET seq = seq", "DELETE FROM {table}"]
)
async def test_the_journal_cannot_be_changed(
    stored: Any, table: str, change: str
) -> None:
    book, database = stored
    await tell_a_story(book)
    sql = change.format(table=table)

    with pytest.raises(Exception, match="append-only"):
        await database.configure(
            lambda session: session.connection().exec_driver_sql(sql)
        )

    assert (await verify(database)).ok
