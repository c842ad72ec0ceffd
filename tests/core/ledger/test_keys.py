"""Keys and references: the same question has one answer, for ever."""

import asyncio
from typing import Any

import pytest

from core.ledger.codes import RefusalCode
from core.ledger.commands import (
    Award,
    Command,
    Earn,
    Note,
    Posted,
    Redeem,
    Refused,
    Step,
)
from core.ledger.companions import NewRedemption, RedemptionChange
from core.ledger.transact import transact

PTS = 1


def earn(amount: int) -> Earn:
    return Earn((Award(PTS, amount),))


async def test_a_key_gives_its_first_answer_again(book: Any) -> None:
    ada = await book.open()
    first = await book.do(ada, earn(10), key="k")
    before = await book.everything()

    again = await book.do(ada, earn(10), key="k")

    assert again == Posted(ada, first.seq, first.at_us, {ada: first.seq}, replayed=True)
    assert await book.everything() == before


async def test_a_key_with_another_body_is_refused(book: Any) -> None:
    ada = await book.open()
    await book.do(ada, earn(10), key="k")

    refused = await book.refused(ada, earn(11), key="k", fingerprint=b"g")

    assert refused.code is RefusalCode.KEY_REUSED


async def test_a_refusal_stays_after_a_top_up(book: Any) -> None:
    ada = await book.open()
    first = await book.post(Step(ada, Redeem(PTS, 5)), key="k")
    await book.earn(ada, 100)

    again = await book.post(Step(ada, Redeem(PTS, 5)), key="k")

    assert isinstance(first, Refused)
    assert again == Refused(first.code, first.detail, replayed=True)
    assert book.wallet(ada) == (0, 100, 0, 0)


async def test_one_key_twice_in_a_batch_happens_once(book: Any) -> None:
    ada = await book.open()
    command = Command("test:k", b"f", (Step(ada, earn(10)),))

    first, second = await book.ledger.store.run(lambda: transact([command, command]))

    assert (first.replayed, second.replayed) == (False, True)
    assert book.wallet(ada) == (0, 10, 0, 0)


async def test_a_refusal_stays_within_its_batch(book: Any) -> None:
    ada = await book.open()
    redeem = Command("test:k", b"f", (Step(ada, Redeem(PTS, 5)),))
    top_up = Command("test:t", b"f", (Step(ada, earn(10)),))

    first, _, again = await book.ledger.store.run(
        lambda: transact([redeem, top_up, redeem])
    )

    assert again == Refused(first.code, first.detail, replayed=True)
    assert book.wallet(ada) == (0, 10, 0, 0)


async def test_one_reference_twice_in_a_batch_happens_once(book: Any) -> None:
    ada = await book.open()
    commands = [
        Command(key, b"f", (Step(ada, earn(10)),), reference=("purchase", "o1"))
        for key in ("test:a", "test:b")
    ]

    first, second = await book.ledger.store.run(lambda: transact(commands))

    assert (first.replayed, second.replayed) == (False, True)
    assert second.seq == first.seq
    assert book.wallet(ada) == (0, 10, 0, 0)


async def test_fifty_calls_under_one_key_happen_once(stored: Any) -> None:
    book, database = stored
    ada = await book.open()

    outcomes = await asyncio.gather(
        *(book.do(ada, earn(10), key="k") for _ in range(50))
    )

    assert {one.seq for one in outcomes} == {2}
    assert sum(not one.replayed for one in outcomes) == 1
    assert await database.read("SELECT available FROM wallet") == [(10,)]


async def test_a_reference_happens_once_whatever_its_key(book: Any) -> None:
    ada = await book.open()
    first = await book.do(ada, earn(10), reference=("purchase", "o1"))

    again = await book.do(ada, earn(10), reference=("purchase", "o1"))
    other = await book.refused(
        ada, earn(99), reference=("purchase", "o1"), fingerprint=b"g"
    )

    assert (again.seq, again.replayed) == (first.seq, True)
    assert other.code is RefusalCode.REFERENCE_REUSED
    assert book.wallet(ada) == (0, 10, 0, 0)


@pytest.mark.parametrize("is_batch", [False, True])
async def test_a_stage_moves_on_once(book: Any, is_batch: bool) -> None:  # noqa: FBT001
    ada = await book.open()
    start = NewRedemption(
        program_id=7,
        idem_key="k",
        reward_id=1,
        reward_type="discount",
        config="{}",
        config_version=1,
        options=None,
        attributes="{}",
        slot="",
        quantity=1,
        currency_id=PTS,
        price=10,
        status="FULFILLING",
        token="t",
        stock_holder_id=None,
        is_held=True,
        next_attempt_us=0,
        review_at_us=None,
    )
    hold = await book.post(Step(ada, Note(), companions=(start,)))
    change = RedemptionChange(hold.seq, ("FULFILLING", 1), "UNKNOWN", 1)
    step = Step(ada, Note(), companions=(change,))

    if is_batch:
        first, second = await asyncio.gather(book.post(step), book.post(step))
    else:
        first, second = await book.post(step), await book.post(step)

    assert isinstance(first, Posted)
    assert isinstance(second, Refused)
    assert second.code is RefusalCode.STATE_CONFLICT
    assert second.detail == {"status": "UNKNOWN"}
    assert book.tables["redemption"][ada, hold.seq]["status"] == "UNKNOWN"
