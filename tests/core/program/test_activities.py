"""Activities: recorded once, rewarded by the rules of the moment."""

import asyncio
from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import (
    ActivityTypeNotFoundError,
    DuplicateActivityError,
    ForbiddenError,
    IdempotencyConflictError,
    InvalidInputError,
    InvalidPayloadError,
    MemberNotFoundError,
)
from core.program import activities, definition, members

HOUR_US = 3_600_000_000


def order(number: str = "o9", amount_minor: int = 4_299) -> dict[str, Any]:
    return {"order_id": number, "amount_minor": amount_minor, "currency_code": "USD"}


async def record(engine: Engine, by: Actor, holder_id: int, **more: Any) -> Any:
    given = {"key": "k", "activity_type": "purchase", "payload": order()} | more
    return await activities.record(engine, by=by, holder_id=holder_id, **given)


async def state(engine: Engine) -> Any:
    """Return what a refused activity must leave as it is."""
    return [
        await engine.database.read(sql)
        for sql in (
            "SELECT holder_id, seq FROM journal ORDER BY 1, 2",
            "SELECT holder_id, available, pending FROM wallet ORDER BY 1, 2",
            "SELECT holder_id, name, value FROM counter ORDER BY 1, 2",
            "SELECT holder_id, external_id FROM activity ORDER BY 1, 2",
        )
    ]


@pytest.fixture
async def bob(engine: Engine, shop: Actor) -> int:
    return (await members.enroll(engine, by=shop, key="bob")).holder_id


async def test_points_counter_and_facts_are_stored_together(
    engine: Engine, clock: Any, shop: Actor, bob: int
) -> None:
    found = await record(engine, shop, bob)

    assert found == activities.Recorded(bob, 2, {1: 42}, replayed=False)
    assert await engine.database.read(
        "SELECT type, external_id, occurred_at_us, payload, awards FROM activity"
    ) == [
        (
            "purchase",
            "o9",
            clock.us,
            (
                '{"order_id":"o9","amount_minor":4299,"currency_code":"USD",'
                '"item_count":0,"channel":"unknown","store_id":null}'
            ),
            '[{"amount":42,"currency":1,"rule":"purchase","version":1}]',
        )
    ]
    wallet = "SELECT available, pending FROM wallet WHERE holder_id = $1"
    assert await engine.database.read(wallet, bob) == [(42, 0)]
    counter = "SELECT name, period, value FROM counter WHERE holder_id = $1"
    assert await engine.database.read(counter, bob) == [("earned", "all", 42)]


async def test_what_earns_nothing_is_recorded_too(
    engine: Engine, shop: Actor, bob: int
) -> None:
    found = await record(engine, shop, bob, payload=order(amount_minor=99))

    assert (found.seq, found.points) == (2, {})
    assert len(await engine.database.read("SELECT 1 FROM activity")) == 1


async def test_a_repeated_key_answers_as_before_though_rules_have_changed(
    engine: Engine, shop: Actor, bob: int
) -> None:
    first = await record(engine, shop, bob)
    await definition.apply(
        engine,
        {
            "code": "main",
            "name": "Shop",
            "currencies": [{"code": "PTS", "name": "Points"}],
            "rules": [
                {
                    "code": "purchase",
                    "activity": "purchase",
                    "currency": "PTS",
                    "points": 9,
                }
            ],
        },
    )

    again = await record(engine, shop, bob)
    other = await record(engine, shop, bob, key="k2", payload=order("o10"))

    assert again == activities.Recorded(bob, first.seq, {1: 42}, replayed=True)
    assert other.points == {1: 9}


async def test_an_order_counts_once_whatever_the_key(
    engine: Engine, shop: Actor, bob: int
) -> None:
    first = await record(engine, shop, bob, key="k1")
    before = await state(engine)

    again = await record(engine, shop, bob, key="k2")

    assert (again.seq, again.points, again.replayed) == (first.seq, {1: 42}, True)
    assert await state(engine) == before


