"""Versions that are due or were cut: each fails alone."""

from dataclasses import dataclass
from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import BusyError
from core.extension.registry import Registry
from core.program import (
    activities,
    budgets,
    definition,
    drafting,
    due,
    members,
    publishing,
    versions,
)
from core.program.versions import State
from core.settings import Settings
from plugins import discount, purchase, sign_up
from tests.core.program.conftest import PROGRAM as BASE

RULE = {**BASE["rules"][0], "budget": "gifts"}
PROGRAM = BASE | {"rules": [RULE], "budgets": [{"code": "gifts", "points": 1_000}]}
LOWERED = PROGRAM | {"budgets": [{"code": "gifts", "points": 500}]}
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Shops:
    """The admins of two programs; the first one's versions come first."""

    one: Actor
    two: Actor


@pytest.fixture
async def shops(engine: Engine) -> Shops:
    one, two = [
        Actor(
            await definition.apply(engine, PROGRAM | {"code": code}),
            "office",
            Role.ADMIN,
        )
        for code in ("one", "two")
    ]
    return Shops(one, two)


async def draft(engine: Engine, by: Actor, values: Any) -> None:
    await drafting.draft(engine, by=by, key="draft", values=values)


async def publish(engine: Engine, by: Actor, at_us: int | None = None) -> None:
    await publishing.publish(engine, by=by, key="publish", number=2, at_us=at_us)


async def cut(engine: Engine, by: Actor, values: Any) -> None:
    """Publish a version whose process is killed once its rows are written."""

    async def killed(*_: Any) -> None:
        raise ConnectionResetError

    await draft(engine, by, values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.program.supplies.supply_all", killed)
        with pytest.raises(ConnectionResetError):
            await publish(engine, by)


async def give(engine: Engine, by: Actor, points: int) -> None:
    ada = await members.enroll(engine, by=by, key="ada", number="00001")
    await activities.record(
        engine,
        by=by,
        key="order",
        holder_id=ada.holder_id,
        activity_type="purchase",
        payload={
            "order_id": "o1",
            "amount_minor": points * 100,
            "currency_code": "USD",
        },
    )


async def second(engine: Engine, by: Actor) -> versions.Version:
    return await versions.get(engine, by.program_id, 2)


async def test_a_cut_version_is_finished_whatever_was_given_since(
    engine: Engine, shops: Shops
) -> None:
    await cut(engine, shops.one, LOWERED)
    await cut(engine, shops.two, LOWERED)
    await give(engine, shops.one, 600)

    await due.publish_due(engine)

    assert (await second(engine, shops.one)).is_finished
    assert (await second(engine, shops.two)).is_finished
    found = await budgets.find_all(engine, shops.one.program_id)
    assert (found["gifts"].points, found["gifts"].left) == (1_000, 400)
    found = await budgets.find_all(engine, shops.two.program_id)
    assert found["gifts"].points == 500


async def test_one_that_cannot_be_finished_keeps_none_waiting(
    engine: Engine,
    shops: Shops,
    database_url: str,
    clock: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await cut(engine, shops.one, LOWERED)
    await cut(engine, shops.two, LOWERED | {"rewards": []})
    settings = Settings(database_url=database_url)
    without = Registry.of(discount, purchase, sign_up)

    async with Engine.open(settings, without, clock) as other:
        await due.publish_due(other)

    assert not (await second(engine, shops.one)).is_finished
    assert (await second(engine, shops.two)).is_finished
    assert f"version 2 of program {shops.one.program_id}" in caplog.text
    await due.publish_due(engine)
    assert (await second(engine, shops.one)).is_finished


@pytest.mark.parametrize("part", ["publishing.carry_out", "publishing.finish"])
async def test_one_for_which_the_database_fails_keeps_none_waiting(
    engine: Engine,
    shops: Shops,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
) -> None:
    for by in (shops.one, shops.two):
        if part == "publishing.finish":
            await cut(engine, by, LOWERED)
        else:
            await draft(engine, by, LOWERED)
            await publish(engine, by, clock.us + DAY_US)
    clock.us += DAY_US
    name = f"core.program.{part}"
    do = getattr(publishing, part.split(".")[1])

    async def busy(engine: Engine, what: Any) -> Any:
        if what.program_id == shops.one.program_id:
            raise BusyError
        return await do(engine, what)

    with monkeypatch.context() as patch:
        patch.setattr(name, busy)
        await due.publish_due(engine)
        with pytest.raises(BusyError):
            await due.publish_due(engine, shops.one.program_id)

    assert (await second(engine, shops.two)).is_finished
    assert not (await second(engine, shops.one)).is_finished
    await due.publish_due(engine)
    assert (await second(engine, shops.one)).is_finished


async def test_one_that_cannot_be_published_tells_why(
    engine: Engine, shops: Shops, clock: Any
) -> None:
    for by in (shops.one, shops.two):
        await draft(engine, by, LOWERED)
        await publish(engine, by, clock.us + DAY_US)
    await give(engine, shops.one, 600)
    clock.us += DAY_US

    assert await due.publish_due(engine) == 1

    failed = await second(engine, shops.one)
    assert failed.state is State.DRAFT
    assert failed.publish_at_us is None
    assert "600 points are given already" in (failed.failure or "")
    assert (await second(engine, shops.two)).is_finished
