"""The proof: a sound ledger proves itself, and every check fires on its own fault."""

from typing import Any

import pytest

from core.ledger import history
from core.ledger.codes import HolderKind, HolderStatus
from core.ledger.commands import (
    Adjust,
    Authorize,
    Award,
    Capture,
    Count,
    Earn,
    Exchange,
    Extend,
    Receive,
    Redeem,
    Reverse,
    Send,
    SetStatus,
    Step,
    Void,
)
from core.ledger.touched import remember, touched_since
from core.ledger.verify import verify

PTS = 1
GRACE = '{"grace_us":5000}'


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
    await tell_more(book, ada)
    await book.open()
    return ada


async def tell_more(book: Any, ada: int) -> None:
    """Post what goes beyond earning and spending."""
    bob = await book.open(HolderKind.POOL)
    limited = Count("reward:1", "all", by=1, limit=5)
    given = Award(PTS, 500, expires_at_us=book.clock.us + 1_000, policy=GRACE)
    await book.post(Step(ada, Earn((given,)), (Count("earned", "all", currency_id=1),)))
    hold = await book.do(ada, Authorize(PTS, 20, expires_at_us=book.clock.us + 10))
    await book.do(ada, Extend(hold.seq, book.clock.us + 2_000))
    sent = await book.post(Step(ada, Send(PTS, 100)), Step(bob, Receive(ada)))
    await book.post(
        Step(bob, Reverse(sent.seqs[bob], amount=40)), Step(ada, Receive(bob))
    )
    await book.do(ada, Exchange(PTS, 31, into=2, gives=1, takes=3))
    await book.post(Step(ada, Redeem(PTS, 1), (limited,)))
    book.clock.us += 3_000  # the hold ends after its lot, which grants grace
    await book.do(ada, SetStatus(HolderStatus.FROZEN))


async def test_a_sound_ledger_proves_itself(stored: Any) -> None:
    book, database = stored
    await tell_a_story(book)

    report = await verify(database, full=True)

    assert report.findings == ()
    assert report.ok
    assert [code for code, _ in report.checks] == [
        *(f"V{number}" for number in range(1, 13)),
        "CHAIN",
        "REBUILD",
        "BALANCES",
        "TOTALS",
    ]
    assert report.holders == 4
    assert report.transactions == 32
    assert (await verify(database)).ok


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
    "V11": "UPDATE posting SET seq = 900 WHERE holder_id = {ada} AND seq = 4",
    "V12": "UPDATE journal SET effective_us = effective_us - 1000000 "
    "WHERE holder_id = {ada} AND kind IN (3, 10, 11)",
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


async def test_what_is_reversed_is_counted_in_each_currency(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    earned = await book.do(ada, Earn((Award(PTS, 10), Award(2, 10))))
    await book.do(ada, Reverse(earned.seq))
    assert (await verify(database)).ok

    # One currency more, the other less: together they are what was earned.
    sign = "CASE currency_id WHEN 1 THEN 1 ELSE -1 END"
    await break_it(
        database, f"UPDATE posting SET amount = amount + {sign} WHERE dst = 104"
    )

    found = (await verify(database)).findings
    assert [one.item for one in found if one.check == "V9"] == [earned.seq]


async def test_balances_that_a_transaction_tells_are_compared(stored: Any) -> None:
    book, database = stored
    ada = await tell_a_story(book)
    told = "SELECT balances FROM journal WHERE holder_id = $1 AND seq = 2"
    ((balances,),) = await database.read(told, ada)

    untrue = balances.replace("150", "151")
    await break_it(
        database,
        f"UPDATE journal SET balances = '{untrue}' WHERE holder_id = {ada} AND seq = 2",
    )

    found = (await verify(database, full=True)).findings
    assert [(one.check, one.item) for one in found if one.holder_id == ada] == [
        ("CHAIN", 2),
        ("BALANCES", 2),
    ]


STALE = {
    "a lot's end": "UPDATE lot SET expires_at_us = expires_at_us - 1",
    "a lot's beginning": "UPDATE lot SET available_at_us = available_at_us - 1",
    "what ran out of a lot": "UPDATE lot SET expired = expired + 1 "
    "WHERE expired < original - pending - available - held",
    "a lot's policy": "UPDATE lot SET policy = '{{}}' WHERE policy <> '{{}}'",
    "a lot's origin": "UPDATE lot SET origin_lot = 1 WHERE origin_lot IS NOT NULL",
    "a hold's end": "UPDATE hold SET expires_at_us = 5 WHERE expires_at_us > 0",
    "a counter": "UPDATE counter SET value = value + 1",
    "a wallet's place": "UPDATE wallet SET as_of_seq = as_of_seq - 1",
    "a lost wallet": "DELETE FROM wallet WHERE currency_id = 2",
    "a lost counter": "DELETE FROM counter WHERE name = 'earned'",
    "a status": "UPDATE holder SET status = 1 WHERE status = 2",
    "a kind": "UPDATE holder SET kind = 1 WHERE kind = 2",
    "an instant": "UPDATE holder SET last_at_us = last_at_us + 1",
    "a due instant": "UPDATE holder SET next_due_us = NULL",
    "an order of capture": "UPDATE allocation SET ord = ord + 1",
}


@pytest.mark.parametrize("fault", STALE)
async def test_every_cached_value_is_compared_with_the_journal(
    stored: Any, fault: str
) -> None:
    book, database = stored
    await tell_a_story(book)

    await break_it(database, STALE[fault].replace("{{}}", "{}"))

    report = await verify(database, full=True)
    assert "REBUILD" in {finding.check for finding in report.findings}


async def test_the_check_of_some_finds_what_is_theirs(stored: Any) -> None:
    book, database = stored
    ada = await tell_a_story(book)
    bob = await book.open()
    await book.earn(bob, 5)
    await break_it(database, FAULTS["V1"].format(ada=ada))

    good = await verify(database, full=True, holders=[bob])
    bad = await verify(database, full=True, holders=[ada, bob])

    assert good.ok
    assert (good.holders, good.transactions) == (1, 2)
    assert "V8" not in dict(good.checks)
    assert {one.check for one in bad.findings} == {"V1", "REBUILD"}
    assert {one.holder_id for one in bad.findings} == {ada}


async def test_who_was_touched_since(stored: Any) -> None:
    book, database = stored
    ada, bob = await book.open(), await book.open()

    first = await touched_since(database, "test")
    assert set(first.holders) == {ada, bob}
    await remember(database, first)
    assert (await touched_since(database, "test")).holders == ()
    await book.earn(bob, 5)
    assert (await touched_since(database, "test")).holders == (bob,)
    assert set((await touched_since(database, "another")).holders) == {ada, bob}


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


async def test_a_long_history_is_proved_slice_by_slice(
    stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, database = stored
    ada = await tell_a_story(book)
    whole = await verify(database, full=True)
    monkeypatch.setattr(history, "_SLICE", 5)

    sliced = await verify(database, full=True)
    await break_it(database, FAULTS["CHAIN"].format(ada=ada))
    broken = await verify(database, full=True)

    assert sliced == whole
    assert [(one.check, one.holder_id, one.item) for one in broken.findings] == [
        ("CHAIN", ada, 2)
    ]
