"""Previews: what would be done, without doing it; and being held to it."""

from typing import Any

import pytest

from core.errors import BusyError, InvalidInputError
from core.ledger.codes import (
    NEVER_US,
    STOCK_UNIT,
    HolderKind,
    HolderStatus,
    RefusalCode,
)
from core.ledger.commands import (
    Adjust,
    Authorize,
    Command,
    Count,
    Earn,
    Note,
    Open,
    Posted,
    Redeem,
    Refused,
    SetStatus,
    Step,
)
from core.ledger.requests import RetryError

PTS = 1
TABLES = ("holder", "journal", "posting", "lot", "wallet", "hold", "allocation")
TABLES += ("refusal", "counter")


def lot(seq: int, number: int = 0) -> int:
    """Return the number of a lot that a transaction made."""
    return seq * 1024 + number


def command(*steps: Step) -> Command:
    return Command("test:preview", b"p", steps)


async def everything(database: Any) -> list[Any]:
    return [await database.read(f'SELECT * FROM "{one}"') for one in TABLES]


async def test_a_preview_tells_lots_in_their_order_and_writes_nothing(
    stored: Any,
) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 30)
    soon_us = book.clock.us + 500
    await book.earn(ada, 20, expires_at_us=soon_us)
    before = await everything(database)

    preview = await book.ledger.preview(command(Step(ada, Authorize(PTS, 35))))

    assert await everything(database) == before
    assert preview.outcome == Posted(ada, 4, book.clock.us, {ada: 4})
    assert preview.uses == {ada: ((lot(3), 20, soon_us), (lot(2), 15, NEVER_US))}
    assert preview.left(ada, PTS) == [(lot(2), 15, NEVER_US)]
    assert preview.free(ada, PTS) == 50


async def test_a_refusal_that_is_only_foreseen_is_not_stored(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 30)
    before = await everything(database)

    preview = await book.ledger.preview(command(Step(ada, Redeem(PTS, 31))))
    posted = await book.post(Step(ada, Redeem(PTS, 30)), key="preview")

    detail = {"required": 31, "available": 30}
    assert preview.outcome == Refused(RefusalCode.INSUFFICIENT_POINTS, detail)
    assert (preview.uses, preview.left(ada, PTS)) == ({}, [(lot(2), 30, NEVER_US)])
    assert before[TABLES.index("refusal")] == []
    assert isinstance(posted, Posted)


async def test_what_is_due_is_foreseen_as_done(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 30, expires_at_us=book.clock.us + 5)
    await book.earn(ada, 20, available_at_us=book.clock.us + 5)
    book.clock.us += 5
    before = await everything(database)

    preview = await book.ledger.preview(command(Step(ada, Authorize(PTS, 20))))

    assert await everything(database) == before
    assert preview.uses == {ada: ((lot(3), 20, NEVER_US),)}
    assert preview.free(ada, PTS) == 20


async def test_several_holders_are_seen_at_once(stored: Any) -> None:
    book, _ = stored
    ada, stock = await book.open(), await book.open(HolderKind.STOCK)
    await book.earn(ada, 30)
    await book.do(stock, Adjust(STOCK_UNIT, 3))
    count = Count("reward:1", "all", by=1)
    await book.post(Step(ada, Note(), (count,)))
    steps = (Step(ada, Authorize(PTS, 10), (count,)), Step(stock, Note()))

    preview = await book.ledger.preview(command(*steps))

    assert preview.outcome.seqs == {ada: 4, stock: 3}
    assert preview.free(stock, STOCK_UNIT) == 3
    assert preview.counter(ada, "reward:1", "all") == 1
    assert preview.status(ada) is HolderStatus.ACTIVE


@pytest.mark.usefixtures("small_slices")
async def test_what_would_be_left_counts_every_lot(stored: Any) -> None:
    book, _ = stored
    ada = await book.open()
    await book.earn(ada, *[10] * 5)

    preview = await book.ledger.preview(command(Step(ada, Authorize(PTS, 15))))

    left = [(lot(2, 1), 5), *((lot(2, n), 10) for n in (2, 3, 4))]
    assert [use[:2] for use in preview.left(ada, PTS)] == left


async def test_a_preview_waits_for_nobody(stored: Any) -> None:
    """A holder that somebody has locked is previewed all the same."""
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 30)
    if database.dialect == "sqlite":
        async with database.bulk():
            preview = await book.ledger.preview(command(Step(ada, Redeem(PTS, 30))))
    else:
        async with database.bulk() as bulk:
            await bulk.execute("UPDATE holder SET last_seq = last_seq")
            preview = await book.ledger.preview(command(Step(ada, Redeem(PTS, 30))))

    assert preview.uses == {ada: ((lot(2), 30, NEVER_US),)}


