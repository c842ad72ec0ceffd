"""Cases that engines get wrong, by the numbers under which the design lists them."""

import asyncio
from typing import Any

from core.ledger.codes import HolderKind, JournalKind, RefusalCode
from core.ledger.commands import (
    Adjust,
    Authorize,
    Award,
    Capture,
    Command,
    Count,
    Earn,
    Exchange,
    Note,
    Posted,
    Redeem,
    Reverse,
    Step,
    Void,
)
from core.ledger.transact import transact
from core.ledger.verify import verify

PTS, MILES, STOCK = 1, 2, 0
DAY_US = 86_400_000_000


def posted(outcomes: list[Any]) -> int:
    """Count what was carried out."""
    return sum(isinstance(one, Posted) for one in outcomes)


# Orders and their returns


async def test_e1_a_return_after_the_points_were_spent_is_never_silent(
    book: Any,
) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 100)
    await book.do(ada, Redeem(PTS, 100))

    returned = await book.do(ada, Reverse(earned.seq))

    balances = book.journal(ada, returned.seq)["balances"]
    assert balances == "[[1,0,0,0,100,0,0,0,100]]"  # the member sees the debt


async def test_e3_the_last_of_several_refunds_takes_the_rest_exactly(
    book: Any,
) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 100)

    for _ in range(3):  # a third of the order each, rounded down
        await book.do(ada, Reverse(earned.seq, amount=33))
    last = await book.do(ada, Reverse(earned.seq))

    assert book.postings(ada, last.seq) == [(1, "AVAILABLE", "CLAWED_BACK")]
    assert book.wallet(ada) == (0, 0, 0, 0)


async def test_e4_what_was_burned_returns_before_what_was_earned_is_taken(
    book: Any,
) -> None:
    ada = await book.open()
    await book.earn(ada, 50)
    burned = await book.do(ada, Redeem(PTS, 50))
    earned = await book.earn(ada, 30)
    await book.do(ada, Redeem(PTS, 30))

    await book.do(ada, Reverse(burned.seq))
    taken = await book.do(ada, Reverse(earned.seq))

    assert book.postings(ada, taken.seq) == [(30, "AVAILABLE", "CLAWED_BACK")]
    assert book.wallet(ada) == (0, 20, 0, 0)  # no debt, for there were points


async def test_e5_cancelling_an_order_does_not_make_points_live_longer(
    book: Any,
) -> None:
    ada = await book.open()
    ends_us = book.clock.us + DAY_US
    await book.earn(ada, 50, expires_at_us=ends_us, policy='{"grace_us":900}')
    by_member = await book.do(ada, Redeem(PTS, 20))
    by_merchant = await book.do(ada, Redeem(PTS, 30))
    book.clock.us = ends_us

    await book.do(ada, Reverse(by_member.seq, grace_us=0))
    await book.do(ada, Reverse(by_merchant.seq))

    assert book.ends(ada)[1:] == [ends_us, ends_us + 900]
    assert book.wallet(ada) == (0, 30, 0, 0)


async def test_e12_a_reversal_follows_the_postings_and_not_the_rules_of_now(
    book: Any,
) -> None:
    ada = await book.open()
    old = await book.earn(ada, 40, policy='{"clawback":"forgive"}')
    await book.earn(ada, 40, policy='{"clawback":"debt"}')
    await book.do(ada, Redeem(PTS, 80))

    await book.do(ada, Reverse(old.seq))

    assert book.wallet(ada) == (0, 0, 0, 0)


async def test_e16_a_free_order_is_recorded_and_moves_nothing(book: Any) -> None:
    ada = await book.open()

    recorded = await book.do(ada, Earn(()), meta={"activity": "purchase"})

    assert book.postings(ada, recorded.seq) == []
    assert book.journal(ada, recorded.seq)["balances"] == "[]"


async def test_e21_a_chargeback_years_later_is_a_refund_like_any_other(
    book: Any,
) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 50)
    book.clock.us += 3 * 365 * DAY_US

    taken = await book.do(ada, Reverse(earned.seq), meta={"cause": "chargeback"})

    assert taken.at_us == book.clock.us
    assert book.wallet(ada) == (0, 0, 0, 0)


# Time, expiry, pending


