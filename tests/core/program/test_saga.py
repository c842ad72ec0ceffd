"""Redemptions with a partner that fails in every way there is."""

import asyncio
from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import (
    FulfillmentRefusedError,
    InvalidInputError,
    RedemptionStateError,
    RevocationRefusedError,
)
from core.extension.registry import Registry
from core.ledger.verify import verify
from core.program import cancellation, corrections, members, recovery, redemption
from core.settings import Settings

HOUR_US = 3_600_000_000


async def redeem(
    engine: Engine, shop: Any, ada: int, ticket: int, key: str = "r"
) -> Any:
    return await redemption.redeem(
        engine, by=shop, key=key, holder_id=ada, reward_id=ticket
    )


async def state(engine: Engine, ada: int) -> dict[str, Any]:
    """Return what a redemption moves: points, stock, limit, status."""
    read = engine.database.read
    ((available, held),) = await read(
        "SELECT available, held FROM wallet WHERE holder_id = $1", ada
    )
    ((left, reserved),) = await read(
        "SELECT available, held FROM wallet WHERE currency_id = 0"
    )
    counter = await read(
        "SELECT value FROM counter WHERE holder_id = $1 AND name <> 'earned'", ada
    )
    rows = await read("SELECT status FROM redemption ORDER BY hold_id")
    return {
        "points": (available, held),
        "stock": (left, reserved),
        "counted": counter[0][0] if counter else 0,
        "status": [status for (status,) in rows],
    }


UNTOUCHED = {"points": (310, 0), "stock": (4, 0), "counted": 0}
HELD = {"points": (270, 40), "stock": (3, 1), "counted": 1}
SPENT = {"points": (270, 0), "stock": (3, 0), "counted": 1}


async def test_a_partner_that_answers(
    engine: Engine, shop: Any, ada: int, ticket: int, wayward: Any
) -> None:
    result = await redeem(engine, shop, ada, ticket)
    again = await redeem(engine, shop, ada, ticket)

    assert await state(engine, ada) == SPENT | {"status": ["FULFILLED"]}
    assert (result.status, again.replayed) == ("FULFILLED", True)
    assert [name for name, _ in wayward.calls] == ["fulfill"]


@pytest.mark.parametrize("word", ["raise", "hang", "lie", "crash after"])
async def test_doubt_keeps_the_points_held_until_recovery(
    engine: Engine,
    shop: Any,
    ada: int,
    ticket: int,
    wayward: Any,
    clock: Any,
    word: str,
) -> None:
    wayward.script = [word]

    result = await redeem(engine, shop, ada, ticket)

    assert result.status == "UNKNOWN"
    assert await state(engine, ada) == HELD | {"status": ["UNKNOWN"]}
    assert await recovery.recover(engine) == 0  # not yet
    clock.us += HOUR_US
    assert await recovery.recover(engine) == 1
    assert await state(engine, ada) == SPENT | {"status": ["FULFILLED"]}
    names = [name for name, _ in wayward.calls]
    asked_again = ["probe"] if word == "crash after" else ["probe", "fulfill"]
    assert names == ["fulfill", *asked_again]
    tokens = {token for _, token in wayward.calls}
    assert len(tokens) == 1
    assert tokens.isdisjoint({"r", "shop:r"})
    assert (await verify(engine.database)).ok


async def test_a_partner_that_stays_unsure_is_asked_again_and_again(
    engine: Engine, shop: Any, ada: int, ticket: int, wayward: Any, clock: Any
) -> None:
    wayward.script = ["crash after", "unsure", "raise", "unsure"]
    await redeem(engine, shop, ada, ticket)

    for _ in range(3):
        clock.us += HOUR_US
        await recovery.recover(engine)
        assert await state(engine, ada) == HELD | {"status": ["UNKNOWN"]}
    clock.us += HOUR_US
    await recovery.recover(engine)

    assert await state(engine, ada) == SPENT | {"status": ["FULFILLED"]}


async def test_a_clear_no_gives_everything_back(
    engine: Engine, shop: Any, ada: int, ticket: int, wayward: Any
) -> None:
    wayward.script = ["refuse"]

    for _ in range(2):  # the second time from the record
        with pytest.raises(FulfillmentRefusedError, match="sold out at the partner"):
            await redeem(engine, shop, ada, ticket)

    assert await state(engine, ada) == UNTOUCHED | {"status": ["FAILED"]}
    assert len(wayward.calls) == 1


