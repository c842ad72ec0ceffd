"""Claims of names: the first one wins, a retry finds its own."""

import asyncio
from typing import Any

from core.ledger.directory import (
    Claim,
    Claimed,
    Taken,
    Ticket,
    TicketReused,
    claim_all,
)
from core.ledger.pipeline import Bounds, Pipeline

NAME = (("number", "00001"),)


def pipeline(book: Any) -> Any:
    return Pipeline(book.ledger.store, claim_all, Claim.wanted, bounds=Bounds(100))


def ticket(key: str, fingerprint: bytes = b"f") -> Ticket:
    return Ticket("shop", key, fingerprint, 1)


async def test_the_first_claim_wins(stored: Any) -> None:
    book, database = stored
    claims = pipeline(book)

    first = await claims.submit(Claim(1, 10, NAME))
    other = await claims.submit(Claim(1, 11, NAME))
    elsewhere = await claims.submit(Claim(2, 12, NAME))

    assert (first, other, elsewhere) == (Claimed(10), Taken("number"), Claimed(12))
    assert await database.read("SELECT count(*) FROM directory") == [(2,)]


async def test_a_claim_is_safe_to_repeat(stored: Any) -> None:
    book, _ = stored
    claims = pipeline(book)
    await claims.submit(Claim(1, 10, NAME, ticket("k")))

    again = await claims.submit(Claim(1, 99, NAME, ticket("k")))

    assert again == Claimed(10)  # the holder of the first time


async def test_a_ticket_is_good_for_one_request(stored: Any) -> None:
    book, _ = stored
    claims = pipeline(book)
    await claims.submit(Claim(1, 10, NAME, ticket("k")))

    other = await claims.submit(Claim(1, 10, (), ticket("k", b"g")))

    assert other == TicketReused()


async def test_a_refusal_stays(stored: Any) -> None:
    book, database = stored
    claims = pipeline(book)
    await claims.submit(Claim(1, 10, NAME))
    await claims.submit(Claim(1, 11, (*NAME, ("email", "a@b")), ticket("k")))
    await database.configure(
        lambda session: session.connection().exec_driver_sql("DELETE FROM directory")
    )

    again = await claims.submit(Claim(1, 11, NAME, ticket("k")))

    assert again == Taken("number")
    assert await database.read("SELECT count(*) FROM directory") == [(0,)]


async def test_of_fifty_at_once_one_gets_the_name(stored: Any) -> None:
    book, database = stored
    claims = [pipeline(book), pipeline(book)]

    answers = await asyncio.gather(
        *(claims[n % 2].submit(Claim(1, n, NAME, ticket(f"k{n}"))) for n in range(50))
    )

    (owner,) = await database.read("SELECT holder_id FROM directory")
    assert [one for one in answers if isinstance(one, Claimed)] == [Claimed(owner[0])]
    assert answers.count(Taken("number")) == 49


async def test_one_batch_settles_in_order(book: Any) -> None:
    claims = [Claim(1, 10, NAME), Claim(1, 11, NAME), Claim(1, 10, NAME)]

    answers = await book.ledger.store.run(lambda: claim_all(claims))

    assert answers == [Claimed(10), Taken("number"), Claimed(10)]
