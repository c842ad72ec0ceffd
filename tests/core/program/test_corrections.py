"""Corrections by staff, and what they leave alone when they are refused."""

from typing import Any

import pytest

from core.actors import Actor
from core.engine import Engine
from core.errors import (
    ForbiddenError,
    IdempotencyConflictError,
    InsufficientPointsError,
    InvalidInputError,
    MemberNotFoundError,
    NotReversibleError,
    TransactionNotFoundError,
)
from core.ledger.codes import MAX_AMOUNT
from core.program import corrections, redemption


async def adjust(engine: Engine, by: Actor, holder_id: int, **more: Any) -> Any:
    given = {"key": "k", "currency": "PTS", "amount": 5, "reason": "sorry"} | more
    return await corrections.adjust(engine, by=by, holder_id=holder_id, **given)


async def reverse(engine: Engine, by: Actor, holder_id: int, **more: Any) -> Any:
    given = {"key": "r", "seq": 2, "reason": "returned"} | more
    return await corrections.reverse(engine, by=by, holder_id=holder_id, **given)


async def state(engine: Engine, holder_id: int) -> Any:
    """Return balance, qualifying points, and the number of transactions."""
    read = engine.database.read
    wallet = "SELECT available, held, debt FROM wallet WHERE holder_id = $1"
    counter = (
        "SELECT value FROM counter WHERE holder_id = $1 AND name = 'earned' "
        "AND period = 'all'"
    )
    journal = "SELECT count(*) FROM journal WHERE holder_id = $1"
    return [(await read(sql, holder_id))[0] for sql in (wallet, counter, journal)]


async def test_up_and_down(engine: Engine, staff: Actor, ada: int) -> None:
    await adjust(engine, staff, ada, key="up", amount=15)
    await adjust(engine, staff, ada, key="down", amount=-25)

    # What staff gives is no merit: it does not count towards a tier.
    assert await state(engine, ada) == [(300, 0, 0), (310,), (4,)]
    sql = "SELECT meta FROM journal WHERE holder_id = $1 AND seq = 3"
    ((meta,),) = await engine.database.read(sql, ada)
    assert meta == '{"actor":"desk","reason":"sorry"}'


async def test_who_agreed_is_recorded_with_reason_and_actor(
    engine: Engine, staff: Actor, ada: int
) -> None:
    posted = await adjust(engine, staff, ada, approved_by="the manager")

    sql = "SELECT meta FROM journal WHERE holder_id = $1 AND seq = $2"
    ((meta,),) = await engine.database.read(sql, ada, posted.seq)
    assert meta == '{"actor":"desk","approver":"the manager","reason":"sorry"}'
    again = await adjust(engine, staff, ada, approved_by="the manager")
    assert again.replayed
    with pytest.raises(IdempotencyConflictError):
        await adjust(engine, staff, ada, approved_by="another")


async def test_a_repeated_adjustment_is_one(
    engine: Engine, staff: Actor, ada: int
) -> None:
    first = await adjust(engine, staff, ada)
    again = await adjust(engine, staff, ada)
    with pytest.raises(IdempotencyConflictError):
        await adjust(engine, staff, ada, amount=6)

    assert (again.seq, again.replayed) == (first.seq, True)
    assert await state(engine, ada) == [(315, 0, 0), (310,), (3,)]


async def test_refused_adjustments_change_nothing(
    engine: Engine, staff: Actor, shop: Actor, ada: int
) -> None:
    before = await state(engine, ada)
    cases: list[tuple[type[Exception], Actor, int, dict[str, Any]]] = [
        (ForbiddenError, shop, ada, {}),
        (InvalidInputError, staff, ada, {"amount": 0}),
        (InvalidInputError, staff, ada, {"amount": MAX_AMOUNT + 1}),
        (InvalidInputError, staff, ada, {"reason": "  "}),
        (InvalidInputError, staff, ada, {"reason": "x" * 501}),
        (InvalidInputError, staff, ada, {"reason": "a\0b"}),
        (InvalidInputError, staff, ada, {"reason": "\ud800"}),
        (InvalidInputError, staff, ada, {"approved_by": " "}),
        (InvalidInputError, staff, ada, {"approved_by": "x" * 81}),
        (InvalidInputError, staff, ada, {"approved_by": "a\0b"}),
        (InvalidInputError, staff, ada, {"currency": "STARS"}),
        (MemberNotFoundError, staff, 999, {}),
        (InsufficientPointsError, staff, ada, {"amount": -311}),
    ]

    for number, (error, by, holder_id, more) in enumerate(cases):
        with pytest.raises(error):
            await adjust(engine, by, holder_id, key=f"k{number}", **more)

    assert await state(engine, ada) == before


async def test_an_earning_is_taken_back_with_its_merit(
    engine: Engine, staff: Actor, ada: int
) -> None:
    await reverse(engine, staff, ada)

    assert await state(engine, ada) == [(0, 0, 0), (0,), (3,)]


async def test_what_was_spent_meanwhile_is_owed(
    engine: Engine, staff: Actor, ada: int
) -> None:
    await adjust(engine, staff, ada, amount=-300)

    await reverse(engine, staff, ada)

    assert await state(engine, ada) == [(0, 0, 300), (0,), (4,)]


async def test_refused_reversals_change_nothing(
    engine: Engine, staff: Actor, shop: Actor, ada: int, ticket: int
) -> None:
    redeemed = await redemption.redeem(
        engine, by=shop, key="t", holder_id=ada, reward_id=ticket
    )
    captured = redeemed.hold_id + 1
    before = await state(engine, ada)
    cases: list[tuple[type[Exception], Actor, int, dict[str, Any]]] = [
        (ForbiddenError, shop, ada, {}),
        (InvalidInputError, staff, ada, {"reason": ""}),
        (InvalidInputError, staff, ada, {"reason": "a\0b"}),
        (MemberNotFoundError, staff, 999, {}),
        (TransactionNotFoundError, staff, ada, {"seq": 99}),
        (NotReversibleError, staff, ada, {"seq": 1}),
        (NotReversibleError, staff, ada, {"seq": captured}),
    ]

    for number, (error, by, holder_id, more) in enumerate(cases):
        with pytest.raises(error):
            await reverse(engine, by, holder_id, key=f"k{number}", **more)

    assert await state(engine, ada) == before


async def test_twice_is_once(engine: Engine, staff: Actor, ada: int) -> None:
    await reverse(engine, staff, ada)
    before = await state(engine, ada)

    assert (await reverse(engine, staff, ada)).replayed
    with pytest.raises(NotReversibleError, match="reversed already"):
        await reverse(engine, staff, ada, key="again")

    assert await state(engine, ada) == before
