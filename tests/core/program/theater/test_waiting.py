"""The waiting list: first come, first served, when a seat comes free."""

from typing import Any

import pytest

from core.actors import Actor
from core.engine import Engine
from core.errors import (
    FulfillmentRefusedError,
    InsufficientPointsError,
    OutOfStockError,
    RewardUnavailableError,
)
from core.program import (
    cancellation,
    corrections,
    definition,
    recall,
    recovery,
    waiting,
)
from tests.core.program.conftest import PROGRAM
from tests.core.program.theater.conftest import Redeem, refused
from tests.core.program.theater.showtime import HOUR, reward


async def test_who_waits_is_served_when_a_unit_comes_back(
    engine: Engine, shop: Actor, redeem: Redeem, ada: int, bob: int, box: Any
) -> None:
    first = await redeem(ada, "play", showing="sat")

    waits = await redeem(bob, "play", showing="sat", wait=True)
    held_nothing = await box.points(bob)
    await cancellation.cancel(
        engine, by=shop, key="c", holder_id=ada, hold_id=first.hold_id
    )

    assert (waits.status, held_nothing) == ("REQUESTED", (100, 0))
    assert await box.status(waits) == "FULFILLED"
    assert await box.points(bob) == (90, 0)
    assert await box.points(ada) == (100, 0)
    assert await box.units("sat") == (0, 0)


async def test_waiting_with_units_left_is_redeeming(
    redeem: Redeem, ada: int, box: Any
) -> None:
    result = await redeem(ada, "play", showing="sat", wait=True, key="k")
    again = await redeem(ada, "play", showing="sat", wait=True, key="k")

    assert (result.status, again.status) == ("FULFILLED", "FULFILLED")
    assert (again.replayed, again.hold_id) == (True, result.hold_id)
    assert await box.points(ada) == (90, 0)


async def test_nobody_overtakes_who_waits(
    redeem: Redeem, ada: int, bob: int, box: Any
) -> None:
    await redeem(ada, "play", showing="fri", seats=2)
    waits = await redeem(bob, "play", showing="fri", seats=2, wait=True)

    error = await refused(redeem(ada, "play", showing="fri"))

    assert isinstance(error, OutOfStockError)
    assert await box.units("fri") == (1, 0)
    assert await box.status(waits) == "REQUESTED"


async def test_new_units_serve_in_the_order_of_asking(
    engine: Engine, redeem: Redeem, ada: int, bob: int, box: Any, clock: Any
) -> None:
    await redeem(ada, "play", showing="sat")
    waits = []
    for member in (bob, ada):
        clock.us += 1_000_000
        waits.append(await redeem(member, "play", showing="sat", wait=True))
    evenings = [{"code": "fri", "seats": 3}, {"code": "sat", "seats": 2}]
    await definition.apply(
        engine, {**PROGRAM, "rewards": [reward("play", showings=evenings)]}
    )

    served = await waiting.serve_all(engine)

    assert served == 1
    assert [await box.status(one) for one in waits] == ["FULFILLED", "REQUESTED"]


async def test_who_has_too_few_points_by_then_makes_room(
    engine: Engine,
    shop: Actor,
    staff: Actor,
    redeem: Redeem,
    ada: int,
    bob: int,
    box: Any,
    clock: Any,
) -> None:
    first = await redeem(ada, "play", showing="sat")
    poor = await redeem(bob, "play", showing="sat", wait=True)
    clock.us += 1_000_000
    next_one = await redeem(ada, "play", showing="sat", wait=True)
    await corrections.adjust(
        engine,
        by=staff,
        key="take",
        holder_id=bob,
        currency="PTS",
        amount=-95,
        reason="spent",
    )

    await cancellation.cancel(
        engine, by=shop, key="c", holder_id=ada, hold_id=first.hold_id
    )

    assert await box.status(poor) == "FAILED"
    assert await box.column(poor, "reason") == "10 points required, 5 available"
    assert await box.status(next_one) == "FULFILLED"


async def test_waiting_for_what_can_never_be(
    engine: Engine,
    staff: Actor,
    redeem: Redeem,
    rewards: dict[str, int],
    admin: Actor,
    ada: int,
    bob: int,
) -> None:
    await redeem(ada, "play", showing="sat")
    await corrections.adjust(
        engine,
        by=staff,
        key="take",
        holder_id=bob,
        currency="PTS",
        amount=-95,
        reason="spent",
    )
    before = await engine.database.read("SELECT count(*) FROM journal")

    poor = await refused(redeem(bob, "play", showing="sat", wait=True))
    many = await refused(redeem(ada, "play", showing="sat", seats=2, wait=True))

    assert isinstance(poor, InsufficientPointsError)
    assert isinstance(many, OutOfStockError)
    assert await engine.database.read("SELECT count(*) FROM journal") == before
    await redeem(ada, "play", showing="sat", wait=True)
    twice = await refused(redeem(ada, "play", showing="sat", wait=True))
    assert isinstance(twice, RewardUnavailableError)
    await recall.recall(
        engine, by=admin, reward_id=rewards["play"], slot="sat", reason="ill"
    )
    gone = await refused(redeem(ada, "play", showing="sat", wait=True))
    assert isinstance(gone, RewardUnavailableError)


async def test_leaving_the_list(
    engine: Engine, shop: Actor, redeem: Redeem, ada: int, bob: int, box: Any
) -> None:
    await redeem(ada, "play", showing="sat")
    waits = await redeem(bob, "play", showing="sat", wait=True)

    left = await cancellation.cancel(
        engine, by=shop, key="c", holder_id=bob, hold_id=waits.hold_id
    )

    assert left.status == "CANCELLED"
    assert await box.points(bob) == (100, 0)
    assert await waiting.serve_all(engine) == 0


@pytest.mark.parametrize("still", [True, False])
async def test_the_plugin_is_asked_again_whether_to_wait(
    engine: Engine,
    redeem: Redeem,
    ada: int,
    bob: int,
    box: Any,
    clock: Any,
    theater: Any,
    still: bool,  # noqa: FBT001
) -> None:
    await redeem(ada, "play", showing="sat")
    waits = await redeem(bob, "play", showing="sat", wait=True)
    clock.us += 2 * HOUR
    theater.is_over = not still

    await recovery.recover(engine)

    assert await box.status(waits) == ("REQUESTED" if still else "FAILED")
    assert await box.column(waits, "reason") == (None if still else "it is over")


async def test_a_refused_wait_tells_why(
    redeem: Redeem, ada: int, box: Any, theater: Any
) -> None:
    theater.script = ["", "refuse"]

    error = await refused(redeem(ada, "play", showing="sat", wait=True))

    assert isinstance(error, FulfillmentRefusedError)
    assert error.detail == {"minimum_age": 21}
    assert await box.units("sat") == (1, 0)
