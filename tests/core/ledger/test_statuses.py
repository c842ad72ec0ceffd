"""Frozen and closed holders: what begins is refused, what has begun can be ended."""

from typing import Any

import pytest

from core.ledger.codes import HolderStatus, JournalKind, RefusalCode
from core.ledger.commands import (
    Adjust,
    Authorize,
    Award,
    Capture,
    Earn,
    Exchange,
    Extend,
    Note,
    Posted,
    Receive,
    Redeem,
    Reverse,
    Send,
    SetStatus,
    Step,
    Void,
)
from core.ledger.verify import verify

PTS, MILES = 1, 2
FROZEN, CLOSED = HolderStatus.FROZEN, HolderStatus.CLOSED
EARNED, HOLD = 2, 3
"""What `with_history` begins."""

BEGIN = [
    Earn((Award(PTS, 1),)),
    Redeem(PTS, 1),
    Authorize(PTS, 1),
    Exchange(PTS, 1, MILES, 1, 1),
    Send(PTS, 1),
    Receive(0),
]
CHANGE = [
    Adjust(PTS, 1),
    Adjust(PTS, -1),
    Extend(HOLD, 2**53 - 1),
    SetStatus(HolderStatus.ACTIVE),
]
END = [Capture(HOLD), Void(HOLD), Reverse(EARNED), Note()]


async def with_history(book: Any, status: HolderStatus) -> int:
    """Return a holder that earned 100, has 30 of them under a hold, and a status."""
    ada: int = await book.open()
    await book.earn(ada, 100)
    await book.do(ada, Authorize(PTS, 30, expires_at_us=book.clock.us + 900))
    await book.do(ada, SetStatus(status))
    return ada


async def steps_of(book: Any, ada: int, operation: Any) -> tuple[Step, ...]:
    """Return the command's steps; a transfer has two, with somebody who is active."""
    if not isinstance(operation, Send | Receive):
        return (Step(ada, operation),)
    bob = await book.open()
    await book.earn(bob, 10)
    one, other = (ada, bob) if isinstance(operation, Send) else (bob, ada)
    steps: tuple[Step, ...] = book.transfer(one, other, 1)
    return steps


def name_of(operation: Any) -> str:
    takes = getattr(operation, "amount", None) == -1
    return type(operation).__name__ + ("Down" if takes else "")


@pytest.mark.parametrize("operation", BEGIN, ids=name_of)
@pytest.mark.parametrize("status", [FROZEN, CLOSED])
async def test_nothing_begins_with_who_takes_no_part(
    book: Any, status: HolderStatus, operation: Any
) -> None:
    ada = await with_history(book, status)

    refused = await book.refuse(*await steps_of(book, ada, operation))

    frozen, closed = RefusalCode.HOLDER_NOT_ACTIVE, RefusalCode.HOLDER_CLOSED
    assert refused.code is (closed if status is CLOSED else frozen)


@pytest.mark.parametrize("operation", CHANGE, ids=name_of)
async def test_a_frozen_holder_can_be_changed_and_a_closed_one_not(
    book: Any, operation: Any
) -> None:
    frozen, closed = await with_history(book, FROZEN), await with_history(book, CLOSED)

    await book.do(frozen, operation)
    refused = await book.refused(closed, operation)

    assert refused.code is RefusalCode.HOLDER_CLOSED


@pytest.mark.parametrize("operation", END, ids=name_of)
@pytest.mark.parametrize("status", [FROZEN, CLOSED])
async def test_what_has_begun_can_be_ended(
    book: Any, status: HolderStatus, operation: Any
) -> None:
    ada = await with_history(book, status)

    assert isinstance(await book.post(Step(ada, operation)), Posted)


async def test_a_frozen_holder_can_take_part_again(book: Any) -> None:
    ada = await with_history(book, FROZEN)
    refused = await book.refused(ada, Redeem(PTS, 5), key="k")

    thawed = await book.do(ada, SetStatus(HolderStatus.ACTIVE))
    again = await book.post(Step(ada, Redeem(PTS, 5)), key="k")
    await book.do(ada, Redeem(PTS, 5))

    row = book.journal(ada, thawed.seq)
    assert (row["kind"], row["terms"]) == (JournalKind.STATUS, '{"status":1}')
    assert (again.code, again.replayed) == (refused.code, True)  # for ever
    assert book.wallet(ada) == (0, 65, 30, 0)


async def test_the_key_of_a_refused_closed_holder_is_as_good_as_new(book: Any) -> None:
    ada = await with_history(book, CLOSED)
    await book.refused(ada, Redeem(PTS, 5), key="k")

    assert isinstance(await book.post(Step(ada, Note()), key="k"), Posted)


async def test_time_goes_on_for_who_takes_no_part(book: Any) -> None:
    ada = await with_history(book, CLOSED)

    book.clock.us += 900
    await book.do(ada, Note())

    assert book.wallet(ada) == (0, 100, 0, 0)
    assert book.kinds(ada)[-2:] == [JournalKind.HOLD_EXPIRE, JournalKind.NOTE]


async def test_a_status_is_there_after_reopening_and_proves_itself(
    stored: Any,
) -> None:
    book, database = stored
    frozen, closed = await with_history(book, FROZEN), await with_history(book, CLOSED)

    outcomes = [await book.post(Step(one, Redeem(PTS, 5))) for one in (frozen, closed)]

    assert [one.code for one in outcomes] == [
        RefusalCode.HOLDER_NOT_ACTIVE,
        RefusalCode.HOLDER_CLOSED,
    ]
    assert await database.read("SELECT holder_id, code FROM refusal") == [
        (frozen, RefusalCode.HOLDER_NOT_ACTIVE)
    ]
    statuses = await database.read("SELECT status FROM holder ORDER BY holder_id")
    assert statuses == [(FROZEN,), (CLOSED,)]
    assert (await verify(database, full=True)).findings == ()
