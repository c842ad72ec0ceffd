"""When no clear answer comes, a person decides (E56, E57)."""

import json
from typing import Any

import pytest

from core.actors import Actor
from core.engine import Engine
from core.errors import (
    ForbiddenError,
    InsufficientPointsError,
    InvalidInputError,
    InvalidPayloadError,
    RedemptionNotFoundError,
    RedemptionStateError,
)
from core.program import cancellation, corrections, messages, recovery, reviews
from core.program.redemption_row import load
from core.program.reviews import Resolution
from tests.core.program.theater.conftest import Redeem, refused
from tests.core.program.theater.showtime import HOUR


@pytest.fixture
def resolve(engine: Engine, staff: Actor) -> Any:
    """Decides: `await resolve(result, Resolution.FAILED)`."""

    async def of(result: Any, resolution: Resolution, **given: Any) -> Any:
        values = {"by": staff, "key": "decide", "reason": "asked by telephone"}
        return await reviews.resolve(
            engine,
            holder_id=result.holder_id,
            hold_id=result.hold_id,
            resolution=resolution,
            **(values | given),
        )

    return of


@pytest.fixture
async def unclear(
    engine: Engine, redeem: Redeem, ada: int, theater: Any, clock: Any
) -> Any:
    """A redemption of two seats that nobody knows about, three hours later."""
    theater.script = ["", "crash", "unsure", "unsure", "unsure", "unsure"]
    result = await redeem(ada, "play", showing="fri", seats=2)
    clock.us += 3 * HOUR
    await recovery.recover(engine)
    return result


async def queue(engine: Engine, staff: Actor) -> list[tuple[int, int]]:
    return await reviews.queue(engine, by=staff, first=10)


async def test_the_queue_begins_at_the_deadline(
    engine: Engine, staff: Actor, redeem: Redeem, ada: int, theater: Any, clock: Any
) -> None:
    theater.script = ["", "crash"]
    result = await redeem(ada, "film")

    clock.us += 2 * HOUR - 1
    before = await queue(engine, staff)
    clock.us += 1

    assert before == []
    assert await queue(engine, staff) == [(ada, result.hold_id)]


async def test_a_clear_answer_leaves_the_queue(
    engine: Engine, staff: Actor, unclear: Any, box: Any, theater: Any, clock: Any
) -> None:
    assert await queue(engine, staff) == [(unclear.holder_id, unclear.hold_id)]
    theater.script = []
    clock.us += 2 * HOUR

    await recovery.recover(engine)

    assert await box.status(unclear) == "FULFILLED"
    assert await queue(engine, staff) == []


async def test_the_member_has_it(
    engine: Engine, staff: Actor, unclear: Any, box: Any, resolve: Any, ada: int
) -> None:
    decided = await resolve(
        unclear, Resolution.FULFILLED, fulfillment={"numbers": ["7", "8"]}
    )
    again = await resolve(
        unclear, Resolution.FULFILLED, fulfillment={"numbers": ["7", "8"]}
    )

    assert (decided.status, again.replayed) == ("FULFILLED", True)
    assert await box.column(unclear, "fulfillment") == '{"numbers":["7","8"]}'
    assert await box.points(ada) == (80, 0)
    assert await box.units("fri") == (1, 0)
    assert await queue(engine, staff) == []


async def test_the_member_does_not_have_it(
    engine: Engine,
    unclear: Any,
    box: Any,
    resolve: Any,
    ada: int,
    theater: Any,
    clock: Any,
) -> None:
    decided = await resolve(unclear, Resolution.FAILED)
    theater.script = []
    clock.us += 5 * HOUR
    await recovery.recover(engine)  # what the partner says now comes too late

    assert decided.status == "FAILED"
    assert await box.status(unclear) == "FAILED"
    assert await box.column(unclear, "reason") == "asked by telephone"
    assert await box.points(ada) == (100, 0)
    assert await box.units("fri") == (3, 0)
    assert await box.counted(ada) == 0


@pytest.mark.parametrize(
    ("resolution", "status", "points", "units"),
    [
        (Resolution.CANCELLED, "CANCELLED", (100, 0), (3, 0)),
        (Resolution.FULFILLED, "FULFILLED", (80, 0), (1, 0)),
    ],
)
async def test_a_cancel_that_hangs(
    engine: Engine,
    shop: Actor,
    redeem: Redeem,
    ada: int,
    box: Any,
    theater: Any,
    clock: Any,
    resolve: Any,
    resolution: Resolution,
    status: str,
    points: tuple[int, int],
    units: tuple[int, int],
) -> None:
    result = await redeem(ada, "play", showing="fri", seats=2)
    theater.revoke = lambda _: 1 / 0
    await cancellation.cancel(
        engine, by=shop, key="c", holder_id=ada, hold_id=result.hold_id
    )
    clock.us += 3 * HOUR

    decided = await resolve(result, resolution)

    assert decided.status == status
    assert await box.points(ada) == points
    assert await box.units("fri") == units


async def failed_and_delivered(
    engine: Engine, redeem: Redeem, ada: int, theater: Any
) -> Any:
    """Return a redemption that was refused, then reported as delivered."""
    theater.script = ["", "refuse"]
    await refused(redeem(ada, "play", showing="fri", seats=2, key="late"))
    rows = await engine.database.read("SELECT holder_id, hold_id FROM redemption")
    redemption = await load(engine, *rows[0])
    assert redemption is not None
    assert await messages.receive(engine, redemption, {"sold": ["1", "2"]}) == "FAILED"
    return redemption


