"""Members with points, to be read."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.actors import Actor
from core.engine import Engine
from core.program import activities, members
from tests.core.ledger.conftest import Book, open_book


@pytest.fixture
async def ada(engine: Engine, shop: Actor) -> int:
    """A member with 150 points of two orders."""
    one = await members.enroll(
        engine, by=shop, key="ada", number="00001", display_name="Ada", email="a@b.c"
    )
    await buy(engine, shop, one.holder_id, "o1", 10_000)
    await buy(engine, shop, one.holder_id, "o2", 5_099)
    return one.holder_id


@pytest.fixture
async def bob(engine: Engine, shop: Actor) -> int:
    """A member without points."""
    return (await members.enroll(engine, by=shop, key="bob")).holder_id


async def buy(
    engine: Engine, by: Actor, holder_id: int, order: str, amount_minor: int
) -> Any:
    """Record an order."""
    payload = {"order_id": order, "amount_minor": amount_minor, "currency_code": "USD"}
    return await activities.record(
        engine,
        by=by,
        key=f"order-{order}",
        holder_id=holder_id,
        activity_type="purchase",
        payload=payload,
    )


@pytest.fixture
async def stored(database_url: str, clock: Any) -> AsyncIterator[tuple[Book, Any]]:
    """A ledger on each database, and that database."""
    async with open_book(database_url, clock) as opened:
        yield opened
