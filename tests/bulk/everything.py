"""Something in every table, and every kind of history."""

from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import GuerdonError
from core.ledger.codes import HolderKind
from core.ledger.commands import Redeem
from core.program import (
    activities,
    activity_types,
    attributes,
    cancellation,
    corrections,
    definition,
    members,
    redemption,
)
from core.program.tokens import create
from core.storage import program_tables, service_tables
from tests.conftest import PROGRAM
from tests.core.ledger.conftest import Book, currency_rows
from tests.core.ledger.test_verify import tell_a_story

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is the same on both databases."""

OUTSIDE_ASCII = 'Zoë "Čapek" \\ \U0001f381\n\t\u2028'


BUDGETS = {"budgets": [{"code": "spring", "points": 100}]}


async def fill(engine: Engine, clock: Any) -> Actor:
    """Fill an empty database; return the shop's own system."""
    await engine.database.configure(
        lambda session: session.add_all(
            [
                *(program_tables.Currency(**row) for row in currency_rows()),
                program_tables.PoolCode(
                    reward_id=9, number=1, code=OUTSIDE_ASCII, token="t", place=0
                ),
                service_tables.Anchor(at_us=5, holders=1, root=bytes(range(256))),
                service_tables.TransferSaga(
                    holder_id=5, corr_id="c", to_holder=6, state=1, deadline_us=7
                ),
            ]
        )
    )
    book = Book(engine.ledger, clock)
    ada = await tell_a_story(book)
    with pytest.raises(AssertionError, match="HOLDER_NOT_ACTIVE"):
        await book.do(ada, Redeem(1, 1))
    await book.open(HolderKind.BUDGET, program_id=8)
    program_id = await definition.apply(engine, PROGRAM | BUDGETS)
    shop = Actor(program_id, "shop", Role.STAFF)
    await _live(engine, shop)
    return shop


async def _live(engine: Engine, shop: Actor) -> None:
    """Let members join, do things, and redeem."""
    zoe = await members.enroll(
        engine, by=shop, key="zoe", number="z-1", display_name=OUTSIDE_ASCII
    )
    await members.enroll(engine, by=shop, key="bob", email="bob@example.org")
    with pytest.raises(GuerdonError, match="another member"):
        await members.enroll(engine, by=shop, key="eve", number="z-1")
    for number in ("b.1", "Z-2", "A_1", "a_0"):  # not as words are sorted
        await members.enroll(engine, by=shop, key=number, number=number)
    await activities.record(
        engine,
        by=shop,
        key="order",
        holder_id=zoe.holder_id,
        activity_type="purchase",
        payload={"order_id": "o1", "amount_minor": 31_000, "currency_code": "USD"},
    )
    await attributes.change(
        engine,
        by=shop,
        key="known",
        holder_id=zoe.holder_id,
        attributes={"city": OUTSIDE_ASCII, "shoe_size": 38, "is_vegan": None},
    )
    await activity_types.register(
        engine,
        by=Actor(shop.program_id, "office", Role.ADMIN),
        key="trip",
        code="bike_trip",
        name=OUTSIDE_ASCII,
        schema={
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "integer"}},
        },
        reference="id",
    )
    for key, activity_type, payload in (
        ("trip", "bike_trip", {"id": 1}),
        ("review", "review", {"product_id": "p-1", "stars": 5}),
    ):
        await activities.record(
            engine,
            by=shop,
            key=key,
            holder_id=zoe.holder_id,
            activity_type=activity_type,
            payload=payload,
        )
    await corrections.adjust(
        engine,
        by=shop,
        key="sorry",
        holder_id=zoe.holder_id,
        currency="PTS",
        amount=5,
        reason=OUTSIDE_ASCII,
    )
    for code in ("ten_percent_off", "backstage"):
        rows = await engine.database.read(
            "SELECT reward_id FROM reward WHERE code = $1", code
        )
        done = await redemption.redeem(
            engine, by=shop, key=code, holder_id=zoe.holder_id, reward_id=rows[0][0]
        )
    await cancellation.cancel(
        engine, by=shop, key="no", holder_id=zoe.holder_id, hold_id=done.hold_id
    )
    for role, holder_id in ((Role.STAFF, None), (Role.MEMBER, zoe.holder_id)):
        await create(engine, program_id=shop.program_id, role=role, holder_id=holder_id)