@pytest.mark.parametrize(
    ("resolution", "status", "points", "units"),
    [
        (Resolution.FULFILLED, "FULFILLED", (80, 0), (1, 0)),
        (Resolution.FULFILLED_FREE, "FULFILLED", (100, 0), (1, 0)),
        (Resolution.FAILED, "FAILED", (100, 0), (3, 0)),
    ],
)
async def test_what_failed_and_was_delivered_all_the_same(
    engine: Engine,
    staff: Actor,
    redeem: Redeem,
    ada: int,
    box: Any,
    theater: Any,
    resolve: Any,
    resolution: Resolution,
    status: str,
    points: tuple[int, int],
    units: tuple[int, int],
) -> None:
    result = await failed_and_delivered(engine, redeem, ada, theater)
    assert await queue(engine, staff) == [(ada, result.hold_id)]
    assert await box.points(ada) == (100, 0)

    await resolve(result, resolution)

    assert await box.status(result) == status
    kept = await box.column(result, "fulfillment")
    shown = None if status == "FAILED" else {"numbers": ["1", "2"]}
    assert (kept and json.loads(kept)) == shown
    assert await box.counted(ada) == (0 if status == "FAILED" else 2)
    assert await box.points(ada) == points
    assert await box.units("fri") == units
    assert await queue(engine, staff) == []


async def test_cancelling_what_was_charged_late_gives_all_back(
    engine: Engine,
    shop: Actor,
    redeem: Redeem,
    ada: int,
    box: Any,
    theater: Any,
    resolve: Any,
) -> None:
    result = await failed_and_delivered(engine, redeem, ada, theater)
    await resolve(result, Resolution.FULFILLED)

    await cancellation.cancel(
        engine, by=shop, key="c", holder_id=ada, hold_id=result.hold_id
    )

    assert await box.points(ada) == (100, 0)
    assert await box.units("fri") == (3, 0)
    assert await box.counted(ada) == 0


async def test_cancelling_what_was_free_gives_no_points(
    engine: Engine,
    shop: Actor,
    redeem: Redeem,
    ada: int,
    box: Any,
    theater: Any,
    resolve: Any,
) -> None:
    result = await failed_and_delivered(engine, redeem, ada, theater)
    await resolve(result, Resolution.FULFILLED_FREE)

    cancelled = await cancellation.cancel(
        engine, by=shop, key="c", holder_id=ada, hold_id=result.hold_id
    )

    assert cancelled.status == "CANCELLED"
    assert await box.points(ada) == (100, 0)
    assert await box.units("fri") == (3, 0)
    assert await box.counted(ada) == 0


async def test_points_that_are_spent_meanwhile_are_not_taken(
    engine: Engine,
    staff: Actor,
    redeem: Redeem,
    ada: int,
    box: Any,
    theater: Any,
    resolve: Any,
) -> None:
    result = await failed_and_delivered(engine, redeem, ada, theater)
    await corrections.adjust(
        engine,
        by=staff,
        key="t",
        holder_id=ada,
        currency="PTS",
        amount=-90,
        reason="spent",
    )

    error = await refused(resolve(result, Resolution.FULFILLED))

    assert isinstance(error, InsufficientPointsError)
    assert await box.status(result) == "FAILED"
    assert await queue(engine, staff) == [(ada, result.hold_id)]


async def test_what_cannot_be_decided(
    engine: Engine,
    shop: Actor,
    staff: Actor,
    unclear: Any,
    redeem: Redeem,
    ada: int,
    box: Any,
    resolve: Any,
    theater: Any,
) -> None:
    theater.script = []
    done = await redeem(ada, "film")
    elsewhere = Actor(staff.program_id + 1, "desk", staff.role)
    before = await box.points(ada)

    for work, kind in [
        (resolve(unclear, Resolution.CANCELLED), RedemptionStateError),
        (resolve(unclear, Resolution.FULFILLED_FREE), RedemptionStateError),
        (resolve(done, Resolution.FAILED), RedemptionStateError),
        (resolve(unclear, Resolution.FAILED, reason=" "), InvalidInputError),
        (resolve(unclear, Resolution.FAILED, by=shop), ForbiddenError),
        (resolve(unclear, Resolution.FAILED, by=elsewhere), RedemptionNotFoundError),
        (
            resolve(unclear, Resolution.FULFILLED, fulfillment={"numbers": 1}),
            InvalidPayloadError,
        ),
        (
            resolve(unclear, Resolution.FAILED, fulfillment={"numbers": []}),
            InvalidInputError,
        ),
    ]:
        assert isinstance(await refused(work), kind)

    assert await box.status(unclear) == "UNKNOWN"
    assert await box.points(ada) == before
    assert isinstance(
        await refused(reviews.queue(engine, by=shop, first=1)), ForbiddenError
    )


async def test_what_cannot_be_asked_about_is_asked_later_each_time(
    engine: Engine, redeem: Redeem, ada: int, box: Any, theater: Any, clock: Any
) -> None:
    theater.script = ["", "crash"]
    result = await redeem(ada, "film")
    theater.version = 0  # an older plugin cannot read what this one stored

    for _ in range(8):
        clock.us = await box.column(result, "next_attempt_us")
        assert await recovery.recover(engine) == 0

    pause_us = await box.column(result, "next_attempt_us") - clock.us
    assert pause_us >= 256_000_000
    assert await box.status(result) == "UNKNOWN"