async def test_an_order_with_other_content_is_refused(
    engine: Engine, shop: Actor, bob: int
) -> None:
    await record(engine, shop, bob, key="k1")
    before = await state(engine)

    with pytest.raises(DuplicateActivityError) as caught:
        await record(engine, shop, bob, key="k2", payload=order(amount_minor=1))

    assert (caught.value.source, caught.value.external_id) == ("purchase", "o9")
    assert await state(engine) == before


async def test_an_order_belongs_to_one_member(
    engine: Engine, shop: Actor, ada: int, bob: int
) -> None:
    await record(engine, shop, ada, key="k1")
    before = await state(engine)

    with pytest.raises(DuplicateActivityError):
        await record(engine, shop, bob, key="k2")

    assert await state(engine) == before


async def test_members_at_once_for_one_order(
    engine: Engine, shop: Actor, ada: int, bob: int
) -> None:
    answers = await asyncio.gather(
        *(
            record(engine, shop, who, key=f"k{n}")
            for n, who in enumerate([ada, bob] * 10)
        ),
        return_exceptions=True,
    )

    kept = [one for one in answers if isinstance(one, activities.Recorded)]
    assert len({one.holder_id for one in kept}) == 1
    assert sum(not one.replayed for one in kept) == 1
    refused = [one for one in answers if isinstance(one, DuplicateActivityError)]
    assert len(kept) == len(refused) == 10


async def test_everybody_signs_up_once(
    engine: Engine, shop: Actor, ada: int, bob: int
) -> None:
    given: dict[str, Any] = {"activity_type": "sign_up", "payload": {}}

    for key, who in (("k1", ada), ("k2", bob)):
        found = await record(engine, shop, who, key=key, **given)
        assert found.points == {1: 100}
    again = await record(engine, shop, ada, key="k3", **given)

    assert again.replayed


async def test_a_key_is_good_for_one_activity(
    engine: Engine, shop: Actor, bob: int
) -> None:
    await record(engine, shop, bob)
    before = await state(engine)

    with pytest.raises(IdempotencyConflictError):
        await record(engine, shop, bob, payload=order("o10"))

    assert await state(engine) == before


async def test_it_happened_when_it_is_said_to(
    engine: Engine, clock: Any, shop: Actor, bob: int
) -> None:
    await record(engine, shop, bob, occurred_at_us=clock.us - HOUR_US)
    await record(
        engine,
        shop,
        bob,
        key="ahead",
        payload=order("o10"),
        occurred_at_us=clock.us + 1,
    )  # clocks differ a little

    sql = "SELECT occurred_at_us FROM activity ORDER BY seq"
    assert await engine.database.read(sql) == [(clock.us - HOUR_US,), (clock.us + 1,)]
    sql = "SELECT effective_us, at_us FROM journal WHERE holder_id = $1 AND seq = 2"
    assert await engine.database.read(sql, bob) == [(clock.us - HOUR_US, clock.us)]


async def test_refused_activities_leave_no_trace(
    engine: Engine, clock: Any, shop: Actor, bob: int
) -> None:
    other = await definition.apply(
        engine,
        {"code": "b", "name": "B", "currencies": [{"code": "PTS", "name": "P"}]},
    )
    stranger = Actor(other, "shop", Role.INTEGRATOR)
    member = Actor(shop.program_id, "member-1", Role.MEMBER, bob)
    before = await state(engine)

    for error, by, holder_id, more in (
        (ActivityTypeNotFoundError, shop, bob, {"activity_type": "nap"}),
        (InvalidPayloadError, shop, bob, {"payload": {"order_id": "x"}}),
        (InvalidPayloadError, shop, bob, {"payload": order(amount_minor=-1)}),
        (InvalidInputError, shop, bob, {"occurred_at_us": clock.us + HOUR_US}),
        (InvalidInputError, shop, bob, {"occurred_at_us": -1}),
        (MemberNotFoundError, shop, 999, {}),
        (MemberNotFoundError, stranger, bob, {}),
        (ForbiddenError, member, bob, {}),
    ):
        with pytest.raises(error):
            await record(engine, by, holder_id, **more)

    assert await state(engine) == before
    assert (await record(engine, shop, bob)).points == {1: 42}  # key and order are free
