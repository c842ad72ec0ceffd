"""Activities that wait for a person: approved or rejected, once, and counted then."""

import asyncio
from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import (
    ApprovalStateError,
    ForbiddenError,
    IdempotencyConflictError,
    InvalidInputError,
    MemberNotFoundError,
    NotReversibleError,
    TransactionNotFoundError,
)
from core.extension.registry import Registry
from core.ledger.codes import NEVER_US
from core.ledger.verify import verify
from core.program import activities, approvals, corrections, definition, members
from core.program.approvals import Decided
from plugins import purchase, review

DAY_US = 86_400_000_000
REVIEW = {"product_id": "p-7", "stars": 4}
PROGRAM = {
    "code": "main",
    "name": "Shop",
    "currencies": [
        {"code": "PTS", "name": "Points"},
        {"code": "MILES", "name": "Miles", "qualifying": False},
    ],
    "rules": [
        {"code": "review", "activity": "review", "currency": "PTS", "points": 50},
        {
            "code": "stars",
            "activity": "review",
            "currency": "PTS",
            "points": 1,
            "per": "stars",
            "pending_days": 14,
            "valid_days": 30,
            "clawback": "forgive",
        },
        {"code": "miles", "activity": "review", "currency": "MILES", "points": 3},
    ],
}


@pytest.fixture
def registry() -> Registry:
    return Registry.of(purchase, review)


@pytest.fixture
async def program_id(engine: Engine) -> int:
    return await definition.apply(engine, PROGRAM)


@pytest.fixture
async def bob(engine: Engine, shop: Actor) -> int:
    return (await members.enroll(engine, by=shop, key="bob")).holder_id


async def report(engine: Engine, holder_id: int, key: str = "r", **more: Any) -> Any:
    ((program_id,),) = await engine.database.read(
        "SELECT program_id FROM member WHERE holder_id = $1", holder_id
    )
    member = Actor(program_id, f"member-{holder_id}", Role.MEMBER, holder_id)
    return await activities.record(
        engine,
        by=member,
        key=key,
        holder_id=holder_id,
        activity_type="review",
        payload=REVIEW | more,
    )


async def decide(
    engine: Engine, by: Actor, what: str, recorded: Any, **more: Any
) -> Any:
    given = {"key": what, "reason": "read it"} | more
    return await getattr(approvals, what)(
        engine, by=by, holder_id=recorded.holder_id, seq=recorded.seq, **given
    )


async def state(engine: Engine, holder_id: int) -> Any:
    """Return wallets, counters and the decisions about activities."""
    return [
        sorted(
            await engine.database.read(
                f"SELECT {columns} FROM {table} WHERE holder_id = $1", holder_id
            )
        )
        for table, columns in (
            ("wallet", "currency_id, pending, available, debt"),
            ("counter", "name, value"),
            ("activity", "seq, approval, decided_seq"),
        )
    ]


async def test_what_was_reported_waits(engine: Engine, clock: Any, bob: int) -> None:
    recorded = await report(engine, bob)

    assert recorded.points == {1: 54, 2: 3}
    clock.us += 400 * DAY_US
    await engine.ledger.sweep()
    assert await state(engine, bob) == [
        [(1, 54, 0, 0), (2, 3, 0, 0)],
        [],
        [(2, "PENDING", None)],
    ]


async def test_what_is_approved_ripens_and_counts(
    engine: Engine, clock: Any, staff: Actor, bob: int
) -> None:
    recorded = await report(engine, bob)
    clock.us += 3 * DAY_US

    decided = await decide(engine, staff, "approve", recorded)

    assert decided == Decided(bob, 3, 2, replayed=False)
    assert await state(engine, bob) == [
        [(1, 4, 50, 0), (2, 0, 3, 0)],
        [("earned", 54)],
        [(2, "APPROVED", 3)],
    ]
    ripe_us = clock.us + 14 * DAY_US
    lots = "SELECT available_at_us, expires_at_us FROM lot ORDER BY lot_id"
    assert await engine.database.read(lots) == [
        (clock.us, NEVER_US),
        (ripe_us, ripe_us + 30 * DAY_US),
        (clock.us, NEVER_US),
    ]
    sql = "SELECT kind, ref_seq, meta FROM journal WHERE holder_id = $1 AND seq = 3"
    assert await engine.database.read(sql, bob) == [
        (22, 2, '{"actor":"desk","reason":"read it"}')
    ]
    assert (await verify(engine.database, full=True)).findings == ()


async def test_what_is_rejected_leaves_no_points(
    engine: Engine, staff: Actor, bob: int
) -> None:
    recorded = await report(engine, bob)

    decided = await decide(engine, staff, "reject", recorded)

    assert decided == Decided(bob, 3, 2, replayed=False)
    assert await state(engine, bob) == [
        [(1, 0, 0, 0), (2, 0, 0, 0)],
        [],
        [(2, "REJECTED", 3)],
    ]
    sql = "SELECT kind, ref_seq, meta FROM journal WHERE holder_id = $1 AND seq = 3"
    assert await engine.database.read(sql, bob) == [
        (8, 2, '{"actor":"desk","reason":"read it"}')
    ]
    assert (await verify(engine.database, full=True)).findings == ()


@pytest.mark.parametrize("first", ["approve", "reject"])
@pytest.mark.parametrize("second", ["approve", "reject"])
async def test_a_decision_is_made_once(
    engine: Engine, staff: Actor, bob: int, first: str, second: str
) -> None:
    recorded = await report(engine, bob)
    decided = await decide(engine, staff, first, recorded, key="k1")
    before = await state(engine, bob)

    again = await decide(engine, staff, first, recorded, key="k1")
    with pytest.raises(ApprovalStateError) as caught:
        await decide(engine, staff, second, recorded, key="k2")
    with pytest.raises(IdempotencyConflictError):
        await decide(engine, staff, second, recorded, key="k1", reason="otherwise")

    assert (again.seq, again.replayed) == (decided.seq, True)
    assert caught.value.status == {"approve": "APPROVED", "reject": "REJECTED"}[first]
    assert await state(engine, bob) == before


