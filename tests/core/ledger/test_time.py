"""What time does: ripening, running out, and a clock that cannot be trusted."""

from typing import Any

import pytest

from core.ledger import sweeping
from core.ledger.codes import JournalKind, RefusalCode
from core.ledger.commands import (
    Authorize,
    Capture,
    Note,
    Receive,
    Redeem,
    Refused,
    Reverse,
    Send,
    Step,
    Void,
)

PTS = 1


async def test_pending_points_ripen_by_themselves(book: Any) -> None:
    ada = await book.open()
    ripe_us = book.clock.us + 100
    await book.earn(ada, 50, available_at_us=ripe_us)
    assert book.wallet(ada) == (50, 0, 0, 0)
    refused = await book.refused(ada, Redeem(PTS, 1))
    assert refused.code is RefusalCode.INSUFFICIENT_POINTS

    book.clock.us = ripe_us
    await book.do(ada, Redeem(PTS, 50))

    assert book.kinds(ada)[-2:] == [JournalKind.ACTIVATE, JournalKind.REDEEM]


async def test_points_run_out_exactly_at_their_instant(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    await book.earn(ada, 50, expires_at_us=ends_us)

    book.clock.us = ends_us - 1
    await book.do(ada, Redeem(PTS, 10))
    book.clock.us = ends_us
    outcome = await book.do(ada, Note())

    assert outcome.seq == 5
    assert book.wallet(ada) == (0, 0, 0, 0)
    expired = book.tables["journal"][ada, 4]
    assert expired["kind"] == JournalKind.EXPIRE
    assert expired["effective_us"] == ends_us
    assert book.postings(ada, 4) == [(40, "AVAILABLE", "BREAKAGE")]


async def test_a_late_job_writes_the_instant_at_which_it_was_due(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    await book.earn(ada, 50, expires_at_us=ends_us)

    book.clock.us = ends_us + 1_000
    await book.do(ada, Note())

    row = book.tables["journal"][ada, 3]
    assert (row["effective_us"], row["at_us"]) == (ends_us, ends_us + 1_000)


async def test_held_points_do_not_run_out(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    await book.earn(ada, 50, expires_at_us=ends_us)
    hold = await book.do(ada, Authorize(PTS, 30))

    book.clock.us = ends_us + 1
    await book.do(ada, Capture(hold.seq))

    assert book.kinds(ada)[-2:] == [JournalKind.EXPIRE, JournalKind.CAPTURE]
    assert book.wallet(ada) == (0, 0, 0, 0)
    assert sum(amount for amount, _, to in book.postings(ada, 4)) == 20


async def test_points_released_after_their_end_run_out_at_once(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    await book.earn(ada, 50, expires_at_us=ends_us)
    hold = await book.do(ada, Authorize(PTS, 50))

    book.clock.us = ends_us
    voided = await book.do(ada, Void(hold.seq))

    assert book.postings(ada, voided.seq) == [
        (50, "HELD", "AVAILABLE"),
        (50, "AVAILABLE", "BREAKAGE"),
    ]


async def test_a_hold_with_an_end_runs_out(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 50)
    ends_us = book.clock.us + 100
    hold = await book.do(ada, Authorize(PTS, 50, expires_at_us=ends_us))

    book.clock.us = ends_us
    refused = await book.post(Step(ada, Capture(hold.seq)))

    assert isinstance(refused, Refused)
    assert refused.code is RefusalCode.HOLD_EXPIRED
    assert book.kinds(ada)[-1] == JournalKind.HOLD_EXPIRE
    assert book.wallet(ada) == (0, 50, 0, 0)


async def test_work_of_one_instant_has_a_fixed_order(book: Any) -> None:
    ada = await book.open()
    due_us = book.clock.us + 100
    await book.earn(ada, 10, expires_at_us=due_us)
    await book.earn(ada, 20)
    await book.do(ada, Authorize(PTS, 15, expires_at_us=due_us))
    await book.earn(ada, 30, available_at_us=due_us)

    book.clock.us = due_us
    await book.do(ada, Note())

    assert book.kinds(ada)[-3:] == [
        JournalKind.ACTIVATE,
        JournalKind.HOLD_EXPIRE,  # its 10 points of the first lot run out with it
        JournalKind.NOTE,
    ]
    assert book.wallet(ada) == (0, 50, 0, 0)


async def test_what_was_due_first_is_done_first(book: Any) -> None:
    """Whichever came first."""
    ada = await book.open()
    begin_us = book.clock.us
    for later in (40, 30, 20, 10):
        await book.earn(ada, 10, expires_at_us=begin_us + later)

    book.clock.us += 40
    await book.do(ada, Note())

    rows = [
        (row["kind"], row["effective_us"] - begin_us)
        for key, row in sorted(book.tables["journal"].items())
        if key[0] == ada
    ]
    assert rows[-5:-1] == [(JournalKind.EXPIRE, later) for later in (10, 20, 30, 40)]


async def test_points_ripen_before_others_of_that_instant_run_out(book: Any) -> None:
    ada = await book.open()
    due_us = book.clock.us + 100
    await book.earn(ada, 10, expires_at_us=due_us)
    await book.earn(ada, 30, available_at_us=due_us)

    book.clock.us = due_us
    await book.do(ada, Note())

    assert book.kinds(ada)[-3:] == [
        JournalKind.ACTIVATE,
        JournalKind.EXPIRE,
        JournalKind.NOTE,
    ]


async def test_time_of_a_holder_never_runs_back(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 10)
    first_us = book.clock.us

    book.clock.us -= 1_000_000
    posted = await book.earn(ada, 10)

    assert posted.at_us == first_us


async def test_ripe_points_pay_debt_back(book: Any) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 100)
    await book.do(ada, Redeem(PTS, 100))
    await book.do(ada, Reverse(earned.seq))
    ripe_us = book.clock.us + 100
    await book.earn(ada, 130, available_at_us=ripe_us)
    assert book.wallet(ada) == (130, 0, 0, 100)

    book.clock.us = ripe_us
    await book.do(ada, Note())

    assert book.wallet(ada) == (0, 30, 0, 0)


async def test_nothing_due_is_looked_for_twice(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    await book.earn(ada, 50, expires_at_us=ends_us)
    book.clock.us = ends_us
    await book.do(ada, Note())

    assert book.tables["holder"][(ada,)]["next_due_us"] is None


async def test_what_is_due_stays_so_though_the_clock_steps_back(
    book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep has done a part of it, and so has brought the holder's time forward."""
    monkeypatch.setattr(sweeping, "_PIECES", 1)
    ada = await book.open()
    await book.earn(ada, 10, expires_at_us=book.clock.us + 10)
    await book.earn(ada, 20, expires_at_us=book.clock.us + 20)
    await book.earn(ada, 40)
    book.clock.us += 20
    await book.ledger.sweep()
    assert book.wallet(ada) == (0, 60, 0, 0)

    book.clock.us -= 15
    await book.do(ada, Note())

    assert book.kinds(ada)[-3:] == [
        JournalKind.EXPIRE,
        JournalKind.EXPIRE,
        JournalKind.NOTE,
    ]
    assert book.wallet(ada) == (0, 40, 0, 0)


async def test_what_is_due_is_done_on_every_holder_of_a_command(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, 10)
    await book.earn(bob, 50, expires_at_us=book.clock.us + 100)
    book.clock.us += 100

    await book.post(Step(ada, Send(PTS, 10)), Step(bob, Receive(ada)))

    assert book.kinds(bob)[-2:] == [JournalKind.EXPIRE, JournalKind.TRANSFER_IN]
    assert book.wallet(bob) == (0, 10, 0, 0)
