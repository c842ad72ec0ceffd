"""What the rules of a currency allow, and whose currency it is."""

from typing import Any

import pytest

from core.ledger.codes import HolderKind, RefusalCode
from core.ledger.commands import (
    Adjust,
    Authorize,
    Award,
    Capture,
    Earn,
    Exchange,
    Note,
    Redeem,
    Reverse,
    Send,
    Step,
)

STOCK, PTS, MILES, STATUS, FLOORED, OTHERS, NOBODYS = 0, 1, 2, 3, 4, 5, 99


async def test_what_only_counts_is_earned_and_never_spent(book: Any) -> None:
    ada = await book.open()
    await book.do(ada, Earn((Award(STATUS, 50),)))

    for operation in (
        Redeem(STATUS, 10),
        Authorize(STATUS, 10),
        Exchange(STATUS, 10, PTS, 1, 1),
    ):
        refused = await book.refused(ada, operation)
        assert refused.code is RefusalCode.NOT_REDEEMABLE
        assert refused.detail == {"currency": STATUS}
    await book.do(ada, Adjust(STATUS, -20))

    assert book.wallet(ada, STATUS) == (0, 30, 0, 0)


async def test_what_is_not_transferable_stays_where_it_is(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    await book.do(ada, Earn((Award(FLOORED, 500),)))

    refused = await book.refuse(*book.transfer(ada, bob, 10, FLOORED))

    assert refused.code is RefusalCode.NOT_TRANSFERABLE
    assert refused.detail == {"currency": FLOORED}


@pytest.mark.parametrize("kind", [Redeem, Authorize, Exchange])
async def test_spending_leaves_the_floor(book: Any, kind: Any) -> None:
    ada = await book.open()
    more = (PTS, 1, 1) if kind is Exchange else ()
    await book.do(ada, Earn((Award(FLOORED, 130),)))

    refused = await book.refused(ada, kind(FLOORED, 31, *more))
    await book.do(ada, kind(FLOORED, 30, *more))
    bare = await book.refused(ada, kind(FLOORED, 1, *more))

    assert refused.code is RefusalCode.INSUFFICIENT_POINTS
    assert refused.detail == {"required": 31, "available": 30}
    assert bare.detail == {"required": 1, "available": 0}


async def test_the_floor_is_no_protection_from_a_clawback(book: Any) -> None:
    ada = await book.open()
    earned = await book.do(ada, Earn((Award(FLOORED, 130),)))
    hold = await book.do(ada, Authorize(FLOORED, 30))
    await book.do(ada, Capture(hold.seq))

    await book.do(ada, Reverse(earned.seq))
    below = await book.refused(ada, Redeem(FLOORED, 1))

    assert book.wallet(ada, FLOORED) == (0, 0, 0, 30)
    assert below.detail == {"required": 1, "available": 0}  # never less than nothing


@pytest.mark.parametrize("currency", [OTHERS, NOBODYS, STOCK])
async def test_a_currency_that_the_program_has_not_is_unknown(
    book: Any, currency: int
) -> None:
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, 50)

    for operation in (
        Earn((Award(PTS, 1), Award(currency, 1))),
        Redeem(currency, 1),
        Authorize(currency, 1),
        Adjust(currency, 1),
        Adjust(currency, -1),
        Exchange(PTS, 1, currency, 1, 1),
        Exchange(currency, 1, PTS, 1, 1),
    ):
        refused = await book.refused(ada, operation)
        assert refused.code is RefusalCode.CURRENCY_UNKNOWN
        assert refused.detail == {"currency": currency}
    sent = await book.refuse(*book.transfer(ada, bob, 1, currency))
    assert sent.code is RefusalCode.CURRENCY_UNKNOWN


async def test_units_are_for_stock_and_budgets_alone(book: Any) -> None:
    stock, budget = (
        await book.open(HolderKind.STOCK),
        await book.open(HolderKind.BUDGET),
    )
    ada = await book.open()

    await book.do(stock, Adjust(STOCK, 5))
    await book.do(budget, Adjust(STOCK, 5))
    refused = await book.refused(ada, Adjust(STOCK, 5))
    sent = await book.refuse(
        Step(stock, Send(STOCK, 1)), book.transfer(stock, ada, 1)[1]
    )

    assert refused.code is RefusalCode.CURRENCY_UNKNOWN
    assert sent.code is RefusalCode.NOT_TRANSFERABLE


async def test_currencies_do_not_mix(book: Any) -> None:
    ada = await book.open()
    earned = await book.do(ada, Earn((Award(PTS, 10), Award(MILES, 20))))
    await book.do(ada, Redeem(MILES, 15))

    too_much = await book.refused(ada, Redeem(MILES, 6))
    part = await book.refused(ada, Reverse(earned.seq, amount=5))
    await book.do(ada, Reverse(earned.seq))

    assert too_much.detail == {"required": 6, "available": 5}
    assert part.detail == {"kind": "SEVERAL_CURRENCIES"}
    assert (book.wallet(ada, PTS), book.wallet(ada, MILES)) == (
        (0, 0, 0, 0),
        (0, 0, 0, 15),
    )


async def test_holders_of_two_programs_do_nothing_together(book: Any) -> None:
    ada = await book.open()
    foreign = await book.open(HolderKind.STOCK, program_id=8)
    await book.earn(ada, 50)
    await book.do(foreign, Adjust(STOCK, 5))

    for steps in (
        (Step(ada, Authorize(PTS, 5)), Step(foreign, Authorize(STOCK, 1))),
        (Step(foreign, Authorize(STOCK, 1)), Step(ada, Authorize(PTS, 5))),
        (Step(ada, Note()), Step(foreign, Note())),
    ):
        refused = await book.refuse(*steps)
        assert refused.code is RefusalCode.HOLDER_UNKNOWN
