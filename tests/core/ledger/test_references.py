"""Keys and business references where they meet: batches, conflicts, other holders."""

from typing import Any

import pytest

from core.errors import InvalidInputError
from core.ledger.codes import RefusalCode
from core.ledger.commands import Award, Command, Earn, Note, Posted, Redeem, Step
from core.ledger.transact import transact

PTS = 1
ORDER = ("purchase", "o1")


def earn(holder_id: int, key: str, amount: int = 10, **more: Any) -> Command:
    """Return a command whose fingerprint is its amount."""
    step = Step(holder_id, Earn((Award(PTS, amount),)))
    return Command(f"test:{key}", str(amount).encode(), (step,), **more)


async def batch(book: Any, *commands: Command) -> list[Any]:
    """Let the commands travel in one batch."""
    outcomes: list[Any] = await book.ledger.store.run(lambda: transact(commands))
    return outcomes


async def test_e44_one_key_with_two_bodies_in_a_batch_happens_once(stored: Any) -> None:
    book, database = stored
    ada = await book.open()

    first, second = await batch(book, earn(ada, "k", 10), earn(ada, "k", 20))

    assert (first.seq, first.replayed) == (2, False)
    assert second.code is RefusalCode.KEY_REUSED
    assert await database.read("SELECT available FROM wallet") == [(10,)]
    assert await database.read("SELECT count(*) FROM refusal") == [(0,)]


async def test_e43_one_reference_under_two_keys_in_a_batch_happens_once(
    stored: Any,
) -> None:
    book, database = stored
    ada = await book.open()

    first, same, other = await batch(
        book,
        earn(ada, "a", reference=ORDER),
        earn(ada, "b", reference=ORDER),
        earn(ada, "c", 20, reference=ORDER),
    )

    assert (same.seq, same.replayed) == (first.seq, True)
    assert other.code is RefusalCode.REFERENCE_REUSED
    assert await database.read("SELECT available FROM wallet") == [(10,)]
    (later,) = await batch(book, earn(ada, "d", reference=ORDER))
    assert (later.seq, later.replayed) == (first.seq, True)


async def test_a_refusal_in_a_batch_answers_its_own_key_again(book: Any) -> None:
    ada = await book.open()
    redeem = Command("test:k", b"f", (Step(ada, Redeem(PTS, 5)),))

    first, _, again = await batch(book, redeem, earn(ada, "e"), redeem)

    assert first.code is again.code is RefusalCode.INSUFFICIENT_POINTS
    assert (first.replayed, again.replayed) == (False, True)
    assert len(book.tables["refusal"]) == 1


async def test_what_was_refused_has_not_used_its_reference(book: Any) -> None:
    ada = await book.open()
    await book.refused(ada, Redeem(PTS, 5), key="a", reference=ORDER)
    await book.earn(ada, 10)

    done = await book.do(ada, Redeem(PTS, 5), key="b", reference=ORDER)
    again = await book.post(Step(ada, Redeem(PTS, 5)), key="a", reference=ORDER)

    row = book.journal(ada, done.seq)
    assert (row["source"], row["external_id"]) == ORDER
    assert again.code is RefusalCode.INSUFFICIENT_POINTS  # its key answers first
    assert again.replayed


async def test_a_reference_belongs_to_its_source_and_its_holder(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    first = await book.do(ada, Note(), reference=ORDER)

    others = [
        await book.do(ada, Note(), reference=("return", "o1")),
        await book.do(ada, Note(), reference=("purchase", "o2")),
        await book.do(bob, Note(), reference=ORDER),
    ]

    assert not any(one.replayed for one in (first, *others))


async def test_a_key_answers_before_a_reference(book: Any) -> None:
    ada = await book.open()
    first, second = await batch(
        book, earn(ada, "a", reference=ORDER), earn(ada, "b", 20)
    )

    (same,) = await batch(book, earn(ada, "b", 20, reference=ORDER))
    (other,) = await batch(book, earn(ada, "b", 10, reference=ORDER))

    assert first.seq != second.seq
    assert (same.seq, same.replayed) == (second.seq, True)
    assert other.code is RefusalCode.KEY_REUSED


async def test_only_the_owner_of_a_command_carries_its_reference(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, 10)

    sent = await book.post(*book.transfer(ada, bob, 10), reference=ORDER)
    other = await book.do(bob, Note(), reference=ORDER)

    assert book.journal(bob, sent.seqs[bob])["source"] is None
    assert not other.replayed


async def test_keys_that_the_ledger_makes_are_out_of_reach(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    await book.earn(ada, 10, expires_at_us=book.clock.us + 100)
    await book.post(*book.transfer(ada, bob, 5), key="k")
    book.clock.us += 100
    await book.do(ada, Note())
    made = {
        key
        for row in book.tables["journal"].values()
        if not (key := row["idem_key"]).startswith("test:")
    }

    assert made == {f"step:{ada}:test:k", "due:expire:2048"}
    for key in made:
        for holder_id in (ada, bob):
            with pytest.raises(InvalidInputError, match="key"):
                await book.ledger.post(Command(key, b"f", (Step(holder_id, Note()),)))


async def test_a_clients_key_may_look_like_anything(book: Any) -> None:
    ada = await book.open()

    outcomes = [
        await book.post(Step(ada, Note()), key=key)
        for key in ("due:1", "step:1:k", ":")
    ]

    assert all(isinstance(one, Posted) for one in outcomes)
