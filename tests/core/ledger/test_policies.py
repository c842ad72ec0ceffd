"""The policy on a lot: where clawbacks go, and grace for points that come back late."""

from typing import Any

import pytest

from core.ledger import policy
from core.ledger.codes import NEVER_US, JournalKind, RefusalCode
from core.ledger.commands import (
    Authorize,
    Award,
    Capture,
    Earn,
    Note,
    Redeem,
    Reverse,
    Void,
)
from core.ledger.policy import Clawback, Policy
from core.ledger.verify import verify

PTS = 1
MOST = 2**53 - 1
CLAWED_BACK = "CLAWED_BACK"
OUTCOMES: dict[str, tuple[list[tuple[int, str]], tuple[int, ...]]] = {
    '{"clawback":"other_lots"}': (
        [(20, "AVAILABLE"), (30, "AVAILABLE"), (50, "DEBT")],
        (0, 0, 0, 50),
    ),
    '{"clawback":"debt"}': ([(20, "AVAILABLE"), (80, "DEBT")], (0, 30, 0, 80)),
    '{"clawback":"forgive"}': ([(20, "AVAILABLE"), (80, "LOSS")], (0, 30, 0, 0)),
    '{"clawback":"capped","debt_limit":40}': (
        [(20, "AVAILABLE"), (30, "AVAILABLE"), (40, "DEBT"), (10, "LOSS")],
        (0, 0, 0, 40),
    ),
    '{"clawback":"capped"}': (
        [(20, "AVAILABLE"), (30, "AVAILABLE"), (50, "LOSS")],
        (0, 0, 0, 0),
    ),
}
"""After 80 of 100 are spent, and 30 are there beside: what is taken, what is left."""


async def earn_and_spend(book: Any, holder_id: int, text: str) -> Any:
    """Earn 100 under a policy, spend 80 of them, and earn 30 more."""
    earned = await book.earn(holder_id, 100, policy=text)
    await book.do(holder_id, Redeem(PTS, 80))
    await book.earn(holder_id, 30)
    return earned


@pytest.mark.parametrize("text", OUTCOMES)
async def test_what_was_spent_is_clawed_back_as_the_policy_says(
    book: Any, text: str
) -> None:
    ada = await book.open()
    earned = await earn_and_spend(book, ada, text)

    reversed_ = await book.do(ada, Reverse(earned.seq))

    taken, wallet = OUTCOMES[text]
    assert book.postings(ada, reversed_.seq) == [
        (amount, src, CLAWED_BACK) for amount, src in taken
    ]
    assert book.wallet(ada) == wallet


@pytest.mark.parametrize("text", OUTCOMES)
async def test_parts_are_taken_by_the_same_policy_as_the_whole(
    book: Any, text: str
) -> None:
    ada = await book.open()
    earned = await earn_and_spend(book, ada, text)

    for amount in (15, 25, 50):
        await book.do(ada, Reverse(earned.seq, amount=amount))
    too_much = await book.refused(ada, Reverse(earned.seq, amount=11))
    await book.do(ada, Reverse(earned.seq))

    assert too_much.detail == {"required": 11, "available": 10}
    assert book.wallet(ada) == OUTCOMES[text][1]


async def test_every_lot_answers_by_its_own_policy(book: Any) -> None:
    ada = await book.open()
    awards = (
        Award(PTS, 10, policy='{"clawback":"forgive"}'),
        Award(PTS, 20, policy='{"clawback":"debt"}'),
    )
    earned = await book.do(ada, Earn(awards))
    await book.do(ada, Redeem(PTS, 30))

    reversed_ = await book.do(ada, Reverse(earned.seq))

    assert book.postings(ada, reversed_.seq) == [
        (10, "LOSS", CLAWED_BACK),
        (20, "DEBT", CLAWED_BACK),
    ]


async def test_a_cap_counts_the_debt_that_is_there(book: Any) -> None:
    ada = await book.open()
    text = '{"clawback":"capped","debt_limit":50}'
    first = await book.earn(ada, 30, policy=text)
    second = await book.earn(ada, 40, policy=text)
    await book.do(ada, Redeem(PTS, 70))

    await book.do(ada, Reverse(first.seq))
    reversed_ = await book.do(ada, Reverse(second.seq))

    assert book.postings(ada, reversed_.seq) == [
        (20, "DEBT", CLAWED_BACK),
        (20, "LOSS", CLAWED_BACK),
    ]
    assert book.wallet(ada) == (0, 0, 0, 50)


