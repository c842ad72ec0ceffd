"""Holds: extended, captured in parts, released, ended by time, and told apart."""

import asyncio
from typing import Any

import pytest

from core.ledger.codes import HolderKind, JournalKind, RefusalCode
from core.ledger.commands import (
    Adjust,
    Authorize,
    Award,
    Capture,
    Earn,
    Extend,
    Note,
    Posted,
    Redeem,
    Refused,
    Reverse,
    Step,
    Void,
)
from core.ledger.verify import verify

PTS = 1
STOCK = 0


async def hold_30(book: Any, holder_id: int, **more: Any) -> int:
    """Set 30 of 50 aside, and return the hold."""
    await book.earn(holder_id, 50)
    seq: int = (await book.do(holder_id, Authorize(PTS, 30, **more))).seq
    return seq


async def test_an_extended_hold_ends_later(book: Any) -> None:
    ada = await book.open()
    first_us, later_us = book.clock.us + 100, book.clock.us + 200
    hold = await hold_30(book, ada, expires_at_us=first_us)

    extended = await book.do(ada, Extend(hold, later_us))

    row = book.journal(ada, extended.seq)
    assert (row["kind"], row["ref_seq"]) == (JournalKind.HOLD_EXTEND, hold)
    assert book.postings(ada, extended.seq) == []
    book.clock.us = later_us - 1
    await book.do(ada, Capture(hold, amount=10, final=False))
    book.clock.us = later_us
    await book.do(ada, Note())
    assert book.wallet(ada) == (0, 40, 0, 0)
    assert book.journal(ada, 6)["kind"] == JournalKind.HOLD_EXPIRE
    assert book.journal(ada, 6)["effective_us"] == later_us


