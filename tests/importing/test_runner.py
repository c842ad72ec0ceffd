"""Imports through the use cases of the API."""

import asyncio

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.errors import BusyError
from core.ledger.verify import verify
from core.program import insight, members
from gateway.importing.cdnow import read_orders
from gateway.importing.orders import LineError, Order
from gateway.importing.runner import Import

LINES = [
    b" 00001 19970101  1   11.77\r\n",
    b" 00002 19970112  1   12.00\r\n",
    b" 00002 19970112  5   77.00\r\n",
    b" 00002 19970112  5   77.00\r\n",
    b" 00003 19970102  0    0.00\r\n",
]


def orders(lines: list[bytes] = LINES) -> list[Order | LineError]:
    return list(read_orders(lines))


async def run(engine: Engine, program_id: int, lines: list[Order | LineError]) -> dict:
    summary = await Import(engine, program_id).run(lines, lambda _: None)
    return summary.document()


async def test_customers_are_enrolled_and_orders_recorded(
    engine: Engine, program_id: int
) -> None:
    assert await run(engine, program_id, orders()) == {
        "orders": 5,
        "members": 3,
        "points_issued": 11 + 12 + 77 + 77,
        "skipped": 0,
        "errors": 0,
    }
    assert (await verify(engine.database)).ok


async def test_a_second_run_changes_nothing(engine: Engine, program_id: int) -> None:
    await run(engine, program_id, orders())
    before = await insight.overview(engine, program_id)

    again = await run(engine, program_id, orders())

    assert again == {
        "orders": 0,
        "members": 0,
        "points_issued": 0,
        "skipped": 5,
        "errors": 0,
    }
    assert await insight.overview(engine, program_id) == before


async def test_a_run_that_was_cut_short_is_finished_by_another(
    engine: Engine, program_id: int
) -> None:
    await run(engine, program_id, orders()[:2])

    rest = await run(engine, program_id, orders())

    assert rest == {
        "orders": 3,
        "members": 1,
        "points_issued": 77 + 77,
        "skipped": 2,
        "errors": 0,
    }


async def test_a_known_customer_is_not_enrolled_again(
    engine: Engine, program_id: int
) -> None:
    shop = Actor(program_id, "shop", Role.INTEGRATOR)
    ada = await members.enroll(engine, by=shop, key="ada", number="00001")

    summary = await run(engine, program_id, orders()[:1])

    assert summary["members"] == 0
    rows = await engine.database.read(
        "SELECT holder_id FROM activity WHERE external_id = $1", "cdnow-00001-1"
    )
    assert rows == [(ada.holder_id,)]


async def test_wrong_lines_are_told_and_the_rest_is_imported(
    engine: Engine, program_id: int
) -> None:
    told: list[LineError] = []
    lines = orders([LINES[0], b" 00001 19970101  1  -1.00\r\n", LINES[1]])

    summary = await Import(engine, program_id).run(lines, told.append)

    assert told == [LineError(2, "the amount -1.00 is negative")]
    assert summary.orders == 2


async def test_an_order_that_was_recorded_with_other_content_is_a_wrong_line(
    engine: Engine, program_id: int
) -> None:
    await run(engine, program_id, orders()[:1])
    changed = orders([b" 00001 19970101  1   99.00\r\n"])

    summary = await run(engine, program_id, changed)

    assert summary["points_issued"] == 0
    assert summary["errors"] == 1


async def test_orders_of_one_customer_keep_their_order(
    engine: Engine, program_id: int
) -> None:
    lines = [b" 00001 19970101  1   %d.00\r\n" % amount for amount in range(1, 60)]

    await run(engine, program_id, orders(lines))

    rows = await engine.database.read(
        "SELECT external_id FROM activity ORDER BY holder_id, seq"
    )
    assert [name for (name,) in rows] == [f"cdnow-00001-{n}" for n in range(1, 60)]


async def test_a_database_that_does_not_answer_ends_the_run(
    engine: Engine, program_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(_: object) -> None:
        await asyncio.sleep(0)
        raise BusyError

    monkeypatch.setattr(engine.ledger, "post", busy)

    with pytest.raises(BusyError):
        await run(engine, program_id, orders())
