"""Laws of points that hold whatever happened before."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.ledger.codes import TRACELESS, Account
from core.ledger.commands import (
    Authorize,
    Award,
    Capture,
    Command,
    Earn,
    Exchange,
    Outcome,
    Posted,
    Receive,
    Redeem,
    Refused,
    Reverse,
    Send,
    Step,
    Void,
)
from tests.core.ledger.asking.asker import USUAL
from tests.core.ledger.asking.dice import MILES, PTS, Dice
from tests.core.ledger.pasts import ADA, BOB, BUCKETS, HOLDERS, Past, past_of
from tests.core.ledger.proving import PROGRAM_SIDE, faults, histories

LAW = settings(deadline=None)
CHANCE = st.randoms(use_true_random=True)
LENGTH = st.integers(1, 15)
AMOUNT = st.integers(1, 40)


@LAW
@given(chance=CHANCE)
async def test_what_is_earned_and_taken_back_at_once_leaves_nothing(
    new_book: Any, chance: Any
) -> None:
    past = await past_of(new_book, chance, 0)
    dice = Dice(chance, past.now_us)
    awards = [dice.award() for _ in range(3)]
    in_time = tuple(one for one in awards if one.expires_at_us > past.now_us)
    earned = await past.do(ADA, Earn(in_time))

    await past.post(Step(ADA, Reverse(earned.seq)))

    assert past.wallets(ADA) == {}


@LAW
@given(chance=CHANCE, length=LENGTH, amount=AMOUNT)
async def test_what_is_set_aside_and_released_is_as_it_was(
    new_book: Any, chance: Any, length: int, amount: int
) -> None:
    past = await past_of(new_book, chance, length)
    before = past.everything()

    hold = await past.do(ADA, Authorize(PTS, amount))
    await past.do(ADA, Void(hold.seq))

    assert past.everything() == before


@LAW
@given(chance=CHANCE, length=LENGTH, amount=AMOUNT, more=st.integers(0, 20))
async def test_capturing_a_part_and_releasing_the_rest_is_redeeming_the_part(
    new_book: Any, chance: Any, length: int, amount: int, more: int
) -> None:
    past = await past_of(new_book, chance, length)
    other = await past.again(new_book)

    hold = await past.do(ADA, Authorize(PTS, amount + more))
    await past.do(ADA, Capture(hold.seq, amount, final=False))
    await past.post(Step(ADA, Void(hold.seq)))
    await other.do(ADA, Redeem(PTS, amount))

    assert past.everything() == other.everything()


@LAW
@given(chance=CHANCE, length=LENGTH, amount=AMOUNT)
async def test_a_refund_at_once_gives_back_what_can_be_spent(
    new_book: Any, chance: Any, length: int, amount: int
) -> None:
    past = await past_of(new_book, chance, length)
    before = past.wallets(ADA)

    spent = await past.do(ADA, Redeem(PTS, amount))
    await past.do(ADA, Reverse(spent.seq))

    assert past.wallets(ADA) == before


@LAW
@given(chance=CHANCE, length=LENGTH, amount=AMOUNT)
async def test_what_ends_first_is_spent_first(
    new_book: Any, chance: Any, length: int, amount: int
) -> None:
    past = await past_of(new_book, chance, length)
    before = _free(past)

    await past.do(ADA, Redeem(PTS, amount))

    after = _free(past)
    spent_from = [key for key in before if after[key] < before[key]]
    assert all(after[key] == 0 for key in before if key < max(spent_from))


def _free(past: Past) -> dict[tuple[int, int], int]:
    """Return what can be spent of each lot, by when it ends, and its number."""
    return {
        (row["expires_at_us"], lot_id): row["available"]
        for (holder_id, lot_id), row in past.book.tables["lot"].items()
        if holder_id == ADA and row["currency_id"] == PTS
    }


@LAW
@given(chance=CHANCE, length=LENGTH, amount=AMOUNT, kind=st.sampled_from(USUAL))
async def test_what_is_foreseen_happens_or_nothing_does(
    new_book: Any, chance: Any, length: int, amount: int, kind: str
) -> None:
    past = await past_of(new_book, chance, length)
    asked = Authorize(PTS, amount)
    foreseen = await past.book.ledger.preview(
        Command("law:preview", b"f", (Step(ADA, asked),))
    )
    assume(isinstance(foreseen.outcome, Posted))
    expect = tuple(use[:2] for use in foreseen.uses[ADA])
    dice = Dice(chance, past.now_us)
    await past.say(past.asker.command("law:between", dice, kind))
    before = past.everything()

    outcome = await past.post(Step(ADA, replace(asked, expect=expect)))

    if isinstance(outcome, Posted):
        assert past.held(outcome.seq) == expect
    else:
        assert past.everything() == before


@LAW
@given(owed=AMOUNT, earned=AMOUNT, waits=st.booleans())
async def test_who_owes_keeps_of_what_is_earned_only_what_is_more(
    new_book: Any,
    owed: int,
    earned: int,
    waits: bool,  # noqa: FBT001  (drawn)
) -> None:
    past = await past_of(new_book, None, 0)
    first = await past.do(ADA, Earn((Award(PTS, owed),)))
    await past.do(ADA, Redeem(PTS, owed))
    await past.do(ADA, Reverse(first.seq))

    ripe_us = past.now_us + 5 if waits else None
    await past.do(ADA, Earn((Award(PTS, earned, available_at_us=ripe_us),)))
    past.book.clock.us += 5
    await past.catch_up()

    left = earned - owed
    expected = (left, 0, 0, 0) if left > 0 else (0, 0, 0, -left)
    assert past.wallets(ADA).get(PTS, (0, 0, 0, 0)) == expected


@LAW
@given(
    amounts=st.lists(st.integers(20, 40), min_size=1, max_size=4),
    spent=st.integers(1, 20),
    parts=st.lists(st.integers(1, 10), max_size=3),
    wait=st.integers(0, 19),
)
async def test_a_refund_in_parts_inside_the_dates_gives_the_whole_back(
    new_book: Any, amounts: list[int], spent: int, parts: list[int], wait: int
) -> None:
    past = await past_of(new_book, None, 0)
    start_us = past.now_us
    for number, amount in enumerate(amounts):
        end_us = start_us + 20 + number % 2
        await past.do(ADA, Earn((Award(PTS, amount, expires_at_us=end_us),)))
    redeemed = await past.do(ADA, Redeem(PTS, spent))

    past.book.clock.us += wait
    for part in parts:
        await past.post(Step(ADA, Reverse(redeemed.seq, part)))
    await past.post(Step(ADA, Reverse(redeemed.seq)))

    assert past.available(ADA) == sum(amounts)
    past.book.clock.us = start_us + 21
    await past.catch_up()
    assert past.wallets(ADA) == {}  # nothing lives longer than it did before


@LAW
@given(chance=CHANCE, length=LENGTH, amount=AMOUNT)
async def test_there_and_back_gives_the_same_sums_and_the_same_dates(
    new_book: Any, chance: Any, length: int, amount: int
) -> None:
    past = await past_of(new_book, chance, length)
    before = [past.wallets(ADA), past.wallets(BOB), _dates(past)]

    sent = await past.post(Step(ADA, Send(PTS, amount)), Step(BOB, Receive(ADA)))
    assume(isinstance(sent, Posted))
    assert isinstance(sent, Posted)
    back = Step(BOB, Reverse(sent.seqs[BOB])), Step(ADA, Receive(BOB))
    await past.post(*back)

    assert [past.wallets(ADA), past.wallets(BOB), _dates(past)] == before


def _dates(past: Past) -> Counter[tuple[int, ...]]:
    """Return how many points of each holder and currency run out when."""
    found: Counter[tuple[int, ...]] = Counter()
    for (holder_id, _), row in past.book.tables["lot"].items():
        key = (holder_id, row["currency_id"], row["expires_at_us"])
        found[key] += row["available"]
    return +found


@LAW
@given(
    chance=CHANCE,
    length=LENGTH,
    amount=AMOUNT,
    gives=st.integers(1, 9),
    takes=st.integers(1, 9),
)
async def test_exchanging_there_and_back_never_gains(
    new_book: Any, chance: Any, length: int, amount: int, gives: int, takes: int
) -> None:
    past = await past_of(new_book, chance, length)
    points, miles = past.available(ADA), past.available(ADA, MILES)

    done = await past.do(ADA, Exchange(PTS, amount, MILES, gives, takes))
    bought = past.available(ADA, MILES) - miles
    postings = past.book.postings(ADA, done.seq)
    rest = sum(part for part, _, to in postings if to == "ROUNDING")
    await past.post(Step(ADA, Exchange(MILES, bought, PTS, takes, gives)))

    assert (amount - rest - 1) * gives < bought * takes <= (amount - rest) * gives
    assert past.available(ADA) <= points
    assert past.available(ADA, MILES) in {miles, miles + bought}


@LAW
@given(chance=CHANCE, length=LENGTH)
async def test_commands_of_different_holders_commute(
    new_book: Any, chance: Any, length: int
) -> None:
    past = await past_of(new_book, chance, length)
    other = await past.again(new_book)
    dice = Dice(chance, past.now_us)
    one, two = past.asker.on(ADA, "one", dice), past.asker.on(BOB, "two", dice)

    outcomes = [await past.say(one), await past.say(two)]
    backwards = [await other.say(two), await other.say(one)]

    assert outcomes == backwards[::-1]
    assert past.book.tables == other.book.tables


@LAW
@given(chance=CHANCE, length=LENGTH)
async def test_saying_a_thing_again_changes_nothing(
    new_book: Any, chance: Any, length: int
) -> None:
    past = await past_of(new_book, chance, length)
    before = await past.book.everything()

    for _, command, first in list(past.told):
        if isinstance(first, Refused) and first.code in TRACELESS:
            continue
        again = await past.book.ledger.post(command)
        assert _is_same(first, again)

    assert await past.book.everything() == before


def _is_same(first: Outcome, again: Outcome) -> bool:
    if isinstance(first, Posted) and isinstance(again, Posted):
        return again.replayed and (first.seq, first.at_us) == (again.seq, again.at_us)
    if isinstance(first, Refused) and isinstance(again, Refused):
        is_kept = again.replayed or again.code.name.endswith("REUSED")
        return is_kept and (first.code, first.detail) == (again.code, again.detail)
    return False


@LAW
@given(chance=CHANCE, length=LENGTH)
async def test_the_events_up_to_any_moment_give_the_wallets_of_that_moment(
    new_book: Any, chance: Any, length: int
) -> None:
    past = await past_of(new_book, chance, length)

    for holder_id, entries in histories(past.book.ledger.store).items():
        wallets: dict[int, tuple[int, ...]] = {}
        for entry in entries:
            for currency_id, *numbers in json.loads(entry.balances):
                after, change = tuple(numbers[:4]), numbers[4:]
                before = wallets.get(currency_id, (0, 0, 0, 0))
                assert [a - b for a, b in zip(after, before, strict=True)] == change
                wallets[currency_id] = after
            some = {one: wallet for one, wallet in wallets.items() if any(wallet)}
            assert past.moments.get((holder_id, entry.seq), some) == some


@LAW
@given(chance=CHANCE, length=LENGTH)
async def test_holders_have_what_was_issued_less_what_went_out(
    new_book: Any, chance: Any, length: int
) -> None:
    past = await past_of(new_book, chance, length)
    net: Counter[tuple[int, int]] = Counter()
    for row in past.book.tables["posting"].values():
        net[row["currency_id"], row["src"]] -= row["amount"]
        net[row["currency_id"], row["dst"]] += row["amount"]

    for currency_id in {currency_id for currency_id, _ in net}:
        wallets = [
            past.wallets(holder_id).get(currency_id, (0, 0, 0, 0))
            for holder_id in HOLDERS
        ]
        *buckets, debt = [sum(column) for column in zip(*wallets, strict=True)]
        accounts = [net[currency_id, Account[name.upper()]] for name in BUCKETS]
        assert accounts == [*buckets, -debt]
        program = [net[key] for key in net if key[0] == currency_id]
        assert sum(program) == 0
        went_out = sum(
            amount
            for (one, account), amount in net.items()
            if one == currency_id and account >= PROGRAM_SIDE
        )
        assert sum(buckets) - debt == -went_out
        assert net[currency_id, Account.TRANSIT] == 0


@LAW
@given(chance=CHANCE, length=st.integers(0, 40))
async def test_the_journal_alone_makes_everything_again(
    new_book: Any, chance: Any, length: int
) -> None:
    past = await past_of(new_book, chance, length)

    assert faults(past.book.ledger.store) == []
