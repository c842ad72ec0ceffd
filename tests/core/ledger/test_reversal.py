"""Reversals: clawback with debt, refunds to new lots, never more than there was."""

import asyncio
from typing import Any

from core.ledger.codes import NEVER_US, JournalKind, RefusalCode
from core.ledger.commands import (
    Adjust,
    Authorize,
    Award,
    Capture,
    Earn,
    Note,
    Redeem,
    Refused,
    Reverse,
    Step,
    Void,
)
from core.ledger.verify import verify

PTS = 1


async def test_an_earning_is_clawed_back_from_its_own_lot(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 10)
    earned = await book.earn(ada, 100)

    reversed_ = await book.do(ada, Reverse(earned.seq))

    assert book.postings(ada, reversed_.seq) == [(100, "AVAILABLE", "CLAWED_BACK")]
    assert book.lots(ada) == [(10, 0, 10, 0), (100, 0, 0, 0)]
    row = book.tables["journal"][ada, reversed_.seq]
    assert (row["kind"], row["ref_seq"]) == (JournalKind.REVERSE_EARN, earned.seq)


async def test_what_was_spent_comes_from_other_lots_then_debt(book: Any) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 100)
    await book.do(ada, Redeem(PTS, 80))
    await book.earn(ada, 30)

    reversed_ = await book.do(ada, Reverse(earned.seq))

    assert book.postings(ada, reversed_.seq) == [
        (20, "AVAILABLE", "CLAWED_BACK"),
        (30, "AVAILABLE", "CLAWED_BACK"),
        (50, "DEBT", "CLAWED_BACK"),
    ]
    assert book.wallet(ada) == (0, 0, 0, 50)


async def test_debt_is_paid_back_by_what_is_earned_next(book: Any) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 100)
    await book.do(ada, Redeem(PTS, 100))
    await book.do(ada, Reverse(earned.seq))

    paid = await book.earn(ada, 60, 60)

    assert book.postings(ada, paid.seq) == [
        (60, "ISSUED", "AVAILABLE"),
        (60, "AVAILABLE", "DEBT"),
        (60, "ISSUED", "AVAILABLE"),
        (40, "AVAILABLE", "DEBT"),
    ]
    assert book.wallet(ada) == (0, 20, 0, 0)


async def test_pending_points_are_clawed_back_first(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 10)
    earned = await book.earn(ada, 100, available_at_us=book.clock.us + 5)

    reversed_ = await book.do(ada, Reverse(earned.seq, amount=40))

    assert book.postings(ada, reversed_.seq) == [(40, "PENDING", "CLAWED_BACK")]


async def test_held_points_are_not_clawed_back(book: Any) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 100)
    await book.do(ada, Authorize(PTS, 100))

    await book.do(ada, Reverse(earned.seq))

    assert book.wallet(ada) == (0, 0, 100, 100)


async def test_parts_never_add_up_to_more_than_the_whole(book: Any) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 60, 40)

    await book.do(ada, Reverse(earned.seq, amount=70))
    too_much = await book.refused(ada, Reverse(earned.seq, amount=31))
    rest = await book.do(ada, Reverse(earned.seq))
    again = await book.refused(ada, Reverse(earned.seq))

    assert too_much.code is RefusalCode.EXCEEDS_ORIGINAL
    assert too_much.detail == {"required": 31, "available": 30}
    assert book.postings(ada, rest.seq) == [(30, "AVAILABLE", "CLAWED_BACK")]
    assert again.code is RefusalCode.NOT_REVERSIBLE


async def test_a_redemption_is_refunded_to_a_new_lot_per_lot_used(book: Any) -> None:
    ada = await book.open()
    soon_us = book.clock.us + 500
    await book.earn(ada, 30, expires_at_us=soon_us)
    await book.earn(ada, 70)
    spent = await book.do(ada, Redeem(PTS, 50))

    refunded = await book.do(ada, Reverse(spent.seq, grace_us=900))

    assert book.postings(ada, refunded.seq) == [
        (20, "REDEEMED", "AVAILABLE"),
        (30, "REDEEMED", "AVAILABLE"),
    ]
    new = [
        (row["original"], row["expires_at_us"], row["origin_lot"])
        for key, row in sorted(book.tables["lot"].items())
        if key[1] >= refunded.seq * 1024
    ]
    assert new == [
        (20, NEVER_US, 3 * 1024),
        (30, book.clock.us + 900, 2 * 1024),  # longer than the old date
    ]
    assert book.wallet(ada) == (0, 100, 0, 0)


async def test_a_refund_in_parts_goes_on_where_it_stopped(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 30, expires_at_us=book.clock.us + 500)
    await book.earn(ada, 70)
    spent = await book.do(ada, Redeem(PTS, 50))

    await book.do(ada, Reverse(spent.seq, amount=25))
    rest = await book.do(ada, Reverse(spent.seq))

    assert book.postings(ada, rest.seq) == [(25, "REDEEMED", "AVAILABLE")]


