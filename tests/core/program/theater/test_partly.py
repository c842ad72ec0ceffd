"""Two of three seats: their points are taken, the rest goes back (E58)."""

from typing import Any

from core.actors import Actor
from core.engine import Engine
from core.program import cancellation
from tests.core.program.theater.conftest import Redeem


async def test_what_was_not_handed_out_goes_back(
    redeem: Redeem, ada: int, box: Any, theater: Any
) -> None:
    theater.script = ["", "partly"]

    result = await redeem(ada, "play", showing="fri", seats=3)

    assert result.status == "FULFILLED"
    assert await box.column(result, "fulfilled_quantity") == 2
    assert await box.column(result, "fulfillment") == '{"numbers":["fri-0","fri-1"]}'
    assert await box.points(ada) == (80, 0)
    assert await box.units("fri") == (1, 0)
    assert await box.counted(ada) == 2


async def test_cancelling_gives_back_what_was_taken(
    engine: Engine, shop: Actor, redeem: Redeem, ada: int, box: Any, theater: Any
) -> None:
    theater.script = ["", "partly"]
    result = await redeem(ada, "play", showing="fri", seats=3)

    cancelled = await cancellation.cancel(
        engine, by=shop, key="c", holder_id=ada, hold_id=result.hold_id
    )

    assert cancelled.status == "CANCELLED"
    assert await box.points(ada) == (100, 0)
    assert await box.units("fri") == (3, 0)
    assert await box.counted(ada) == 0


async def test_as_many_as_asked_for_is_not_in_part(
    redeem: Redeem, ada: int, box: Any, theater: Any
) -> None:
    theater.script = ["", "partly"]

    result = await redeem(ada, "play", showing="fri", seats=2)

    assert result.status == "UNKNOWN"
    assert await box.points(ada) == (80, 20)
