"""A balance that is read is what touching the holder would make of it."""

import itertools
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.engine import Engine
from core.ledger.codes import NEVER_US, HolderKind
from core.ledger.commands import (
    Authorize,
    Award,
    Capture,
    Command,
    Earn,
    Note,
    Open,
    Operation,
    Posted,
    Reverse,
    Step,
)
from core.program import members
from core.reads.selection import Branch, Leaf, Scope, Selection

BALANCES = ("available", "pending", "held", "debt")
SELECTION = Selection(
    (
        Branch(
            "balances",
            "balances",
            Selection(tuple(Leaf(name, name) for name in BALANCES)),
        ),
    )
)
HOUR_US = 3_600_000_000
_KEYS = itertools.count(1)

HOURS = st.integers(1, 12)
AMOUNTS = st.integers(1, 100)
ACTIONS = st.one_of(
    st.tuples(
        st.just("earn"), AMOUNTS, HOURS | st.none(), HOURS | st.none(), st.booleans()
    ),
    st.tuples(st.just("authorize"), AMOUNTS, HOURS | st.none()),
    st.tuples(st.just("capture"), AMOUNTS),
    st.tuples(st.just("reverse"), AMOUNTS),
    st.tuples(st.just("wait"), HOURS),
)


async def balances(engine: Engine, holder_id: int, program_id: int) -> Any:
    found = await engine.reads.one(
        "member", (holder_id,), SELECTION, Scope(program_id, holder_id)
    )
    assert found is not None
    return found["balances"]


async def post(engine: Engine, holder_id: int, operation: Operation) -> int | None:
    """Post, and return the transaction; None if it was refused."""
    key = f"test:{next(_KEYS)}"
    outcome = await engine.ledger.post(
        Command(key, b"f", (Step(holder_id, operation),))
    )
    return outcome.seq if isinstance(outcome, Posted) else None


async def act(
    engine: Engine, clock: Any, holder_id: int, seqs: dict[str, int], action: Any
) -> None:
    name, number, *more = action
    made: int | None = None
    match name:
        case "earn":
            wait, life, has_grace = more
            ripe_us = None if wait is None else clock.us + wait * HOUR_US
            begin_us = ripe_us or clock.us
            end_us = NEVER_US if life is None else begin_us + life * HOUR_US
            policy = f'{{"grace_us":{4 * HOUR_US}}}' if has_grace else "{}"
            award = Award(1, number, ripe_us, end_us, policy=policy)
            made = await post(engine, holder_id, Earn((award,)))
        case "authorize":
            end = None if more[0] is None else clock.us + more[0] * HOUR_US
            made = await post(engine, holder_id, Authorize(1, number, end))
        case "capture" if "authorize" in seqs:
            await post(
                engine, holder_id, Capture(seqs["authorize"], number, final=False)
            )
        case "reverse" if "earn" in seqs:
            await post(engine, holder_id, Reverse(seqs["earn"], number))
        case "wait":
            clock.us += number * HOUR_US
    if made is not None:
        seqs[name] = made


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(actions=st.lists(ACTIONS, min_size=3, max_size=15), hours=st.integers(0, 24))
async def test_reading_sees_what_touching_would_make(
    engine: Engine, clock: Any, program_id: int, actions: list[Any], hours: int
) -> None:
    holder_id = engine.clock.new_id()
    await post(engine, holder_id, Open(program_id, HolderKind.MEMBER))
    await engine.database.configure(
        lambda session: session.connection().exec_driver_sql(
            "INSERT INTO member (holder_id, program_id, joined_at_us) "
            f"VALUES ({holder_id}, {program_id}, 0)"
        )
    )
    seqs: dict[str, int] = {}
    for action in actions:
        await act(engine, clock, holder_id, seqs, action)
    clock.us += hours * HOUR_US

    seen = await balances(engine, holder_id, program_id)
    await post(engine, holder_id, Note())
    stored = await engine.database.read(
        "SELECT available, pending, held, debt FROM wallet WHERE holder_id = $1",
        holder_id,
    )

    expected = stored[0] if stored else (0, 0, 0, 0)
    assert [tuple(one.values()) for one in seen] == [expected]
    assert await balances(engine, holder_id, program_id) == seen


async def test_points_that_ran_out_are_gone_though_nobody_came(
    engine: Engine, clock: Any, shop: Any, program_id: int
) -> None:
    ada = (await members.enroll(engine, by=shop, key="ada")).holder_id
    lots = (
        Award(1, 100, expires_at_us=clock.us + HOUR_US),
        Award(1, 30, clock.us + HOUR_US),
    )
    await post(engine, ada, Earn(lots))
    before = {"available": 100, "pending": 30, "held": 0, "debt": 0}
    assert await balances(engine, ada, program_id) == [before]

    clock.us += HOUR_US - 1
    assert await balances(engine, ada, program_id) == [before]
    clock.us += 1
    after = {"available": 30, "pending": 0, "held": 0, "debt": 0}
    assert await balances(engine, ada, program_id) == [after]
    assert await engine.database.read(
        "SELECT last_seq FROM holder WHERE holder_id = $1", ada
    ) == [(2,)]


async def test_points_that_a_hold_gives_back_late_live_by_the_grace_of_their_lot(
    engine: Engine, clock: Any, shop: Any, program_id: int
) -> None:
    ada = (await members.enroll(engine, by=shop, key="ada")).holder_id
    lot_ends_us, hold_ends_us = clock.us + HOUR_US, clock.us + 2 * HOUR_US
    policy = f'{{"grace_us":{HOUR_US}}}'
    await post(
        engine, ada, Earn((Award(1, 50, expires_at_us=lot_ends_us, policy=policy),))
    )
    await post(engine, ada, Authorize(1, 20, hold_ends_us))

    async def seen() -> tuple[int, int]:
        (one,) = await balances(engine, ada, program_id)
        return one["available"], one["held"]

    clock.us = hold_ends_us - 1
    assert await seen() == (0, 20)
    clock.us = hold_ends_us
    assert await seen() == (20, 0)
    clock.us = hold_ends_us + HOUR_US
    assert await seen() == (0, 0)