async def test_points_that_had_run_out_return_and_run_out_at_once(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 500
    await book.earn(ada, 30, expires_at_us=ends_us)
    spent = await book.do(ada, Redeem(PTS, 30))

    book.clock.us = ends_us
    refunded = await book.do(ada, Reverse(spent.seq))

    assert book.postings(ada, refunded.seq) == [
        (30, "REDEEMED", "AVAILABLE"),
        (30, "AVAILABLE", "BREAKAGE"),
    ]


async def test_a_capture_is_refunded_like_a_redemption(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 30)
    hold = await book.do(ada, Authorize(PTS, 30))
    captured = await book.do(ada, Capture(hold.seq))

    await book.do(ada, Reverse(captured.seq))

    assert book.wallet(ada) == (0, 30, 0, 0)


async def test_what_the_same_batch_posted_can_be_reversed(book: Any) -> None:
    ada = await book.open()
    earning = Step(ada, Earn((Award(PTS, 30),)))

    earned, spent, refunded = await asyncio.gather(
        book.post(earning),
        book.post(Step(ada, Redeem(PTS, 20))),
        book.post(Step(ada, Reverse(3))),
    )

    assert (earned.seq, spent.seq, refunded.seq) == (2, 3, 4)
    assert book.postings(ada, 4) == [(20, "REDEEMED", "AVAILABLE")]
    assert book.wallet(ada) == (0, 30, 0, 0)


async def test_a_reversal_in_the_batch_of_its_target_sees_all_lots(book: Any) -> None:
    ada = await book.open()
    first = await book.earn(ada, 50)
    spent = await book.do(ada, Redeem(PTS, 50))
    await book.do(ada, Reverse(first.seq))
    await book.do(ada, Reverse(spent.seq))
    assert book.wallet(ada) == (0, 50, 0, 50)

    await asyncio.gather(
        book.post(Step(ada, Earn((Award(PTS, 30),)))),  # all of it pays debt
        book.post(Step(ada, Reverse(6))),
    )

    assert book.postings(ada, 7) == [(30, "AVAILABLE", "CLAWED_BACK")]
    assert book.wallet(ada) == (0, 20, 0, 20)


async def test_what_time_did_a_moment_ago_is_known_and_not_reversible(
    book: Any,
) -> None:
    ada = await book.open()
    await book.earn(ada, 30, expires_at_us=book.clock.us + 5)

    book.clock.us += 5
    refused = await book.post(Step(ada, Reverse(3)))

    assert refused == Refused(RefusalCode.NOT_REVERSIBLE, {"kind": "EXPIRE"})
    assert book.kinds(ada)[-1] == JournalKind.EXPIRE


async def test_only_what_can_be_reversed_is(book: Any) -> None:
    ada = await book.open()
    await book.do(ada, Adjust(PTS, 30))
    hold = await book.do(ada, Authorize(PTS, 30))

    for seq, code in (
        (1, RefusalCode.NOT_REVERSIBLE),
        (hold.seq, RefusalCode.NOT_REVERSIBLE),
        (99, RefusalCode.TRANSACTION_UNKNOWN),
    ):
        refused = await book.refused(ada, Reverse(seq))

        assert refused.code is code


async def test_points_that_ran_out_are_not_taken_a_second_time(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 500
    earned = await book.earn(ada, 100, expires_at_us=ends_us)
    await book.earn(ada, 70)
    await book.do(ada, Redeem(PTS, 40))
    book.clock.us = ends_us  # 40 are spent, 60 run out

    first = await book.do(ada, Reverse(earned.seq, amount=50))
    rest = await book.do(ada, Reverse(earned.seq))

    assert book.postings(ada, first.seq) == [(50, "BREAKAGE", "CLAWED_BACK")]
    assert book.postings(ada, rest.seq) == [
        (10, "BREAKAGE", "CLAWED_BACK"),
        (40, "AVAILABLE", "CLAWED_BACK"),
    ]
    assert book.wallet(ada) == (0, 30, 0, 0)


async def test_each_lot_answers_for_what_ran_out_of_it(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 500
    awards = Award(PTS, 30, expires_at_us=ends_us), Award(PTS, 20), Award(PTS, 40)
    earned = await book.do(ada, Earn(awards))
    await book.do(ada, Redeem(PTS, 10))  # of the first lot, so 20 run out
    await book.do(ada, Reverse(earned.seq, amount=5))
    book.clock.us = ends_us

    second = await book.do(ada, Reverse(earned.seq, amount=30))
    rest = await book.do(ada, Reverse(earned.seq))

    assert book.postings(ada, second.seq) == [
        (15, "BREAKAGE", "CLAWED_BACK"),
        (10, "AVAILABLE", "CLAWED_BACK"),  # what was spent, from another lot
        (5, "AVAILABLE", "CLAWED_BACK"),
    ]
    assert sum(amount for amount, _, _ in book.postings(ada, rest.seq)) == 55
    assert book.wallet(ada) == (0, 0, 0, 10)


async def test_points_that_live_on_by_grace_are_taken(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 500
    grace = '{"grace_us":900}'
    earned = await book.earn(ada, 50, expires_at_us=ends_us, policy=grace)
    hold = await book.do(ada, Authorize(PTS, 50))
    book.clock.us = ends_us
    await book.do(ada, Void(hold.seq))

    reversed_ = await book.do(ada, Reverse(earned.seq))

    assert book.postings(ada, reversed_.seq) == [(50, "AVAILABLE", "CLAWED_BACK")]
    assert book.wallet(ada) == (0, 0, 0, 0)


async def test_every_store_knows_what_ran_out(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    earned = await book.earn(ada, 100, expires_at_us=book.clock.us + 500)
    await book.earn(ada, 70)
    await book.do(ada, Redeem(PTS, 40))
    book.clock.us += 500
    await book.do(ada, Note())

    await book.do(ada, Reverse(earned.seq, amount=55))
    await book.do(ada, Reverse(earned.seq))

    sql = "SELECT available, debt FROM wallet WHERE holder_id = $1"
    assert await database.read(sql, ada) == [(30, 0)]
    assert (await verify(database, full=True)).ok
