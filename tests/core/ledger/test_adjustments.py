"""Corrections by hand: given and taken, recorded with their reason, undone."""

import json
from typing import Any

from core.ledger.codes import NEVER_US, JournalKind, RefusalCode
from core.ledger.commands import Adjust, Count, Redeem, Reverse, Step
from core.ledger.verify import verify

PTS, FLOORED = 1, 4
MOST = 2**53 - 1
SAID = {"reason": "a long wait", "actor": "desk", "approver": "the manager"}


async def test_what_is_given_is_a_lot_that_lives_as_long_as_was_said(
    book: Any,
) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    await book.do(ada, Adjust(PTS, 30))

    given = await book.do(ada, Adjust(PTS, 20, expires_at_us=ends_us))

    assert book.postings(ada, given.seq) == [(20, "ADJUSTED", "AVAILABLE")]
    assert book.ends(ada) == [NEVER_US, ends_us]
    assert book.wallet(ada) == (0, 50, 0, 0)


async def test_what_is_taken_is_taken_from_what_runs_out_first(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 30)
    await book.earn(ada, 20, expires_at_us=book.clock.us + 100)

    taken = await book.do(ada, Adjust(PTS, -25))

    assert book.postings(ada, taken.seq) == [
        (20, "AVAILABLE", "ADJUSTED"),
        (5, "AVAILABLE", "ADJUSTED"),
    ]


async def test_reason_actor_and_approver_are_in_the_journal_and_its_hash(
    book: Any,
) -> None:
    ada, bob = await book.open(), await book.open()

    said = await book.do(ada, Adjust(PTS, 30), meta=SAID)
    unsaid = await book.do(bob, Adjust(PTS, 30))

    rows = book.journal(ada, said.seq), book.journal(bob, unsaid.seq)
    assert json.loads(rows[0]["meta"]) == SAID
    assert rows[0]["hash"] != rows[1]["hash"]


async def test_points_past_their_end_come_and_run_out_at_once(book: Any) -> None:
    ada = await book.open()

    given = await book.do(ada, Adjust(PTS, 30, expires_at_us=book.clock.us))

    assert book.postings(ada, given.seq) == [
        (30, "ADJUSTED", "AVAILABLE"),
        (30, "AVAILABLE", "BREAKAGE"),
    ]
    assert book.tables["holder"][(ada,)]["next_due_us"] is None


async def test_a_correction_cannot_take_what_is_not_there_nor_give_too_much(
    book: Any,
) -> None:
    ada = await book.open()
    await book.do(ada, Adjust(PTS, MOST))

    too_much = await book.refused(ada, Adjust(PTS, 1))
    await book.do(ada, Adjust(PTS, -MOST))
    too_little = await book.refused(ada, Adjust(PTS, -1))

    assert too_much.code is RefusalCode.AMOUNT_TOO_LARGE
    assert too_little.code is RefusalCode.INSUFFICIENT_POINTS
    assert too_little.detail == {"required": 1, "available": 0}


async def test_a_gift_is_taken_back_as_it_was_given(book: Any) -> None:
    ada = await book.open()
    given = await book.do(ada, Adjust(PTS, 30))
    await book.do(ada, Redeem(PTS, 20))

    part = await book.do(ada, Reverse(given.seq, amount=15))
    rest = await book.do(ada, Reverse(given.seq))
    again = await book.refused(ada, Reverse(given.seq))

    assert book.postings(ada, part.seq) == [
        (10, "AVAILABLE", "ADJUSTED"),
        (5, "DEBT", "ADJUSTED"),
    ]
    assert book.postings(ada, rest.seq) == [(15, "DEBT", "ADJUSTED")]
    assert book.journal(ada, rest.seq)["kind"] == JournalKind.REVERSE_ADJUST
    assert again.detail == {"kind": "REVERSED"}