async def test_only_an_open_hold_with_an_end_can_be_extended(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    endless = await hold_30(book, ada)
    closed = await hold_30(book, ada, expires_at_us=ends_us)
    await book.do(ada, Void(closed))
    short = await hold_30(book, ada, expires_at_us=ends_us)
    refusals = {
        (endless, ends_us + 1): RefusalCode.EXPIRY_NOT_LATER,
        (short, ends_us): RefusalCode.EXPIRY_NOT_LATER,
        (short, ends_us - 1): RefusalCode.EXPIRY_NOT_LATER,
        (closed, ends_us + 1): RefusalCode.HOLD_CLOSED,
        (99, ends_us + 1): RefusalCode.HOLD_UNKNOWN,
    }

    for given, code in refusals.items():
        assert (await book.refused(ada, Extend(*given))).code is code, given


async def test_a_hold_cannot_begin_at_its_end(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 50)

    for ends_us in (0, book.clock.us - 1, book.clock.us):
        refused = await book.refused(ada, Authorize(PTS, 30, expires_at_us=ends_us))

        assert refused.code is RefusalCode.EXPIRY_NOT_LATER


async def test_partial_captures_add_up_to_the_hold_and_no_further(book: Any) -> None:
    ada = await book.open()
    hold = await hold_30(book, ada)
    part = Step(ada, Capture(hold, amount=12, final=False))

    outcomes = await asyncio.gather(*(book.post(part) for _ in range(4)))

    assert [isinstance(one, Posted) for one in outcomes] == [True, True, False, False]
    assert outcomes[2].code is RefusalCode.EXCEEDS_ORIGINAL
    assert outcomes[2].detail == {"required": 12, "available": 6}
    assert book.wallet(ada) == (0, 20, 6, 0)


async def test_the_last_partial_capture_closes_the_hold(book: Any) -> None:
    ada = await book.open()
    hold = await hold_30(book, ada)
    await book.do(ada, Capture(hold, amount=10, final=False))

    await book.do(ada, Capture(hold, amount=20, final=False))

    row = book.tables["hold"][ada, hold]
    assert (row["captured"], row["released"], row["is_open"]) == (30, 0, False)
    for operation in (Capture(hold), Void(hold)):
        refused = await book.refused(ada, operation)
        assert refused.code is RefusalCode.HOLD_CLOSED


async def test_capturing_a_part_and_voiding_the_rest_is_redeeming_the_part(
    book: Any,
) -> None:
    ada, bob = await book.open(), await book.open()
    for one in (ada, bob):
        await book.earn(one, 20, expires_at_us=book.clock.us + 500)
        await book.earn(one, 30)
    hold = await book.do(ada, Authorize(PTS, 45))

    await book.do(ada, Capture(hold.seq, amount=25, final=False))
    await book.do(ada, Void(hold.seq))
    await book.do(bob, Redeem(PTS, 25))

    assert (book.wallet(ada), book.lots(ada)) == (book.wallet(bob), book.lots(bob))


@pytest.mark.parametrize(
    "operation", [Capture, Void, lambda hold: Extend(hold, 2**53 - 1)]
)
async def test_a_hold_that_time_ended_is_told_from_one_that_was_closed(
    book: Any, operation: Any
) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    captured = await hold_30(book, ada, expires_at_us=ends_us)
    await book.do(ada, Capture(captured, amount=5))
    voided = await hold_30(book, ada, expires_at_us=ends_us)
    await book.do(ada, Void(voided))
    ended = await hold_30(book, ada, expires_at_us=ends_us)
    book.clock.us = ends_us
    await book.do(ada, Note())
    before = book.wallet(ada)

    codes = [
        (await book.refused(ada, operation(hold))).code
        for hold in (captured, voided, ended)
    ]

    assert codes == [
        RefusalCode.HOLD_CLOSED,
        RefusalCode.HOLD_CLOSED,
        RefusalCode.HOLD_EXPIRED,
    ]
    assert book.wallet(ada) == before


async def test_a_hold_ends_exactly_at_its_instant(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    hold = await hold_30(book, ada, expires_at_us=ends_us)

    book.clock.us = ends_us - 1
    await book.do(ada, Capture(hold, amount=10, final=False))
    book.clock.us = ends_us
    outcome = await book.post(Step(ada, Capture(hold, amount=1)))

    assert isinstance(outcome, Refused)
    assert outcome.code is RefusalCode.HOLD_EXPIRED
    assert book.kinds(ada)[-1] == JournalKind.HOLD_EXPIRE
    assert book.wallet(ada) == (0, 40, 0, 0)


async def test_holds_of_two_holders_end_together(book: Any) -> None:
    ada, stock = await book.open(), await book.open(HolderKind.STOCK)
    ends_us = book.clock.us + 100
    await book.earn(ada, 50)
    await book.do(stock, Adjust(STOCK, 1))
    held = await book.post(
        Step(ada, Authorize(PTS, 30, expires_at_us=ends_us)),
        Step(stock, Authorize(STOCK, 1, expires_at_us=ends_us)),
    )
    book.clock.us = ends_us

    outcome = await book.post(
        Step(ada, Capture(held.seq)), Step(stock, Capture(held.seqs[stock]))
    )

    assert outcome.code is RefusalCode.HOLD_EXPIRED
    assert book.wallet(ada) == (0, 50, 0, 0)
    assert book.wallet(stock, STOCK) == (0, 1, 0, 0)


async def test_every_store_tells_how_a_hold_ended(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    ends_us = book.clock.us + 100
    voided = await hold_30(book, ada, expires_at_us=ends_us)
    await book.do(ada, Void(voided))
    ended = await hold_30(book, ada, expires_at_us=ends_us)
    extended = await hold_30(book, ada, expires_at_us=ends_us)
    await book.do(ada, Extend(extended, ends_us + 50))
    await book.do(ada, Capture(extended, amount=10, final=False))
    book.clock.us = ends_us
    await book.do(ada, Note())

    outcomes = [
        await book.post(Step(ada, Capture(hold))) for hold in (voided, ended, extended)
    ]

    assert [getattr(one, "code", None) for one in outcomes] == [
        RefusalCode.HOLD_CLOSED,
        RefusalCode.HOLD_EXPIRED,
        None,
    ]
    assert await database.read("SELECT available, held FROM wallet") == [(120, 0)]
    assert (await verify(database, full=True)).findings == ()


async def test_a_hold_takes_from_no_more_lots_than_can_come_back(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 10
    for _ in range(2):
        ones = (Award(PTS, 1, expires_at_us=ends_us, policy='{"grace_us":50}'),) * 600
        await book.do(ada, Earn(ones))

    refused = await book.refused(ada, Authorize(PTS, 1_025))
    hold = await book.do(ada, Authorize(PTS, 1_024))
    book.clock.us += 20
    await book.do(ada, Void(hold.seq))

    assert refused.code is RefusalCode.TOO_MANY_LOTS
    assert refused.detail == {"limit": 1_024}
    assert book.wallet(ada) == (0, 1_024, 0, 0)


async def test_what_is_given_to_a_cause_is_on_its_account(book: Any) -> None:
    ada = await book.open()
    hold = await hold_30(book, ada)

    taken = await book.do(ada, Capture(hold, 20, sys_ref=7, cause=True))
    at_once = await book.do(ada, Redeem(PTS, 5, cause=True))
    back = await book.do(ada, Reverse(taken.seq))

    assert book.postings(ada, taken.seq) == [
        (20, "HELD", "CAUSE"),
        (10, "HELD", "AVAILABLE"),
    ]
    assert book.postings(ada, at_once.seq) == [(5, "AVAILABLE", "CAUSE")]
    assert book.postings(ada, back.seq) == [(20, "CAUSE", "AVAILABLE")]
    assert book.wallet(ada) == (0, 45, 0, 0)