async def test_a_policy_goes_where_the_points_go(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    text = '{"clawback":"debt","grace_us":900}'
    await book.earn(ada, 100, policy=text)
    spent = await book.do(ada, Redeem(PTS, 40))
    await book.do(ada, Reverse(spent.seq))
    await book.send(ada, bob, 100)

    assert {row["policy"] for row in book.tables["lot"].values()} == {text}


async def test_a_debt_is_as_large_as_a_balance_can_be(book: Any) -> None:
    ada = await book.open()
    spent = []
    for _ in range(2):
        spent.append(await book.earn(ada, MOST))
        await book.do(ada, Redeem(PTS, MOST))
    await book.do(ada, Reverse(spent[0].seq))

    refused = await book.refused(ada, Reverse(spent[1].seq, amount=1))

    assert refused.code is RefusalCode.AMOUNT_TOO_LARGE
    assert book.wallet(ada) == (0, 0, 0, MOST)


@pytest.mark.parametrize(
    ("asked_us", "life_us"), [(None, 900), (0, 0), (300, 300), (MOST, NEVER_US)]
)
async def test_grace_for_a_refund_is_the_policys_unless_the_caller_says(
    book: Any, asked_us: int | None, life_us: int
) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    await book.earn(ada, 50, expires_at_us=ends_us, policy='{"grace_us":900}')
    spent = await book.do(ada, Redeem(PTS, 50))
    book.clock.us = ends_us

    await book.do(ada, Reverse(spent.seq, grace_us=asked_us))

    assert book.ends(ada)[1] == min(ends_us + life_us, NEVER_US)
    assert book.wallet(ada) == (0, 50 if life_us else 0, 0, 0)


async def test_grace_never_shortens_a_life(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 5_000
    await book.earn(ada, 50, expires_at_us=ends_us)
    spent = await book.do(ada, Redeem(PTS, 50))

    await book.do(ada, Reverse(spent.seq, grace_us=900))

    assert book.ends(ada) == [ends_us, ends_us]


async def test_grace_for_a_release_begins_a_new_lot(book: Any) -> None:
    ada = await book.open()
    ends_us = book.clock.us + 100
    text = '{"grace_us":900}'
    await book.earn(ada, 50, expires_at_us=ends_us, policy=text)
    hold = await book.do(ada, Authorize(PTS, 50))
    book.clock.us = ends_us + 10

    voided = await book.do(ada, Void(hold.seq))

    assert book.postings(ada, voided.seq) == [
        (50, "HELD", "AVAILABLE"),
        (50, "AVAILABLE", "BREAKAGE"),
        (50, "BREAKAGE", "AVAILABLE"),
    ]
    assert book.lots(ada) == [(50, 0, 0, 0), (50, 0, 50, 0)]
    assert book.ends(ada) == [ends_us, ends_us + 10 + 900]


async def test_grace_counts_from_when_the_hold_ended_not_from_the_job(
    book: Any,
) -> None:
    ada = await book.open()
    start_us = book.clock.us
    await book.earn(ada, 50, expires_at_us=start_us + 100, policy='{"grace_us":900}')
    await book.do(ada, Authorize(PTS, 50, expires_at_us=start_us + 200))

    book.clock.us = start_us + 1_099
    await book.do(ada, Note())
    assert book.ends(ada) == [start_us + 100, start_us + 1_100]
    book.clock.us = start_us + 1_100
    await book.do(ada, Note())

    assert book.wallet(ada) == (0, 0, 0, 0)


async def test_grace_that_is_over_before_anybody_came_gives_nothing(book: Any) -> None:
    ada = await book.open()
    start_us = book.clock.us
    await book.earn(ada, 50, expires_at_us=start_us + 100, policy='{"grace_us":900}')
    await book.do(ada, Authorize(PTS, 50, expires_at_us=start_us + 200))

    book.clock.us = start_us + 1_100
    ended = await book.do(ada, Note())

    hold, lot = book.journal(ada, ended.seq - 2), book.journal(ada, ended.seq - 1)
    assert hold["kind"] == JournalKind.HOLD_EXPIRE
    assert hold["effective_us"] == start_us + 200
    assert book.postings(ada, hold["seq"]) == [
        (50, "HELD", "AVAILABLE"),
        (50, "AVAILABLE", "BREAKAGE"),
        (50, "BREAKAGE", "AVAILABLE"),
    ]
    assert lot["kind"] == JournalKind.EXPIRE
    assert lot["effective_us"] == start_us + 1_100
    assert book.postings(ada, lot["seq"]) == [(50, "AVAILABLE", "BREAKAGE")]
    assert book.wallet(ada) == (0, 0, 0, 0)


async def test_policies_prove_themselves(stored: Any) -> None:
    book, database = stored
    for text in OUTCOMES:
        ada = await book.open()
        earned = await earn_and_spend(book, ada, text)
        held = await book.do(ada, Authorize(PTS, 30, expires_at_us=book.clock.us + 50))
        await book.do(ada, Reverse(earned.seq, amount=50))
        await book.do(ada, Capture(held.seq, amount=10, final=False))
        book.clock.us += 50
        await book.do(ada, Reverse(earned.seq))

    report = await verify(database, full=True)

    assert report.findings == ()
    sql = (
        "SELECT sum(CASE WHEN src = 4 THEN 1 WHEN dst = 4 THEN -1 ELSE 0 END * amount),"
        " sum(CASE src WHEN 110 THEN amount ELSE 0 END),"
        " sum(CASE dst WHEN 104 THEN amount ELSE 0 END) FROM posting GROUP BY holder_id"
    )
    found = sorted(await database.read(sql))
    assert [tuple(map(int, row)) for row in found] == [
        (0, 60, 100),
        (0, 90, 100),
        (40, 20, 100),
        (60, 0, 100),
        (90, 0, 100),
    ]


def test_a_policy_is_stored_without_what_is_the_default() -> None:
    whole = Policy(Clawback.CAPPED, debt_limit=40, grace_us=900)

    assert policy.write(Policy()) == "{}"
    assert policy.write(whole) == '{"clawback":"capped","debt_limit":40,"grace_us":900}'
    assert policy.read("{}") == Policy()
    assert policy.read(policy.write(whole)) == whole


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"clawback":"never"}',
        '{"clawback":[]}',
        '{"debt_limit":-1}',
        '{"debt_limit":true}',
        '{"debt_limit":1.5}',
        '{"grace_us":9007199254740992}',
        '{"grace":1}',
    ],
)
def test_what_is_no_policy_is_not_read(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"not a policy|not a valid Clawback|Expecting value"
    ):
        policy.read(text)
