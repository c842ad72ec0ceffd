"""Attributes: what is known of a member by name."""

from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import (
    ForbiddenError,
    IdempotencyConflictError,
    InvalidInputError,
    MemberNotFoundError,
)
from core.program import attributes

ALL = ("city", "is_vegan", "shoe_size", "nickname")
SQL = (
    "SELECT name, seq, value, source, recorded_at_us FROM member_attribute "
    "WHERE holder_id = $1 ORDER BY name, seq"
)


async def change(engine: Engine, by: Actor, holder_id: int, **more: Any) -> Any:
    given = {"key": "k", "attributes": {"city": "Graz"}} | more
    return await attributes.change(engine, by=by, holder_id=holder_id, **given)


async def test_values_are_kept_as_they_are(
    engine: Engine, clock: Any, shop: Actor, ada: int
) -> None:
    known = {"city": 'Zoë "\\', "is_vegan": False, "shoe_size": -(2**53 - 1)}

    posted = await change(engine, shop, ada, attributes=known)

    found = await attributes.read(engine, ada, ALL)
    assert found == known
    assert [type(one) for one in found.values()] == [str, bool, int]
    assert await engine.database.read(SQL, ada) == [
        ("city", posted.seq, '"Zoë \\"\\\\"', "shop", clock.us),
        ("is_vegan", posted.seq, "false", "shop", clock.us),
        ("shoe_size", posted.seq, "-9007199254740991", "shop", clock.us),
    ]


async def test_only_what_is_named_changes(
    engine: Engine, shop: Actor, ada: int
) -> None:
    await change(engine, shop, ada, attributes={"city": "Graz", "shoe_size": 38})

    await change(engine, shop, ada, key="k2", attributes={"shoe_size": 39})
    await change(engine, shop, ada, key="k3", attributes={"nickname": "Countess"})
    await change(engine, shop, ada, key="k4", attributes={"nickname": None})

    assert await attributes.read(engine, ada, ALL) == {"city": "Graz", "shoe_size": 39}
    assert await attributes.read(engine, ada, ["shoe_size"]) == {"shoe_size": 39}
    assert await attributes.read(engine, ada, []) == {}
    assert await attributes.read(engine, 999, ALL) == {}


async def test_a_repeated_key_changes_nothing(
    engine: Engine, shop: Actor, ada: int
) -> None:
    first = await change(engine, shop, ada)
    await change(engine, shop, ada, key="k2", attributes={"city": "Wien"})
    before = await engine.database.read(SQL, ada)

    again = await change(engine, shop, ada)
    with pytest.raises(IdempotencyConflictError):
        await change(engine, shop, ada, attributes={"city": "Linz"})

    assert (again.seq, again.replayed) == (first.seq, True)
    assert await engine.database.read(SQL, ada) == before
    assert await attributes.read(engine, ada, ALL) == {"city": "Wien"}


async def test_each_change_stands_in_the_journal(
    engine: Engine, shop: Actor, ada: int
) -> None:
    posted = await change(engine, shop, ada)

    sql = "SELECT kind, meta, balances FROM journal WHERE holder_id = $1 AND seq = $2"
    assert await engine.database.read(sql, ada, posted.seq) == [
        (16, '{"actor":"shop"}', "[]")
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "attributes"),
        ({f"a{n}": n for n in range(101)}, "attributes"),
        ({"Shoe": 1}, "attributes"),
        ({"a" * 51: 1}, "attributes"),
        ({"shoe_size": 38.5}, "attributes.shoe_size"),
        ({"shoe_size": 2**53}, "attributes.shoe_size"),
        ({"city": "x" * 501}, "attributes.city"),
        ({"city": "a\0b"}, "attributes.city"),
        ({"city": "\ud800"}, "attributes.city"),
        ({"cities": ["Graz"]}, "attributes.cities"),
        ({"city": {"name": "Graz"}}, "attributes.city"),
    ],
)
async def test_what_is_no_scalar_is_refused(
    engine: Engine, shop: Actor, ada: int, given: Any, field: str
) -> None:
    head = "SELECT last_seq FROM holder WHERE holder_id = $1"
    before = await engine.database.read(head, ada)

    with pytest.raises(InvalidInputError) as caught:
        await change(engine, shop, ada, attributes=given)

    assert caught.value.field == field
    assert await engine.database.read(head, ada) == before
    assert await attributes.read(engine, ada, ALL) == {}


async def test_others_may_not(engine: Engine, shop: Actor, ada: int) -> None:
    member = Actor(shop.program_id, "member-1", Role.MEMBER, ada)

    with pytest.raises(ForbiddenError):
        await change(engine, member, ada)
    with pytest.raises(MemberNotFoundError):
        await change(engine, Actor(999, "shop", Role.INTEGRATOR), ada)

    assert await attributes.read(engine, ada, ALL) == {}