async def test_what_cannot_be_previewed_is_said(book: Any) -> None:
    for operation, field in (
        (Open(7, HolderKind.MEMBER), "operation"),
        (Redeem(PTS, 0), "amount"),
    ):
        with pytest.raises(InvalidInputError) as caught:
            await book.ledger.preview(command(Step(5, operation)))
        assert caught.value.field == field
    nobody = await book.ledger.preview(command(Step(999, Redeem(PTS, 1))))

    assert nobody.outcome == Refused(RefusalCode.HOLDER_UNKNOWN, {})


async def test_a_database_that_does_not_answer_is_asked_again_for_a_while(
    book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await book.open()
    look, failures = book.ledger.store.look, [2]

    async def fail(begin: Any) -> Any:
        failures[0] -= 1
        if failures[0] >= 0:
            raise RetryError("the connection broke")
        return await look(begin)

    monkeypatch.setattr(book.ledger.store, "look", fail)

    preview = await book.ledger.preview(command(Step(ada, Earn(()))))
    failures[0] = 3
    with pytest.raises(BusyError):
        await book.ledger.preview(command(Step(ada, Earn(()))))

    assert preview.outcome.seq == 2


@pytest.mark.parametrize(
    "expect",
    [
        ((lot(3), 20),),
        ((lot(3), 20), (lot(2), 14)),
        ((lot(2), 15), (lot(3), 20)),
        ((lot(3), 20), (lot(2), 15), (lot(4), 1)),
        (),
    ],
)
async def test_other_points_than_were_expected_are_not_set_aside(
    stored: Any, expect: Any
) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 30)
    await book.earn(ada, 20, expires_at_us=book.clock.us + 500)
    before = await everything(database)

    refused = await book.post(Step(ada, Authorize(PTS, 35, expect=expect)), key="k")
    again = await book.post(Step(ada, Authorize(PTS, 35, expect=expect)), key="k")

    assert refused == Refused(RefusalCode.QUOTE_STALE, {"required": 35})
    assert again == Refused(refused.code, refused.detail, replayed=True)
    after = await everything(database)
    assert len(after.pop(TABLES.index("refusal"))) == 1
    assert before.pop(TABLES.index("refusal")) == []
    assert after == before


async def test_the_points_that_were_expected_are_set_aside(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 30)
    await book.earn(ada, 20, expires_at_us=book.clock.us + 500)
    expect = ((lot(3), 20), (lot(2), 15))

    hold = await book.do(ada, Authorize(PTS, 35, expect=expect))

    shares = "SELECT lot_id, authorized FROM allocation WHERE hold_id = $1 ORDER BY ord"
    assert await database.read(shares, hold.seq) == list(expect)


async def test_points_that_were_expected_and_are_gone_are_no_longer_promised(
    book: Any,
) -> None:
    ada = await book.open()
    await book.earn(ada, 30)

    gone = await book.refused(ada, Authorize(PTS, 31, expect=((lot(2), 31),)))
    never = await book.refused(ada, Authorize(PTS, 31, expect=()))

    assert gone.code is RefusalCode.QUOTE_STALE
    assert never.code is RefusalCode.INSUFFICIENT_POINTS


async def test_a_stock_is_held_to_what_was_expected_too(book: Any) -> None:
    stock = await book.open(HolderKind.STOCK)
    await book.do(stock, Adjust(STOCK_UNIT, 2))
    units = await book.refused(stock, Authorize(STOCK_UNIT, 3, expect=((lot(2), 3),)))
    none = await book.refused(stock, Authorize(STOCK_UNIT, 3, expect=()))

    assert units.code is RefusalCode.QUOTE_STALE
    assert none.code is RefusalCode.OUT_OF_STOCK


async def test_who_may_not_spend_hears_that_first(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 30)
    await book.do(ada, SetStatus(HolderStatus.FROZEN))

    refused = await book.refused(ada, Authorize(PTS, 5, expect=((lot(2), 6),)))

    assert refused.code is RefusalCode.HOLDER_NOT_ACTIVE


EXPECT: list[Any] = [
    [(1, 1)],
    ((1,),),
    ((1, 1, 1),),
    ([1, 1],),
    ((0, 1),),
    ((1, 0),),
    ((1.0, 1),),
    ((1, True),),
    ((1, 2**53),),
    ((1, 1),) * 1025,
]


@pytest.mark.parametrize("expect", EXPECT, ids=lambda one: repr(one)[:24])
async def test_what_is_expected_has_a_shape(book: Any, expect: Any) -> None:
    ada = await book.open()

    error = await book.reject(Step(ada, Authorize(PTS, 5, expect=expect)))

    assert error.field == "expect"
