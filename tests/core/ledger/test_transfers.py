"""Transfers: points change their holder, keep their dates, and can be sent back."""

from typing import Any

import pytest

from core.ledger.codes import HolderKind, HolderStatus, JournalKind, RefusalCode
from core.ledger.commands import (
    Authorize,
    Award,
    Earn,
    Note,
    Posted,
    Receive,
    Redeem,
    Reverse,
    Send,
    SetStatus,
    Step,
)
from core.ledger.verify import verify

PTS = 1
STATUS = 3  # a currency that cannot be transferred


async def test_points_pass_through_transit_and_keep_their_dates(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    soon_us = book.clock.us + 500
    policy = '{"clawback":"debt"}'
    await book.earn(ada, 50)
    await book.earn(ada, 30, expires_at_us=soon_us, policy=policy)

    sent = await book.send(ada, bob, 60)

    out = [(30, "AVAILABLE", "TRANSIT"), (30, "AVAILABLE", "TRANSIT")]
    assert book.postings(ada, sent.seq) == out
    back = [(30, "TRANSIT", "AVAILABLE"), (30, "TRANSIT", "AVAILABLE")]
    assert book.postings(bob, sent.seqs[bob]) == back
    assert (book.wallet(ada), book.wallet(bob)) == ((0, 20, 0, 0), (0, 60, 0, 0))
    lots = [row for key, row in sorted(book.tables["lot"].items()) if key[0] == bob]
    assert [row["expires_at_us"] for row in lots] == [soon_us, book.ends(ada)[0]]
    assert [row["policy"] for row in lots] == [policy, "{}"]
    assert [row["origin_holder"] for row in lots] == [ada, ada]
    assert [row["origin_lot"] for row in lots] == [3 * 1024, 2 * 1024]


async def test_both_sides_are_journaled_under_one_correlation(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, 50)

    sent = await book.post(*book.transfer(ada, bob, 20), key="gift", meta={"to": "bob"})

    ours, theirs = book.journal(ada, sent.seq), book.journal(bob, sent.seqs[bob])
    assert (ours["kind"], theirs["kind"]) == (
        JournalKind.TRANSFER_OUT,
        JournalKind.TRANSFER_IN,
    )
    assert ours["corr_id"] == theirs["corr_id"] == f"{ada}:test:gift"
    assert (ours["idem_key"], theirs["idem_key"]) == (
        "test:gift",
        f"step:{ada}:test:gift",
    )
    assert (ours["meta"], theirs["meta"]) == ('{"to":"bob"}', "{}")


async def test_a_repeated_transfer_happens_once(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, 50)
    first = await book.post(*book.transfer(ada, bob, 20), key="k")
    before = await book.everything()

    again = await book.post(*book.transfer(ada, bob, 20), key="k")

    assert (again.seq, again.replayed) == (first.seq, True)
    assert await book.everything() == before


async def test_what_cannot_be_sent_or_received_moves_nothing(book: Any) -> None:
    ada, bob, frozen, closed = [await book.open() for _ in range(4)]
    foreign = await book.open(program_id=8)
    await book.do(ada, Earn((Award(PTS, 50), Award(STATUS, 50))))
    await book.earn(ada, 500, available_at_us=book.clock.us + 100)
    await book.do(ada, Authorize(PTS, 10))
    await book.earn(frozen, 50)
    await book.do(frozen, SetStatus(HolderStatus.FROZEN))
    await book.do(closed, SetStatus(HolderStatus.CLOSED))
    refusals = {
        (ada, bob, 41, PTS): RefusalCode.INSUFFICIENT_POINTS,  # pending, held: not his
        (ada, bob, 1, STATUS): RefusalCode.NOT_TRANSFERABLE,
        (ada, bob, 1, 99): RefusalCode.CURRENCY_UNKNOWN,
        (ada, frozen, 1, PTS): RefusalCode.HOLDER_NOT_ACTIVE,
        (frozen, ada, 1, PTS): RefusalCode.HOLDER_NOT_ACTIVE,
        (ada, closed, 1, PTS): RefusalCode.HOLDER_CLOSED,
        (ada, 999, 1, PTS): RefusalCode.HOLDER_UNKNOWN,
        (999, ada, 1, PTS): RefusalCode.HOLDER_UNKNOWN,
        (ada, foreign, 1, PTS): RefusalCode.HOLDER_UNKNOWN,
    }

    for given, code in refusals.items():
        assert (await book.refuse(*book.transfer(*given))).code is code, given


async def test_a_transfer_has_one_sender_and_one_receiver(book: Any) -> None:
    ada, bob, cyd = [await book.open() for _ in range(3)]
    send, receive = book.transfer(ada, bob, 10)
    await book.earn(ada, 50)
    wrong = {
        (send,): "steps",
        (receive,): "steps",
        (send, Step(ada, Receive(ada))): "steps",  # to oneself
        (receive, send): "steps",
        (send, Step(bob, Note()), Step(cyd, Receive(ada))): "steps",
        (send, Step(bob, Receive(cyd))): "sender",
        (send, receive, Step(cyd, Receive(ada))): "steps",
        (Step(ada, Note()), Step(bob, Receive(ada))): "steps",
    }

    for steps, field in wrong.items():
        assert (await book.reject(*steps)).field == field, steps


async def test_more_lots_than_a_transaction_can_make_are_refused(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, *[1] * 1024)
    await book.earn(ada, 1)

    refused = await book.refuse(*book.transfer(ada, bob, 1025))

    assert refused.code is RefusalCode.TOO_MANY_LOTS
    await book.send(ada, bob, 1024)


async def test_there_and_back_gives_the_same_sums_and_no_later_end(book: Any) -> None:
    ada, pool = await book.open(), await book.open(HolderKind.POOL)
    ends = [book.clock.us + life_us for life_us in (900, 300, 600)]
    for amount, ends_us in zip((10, 20, 30), ends, strict=True):
        await book.earn(ada, amount, expires_at_us=ends_us)

    await book.send(ada, pool, 45)
    await book.send(pool, ada, 45)

    assert (book.wallet(ada), book.wallet(pool)) == ((0, 60, 0, 0), (0, 0, 0, 0))
    assert book.ends(ada) == [*ends, ends[1], ends[2]]
    assert book.lots(ada)[3:] == [(20, 0, 20, 0), (25, 0, 25, 0)]


async def test_a_household_pools_points_and_spends_them(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    pool = await book.open(HolderKind.POOL)
    await book.earn(ada, 60)
    await book.earn(bob, 60)

    await book.send(ada, pool, 50)
    await book.send(bob, pool, 50)
    spent = await book.do(pool, Redeem(PTS, 70), meta={"member": ada})
    await book.send(pool, bob, 30)

    assert [book.wallet(one)[1] for one in (ada, bob, pool)] == [10, 40, 0]
    assert book.journal(pool, spent.seq)["meta"] == f'{{"member":{ada}}}'


async def test_a_receiver_sends_back_in_parts_and_never_more(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    soon_us = book.clock.us + 500
    await book.earn(ada, 30, expires_at_us=soon_us)
    await book.earn(ada, 30)
    sent = await book.send(ada, bob, 50)

    first = await book.send_back(sent, bob, amount=40)
    too_much = await book.refuse(
        Step(bob, Reverse(sent.seqs[bob], amount=11)), Step(ada, Receive(bob))
    )
    await book.send_back(sent, bob)
    again = await book.refuse(
        Step(bob, Reverse(sent.seqs[bob])), Step(ada, Receive(bob))
    )

    assert book.postings(bob, first.seq) == [
        (30, "AVAILABLE", "TRANSIT"),
        (10, "AVAILABLE", "TRANSIT"),
    ]
    assert book.journal(bob, first.seq)["kind"] == JournalKind.TRANSFER_BACK
    assert book.journal(bob, first.seq)["ref_seq"] == sent.seqs[bob]
    assert too_much.code is RefusalCode.EXCEEDS_ORIGINAL
    assert too_much.detail == {"required": 11, "available": 10}
    assert again.code is RefusalCode.NOT_REVERSIBLE
    assert (book.wallet(ada), book.wallet(bob)) == ((0, 60, 0, 0), (0, 0, 0, 0))
    assert sorted(book.ends(ada))[:2] == [soon_us, soon_us]


LEFT = {
    "other_lots": ((0, 0, 0, 10), []),
    "debt": ((0, 20, 0, 30), []),
    "forgive": ((0, 20, 0, 0), [(30, "LOSS", "TRANSIT")]),
    "capped": ((0, 0, 0, 4), [(6, "LOSS", "TRANSIT")]),
}


@pytest.mark.parametrize("clawback", LEFT)
async def test_what_the_receiver_spent_comes_as_the_policy_says(
    book: Any, clawback: str
) -> None:
    ada, bob = await book.open(), await book.open()
    policy = f'{{"clawback":"{clawback}","debt_limit":4}}'
    await book.earn(ada, 50, policy=policy)
    sent = await book.send(ada, bob, 50)
    await book.do(bob, Redeem(PTS, 30))
    await book.earn(bob, 20)

    back = await book.send_back(sent, bob)

    wallet, lost = LEFT[clawback]
    assert book.wallet(bob) == wallet
    postings = book.postings(bob, back.seq)
    assert [one for one in postings if one[1] == "LOSS"] == lost
    assert sum(amount for amount, _, _ in postings) == 50
    assert book.wallet(ada) == (0, 50, 0, 0)  # the sender is not out of pocket


async def test_a_transfer_goes_back_to_its_sender_alone(book: Any) -> None:
    ada, bob, cyd = [await book.open() for _ in range(3)]
    await book.earn(ada, 50)
    earned = await book.earn(bob, 5)
    sent = await book.send(ada, bob, 50)
    reverse = Step(bob, Reverse(sent.seqs[bob]))

    nowhere = await book.refuse(reverse)
    elsewhere = await book.refuse(reverse, Step(cyd, Receive(bob)))
    no_transfer = await book.refuse(
        Step(bob, Reverse(earned.seq)), Step(ada, Receive(bob))
    )
    by_the_sender = await book.refused(ada, Reverse(sent.seq))

    assert nowhere.detail == elsewhere.detail == {"kind": "NOT_RECEIVED"}
    assert no_transfer.detail == {"kind": "NOT_SENT"}
    assert by_the_sender.detail == {"kind": "TRANSFER_OUT"}


async def test_points_come_back_to_a_frozen_holder_but_not_to_a_closed_one(
    book: Any,
) -> None:
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, 50)
    sent = await book.send(ada, bob, 50)
    await book.do(ada, SetStatus(HolderStatus.FROZEN))

    await book.send_back(sent, bob, amount=20)
    await book.do(ada, SetStatus(HolderStatus.CLOSED))
    refused = await book.refuse(
        Step(bob, Reverse(sent.seqs[bob])), Step(ada, Receive(bob))
    )

    assert book.wallet(ada) == (0, 20, 0, 0)
    assert refused.code is RefusalCode.HOLDER_CLOSED


async def test_what_came_back_can_be_sent_again(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, 50)
    sent = await book.send(ada, bob, 50)
    back = await book.send_back(sent, bob)

    await book.send_back(back, ada)

    assert (book.wallet(ada), book.wallet(bob)) == ((0, 0, 0, 0), (0, 50, 0, 0))


async def test_two_transfers_in_one_command_do_not_mix(book: Any) -> None:
    ada, bob, cyd, dan = [await book.open() for _ in range(4)]
    await book.earn(ada, 10)
    await book.earn(cyd, 20)

    posted = await book.post(*book.transfer(ada, bob, 10), *book.transfer(cyd, dan, 20))

    assert isinstance(posted, Posted)
    assert [book.wallet(one)[1] for one in (ada, bob, cyd, dan)] == [0, 10, 0, 20]


async def test_transfers_prove_themselves(stored: Any) -> None:
    book, database = stored
    ada, bob = await book.open(), await book.open(HolderKind.POOL)
    for clawback in LEFT:
        policy = f'{{"clawback":"{clawback}","debt_limit":4}}'
        ends_us = book.clock.us + 1_000
        await book.earn(ada, 50, expires_at_us=ends_us, policy=policy)
        sent = await book.send(ada, bob, 50)
        await book.do(bob, Redeem(PTS, 30))
        await book.send_back(sent, bob, amount=45)
        book.clock.us = ends_us
        await book.send_back(sent, bob)

    report = await verify(database, full=True)

    assert report.findings == ()
    sql = "SELECT available, debt FROM wallet WHERE holder_id = $1"
    assert await database.read(sql, ada) == [(0, 0)]


async def test_a_sender_learns_nothing_of_a_refused_receiver(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    foreign = await book.open(program_id=8)
    await book.earn(ada, 50)
    tables = ("journal", "refusal", "wallet", "lot", "posting", "holder")
    before = [await database.read(f"SELECT * FROM {one}") for one in tables]

    outcome = await book.post(
        Step(ada, Send(PTS, 5)), Step(foreign, Receive(ada)), key="k"
    )

    assert outcome.code is RefusalCode.HOLDER_UNKNOWN
    assert [await database.read(f"SELECT * FROM {one}") for one in tables] == before
    await book.do(ada, Redeem(PTS, 5), key="k")  # the key is as good as new
