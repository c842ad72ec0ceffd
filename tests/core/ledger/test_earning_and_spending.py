"""Earning, spending and holding: exact postings, lots and wallets."""

from typing import Any

from core.ledger.codes import HolderKind, JournalKind, RefusalCode
from core.ledger.commands import (
    Adjust,
    Authorize,
    Award,
    Capture,
    Count,
    Earn,
    Note,
    Open,
    Posted,
    Redeem,
    Refused,
    Step,
    Void,
)

PTS = 1
STOCK = 0


async def test_each_award_is_a_lot(book: Any) -> None:
    ada = await book.open()

    posted = await book.earn(ada, 100, 20)

    assert book.postings(ada, posted.seq) == [
        (100, "ISSUED", "AVAILABLE"),
        (20, "ISSUED", "AVAILABLE"),
    ]
    assert book.lots(ada) == [(100, 0, 100, 0), (20, 0, 20, 0)]
    assert book.wallet(ada) == (0, 120, 0, 0)


async def test_nothing_earned_is_recorded_without_postings(book: Any) -> None:
    ada = await book.open()

    posted = await book.earn(ada)

    assert book.postings(ada, posted.seq) == []
    assert book.kinds(ada) == [JournalKind.OPEN, JournalKind.EARN]


async def test_what_runs_out_first_is_spent_first(book: Any) -> None:
    ada = await book.open()
    late, soon = book.clock.us + 900, book.clock.us + 500
    await book.earn(ada, 50, expires_at_us=late)
    await book.earn(ada, 50, expires_at_us=soon)
    await book.earn(ada, 50, expires_at_us=soon)

    await book.do(ada, Redeem(PTS, 70))

    assert [available for _, _, available, _ in book.lots(ada)] == [50, 0, 30]


async def test_too_much_is_refused_with_what_there_is(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 30)

    refused = await book.refused(ada, Redeem(PTS, 31))

    assert refused.code is RefusalCode.INSUFFICIENT_POINTS
    assert refused.detail == {"required": 31, "available": 30}


async def test_a_hold_is_captured_in_the_order_of_its_lots(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 50, 50)
    hold = await book.do(ada, Authorize(PTS, 80))

    assert book.wallet(ada) == (0, 20, 80, 0)
    assert book.lots(ada) == [(50, 0, 0, 50), (50, 0, 20, 30)]

    captured = await book.do(ada, Capture(hold.seq, amount=60, final=False))

    assert book.postings(ada, captured.seq) == [
        (50, "HELD", "REDEEMED"),
        (10, "HELD", "REDEEMED"),
    ]
    assert book.wallet(ada) == (0, 20, 20, 0)

    await book.do(ada, Capture(hold.seq))

    assert book.wallet(ada) == (0, 20, 0, 0)


async def test_a_final_capture_releases_the_rest(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 100)
    hold = await book.do(ada, Authorize(PTS, 80))

    captured = await book.do(ada, Capture(hold.seq, amount=30))

    assert book.postings(ada, captured.seq) == [
        (30, "HELD", "REDEEMED"),
        (50, "HELD", "AVAILABLE"),
    ]
    assert book.wallet(ada) == (0, 70, 0, 0)
    refused = await book.refused(ada, Capture(hold.seq))
    assert refused.code is RefusalCode.HOLD_CLOSED


async def test_the_rest_of_a_hold_is_given_back_though_a_lot_of_it_is_used_up(
    book: Any,
) -> None:
    ada = await book.open()
    await book.earn(ada, 10, 50)
    hold = await book.do(ada, Authorize(PTS, 30))
    await book.do(ada, Capture(hold.seq, amount=10, final=False))

    await book.do(ada, Void(hold.seq))

    assert book.lots(ada) == [(10, 0, 0, 0), (50, 0, 50, 0)]


async def test_no_more_is_captured_than_is_held(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 100)
    hold = await book.do(ada, Authorize(PTS, 80))

    refused = await book.refused(ada, Capture(hold.seq, amount=81))

    assert refused.code is RefusalCode.EXCEEDS_ORIGINAL


