"""An evening is called off; a reward type is taken out of use (E60, E69)."""

from typing import Any

import pytest

from core.actors import Actor
from core.engine import Engine
from core.errors import (
    ForbiddenError,
    InvalidInputError,
    OutOfStockError,
    RevocationRefusedError,
    RewardNotFoundError,
    RewardUnavailableError,
)
from core.extension.registry import Registry
from core.program import cancellation, definition, recall, recovery, retirement
from core.settings import Settings
from tests.core.program.conftest import PROGRAM
from tests.core.program.theater.conftest import REWARDS, Redeem, refused
from tests.core.program.theater.showtime import HOUR


async def call_off(
    engine: Engine, by: Actor, reward_id: int, slot: str | None = "fri"
) -> recall.Recalled:
    return await recall.recall(
        engine, by=by, reward_id=reward_id, slot=slot, reason="the star is ill"
    )


async def test_everybody_gets_the_points_back(
    engine: Engine,
    admin: Actor,
    redeem: Redeem,
    rewards: dict[str, int],
    ada: int,
    bob: int,
    box: Any,
    theater: Any,
) -> None:
    one = await redeem(ada, "play", showing="fri", seats=2)
    other = await redeem(bob, "play", showing="fri")
    waits = await redeem(bob, "play", showing="fri", wait=True)
    kept = await redeem(ada, "play", showing="sat")
    theater.script = ["refuse", "refuse"]  # nobody asks the theater for permission

    done = await call_off(engine, admin, rewards["play"])
    gone = await refused(redeem(ada, "play", showing="fri"))
    again = await call_off(engine, admin, rewards["play"])

    assert (done, again) == (recall.Recalled(3, 0), recall.Recalled(0, 0))
    for result in (one, other, waits):
        assert await box.status(result) == "CANCELLED"
        assert await box.column(result, "reason") == "the star is ill"
    assert await box.status(kept) == "FULFILLED"
    assert await box.points(ada) == (90, 0)
    assert await box.points(bob) == (100, 0)
    assert isinstance(gone, OutOfStockError)
    await definition.apply(engine, {**PROGRAM, "rewards": REWARDS})
    error = await refused(redeem(ada, "play", showing="fri"))
    assert isinstance(error, OutOfStockError)
    assert await box.units("fri") == (0, 0)
    assert await box.counted(bob) == 0


async def test_a_member_who_cancels_meanwhile_does_not_stop_a_recall(
    engine: Engine,
    admin: Actor,
    shop: Actor,
    redeem: Redeem,
    rewards: dict[str, int],
    ada: int,
    bob: int,
    box: Any,
    theater: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = await redeem(ada, "play", showing="fri")
    await redeem(bob, "play", showing="fri")
    load, is_first = recall.load, iter([True])

    async def load_late(*place: Any) -> Any:
        found = await load(*place)
        if next(is_first, False):  # ada cancels just now, and the theater says no
            theater.script = ["refuse"]
            with pytest.raises(RevocationRefusedError):
                await cancellation.cancel(
                    engine, by=shop, key="c", holder_id=ada, hold_id=first.hold_id
                )
        return found

    monkeypatch.setattr(recall, "load", load_late)
    done = await call_off(engine, admin, rewards["play"])
    again = await call_off(engine, admin, rewards["play"])

    await definition.apply(engine, {**PROGRAM, "rewards": REWARDS})

    assert (done, again) == (recall.Recalled(1, 1), recall.Recalled(1, 0))
    assert await box.units("fri") == (0, 0)  # two were sold, the third stays closed
    assert await box.points(ada) == (100, 0)
    assert await box.points(bob) == (100, 0)


async def test_what_is_unclear_is_recalled_when_it_is_clear(
    engine: Engine,
    admin: Actor,
    redeem: Redeem,
    rewards: dict[str, int],
    ada: int,
    box: Any,
    theater: Any,
    clock: Any,
) -> None:
    theater.script = ["", "crash"]
    await redeem(ada, "play", showing="fri")

    first = await call_off(engine, admin, rewards["play"], slot=None)
    clock.us += HOUR
    await recovery.recover(engine)
    second = await call_off(engine, admin, rewards["play"], slot=None)

    assert (first, second) == (recall.Recalled(0, 1), recall.Recalled(1, 0))
    assert await box.points(ada) == (100, 0)


async def test_who_may_recall(
    engine: Engine, staff: Actor, admin: Actor, rewards: dict[str, int], box: Any
) -> None:
    other = Actor(admin.program_id + 1, "office", admin.role)

    for by, kind in ((staff, ForbiddenError), (other, RewardNotFoundError)):
        error = await refused(call_off(engine, by, rewards["play"]))
        assert isinstance(error, kind)
    error = await refused(
        recall.recall(engine, by=admin, reward_id=rewards["play"], slot=None, reason="")
    )
    assert isinstance(error, InvalidInputError)
    for slot in ("sun", "\0"):
        error = await refused(call_off(engine, admin, rewards["play"], slot))
        assert isinstance(error, InvalidInputError)
    assert await box.units("fri") == (3, 0)


async def test_a_type_that_is_taken_out_of_use(
    engine: Engine, redeem: Redeem, ada: int, box: Any, theater: Any
) -> None:
    theater.script = ["", "crash"]
    open_one = await redeem(ada, "play", showing="fri")
    done = await redeem(ada, "film")

    drained = await retirement.retire(engine, "theater", release=False)
    released = await retirement.retire(engine, "theater", release=True)

    assert drained == retirement.Retired(rewards=4, released=0, open=1)
    assert released == retirement.Retired(rewards=0, released=1, open=0)
    assert await box.status(open_one) == "FAILED"
    assert await box.status(done) == "FULFILLED"
    assert await box.points(ada) == (90, 0)
    assert await box.units("fri") == (3, 0)
    assert isinstance(await refused(redeem(ada, "film")), RewardUnavailableError)


async def test_redemptions_of_a_missing_plugin_are_told(
    engine: Engine, redeem: Redeem, ada: int, theater: Any
) -> None:
    theater.script = ["", "crash"]
    await redeem(ada, "film")
    bare = Settings(database_url=engine.settings.database_url)

    assert await recovery.orphans(engine) == {}
    async with Engine.open(bare, Registry.of(), engine.clock) as other:
        assert await recovery.orphans(other) == {"theater": 1}
        assert await recovery.recover(other) == 0
