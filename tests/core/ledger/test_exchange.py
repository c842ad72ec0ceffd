"""Exchange: one currency into another, at a stored rate, never to anyone's gain."""

import random
from typing import Any

from core.ledger.codes import NEVER_US, JournalKind, RefusalCode
from core.ledger.commands import Exchange, Redeem, Reverse
from core.ledger.verify import verify

PTS, MILES, STATUS = 1, 2, 3
MOST = 2**53 - 1


def into_miles(amount: int, gives: int, takes: int, **more: Any) -> Exchange:
    return Exchange(PTS, amount, into=MILES, gives=gives, takes=takes, **more)


async def test_what_buys_no_whole_unit_goes_to_the_rounding_account(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 100)

    exchanged = await book.do(ada, into_miles(31, gives=1, takes=3))

    assert book.postings(ada, exchanged.seq) == [
        (30, "AVAILABLE", "EXCHANGE"),
        (1, "AVAILABLE", "ROUNDING"),
        (10, "EXCHANGE", "AVAILABLE"),
    ]
    assert book.wallet(ada, PTS) == (0, 69, 0, 0)
    assert book.wallet(ada, MILES) == (0, 10, 0, 0)
    row = book.journal(ada, exchanged.seq)
    assert (row["kind"], row["meta"]) == (JournalKind.EXCHANGE, '{"rate":[1,3]}')
    assert row["balances"] == "[[1,69,0,0,0,-31,0,0,0],[2,10,0,0,0,10,0,0,0]]"


async def test_lots_are_used_in_their_order_and_the_last_one_rounds(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 7)
    await book.earn(ada, 5, expires_at_us=book.clock.us + 500)

    exchanged = await book.do(ada, into_miles(11, gives=2, takes=5))

    assert book.postings(ada, exchanged.seq) == [
        (5, "AVAILABLE", "EXCHANGE"),  # 4 miles are worth 10 points
        (5, "AVAILABLE", "EXCHANGE"),
        (1, "AVAILABLE", "ROUNDING"),
        (4, "EXCHANGE", "AVAILABLE"),
    ]
    assert book.lots(ada)[:2] == [(7, 0, 1, 0), (5, 0, 0, 0)]


async def test_the_result_is_a_lot_with_dates_and_a_policy_of_its_own(
    book: Any,
) -> None:
    ada = await book.open()
    await book.earn(ada, 10, expires_at_us=book.clock.us + 500)
    ends_us = book.clock.us + 900

    policy = '{"grace_us":7}'
    await book.do(ada, into_miles(5, 1, 1, expires_at_us=ends_us, policy=policy))
    await book.do(ada, into_miles(5, 1, 1))

    lots = [row for _, row in sorted(book.tables["lot"].items())]
    assert [(row["expires_at_us"], row["policy"]) for row in lots[1:]] == [
        (ends_us, policy),
        (NEVER_US, "{}"),
    ]


async def test_a_result_that_is_past_its_end_comes_and_runs_out_at_once(
    book: Any,
) -> None:
    ada = await book.open()
    await book.earn(ada, 10)

    exchanged = await book.do(ada, into_miles(10, 1, 1, expires_at_us=book.clock.us))

    assert book.postings(ada, exchanged.seq)[1:] == [
        (10, "EXCHANGE", "AVAILABLE"),
        (10, "AVAILABLE", "BREAKAGE"),
    ]
    assert book.wallet(ada, MILES) == (0, 0, 0, 0)


async def test_what_cannot_be_exchanged_is_left_alone(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 100)
    refusals = [
        (into_miles(2, 1, 3), RefusalCode.AMOUNT_TOO_SMALL, {"required": 3}),
        (into_miles(101, 1, 1), RefusalCode.INSUFFICIENT_POINTS, None),
        (into_miles(2, MOST, 1), RefusalCode.AMOUNT_TOO_LARGE, {}),
        (Exchange(STATUS, 1, PTS, 1, 1), RefusalCode.NOT_REDEEMABLE, {"currency": 3}),
        (Exchange(PTS, 1, 5, 1, 1), RefusalCode.CURRENCY_UNKNOWN, {"currency": 5}),
        (Exchange(PTS, 1, 99, 1, 1), RefusalCode.CURRENCY_UNKNOWN, {"currency": 99}),
        (Exchange(PTS, 1, 0, 1, 1), RefusalCode.CURRENCY_UNKNOWN, {"currency": 0}),
    ]

    for operation, code, detail in refusals:
        refused = await book.refused(ada, operation)

        assert refused.code is code
        assert detail is None or refused.detail == detail