async def test_authorize_then_void_changes_nothing(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 50, 50)
    before = (book.wallet(ada), book.lots(ada))
    hold = await book.do(ada, Authorize(PTS, 80))

    await book.do(ada, Void(hold.seq))

    assert (book.wallet(ada), book.lots(ada)) == before
    assert (await book.refused(ada, Void(hold.seq))).code is RefusalCode.HOLD_CLOSED
    assert (await book.refused(ada, Void(99))).code is RefusalCode.HOLD_UNKNOWN


async def test_points_and_stock_are_set_aside_together_or_not_at_all(
    book: Any,
) -> None:
    ada = await book.open()
    stock = await book.open(HolderKind.STOCK)
    await book.earn(ada, 100)
    await book.do(stock, Adjust(STOCK, 1))

    def reserve() -> tuple[Step, Step]:
        return Step(ada, Authorize(PTS, 40)), Step(stock, Authorize(STOCK, 1))

    first = await book.post(*reserve())
    before = await book.everything()
    second = await book.post(*reserve())
    after = await book.everything()

    assert isinstance(first, Posted)
    assert set(first.seqs) == {ada, stock}
    assert isinstance(second, Refused)
    assert second.code is RefusalCode.OUT_OF_STOCK
    before.pop("refusal"), after.pop("refusal")
    assert after == before
    assert book.wallet(ada) == (0, 60, 40, 0)


async def test_a_limit_counts_in_the_same_transaction(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 100)
    count = Count("reward:1", "all", by=1, limit=2)

    outcomes = [
        await book.post(Step(ada, Redeem(PTS, 10), counts=(count,))) for _ in range(3)
    ]

    assert isinstance(outcomes[1], Posted)
    assert isinstance(outcomes[2], Refused)
    assert outcomes[2].code is RefusalCode.LIMIT_REACHED
    assert book.wallet(ada) == (0, 80, 0, 0)
    assert book.tables["counter"][ada, "reward:1", "all"]["value"] == 2


async def test_a_counter_of_points_follows_what_is_issued(book: Any) -> None:
    ada = await book.open()
    count = Count("earned", "all", currency_id=PTS)

    await book.post(Step(ada, Earn((Award(PTS, 70), Award(2, 5))), counts=(count,)))

    assert book.tables["counter"][ada, "earned", "all"]["value"] == 70


async def test_a_correction_takes_and_gives(book: Any) -> None:
    ada = await book.open()
    await book.do(ada, Adjust(PTS, 30))

    taken = await book.do(ada, Adjust(PTS, -20))

    assert book.postings(ada, taken.seq) == [(20, "AVAILABLE", "ADJUSTED")]
    assert book.wallet(ada) == (0, 10, 0, 0)
    refused = await book.refused(ada, Adjust(PTS, -11))
    assert refused.code is RefusalCode.INSUFFICIENT_POINTS


async def test_a_balance_never_leaves_what_clients_read_exactly(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 2**53 - 1)

    refused = await book.refused(ada, Earn((Award(PTS, 1),)))

    assert refused.code is RefusalCode.AMOUNT_TOO_LARGE


async def test_nobody_who_is_unknown_or_frozen_spends(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 100)
    hold = await book.do(ada, Authorize(PTS, 10))

    unknown = await book.post(Step(999, Redeem(PTS, 1)))
    book.tables["holder"][(ada,)]["status"] = 2
    frozen = await book.refused(ada, Redeem(PTS, 1))

    assert isinstance(unknown, Refused)
    assert unknown.code is RefusalCode.HOLDER_UNKNOWN
    assert frozen.code is RefusalCode.HOLDER_NOT_ACTIVE
    await book.do(ada, Capture(hold.seq))  # what was begun can be ended


async def test_a_holder_is_opened_once(book: Any) -> None:
    ada = await book.open()

    refused = await book.refused(ada, Open(7, HolderKind.MEMBER))

    assert refused.code is RefusalCode.HOLDER_EXISTS


async def test_a_transaction_tells_balances_and_changes(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 100)
    await book.do(ada, Authorize(PTS, 30))
    await book.do(ada, Note())

    balances = [row["balances"] for key, row in sorted(book.tables["journal"].items())]

    assert balances == [
        "[]",
        "[[1,100,0,0,0,100,0,0,0]]",
        "[[1,70,0,30,0,-30,0,30,0]]",
        "[]",
    ]
