"""Late messages of a partner, under a signature (E57, E59)."""

import json
from typing import Any

import pytest

from core.engine import Engine
from core.extension.signing import sign
from core.ids import encode
from core.program import messages
from core.program.redemption_row import Redemption, load
from tests.core.program.theater.conftest import Redeem
from tests.core.program.theater.showtime import SECRET


@pytest.fixture
async def unclear(engine: Engine, redeem: Redeem, ada: int, theater: Any) -> Redemption:
    """A redemption whose answer was lost."""
    theater.script = ["", "forget"]
    result = await redeem(ada, "play", showing="fri", seats=2)
    found = await load(engine, result.holder_id, result.hold_id)
    assert found is not None
    return found


async def say(engine: Engine, redemption: Redemption, **message: Any) -> str:
    found = await load(engine, redemption.holder_id, redemption.hold_id)
    assert found is not None
    return await messages.receive(engine, found, message)


async def test_a_message_ends_the_doubt(
    engine: Engine, unclear: Redemption, box: Any, ada: int
) -> None:
    assert await say(engine, unclear, sold=["1", "2"]) == "FULFILLED"

    assert await box.column(unclear, "fulfillment") == '{"numbers":["1","2"]}'
    assert await box.points(ada) == (80, 0)


async def test_a_message_twice_is_a_message_once(
    engine: Engine, unclear: Redemption, box: Any
) -> None:
    await say(engine, unclear, sold=["1", "2"])
    count = "SELECT count(*) FROM journal"
    before = await engine.database.read(count)

    assert await say(engine, unclear, sold=["3", "4"]) == "FULFILLED"

    assert await engine.database.read(count) == before
    assert await box.column(unclear, "fulfillment") == '{"numbers":["1","2"]}'


async def test_a_message_before_the_call_returned(
    engine: Engine, redeem: Redeem, ada: int, box: Any, theater: Any
) -> None:
    fulfill, told = theater.fulfill, []

    def tells_first(request: Any) -> Any:
        told.append(request.redemption_id)
        return fulfill(request)

    async def receive_first(reward_type: Any, request: Any) -> Any:
        ((holder_id, hold_id),) = await engine.database.read(
            "SELECT holder_id, hold_id FROM redemption"
        )
        redemption = await load(engine, holder_id, hold_id)
        assert redemption is not None
        assert await messages.receive(engine, redemption, {"sold": ["9"]}) == (
            "FULFILLED"
        )
        return await original(reward_type, request)

    theater.fulfill = tells_first
    original, engine.host.fulfill = engine.host.fulfill, receive_first  # type: ignore[method-assign]

    result = await redeem(ada, "film")

    assert result.status == "FULFILLED"
    assert told == [encode("redemption", result.holder_id, result.hold_id)]
    assert await box.column(result, "fulfillment") == '{"numbers":["9"]}'
    assert await box.points(ada) == (90, 0)


async def test_not_yet_is_no_answer(
    engine: Engine, unclear: Redemption, box: Any, clock: Any
) -> None:
    assert await say(engine, unclear) == "UNKNOWN"

    # Nothing was sold: recovery looks at once, and asks again.
    assert await box.column(unclear, "next_attempt_us") == clock.us


async def test_a_definite_no_by_message(
    engine: Engine, unclear: Redemption, box: Any, ada: int
) -> None:
    assert await say(engine, unclear, refused="the hall is closed") == "FAILED"
    assert await say(engine, unclear, refused="the hall is closed") == "FAILED"

    assert await box.column(unclear, "reason") == "the hall is closed"
    assert await box.points(ada) == (100, 0)
    assert await box.units("fri") == (3, 0)


class Signed:
    """A message about a redemption, and what can be wrong with it."""

    def __init__(self, redemption: Redemption, clock: Any) -> None:
        self.id = encode("redemption", redemption.holder_id, redemption.hold_id)
        self.body = json.dumps({"sold": ["1", "2"]}).encode()
        self.headers = sign(SECRET, f"{self.id}.1", clock.us // 1_000_000, self.body)


async def test_only_who_knows_the_secret_is_heard(
    engine: Engine, unclear: Redemption, clock: Any
) -> None:
    good = Signed(unclear, clock)
    ask = messages.authenticate

    found = await ask(engine, good.id, good.headers, good.body)

    assert found is not None
    assert (found.holder_id, found.hold_id) == (unclear.holder_id, unclear.hold_id)
    assert await ask(engine, good.id, good.headers, good.body + b" ") is None
    assert await ask(engine, good.id, {}, good.body) is None
    other = sign(SECRET, "msg_1", clock.us // 1_000_000, good.body)
    assert await ask(engine, good.id, other, good.body) is None
    absent = encode("redemption", unclear.holder_id, unclear.hold_id + 100)
    assert await ask(engine, absent, good.headers, good.body) is None
    clock.us += 301_000_000
    assert await ask(engine, good.id, good.headers, good.body) is None