async def test_points_can_become_what_only_counts(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 10)

    await book.do(ada, Exchange(PTS, 10, STATUS, gives=1, takes=2))

    assert book.wallet(ada, STATUS) == (0, 5, 0, 0)


async def test_going_there_and_back_never_gains(book: Any) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    ada = await book.open()
    await book.earn(ada, MOST)
    for _ in range(100):
        gives, takes = chance.randint(1, 1_000), chance.randint(1, 1_000)
        amount = chance.randint(1_000, 10**6)
        before = book.wallet(ada)[1]
        await book.do(ada, into_miles(amount, gives, takes))
        miles = book.wallet(ada, MILES)[1]
        back = Exchange(MILES, miles, PTS, gives=takes, takes=gives)
        if miles * takes // gives:
            await book.do(ada, back)
        else:
            await book.do(ada, Redeem(MILES, miles))

        assert book.wallet(ada)[1] <= before, f"seed {seed}"
        assert book.wallet(ada, MILES) == (0, 0, 0, 0)


async def test_an_exchange_is_undone_whole_in_both_currencies(book: Any) -> None:
    ada = await book.open()
    soon_us = book.clock.us + 500
    await book.earn(ada, 31, expires_at_us=soon_us)
    exchanged = await book.do(ada, into_miles(31, gives=1, takes=3))

    part = await book.refused(ada, Reverse(exchanged.seq, amount=5))
    undone = await book.do(ada, Reverse(exchanged.seq))
    again = await book.refused(ada, Reverse(exchanged.seq))

    assert part.detail == {"kind": "SEVERAL_CURRENCIES"}
    assert book.postings(ada, undone.seq) == [
        (10, "AVAILABLE", "EXCHANGE"),
        (1, "ROUNDING", "AVAILABLE"),
        (30, "EXCHANGE", "AVAILABLE"),
    ]
    assert book.journal(ada, undone.seq)["kind"] == JournalKind.REVERSE_EXCHANGE
    assert (book.wallet(ada, PTS), book.wallet(ada, MILES)) == (
        (0, 31, 0, 0),
        (0, 0, 0, 0),
    )
    assert book.ends(ada)[2:] == [soon_us, soon_us]
    assert again.detail == {"kind": "REVERSED"}


async def test_what_was_bought_and_spent_is_owed_in_its_currency(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 30)
    exchanged = await book.do(ada, into_miles(30, gives=1, takes=3))
    await book.do(ada, Redeem(MILES, 8))

    await book.do(ada, Reverse(exchanged.seq))

    assert book.wallet(ada, PTS) == (0, 30, 0, 0)
    assert book.wallet(ada, MILES) == (0, 0, 0, 8)


async def test_exchanges_prove_themselves(stored: Any) -> None:
    book, database = stored
    for clawback in ("other_lots", "debt", "forgive", "capped"):
        ada = await book.open()
        await book.earn(ada, 40, 60)
        policy = f'{{"clawback":"{clawback}","debt_limit":2}}'
        exchanged = await book.do(ada, into_miles(50, 1, 3, policy=policy))
        await book.do(ada, Redeem(MILES, 10))
        await book.do(ada, Reverse(exchanged.seq))

    report = await verify(database, full=True)

    assert report.findings == ()
    sql = "SELECT available, debt FROM wallet ORDER BY holder_id, currency_id"
    assert await database.read(sql) == [
        *[(100, 0), (0, 10)],  # what is spent is owed
        *[(100, 0), (0, 10)],
        *[(100, 0), (0, 0)],  # or forgiven
        *[(100, 0), (0, 2)],  # or owed as far as the limit
    ]