async def test_of_those_who_decide_at_once_one_does(
    engine: Engine, staff: Actor, bob: int
) -> None:
    recorded = await report(engine, bob)

    answers = await asyncio.gather(
        *(
            decide(engine, staff, what, recorded, key=f"k{n}")
            for n, what in enumerate(["approve", "reject"] * 5)
        ),
        return_exceptions=True,
    )

    assert sum(isinstance(one, Decided) for one in answers) == 1
    assert sum(isinstance(one, ApprovalStateError) for one in answers) == 9
    wallets, counters, ((_, approval, _),) = await state(engine, bob)
    if approval == "APPROVED":
        assert (wallets[0], counters) == ((1, 4, 50, 0), [("earned", 54)])
    else:
        assert (wallets[0], counters) == ((1, 0, 0, 0), [])
    assert (await verify(engine.database, full=True)).findings == ()


@pytest.mark.parametrize("what", ["approve", "reject"])
async def test_what_earned_nothing_is_decided_too(
    engine: Engine, staff: Actor, bob: int, what: str
) -> None:
    for rule in ("review", "stars", "miles"):
        await engine.database.configure(
            lambda session, rule=rule: session.connection().exec_driver_sql(
                f"UPDATE rule SET is_active = false WHERE code = '{rule}'"
            )
        )
    recorded = await report(engine, bob)
    assert recorded.points == {}

    decided = await decide(engine, staff, what, recorded)

    status = {"approve": "APPROVED", "reject": "REJECTED"}[what]
    assert await state(engine, bob) == [[], [], [(2, status, decided.seq)]]
    sql = "SELECT kind FROM journal WHERE holder_id = $1 AND seq = 3"
    assert await engine.database.read(sql, bob) == [(16,)]


async def test_rules_of_the_day_of_the_report_count(
    engine: Engine, staff: Actor, bob: int
) -> None:
    recorded = await report(engine, bob)
    rules = [{"code": "review", "activity": "review", "currency": "PTS", "points": 1}]
    await definition.apply(engine, PROGRAM | {"rules": rules})

    await decide(engine, staff, "approve", recorded)

    assert (await state(engine, bob))[0] == [(1, 4, 50, 0), (2, 0, 3, 0)]


async def test_what_waits_is_not_reversed_but_rejected(
    engine: Engine, staff: Actor, bob: int
) -> None:
    recorded = await report(engine, bob)
    before = await state(engine, bob)

    async def reverse() -> Any:
        return await corrections.reverse(
            engine, by=staff, key="x", holder_id=bob, seq=recorded.seq, reason="spam"
        )

    with pytest.raises(NotReversibleError) as caught:
        await reverse()
    assert caught.value.reason == "it waits for a decision; reject it instead"
    assert await state(engine, bob) == before
    await decide(engine, staff, "approve", recorded)

    await reverse()

    assert (await state(engine, bob))[:2] == [
        [(1, 0, 0, 0), (2, 0, 0, 0)],
        [("earned", 0)],
    ]


async def test_what_waits_cannot_be_spent_meanwhile(
    engine: Engine, staff: Actor, bob: int
) -> None:
    await report(engine, bob)

    with pytest.raises(Exception, match="50 points required, 0 available"):
        await corrections.adjust(
            engine,
            by=staff,
            key="x",
            holder_id=bob,
            currency="PTS",
            amount=-50,
            reason="spend",
        )


async def test_refused_decisions_change_nothing(
    engine: Engine, staff: Actor, shop: Actor, bob: int
) -> None:
    recorded = await report(engine, bob)
    order = await activities.record(
        engine,
        by=shop,
        key="o",
        holder_id=bob,
        activity_type="purchase",
        payload={"order_id": "o1", "amount_minor": 100, "currency_code": "USD"},
    )
    before = await state(engine, bob)

    for what in ("approve", "reject"):
        for error, by, changes, more in (
            (ForbiddenError, shop, {}, {}),
            (ForbiddenError, Actor(shop.program_id, "m", Role.MEMBER, bob), {}, {}),
            (MemberNotFoundError, Actor(999, "desk", Role.STAFF), {}, {}),
            (MemberNotFoundError, staff, {"holder_id": 999}, {}),
            (TransactionNotFoundError, staff, {"seq": 99}, {}),
            (TransactionNotFoundError, staff, {"seq": 1}, {}),
            (ApprovalStateError, staff, {"seq": order.seq}, {}),
            (InvalidInputError, staff, {}, {"reason": ""}),
            (InvalidInputError, staff, {}, {"reason": "x" * 501}),
        ):
            given = {"holder_id": bob, "seq": recorded.seq} | changes
            with pytest.raises(error):
                await getattr(approvals, what)(
                    engine, by=by, key="k", **({"reason": "why"} | given | more)
                )

    assert await state(engine, bob) == before
    assert (await decide(engine, staff, "approve", recorded, key="k")).seq == 4


async def test_reporting_again_is_a_replay_also_after_the_decision(
    engine: Engine, staff: Actor, bob: int
) -> None:
    recorded = await report(engine, bob)
    await decide(engine, staff, "reject", recorded)
    before = await state(engine, bob)

    again = await report(engine, bob)
    other_key = await report(engine, bob, key="r2")

    assert again.replayed
    assert other_key.replayed
    assert (again.seq, again.points) == (recorded.seq, recorded.points)
    assert await state(engine, bob) == before