async def test_e22_expiry_while_a_hold_is_open(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    await book.earn(ada, 60, expires_at_us=ends_us)
    hold = await book.do(ada, Authorize(PTS, 50))
    book.clock.us = ends_us + 5

    await book.do(ada, Capture(hold.seq, amount=20, final=False))
    voided = await book.do(ada, Void(hold.seq))

    assert book.kinds(ada)[3] == JournalKind.EXPIRE  # of what was not held
    assert book.postings(ada, voided.seq) == [
        (30, "HELD", "AVAILABLE"),
        (30, "AVAILABLE", "BREAKAGE"),
    ]
    assert book.wallet(ada) == (0, 0, 0, 0)


async def test_e23_points_past_their_end_are_not_spent_though_no_job_came(
    book: Any,
) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    await book.earn(ada, 60, expires_at_us=ends_us)
    await book.earn(ada, 5)
    book.clock.us = ends_us + 300_000_000

    outcome = await book.post(Step(ada, Redeem(PTS, 6)))

    assert outcome.code is RefusalCode.INSUFFICIENT_POINTS
    assert outcome.detail == {"required": 6, "available": 5}
    expired = book.journal(ada, 4)
    assert (expired["kind"], expired["effective_us"]) == (JournalKind.EXPIRE, ends_us)


async def test_e24_two_jobs_that_come_twice_expire_once(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 10, 20, 30, expires_at_us=book.clock.us + 100)
    book.clock.us += 100

    await asyncio.gather(*(book.do(ada, Note()) for _ in range(6)))

    sql = "SELECT sum(amount), count(*) FROM posting WHERE dst = 103"
    ((amount, count),) = await database.read(sql)
    assert (int(amount), count) == (60, 3)
    assert (await verify(database, full=True)).findings == ()


async def test_e34_points_of_an_order_that_never_ships_are_cancelled(
    book: Any,
) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 50, available_at_us=book.clock.us + DAY_US)

    await book.do(ada, Reverse(earned.seq), meta={"reason": "never shipped"})
    book.clock.us += DAY_US
    await book.do(ada, Note())

    assert book.wallet(ada) == (0, 0, 0, 0)
    assert JournalKind.ACTIVATE not in book.kinds(ada)


async def test_e35_pending_points_begin_to_age_when_they_ripen(book: Any) -> None:
    ada = await book.open()
    ripe_us = book.clock.us + 30 * DAY_US
    ends_us = ripe_us + 10 * DAY_US
    await book.earn(ada, 50, available_at_us=ripe_us, expires_at_us=ends_us)

    book.clock.us = ends_us - 1
    await book.do(ada, Redeem(PTS, 10))
    book.clock.us = ends_us
    await book.do(ada, Note())

    row = book.tables["lot"][ada, 2048]
    assert (row["available_at_us"], row["expires_at_us"]) == (ripe_us, ends_us)
    assert book.wallet(ada) == (0, 0, 0, 0)


async def test_e39_an_outage_is_caught_up_in_the_order_of_the_due_instants(
    book: Any,
) -> None:
    ada = await book.open()
    now_us = book.clock.us
    await book.earn(ada, 10, expires_at_us=now_us + 30)
    await book.do(ada, Authorize(PTS, 10, expires_at_us=now_us + 20))
    await book.earn(ada, 5, available_at_us=now_us + 10, expires_at_us=now_us + 40)

    book.clock.us = now_us + DAY_US
    await book.do(ada, Note())

    found = [
        (row["kind"], row["effective_us"] - now_us)
        for key, row in sorted(book.tables["journal"].items())
        if key[1] > 4
    ]
    assert found[:-1] == [
        (JournalKind.ACTIVATE, 10),
        (JournalKind.HOLD_EXPIRE, 20),
        (JournalKind.EXPIRE, 30),
        (JournalKind.EXPIRE, 40),
    ]


# Concurrency and delivery


async def test_e41_of_two_devices_that_burn_the_same_points_one_wins(
    stored: Any,
) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 100)
    burn = Step(ada, Redeem(PTS, 80))

    outcomes = await asyncio.gather(book.post(burn), book.post(burn))

    assert posted(outcomes) == 1
    assert outcomes[1].detail == {"required": 80, "available": 20}
    assert await database.read("SELECT available FROM wallet") == [(20,)]


async def test_e42_the_last_unit_goes_to_one_of_many_and_the_others_lose_nothing(
    stored: Any,
) -> None:
    book, database = stored
    stock = await book.open(HolderKind.STOCK)
    await book.do(stock, Adjust(STOCK, 1))
    buyers = [await book.open() for _ in range(10)]
    for buyer in buyers:
        await book.earn(buyer, 40)

    outcomes = await asyncio.gather(
        *(
            book.post(Step(one, Authorize(PTS, 40)), Step(stock, Authorize(STOCK, 1)))
            for one in buyers
        )
    )

    assert posted(outcomes) == 1
    losers = [one for one in outcomes if not isinstance(one, Posted)]
    assert {one.code for one in losers} == {RefusalCode.OUT_OF_STOCK}
    sql = "SELECT available, held, count(*) FROM wallet WHERE currency_id = 1 "
    found = await database.read(f"{sql} GROUP BY available, held ORDER BY 1")
    assert found == [(0, 40, 1), (40, 0, 9)]
    assert (await verify(database, full=True)).findings == ()


