"""A plugin says no before points are set aside (E71)."""

from typing import Any

import pytest

from core.actors import Actor
from core.engine import Engine
from core.errors import FulfillmentRefusedError, RewardUnavailableError
from core.program import attributes
from tests.core.program.theater.conftest import Redeem, refused


async def test_a_typed_no_before_anything_is_begun(
    engine: Engine, redeem: Redeem, ada: int, box: Any, theater: Any
) -> None:
    before = await engine.database.read("SELECT count(*) FROM journal")

    error = await refused(redeem(ada, "late"))

    assert isinstance(error, FulfillmentRefusedError)
    assert (error.reason, error.reward_type) == ("for adults", "theater")
    assert (error.refusal_type, error.detail) == ("TooYoung", {"minimum_age": 18})
    assert await engine.database.read("SELECT count(*) FROM journal") == before
    assert await box.points(ada) == (100, 0)
    assert theater.calls == ["precheck"]


async def test_a_refusal_is_not_kept_under_its_key(
    redeem: Redeem, ada: int, engine: Engine, shop: Actor
) -> None:
    await refused(redeem(ada, "late", key="k"))
    await know(engine, shop, ada, age=30)

    result = await redeem(ada, "late", key="k")

    assert (result.status, result.replayed) == ("FULFILLED", False)


@pytest.mark.parametrize("known", [{"age": 30}, {"age": 30, "shoe_size": 42}])
async def test_only_the_attributes_that_are_asked_for_are_told(
    redeem: Redeem,
    ada: int,
    box: Any,
    engine: Engine,
    shop: Actor,
    known: dict[str, int],
) -> None:
    await know(engine, shop, ada, **known)

    result = await redeem(ada, "late")

    assert await box.column(result, "attributes") == '{"age":30}'


async def test_a_plugin_that_keeps_failing_is_left_alone(
    redeem: Redeem, ada: int, box: Any, theater: Any
) -> None:
    theater.script = ["", "crash"] * 5
    for _ in range(5):
        assert (await redeem(ada, "film")).status == "UNKNOWN"
    calls = len(theater.calls)

    error = await refused(redeem(ada, "film"))

    assert isinstance(error, RewardUnavailableError)
    assert len(theater.calls) == calls
    assert await box.points(ada) == (50, 50)


async def know(engine: Engine, by: Actor, holder_id: int, **known: int) -> None:
    """Record attributes of a member."""
    await attributes.change(
        engine, by=by, key=str(known), holder_id=holder_id, attributes=known
    )
