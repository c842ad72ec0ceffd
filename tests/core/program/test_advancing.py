"""The clock of a sandbox: forward only, all that is due on the way, and in order."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest

from core.actors import Actor, Role
from core.clock import from_us, to_us
from core.engine import Engine
from core.errors import IdempotencyConflictError, InvalidInputError, NotASandboxError
from core.extension.registry import Registry
from core.ledger.codes import JournalKind
from core.ledger.root import root_of
from core.ledger.verify import verify
from core.program import (
    activities,
    advancing,
    definition,
    drafting,
    members,
    publishing,
    redemption,
)
from core.program.insight import currency_totals
from core.settings import Settings
from gateway.importing import cdnow
from gateway.importing.replay import replay
from tests.conftest import START_US

DAY_US = 86_400_000_000
CLOCK_US = to_us(datetime(1997, 1, 1, tzinfo=UTC))
YEAR = 365
PROGRAM: dict[str, Any] = {
    "code": "trial",
    "name": "Trial",
    "currencies": [{"code": "PTS", "name": "Points"}],
    "rules": [
        {
            "code": "purchase",
            "activity": "purchase",
            "currency": "PTS",
            "points": 1,
            "per": "amount_major",
            "pending_days": 10,
            "valid_days": 30,
        },
        {
            "code": "sign_up",
            "activity": "sign_up",
            "currency": "PTS",
            "points": 50,
            "valid_days": 40,
        },
    ],
    "rewards": [
        {
            "code": "five",
            "type": "discount",
            "name": "5 % off",
            "currency": "PTS",
            "price": 20,
            "config": {"percent_off": 5},
        }
    ],
}


@pytest.fixture(scope="session")
def registry() -> Registry:
    return Registry.installed()


@pytest.fixture
async def engine(
    database_url: str, registry: Registry, clock: Any
) -> AsyncIterator[Engine]:
    async with Engine.open(Settings(database_url=database_url), registry, clock) as one:
        yield one


@pytest.fixture
async def program_id(engine: Engine) -> int:
    return await definition.apply(engine, PROGRAM, clock_us=CLOCK_US)


def admin(program_id: int) -> Actor:
    return Actor(program_id, "owner", Role.ADMIN)


async def advance(engine: Engine, program_id: int, days: int, key: str = "") -> int:
    """Move the clock to so many days after its start."""
    done = await advancing.advance(
        engine,
        by=admin(program_id),
        key=key or f"advance-to-{days}",
        to_us=CLOCK_US + days * DAY_US,
    )
    return done.clock_us


async def buy(engine: Engine, program_id: int, holder_id: int, order: str) -> Any:
    return await activities.record(
        engine,
        by=admin(program_id),
        key=f"{order}-of-{holder_id}",
        holder_id=holder_id,
        activity_type="purchase",
        payload={
            "order_id": f"{order}-{holder_id}",
            "amount_minor": 3_000,
            "currency_code": "USD",
        },
    )


async def sign_up(engine: Engine, program_id: int, holder_id: int) -> Any:
    return await activities.record(
        engine,
        by=admin(program_id),
        key="sign-up",
        holder_id=holder_id,
        activity_type="sign_up",
        payload={},
    )


async def enroll(engine: Engine, program_id: int, number: str) -> int:
    enrolled = await members.enroll(
        engine, by=admin(program_id), key=f"enroll-{number}", number=number
    )
    return enrolled.holder_id


async def journal(engine: Engine, holder_id: int) -> list[tuple[str, float, float]]:
    """Return what was posted: kind, and the days at which it was, and counts."""
    rows = await engine.database.read(
        "SELECT kind, at_us, effective_us FROM journal WHERE holder_id = $1 "
        "ORDER BY seq",
        holder_id,
    )
    return [
        (
            JournalKind(kind).name,
            (at_us - CLOCK_US) / DAY_US,
            (effective_us - CLOCK_US) / DAY_US,
        )
        for kind, at_us, effective_us in rows
    ]


async def test_all_that_is_due_is_done_at_its_instant(
    engine: Engine, program_id: int
) -> None:
    ada = await enroll(engine, program_id, "1")
    await buy(engine, program_id, ada, "o1")
    await sign_up(engine, program_id, ada)

    assert await advance(engine, program_id, 60) == CLOCK_US + 60 * DAY_US

    # Both lots end on day 40; the one that ripened is the one that was first.
    assert await journal(engine, ada) == [
        ("OPEN", 0, 0),
        ("EARN", 0, 0),
        ("EARN", 0, 0),
        ("ACTIVATE", 10, 10),
        ("EXPIRE", 40, 40),
        ("EXPIRE", 40, 40),
    ]
    wallet = "SELECT available, pending FROM wallet WHERE holder_id = $1"
    assert await engine.database.read(wallet, ada) == [(0, 0)]
    assert (await verify(engine.database)).findings == ()


async def test_the_clock_moves_forward_once_for_a_key_and_in_sandboxes_only(
    engine: Engine, program_id: int
) -> None:
    live = await definition.apply(engine, {**PROGRAM, "code": "live"})
    await advance(engine, program_id, 5, key="the-first-five-days")

    replayed = await advancing.advance(
        engine,
        by=admin(program_id),
        key="the-first-five-days",
        to_us=CLOCK_US + 5 * DAY_US,
    )
    for days, reason in ((5, "moves forward only"), (99_999, "before the year 2100")):
        with pytest.raises(InvalidInputError, match=reason):
            await advance(engine, program_id, days)
    with pytest.raises(IdempotencyConflictError):
        await advance(engine, program_id, 6, key="the-first-five-days")
    with pytest.raises(NotASandboxError):
        await advance(engine, live, 6)

    assert (replayed.clock_us, replayed.replayed) == (CLOCK_US + 5 * DAY_US, True)
    clocks = "SELECT code, clock_us FROM program ORDER BY code"
    assert await engine.database.read(clocks) == [
        ("live", None),
        ("trial", CLOCK_US + 5 * DAY_US),
    ]


async def test_other_programs_go_by_the_real_time(
    engine: Engine, program_id: int, clock: Any
) -> None:
    live = await definition.apply(engine, {**PROGRAM, "code": "live"})
    bob = await enroll(engine, live, "1")
    ada = await enroll(engine, program_id, "1")
    await buy(engine, live, bob, "o1")
    await buy(engine, program_id, ada, "o1")

    await advance(engine, program_id, 20)
    before = await journal(engine, bob)
    clock.us += 15 * DAY_US
    swept = await engine.ledger.sweep()

    # What is due in the sandbox by the real time is not the worker's to do.
    real = (START_US - CLOCK_US) / DAY_US
    assert before == [("OPEN", real, real), ("EARN", real, real)]
    assert swept == 1
    assert await engine.ledger.sweep() == 0
    kinds = [kind for kind, *_ in await journal(engine, bob)]
    assert kinds == ["OPEN", "EARN", "ACTIVATE"]
    assert [kind for kind, *_ in await journal(engine, ada)] == kinds
    assert (await journal(engine, ada))[-1] == ("ACTIVATE", 10, 10)


async def test_a_command_goes_by_the_clock_of_its_program(
    engine: Engine, program_id: int, clock: Any
) -> None:
    ada = await enroll(engine, program_id, "1")
    clock.us += 500 * DAY_US
    await sign_up(engine, program_id, ada)
    ((reward_id,),) = await engine.database.read("SELECT reward_id FROM reward")
    await advance(engine, program_id, 39)

    done = await redemption.redeem(
        engine,
        by=admin(program_id),
        key="just-in-time",
        holder_id=ada,
        reward_id=reward_id,
    )
    with pytest.raises(InvalidInputError, match="1997-02-09"):
        await activities.record(
            engine,
            by=admin(program_id),
            key="to-come",
            holder_id=ada,
            activity_type="sign_up",
            payload={},
            occurred_at_us=CLOCK_US + 50 * DAY_US,
        )

    assert done.status == "FULFILLED"
    assert (await journal(engine, ada))[-1][1:] == (39, 39)
    sql = "SELECT fulfillment, requested_at_us FROM redemption"
    ((fulfillment, requested_at_us),) = await engine.database.read(sql)
    assert requested_at_us == CLOCK_US + 39 * DAY_US
    assert "1997-05-10" in fulfillment  # valid for 90 days from then


async def test_a_version_is_published_on_the_way(
    engine: Engine, program_id: int
) -> None:
    ada = await enroll(engine, program_id, "1")
    by = admin(program_id)
    double = {**PROGRAM, "rules": [{**PROGRAM["rules"][1], "points": 100}]}
    await drafting.draft(engine, by=by, key="double", values=double)
    await publishing.publish(
        engine, by=by, key="on-day-3", number=2, at_us=CLOCK_US + 3 * DAY_US
    )

    await advance(engine, program_id, 2)
    early = "SELECT state FROM program_version ORDER BY number"
    before = await engine.database.read(early)
    await advance(engine, program_id, 9)

    assert before == [("PUBLISHED",), ("DRAFT",)]
    sql = "SELECT state, published_at_us FROM program_version ORDER BY number"
    assert await engine.database.read(sql) == [
        ("RETIRED", CLOCK_US),
        ("PUBLISHED", CLOCK_US + 3 * DAY_US),
    ]
    assert (await sign_up(engine, program_id, ada)).points == {1: 100}


async def test_many_may_move_one_clock(engine: Engine, program_id: int) -> None:
    holders = [await enroll(engine, program_id, str(n)) for n in range(8)]
    for one in holders:
        await buy(engine, program_id, one, "o1")

    await asyncio.gather(
        *(advance(engine, program_id, days) for days in (30, 50, 45, 60))
    )

    for one in holders:
        assert [kind for kind, *_ in await journal(engine, one)] == [
            "OPEN",
            "EARN",
            "ACTIVATE",
            "EXPIRE",
        ]
    clock = await engine.clocks.now_us(program_id)
    assert clock == CLOCK_US + 60 * DAY_US
    assert (await verify(engine.database)).findings == ()


async def script(engine: Engine, *stops: int) -> str:
    """Let a program live, with the clock moved by way of *stops*; return the root."""
    program_id = await definition.apply(engine, PROGRAM, clock_us=CLOCK_US)
    holders = [await enroll(engine, program_id, str(n)) for n in range(5)]
    for number, one in enumerate(holders):
        await sign_up(engine, program_id, one)
        for order in range(number):
            await buy(engine, program_id, one, f"o{order}")
    for days in stops:
        await advance(engine, program_id, days)
    for one in holders[2:]:
        await buy(engine, program_id, one, "late")
    await advance(engine, program_id, 90)
    assert (await verify(engine.database)).findings == ()
    return await root_of(engine.database)


async def test_the_same_script_leaves_the_same_ledger_everywhere(
    sqlite_url: str,
    postgres_url: str,
    tmp_path: Any,
    registry: Registry,
    new_clock: Callable[[], Any],
) -> None:
    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[Engine]:
        settings = Settings(database_url=url)
        async with Engine.open(settings, registry, new_clock()) as engine:
            yield engine

    roots = set()
    places = (
        (sqlite_url, (25,)),
        (postgres_url, (25,)),
        (f"sqlite:///{tmp_path}/steps.db", (1, 10, 11, 24, 25)),
    )
    for url, stops in places:
        async with opened(url) as engine:
            roots.add(await script(engine, *stops))

    assert len(roots) == 1


def calculated(lines: list[bytes], end: datetime) -> tuple[int, int]:
    """Return the points issued and expired by *end*, calculated without the engine."""
    by_day: dict[datetime, int] = defaultdict(int)
    for line in lines:
        _, _, day, _, dollars = line.decode().split()
        at = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
        by_day[at] += int(dollars.split(".")[0])
    lived = timedelta(days=YEAR)
    expired = sum(points for at, points in by_day.items() if at + lived <= end)
    return sum(by_day.values()), expired


async def test_real_purchases_with_a_year_to_live(engine: Engine) -> None:
    rule = {**PROGRAM["rules"][0], "valid_days": YEAR}
    del rule["pending_days"]
    document = {**PROGRAM, "rules": [rule]}
    program_id = await definition.apply(engine, document, clock_us=CLOCK_US)
    sample = files("gateway.demo").joinpath("CDNOW_sample.txt").read_bytes()
    lines = sample.splitlines(keepends=True)
    if engine.database.dialect == "postgresql":
        lines = lines[:300]  # the same is proved, in less time
    errors: list[Any] = []

    summary = await replay(engine, program_id, cdnow.read_orders(lines), errors.append)

    end_us = await engine.clocks.now_us(program_id)
    issued, expired = calculated(lines, from_us(end_us))
    (totals,) = (await currency_totals(engine, program_id)).values()
    assert errors == []
    assert summary.orders == len(lines)
    assert from_us(end_us).year == 1998
    assert (totals.issued, totals.expired) == (issued, expired)
    assert totals.outstanding == issued - expired
    assert 0 < expired < issued
    assert (await verify(engine.database)).findings == ()