async def test_e46_three_a_day_are_three_of_ten_at_once(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    daily = Count("spin", "2027-01-15", by=1, limit=3)

    outcomes = await asyncio.gather(
        *(book.post(Step(ada, Note(), (daily,))) for _ in range(10))
    )

    assert posted(outcomes) == 3
    assert await database.read("SELECT value FROM counter") == [(3,)]
    assert await database.read("SELECT count(*) FROM refusal") == [(7,)]


async def test_e47_a_prize_budget_is_never_overdrawn(book: Any) -> None:
    ada, budget = await book.open(), await book.open(HolderKind.BUDGET)
    await book.do(budget, Adjust(PTS, 100))
    prize = Step(ada, Earn((Award(PTS, 40),)))

    outcomes = await asyncio.gather(
        *(book.post(Step(budget, Redeem(PTS, 40)), prize) for _ in range(3))
    )

    assert posted(outcomes) == 2
    assert (book.wallet(budget), book.wallet(ada)) == ((0, 20, 0, 0), (0, 80, 0, 0))


async def test_e48_transfers_in_both_directions_do_not_block_each_other(
    stored: Any,
) -> None:
    book, database = stored
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, 50)
    await book.earn(bob, 50)

    async with asyncio.timeout(30):
        await asyncio.gather(
            *(book.send(ada, bob, 1) for _ in range(25)),
            *(book.send(bob, ada, 1) for _ in range(25)),
        )

    assert await database.read("SELECT available FROM wallet") == [(50,), (50,)]
    assert (await verify(database, full=True)).findings == ()


async def test_e55_of_two_burns_in_one_request_the_second_sees_the_first(
    book: Any,
) -> None:
    ada = await book.open()
    await book.earn(ada, 100)
    burns = [Command(f"test:{n}", b"f", (Step(ada, Redeem(PTS, 60)),)) for n in (1, 2)]

    first, second = await book.ledger.store.run(lambda: transact(burns))

    assert isinstance(first, Posted)
    assert second.detail == {"required": 60, "available": 40}


async def test_e66_a_late_capture_never_takes_released_points(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 50)
    hold = await book.do(ada, Authorize(PTS, 50, expires_at_us=book.clock.us + 100))
    book.clock.us += 100
    await book.do(ada, Redeem(PTS, 30))

    refused = await book.refused(ada, Capture(hold.seq))
    again = await book.do(ada, Authorize(PTS, 20))

    assert refused.code is RefusalCode.HOLD_EXPIRED
    assert again.seq != hold.seq
    assert book.wallet(ada) == (0, 0, 20, 0)


async def test_e93_a_correction_of_the_wrong_member_is_reversed_by_link(
    book: Any,
) -> None:
    ada = await book.open()
    wrong = await book.do(ada, Adjust(PTS, 50))
    before = book.journal(ada, wrong.seq)

    undone = await book.do(ada, Reverse(wrong.seq), meta={"reason": "wrong member"})

    assert book.journal(ada, undone.seq)["ref_seq"] == wrong.seq
    assert book.journal(ada, wrong.seq) == before
    assert book.wallet(ada) == (0, 0, 0, 0)


# Numbers


async def test_e99_an_absurd_amount_is_an_error_and_not_a_wrapped_number(
    book: Any,
) -> None:
    ada = await book.open()

    for amount in (2**53, 2**63, 2**64 + 5, 10**30):
        error = await book.reject(Step(ada, Earn((Award(PTS, amount),))))
        assert error.field == "amount"
    refused = await book.refused(ada, Earn((Award(PTS, 2**53 - 1), Award(PTS, 1))))

    assert refused.code is RefusalCode.AMOUNT_TOO_LARGE


async def test_e100_a_round_trip_of_an_exchange_loses_to_the_rounding_account(
    book: Any,
) -> None:
    ada = await book.open()
    await book.earn(ada, 10)

    await book.do(ada, Exchange(PTS, 10, MILES, gives=1, takes=3))
    await book.do(ada, Exchange(MILES, 3, PTS, gives=3, takes=1))

    rounded = [
        row["amount"]
        for row in book.tables["posting"].values()
        if row["dst"].name == "ROUNDING"
    ]
    assert rounded == [1]
    assert book.wallet(ada, PTS) == (0, 9, 0, 0)


async def test_e105_a_later_correction_leaves_the_figures_of_then_as_they_were(
    book: Any,
) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 50)
    closed = book.journal(ada, earned.seq)
    book.clock.us += 40 * DAY_US

    corrected = await book.do(
        ada, Reverse(earned.seq), effective_us=closed["effective_us"]
    )

    assert book.journal(ada, earned.seq) == closed
    row = book.journal(ada, corrected.seq)
    assert (row["effective_us"], row["at_us"]) == (
        closed["effective_us"],
        book.clock.us,
    )
    known_then = [
        one["balances"]
        for _, one in sorted(book.tables["journal"].items())
        if one["at_us"] <= closed["at_us"]
    ]
    assert known_then[-1] == "[[1,50,0,0,0,50,0,0,0]]"
