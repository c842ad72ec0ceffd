"""Pools of codes: each is given once, for ever."""

import asyncio
import json
from typing import Any

import pytest

from core.actors import Actor
from core.engine import Engine
from core.errors import (
    ForbiddenError,
    InvalidInputError,
    OutOfStockError,
    RewardNotFoundError,
    RewardUnavailableError,
)
from core.program import cancellation, definition, pools, recovery
from tests.core.program.conftest import PROGRAM
from tests.core.program.theater.conftest import REWARDS, Redeem, refused
from tests.core.program.theater.showtime import HOUR


@pytest.fixture
async def opera(engine: Engine, admin: Actor, rewards: dict[str, int]) -> int:
    """A reward with three codes."""
    await pools.add(engine, by=admin, reward_id=rewards["opera"], codes=["A", "B", "C"])
    return rewards["opera"]


async def drawn(engine: Engine) -> dict[str, bool]:
    rows = await engine.database.read("SELECT code, token FROM pool_code")
    return {code: token is not None for code, token in rows}


async def test_loading_again_changes_nothing(
    engine: Engine, admin: Actor, opera: int, box: Any
) -> None:
    again = await pools.add(engine, by=admin, reward_id=opera, codes=["C", "D", "D"])
    third = await pools.add(engine, by=admin, reward_id=opera, codes=["C", "D"])

    assert (again, third) == ((1, 4), (0, 4))
    assert await box.units("codes") == (4, 0)


@pytest.mark.usefixtures("opera")
async def test_each_redemption_gets_codes_of_its_own(
    redeem: Redeem, ada: int, bob: int, box: Any
) -> None:
    one, other = await asyncio.gather(
        redeem(ada, "opera", seats=2), redeem(bob, "opera")
    )

    got = [
        json.loads(await box.column(result, "fulfillment"))["numbers"]
        for result in (one, other)
    ]
    assert sorted(got[0] + got[1]) == ["A", "B", "C"]
    assert isinstance(await refused(redeem(ada, "opera")), OutOfStockError)


@pytest.mark.usefixtures("opera")
async def test_an_attempt_after_a_lost_answer_has_the_same_codes(
    engine: Engine,
    redeem: Redeem,
    ada: int,
    box: Any,
    theater: Any,
    clock: Any,
) -> None:
    theater.script = ["", "forget"]
    result = await redeem(ada, "opera", seats=2)
    clock.us += HOUR

    await recovery.recover(engine)

    assert await box.column(result, "fulfillment") == '{"numbers":["A","B"]}'
    assert await drawn(engine) == {"A": True, "B": True, "C": False}


@pytest.mark.usefixtures("opera")
async def test_codes_of_a_failed_redemption_are_given_to_others(
    redeem: Redeem, ada: int, box: Any, theater: Any
) -> None:
    theater.script = ["", "refuse"]
    await refused(redeem(ada, "opera", seats=2))

    await redeem(ada, "opera")
    result = await redeem(ada, "opera", seats=2)

    numbers = json.loads(await box.column(result, "fulfillment"))["numbers"]
    assert sorted(numbers) == ["A", "B"]
    assert await box.units("codes") == (0, 0)


@pytest.mark.usefixtures("opera")
async def test_a_code_that_was_shown_never_comes_back(
    engine: Engine, shop: Actor, redeem: Redeem, ada: int, box: Any
) -> None:
    result = await redeem(ada, "opera")

    await cancellation.cancel(
        engine, by=shop, key="c", holder_id=ada, hold_id=result.hold_id
    )

    assert await box.points(ada) == (100, 0)
    assert await box.units("codes") == (2, 0)
    assert await drawn(engine) == {"A": True, "B": False, "C": False}


@pytest.mark.usefixtures("opera")
async def test_applying_the_program_again_keeps_the_units(
    engine: Engine, redeem: Redeem, ada: int, box: Any
) -> None:
    await redeem(ada, "opera")

    await definition.apply(engine, {**PROGRAM, "rewards": REWARDS})

    assert await box.units("codes") == (2, 0)


@pytest.mark.parametrize("codes", [[], [""], ["A", " B"], ["A\0"], ["A" * 201]])
async def test_what_no_code_can_be(
    engine: Engine, admin: Actor, opera: int, box: Any, codes: list[str]
) -> None:
    error = await refused(pools.add(engine, by=admin, reward_id=opera, codes=codes))

    assert isinstance(error, InvalidInputError)
    assert error.field.startswith("codes")
    assert await box.units("codes") == (3, 0)


async def test_who_may_load_what(
    engine: Engine, admin: Actor, staff: Actor, rewards: dict[str, int]
) -> None:
    def add(by: Actor, reward_id: int) -> Any:
        return pools.add(engine, by=by, reward_id=reward_id, codes=["A"])

    other = Actor(admin.program_id + 1, "office", admin.role)
    assert isinstance(await refused(add(staff, rewards["opera"])), ForbiddenError)
    assert isinstance(await refused(add(other, rewards["opera"])), RewardNotFoundError)
    assert isinstance(
        await refused(add(admin, rewards["film"])), RewardUnavailableError
    )
    assert await drawn(engine) == {}
