"""Enrolling: once for each key, one member for each number."""

import asyncio
from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import (
    ForbiddenError,
    IdempotencyConflictError,
    IdentifierTakenError,
    InvalidInputError,
)
from core.ledger.directory import Claim, Ticket
from core.program import definition, members

OTHER = {
    "code": "other",
    "name": "Other",
    "currencies": [{"code": "MILES", "name": "Miles"}],
}


async def stored(engine: Engine) -> list[Any]:
    return await engine.database.read(
        "SELECT holder_id, program_id, number, display_name, email, joined_at_us "
        "FROM member ORDER BY holder_id"
    )


async def holders(engine: Engine) -> list[Any]:
    """Return the holders that are members."""
    return await engine.database.read(
        "SELECT holder_id FROM holder WHERE kind = 1 ORDER BY holder_id"
    )


async def test_a_member_is_stored_as_given(
    engine: Engine, clock: Any, shop: Actor, program_id: int
) -> None:
    one = await members.enroll(
        engine, by=shop, key="k", number="A-1", display_name="Ada", email="a@b.c"
    )

    assert not one.replayed
    assert await stored(engine) == [
        (one.holder_id, program_id, "A-1", "Ada", "a@b.c", clock.us)
    ]
    assert (
        await members.find(engine, program_id=program_id, number="A-1") == one.holder_id
    )
    assert await members.exists(engine, one.holder_id)
    assert await members.find(engine, program_id=program_id, number="A-2") is None


async def test_the_same_key_is_the_same_member(engine: Engine, shop: Actor) -> None:
    first = await members.enroll(engine, by=shop, key="k", number="1")

    again = await members.enroll(engine, by=shop, key="k", number="1")

    assert again == members.Enrolled(first.holder_id, replayed=True)
    assert len(await stored(engine)) == 1


async def test_a_key_is_good_for_one_request(engine: Engine, shop: Actor) -> None:
    await members.enroll(engine, by=shop, key="k", number="1")

    with pytest.raises(IdempotencyConflictError):
        await members.enroll(engine, by=shop, key="k", number="2")

    assert len(await stored(engine)) == len(await holders(engine)) == 1


async def test_keys_are_a_clients_own(engine: Engine, shop: Actor) -> None:
    till = Actor(shop.program_id, "till", Role.INTEGRATOR)

    one = await members.enroll(engine, by=shop, key="k")
    two = await members.enroll(engine, by=till, key="k")

    assert one.holder_id != two.holder_id
    assert not two.replayed


async def test_programs_share_neither_keys_nor_numbers(
    engine: Engine, shop: Actor
) -> None:
    other = await definition.apply(engine, OTHER)
    theirs = Actor(other, shop.client_id, shop.role)

    one = await members.enroll(engine, by=shop, key="k", number="1")
    two = await members.enroll(engine, by=theirs, key="k", number="1")

    assert not two.replayed
    assert [row[:3] for row in await stored(engine)] == [
        (one.holder_id, shop.program_id, "1"),
        (two.holder_id, other, "1"),
    ]


async def test_a_number_has_one_member(engine: Engine, shop: Actor) -> None:
    await members.enroll(engine, by=shop, key="k", number="1")

    for _ in range(2):  # the refusal stays, as any answer to a key does
        with pytest.raises(IdentifierTakenError) as caught:
            await members.enroll(engine, by=shop, key="other", number="1")

    assert caught.value.kind == "number"
    assert len(await stored(engine)) == len(await holders(engine)) == 1


async def test_one_of_many_gets_the_number(engine: Engine, shop: Actor) -> None:
    answers = await asyncio.gather(
        *(members.enroll(engine, by=shop, key=f"k{n}", number="1") for n in range(20)),
        return_exceptions=True,
    )

    won = [one for one in answers if isinstance(one, members.Enrolled)]
    assert len(won) == 1
    assert sum(isinstance(one, IdentifierTakenError) for one in answers) == 19
    assert len(await stored(engine)) == 1


async def test_one_key_at_once_is_one_member(engine: Engine, shop: Actor) -> None:
    answers = await asyncio.gather(
        *(members.enroll(engine, by=shop, key="k", number="1") for _ in range(20))
    )

    assert len({one.holder_id for one in answers}) == 1
    assert sum(not one.replayed for one in answers) == 1
    assert len(await stored(engine)) == len(await holders(engine)) == 1


async def test_what_a_crash_left_half_done_is_finished(
    engine: Engine, clock: Any, shop: Actor
) -> None:
    given = {"number": "1", "display_name": None, "email": None}
    ticket = Ticket("shop", "k", members.fingerprint_of("enroll", given), clock.us)
    await engine.directory.submit(
        Claim(shop.program_id, 777, (("number", "1"),), ticket)
    )
    assert await members.find(engine, program_id=shop.program_id, number="1") == 777
    assert not await members.exists(engine, 777)

    one = await members.enroll(engine, by=shop, key="k", number="1")

    assert one == members.Enrolled(777, replayed=False)
    assert [row[0] for row in await stored(engine)] == [777]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("number", {"number": ""}),
        ("number", {"number": "a b"}),
        ("number", {"number": "-1"}),
        ("number", {"number": "x" * 65}),
        ("number", {"number": "1\n"}),
        ("displayName", {"display_name": ""}),
        ("displayName", {"display_name": "  "}),
        ("displayName", {"display_name": "x" * 81}),
        ("email", {"email": ""}),
        ("email", {"email": "ada"}),
        ("email", {"email": "a@b@c"}),
        ("email", {"email": "a b@c"}),
    ],
)
async def test_refused_values(
    engine: Engine, shop: Actor, field: str, given: dict[str, str]
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await members.enroll(engine, by=shop, key="k", **given)

    assert caught.value.field == field
    assert await stored(engine) == []
    assert await members.enroll(engine, by=shop, key="k")  # the key is still good


async def test_a_member_enrolls_nobody(engine: Engine, shop: Actor) -> None:
    one = await members.enroll(engine, by=shop, key="k")
    member = Actor(shop.program_id, "member-1", Role.MEMBER, one.holder_id)

    with pytest.raises(ForbiddenError):
        await members.enroll(engine, by=member, key="friend")

    assert len(await stored(engine)) == 1
