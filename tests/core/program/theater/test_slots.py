"""Slots of a reward: each evening has its own seats."""

from typing import Any

from core.engine import Engine
from core.errors import InvalidOptionsError, OutOfStockError
from core.program import definition
from tests.core.program.conftest import PROGRAM
from tests.core.program.theater.conftest import Redeem, refused
from tests.core.program.theater.showtime import reward


async def test_each_slot_sells_its_own_units(
    redeem: Redeem, ada: int, box: Any
) -> None:
    await redeem(ada, "play", showing="fri", seats=2)
    await redeem(ada, "play", showing="sat")

    error = await refused(redeem(ada, "play", showing="sat"))

    assert isinstance(error, OutOfStockError)
    assert (error.requested, error.remaining) == (1, 0)
    assert await box.units("fri") == (1, 0)
    assert await box.units("sat") == (0, 0)
    assert await box.points(ada) == (70, 0)


async def test_a_slot_that_is_not_there_is_named(
    redeem: Redeem, ada: int, box: Any
) -> None:
    none = await refused(redeem(ada, "play"))
    unknown = await refused(redeem(ada, "play", showing="sun"))

    assert isinstance(none, InvalidOptionsError)
    assert none.reason == "choose an evening"
    assert isinstance(unknown, InvalidOptionsError)
    assert unknown.reason == "there is no 'sun'; there are fri, sat"
    assert await box.points(ada) == (100, 0)


async def test_slots_come_and_go_with_the_document(
    engine: Engine, redeem: Redeem, ada: int, box: Any
) -> None:
    sold = await redeem(ada, "play", showing="fri")
    evenings = [{"code": "sat", "seats": 5}, {"code": "sun", "seats": 7}]

    await definition.apply(
        engine, {**PROGRAM, "rewards": [reward("play", showings=evenings)]}
    )

    assert await box.units("fri") == (0, 0)
    assert await box.units("sat") == (5, 0)
    assert await box.units("sun") == (7, 0)
    assert await box.status(sold) == "FULFILLED"