async def test_a_process_that_dies_is_survived_by_another(
    engine: Engine,
    shop: Any,
    ada: int,
    ticket: int,
    clock: Any,
    registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def die(*_: Any) -> None:
        raise SystemError("this process ends here")

    with monkeypatch.context() as patched:
        patched.setattr(type(engine.host), "fulfill", die)
        with pytest.raises(SystemError):
            await redeem(engine, shop, ada, ticket)
    assert await state(engine, ada) == HELD | {"status": ["FULFILLING"]}

    url = engine.settings.database_url
    async with Engine.open(Settings(database_url=url), registry, clock) as other:
        assert await recovery.recover(other) == 0  # the lease still runs
        clock.us += HOUR_US
        assert await recovery.recover(other) == 1

    assert await state(engine, ada) == SPENT | {"status": ["FULFILLED"]}


async def test_of_two_that_recover_one_does(
    engine: Engine,
    shop: Any,
    ada: int,
    ticket: int,
    wayward: Any,
    clock: Any,
    registry: Registry,
) -> None:
    wayward.script = ["raise"]
    await redeem(engine, shop, ada, ticket)
    clock.us += HOUR_US

    url = engine.settings.database_url
    async with Engine.open(Settings(database_url=url), registry, clock) as other:
        moved = await asyncio.gather(recovery.recover(engine), recovery.recover(other))

    assert sorted(moved) == [0, 1]
    assert [name for name, _ in wayward.calls].count("fulfill") == 2


async def test_a_client_that_leaves_does_not_stop_its_redemption(
    engine: Engine, shop: Any, ada: int, ticket: int, wayward: Any
) -> None:
    wayward.script = ["raise"]
    caller = asyncio.create_task(redeem(engine, shop, ada, ticket))
    await wayward.was_called.wait()

    caller.cancel()
    await engine.background.drain()

    assert (await state(engine, ada))["status"] == ["UNKNOWN"]


async def test_a_cancel_takes_the_reward_back(
    engine: Engine, shop: Any, ada: int, ticket: int, wayward: Any
) -> None:
    result = await redeem(engine, shop, ada, ticket)

    cancelled = await cancel(engine, shop, ada, result.hold_id)
    again = await cancel(engine, shop, ada, result.hold_id)

    assert (cancelled.status, again.replayed) == ("CANCELLED", True)
    assert await state(engine, ada) == UNTOUCHED | {"status": ["CANCELLED"]}
    assert wayward.given == set()
    with pytest.raises(RedemptionStateError, match="CANCELLED"):
        await cancel(engine, shop, ada, result.hold_id, key="another")
    assert (await verify(engine.database)).ok


async def cancel(
    engine: Engine, shop: Any, ada: int, hold_id: int, key: str = "c", **more: Any
) -> Any:
    return await cancellation.cancel(
        engine, by=shop, key=key, holder_id=ada, hold_id=hold_id, **more
    )


async def test_a_reason_that_cannot_be_kept_cancels_nothing(
    engine: Engine, shop: Any, ada: int, ticket: int
) -> None:
    result = await redeem(engine, shop, ada, ticket)

    for reason in (" ", "x" * 501, "a\0b"):
        with pytest.raises(InvalidInputError, match="reason"):
            await cancel(engine, shop, ada, result.hold_id, reason=reason)

    assert await state(engine, ada) == SPENT | {"status": ["FULFILLED"]}


async def test_a_partner_may_refuse_to_take_it_back(
    engine: Engine, shop: Any, ada: int, ticket: int, wayward: Any
) -> None:
    result = await redeem(engine, shop, ada, ticket)
    wayward.script = ["refuse"]

    for _ in range(2):
        with pytest.raises(RevocationRefusedError, match="the show is over"):
            await cancel(engine, shop, ada, result.hold_id)

    assert await state(engine, ada) == SPENT | {"status": ["FULFILLED"]}


async def test_doubt_about_a_cancel_is_cleared_up_later(
    engine: Engine, shop: Any, ada: int, ticket: int, wayward: Any, clock: Any
) -> None:
    result = await redeem(engine, shop, ada, ticket)
    wayward.script = ["hang"]

    cancelled = await cancel(engine, shop, ada, result.hold_id)

    assert cancelled.status == "COMPENSATING"
    assert (await state(engine, ada))["points"] == (270, 0)
    clock.us += HOUR_US
    assert await recovery.recover(engine) == 1
    assert await state(engine, ada) == UNTOUCHED | {"status": ["CANCELLED"]}


async def test_what_is_under_way_cannot_be_cancelled(
    engine: Engine, shop: Any, ada: int, ticket: int, wayward: Any
) -> None:
    wayward.script = ["raise"]
    result = await redeem(engine, shop, ada, ticket)

    with pytest.raises(RedemptionStateError, match="UNKNOWN"):
        await cancel(engine, shop, ada, result.hold_id)

    assert await state(engine, ada) == HELD | {"status": ["UNKNOWN"]}


async def test_without_its_plugin_a_redemption_waits(
    engine: Engine, shop: Any, ada: int, ticket: int, wayward: Any, clock: Any
) -> None:
    wayward.script = ["raise"]
    await redeem(engine, shop, ada, ticket)
    clock.us += HOUR_US

    url = engine.settings.database_url
    async with Engine.open(Settings(database_url=url), Registry.of(), clock) as bare:
        assert await recovery.recover(bare) == 0

    assert await state(engine, ada) == HELD | {"status": ["UNKNOWN"]}
    clock.us += HOUR_US
    assert await recovery.recover(engine) == 1


async def test_seats_are_never_oversold(
    engine: Engine, shop: Any, program_id: int, ticket: int
) -> None:
    staff = Actor(program_id, "desk", Role.STAFF)
    holders = []
    for number in range(20):
        one = await members.enroll(engine, by=shop, key=f"m{number}")
        await corrections.adjust(
            engine,
            by=staff,
            key=f"a{number}",
            holder_id=one.holder_id,
            currency="PTS",
            amount=100,
            reason="start",
        )
        holders.append(one.holder_id)

    results = await asyncio.gather(
        *(redeem(engine, shop, one, ticket) for one in holders), return_exceptions=True
    )

    won = [one for one in results if not isinstance(one, BaseException)]
    lost = [type(one).__name__ for one in results if isinstance(one, BaseException)]
    assert len(won) == 4
    assert lost == ["OutOfStockError"] * 16
    rows = await engine.database.read(
        "SELECT sum(available), sum(held) FROM wallet WHERE currency_id = 1"
    )
    assert [int(one) for one in rows[0]] == [20 * 100 - 4 * 40, 0]
    assert (await verify(engine.database)).ok