async def test_what_was_taken_by_mistake_returns_with_its_dates(book: Any) -> None:
    ada = await book.open()
    soon_us = book.clock.us + 100
    await book.earn(ada, 20, expires_at_us=soon_us)
    await book.earn(ada, 30)
    taken = await book.do(ada, Adjust(PTS, -25))

    part = await book.do(ada, Reverse(taken.seq, amount=10))
    too_much = await book.refused(ada, Reverse(taken.seq, amount=16))
    await book.do(ada, Reverse(taken.seq))

    assert book.postings(ada, part.seq) == [
        (5, "ADJUSTED", "AVAILABLE"),  # what was drawn last comes back first
        (5, "ADJUSTED", "AVAILABLE"),
    ]
    assert too_much.detail == {"required": 16, "available": 15}
    assert book.lots(ada)[2:] == [(5, 0, 5, 0), (5, 0, 5, 0), (15, 0, 15, 0)]
    assert book.ends(ada)[2:] == [NEVER_US, soon_us, soon_us]
    assert book.wallet(ada) == (0, 50, 0, 0)


async def test_a_counter_that_did_not_move_is_not_written(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    given = await book.do(ada, Adjust(PTS, 30))
    issued = Count("earned", "all", currency_id=PTS)
    there_and_back = Count("visits", "all", by=1), Count("visits", "all", by=-1)

    await book.post(Step(ada, Reverse(given.seq), (issued, *there_and_back)))

    assert await database.read("SELECT * FROM counter") == []
    assert (await verify(database, full=True)).findings == ()


async def test_corrections_prove_themselves(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    ends_us = book.clock.us + 100
    given = await book.do(ada, Adjust(PTS, 50, expires_at_us=ends_us), meta=SAID)
    taken = await book.do(ada, Adjust(PTS, -30), meta=SAID)
    await book.do(ada, Reverse(taken.seq, amount=10))
    await book.do(ada, Reverse(given.seq, amount=25))
    book.clock.us = ends_us
    await book.do(ada, Reverse(taken.seq, grace_us=900))
    await book.do(ada, Reverse(given.seq))

    report = await verify(database, full=True)

    assert report.findings == ()
    assert await database.read("SELECT available, debt FROM wallet") == [(0, 5)]


async def test_what_cannot_be_taken_becomes_a_debt_if_that_is_said(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 30)

    taken = await book.do(ada, Adjust(PTS, -50, owes=True))
    at_nothing = await book.do(ada, Adjust(PTS, -5, owes=True))

    assert book.postings(ada, taken.seq) == [
        (30, "AVAILABLE", "ADJUSTED"),
        (20, "DEBT", "ADJUSTED"),
    ]
    assert book.postings(ada, at_nothing.seq) == [(5, "DEBT", "ADJUSTED")]
    assert book.wallet(ada) == (0, 0, 0, 25)


async def test_who_has_enough_owes_nothing_and_the_floor_is_left(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 30)
    await book.do(ada, Adjust(FLOORED, 150))

    await book.do(ada, Adjust(PTS, -30, owes=True))
    await book.do(ada, Adjust(FLOORED, -80, owes=True))

    assert book.wallet(ada) == (0, 0, 0, 0)
    assert book.wallet(ada, FLOORED) == (0, 100, 0, 30)


async def test_a_debt_that_is_undone_is_paid_back_and_the_rest_is_given(
    stored: Any,
) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10)
    taken = await book.do(ada, Adjust(PTS, -50, owes=True))

    await book.do(ada, Reverse(taken.seq, amount=15))
    assert await wallet_of(database, ada) == (0, 25)
    await book.earn(ada, 20)
    await book.do(ada, Reverse(taken.seq))

    assert await wallet_of(database, ada) == (30, 0)
    assert (await verify(database, full=True)).ok


async def wallet_of(database: Any, holder_id: int) -> Any:
    """Return what is available and what is owed."""
    sql = "SELECT available, debt FROM wallet WHERE holder_id = $1"
    return (await database.read(sql, holder_id))[0]
