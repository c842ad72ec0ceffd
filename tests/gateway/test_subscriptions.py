"""Balances as they change: the present state first, then everything, once, in order."""

import asyncio
import base64
import random
from typing import Any

import pytest

from core.actors import Actor, Role
from core.engine import Engine
from core.ledger.events import watch
from core.program import corrections
from core.settings import Settings
from gateway.app import create_app

CHANGES = """
subscription ($m: ID!, $a: String) {
  balanceChanged(memberId: $m, after: $a) {
    cursor member { number } balances { currency available held }
    transaction { kind }
  }
}
"""


async def adjust(engine: Engine, program_id: int, holder_id: int, number: int) -> None:
    await corrections.adjust(
        engine,
        by=Actor(program_id, "desk", Role.STAFF),
        key=f"adjust-{number}",
        holder_id=holder_id,
        currency="PTS",
        amount=1,
        reason="one more",
    )


def event(message: Any) -> Any:
    assert message["type"] == "next", message
    return message["payload"]["data"]["balanceChanged"]


async def test_the_present_state_comes_first_then_changes(
    staff_api: Any, ada: Any, socket_of: Any, rewards: dict[str, str]
) -> None:
    async with socket_of(staff_api) as wire:
        await wire.subscribe("1", CHANGES, m=ada.id)
        first = event(await wire.next())
        await staff_api.change(
            "redeemReward",
            "replayed",
            memberId=ada.id,
            rewardId=rewards["ten_percent_off"],
        )
        held, spent = event(await wire.next()), event(await wire.next())

        assert await wire.silent()
    cursors = [one.pop("cursor") for one in (first, held, spent)]
    assert len(set(cursors)) == 3
    member = {"number": "00001"}
    assert first == {
        "member": member,
        "balances": [{"currency": "PTS", "available": 310, "held": 0}],
        "transaction": None,
    }
    assert held == {
        "member": member,
        "balances": [{"currency": "PTS", "available": 260, "held": 50}],
        "transaction": {"kind": "AUTHORIZE"},
    }
    assert spent == {
        "member": member,
        "balances": [{"currency": "PTS", "available": 260, "held": 0}],
        "transaction": {"kind": "CAPTURE"},
    }


async def test_a_cursor_resumes_anywhere(
    staff_api: Any, ada: Any, socket_of: Any
) -> None:
    async with socket_of(staff_api) as wire:
        await wire.subscribe("1", CHANGES, m=ada.id)
        cursor = event(await wire.next())["cursor"]
    for number in range(3):
        await adjust(staff_api.engine, staff_api.program_id, ada.holder_id, number)
    staff_api.app = create_app(staff_api.engine)  # another process would have its own

    async with socket_of(staff_api) as wire:
        await wire.subscribe("1", CHANGES, m=ada.id, a=cursor)
        missed = [event(await wire.next()) for _ in range(3)]
        await adjust(staff_api.engine, staff_api.program_id, ada.holder_id, 3)
        live = event(await wire.next())

        assert await wire.silent()
    points = [one["balances"][0]["available"] for one in (*missed, live)]
    assert points == [311, 312, 313, 314]


@pytest.mark.parametrize("cursor", ["", "AAAA", "x" * 200, "ä"])
async def test_what_is_no_cursor_is_refused(
    staff_api: Any, ada: Any, socket_of: Any, cursor: str
) -> None:
    async with socket_of(staff_api) as wire:
        await wire.subscribe("1", CHANGES, m=ada.id, a=cursor)
        message = await wire.next()

    if not cursor:  # none at all
        assert message["type"] == "next"
        return
    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_cursor_is_good_for_its_member_and_database_only(
    staff_api: Any, ada: Any, socket_of: Any
) -> None:
    bob = await staff_api.change("enrollMember", "member { id }", number="00002")
    database = staff_api.engine.database
    async with socket_of(staff_api) as wire:
        await wire.subscribe("1", CHANGES, m=ada.id)
        cursor = event(await wire.next())["cursor"]
        await wire.subscribe("2", CHANGES, m=bob["member"]["id"], a=cursor)
        foreign = await wire.next()
        await database.configure(
            lambda session: session.connection().exec_driver_sql(
                "UPDATE installation SET epoch = 2"
            )
        )
        await wire.subscribe("3", CHANGES, m=ada.id, a=cursor)
        ahead = await wire.next()

    assert foreign["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert ahead["payload"][0]["extensions"]["code"] == "CURSOR_AHEAD"
    assert len(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))) == 41


async def test_another_member_is_no_member(
    staff_api: Any, ada: Any, caller: Any, socket_of: Any
) -> None:
    bob = await staff_api.change("enrollMember", "member { id }", number="00002")
    api = await caller("member", int(bob["member"]["id"][4:], 16))

    async with socket_of(api) as wire:
        for name, member in (("1", ada.id), ("2", "mbr_0000000000000001")):
            await wire.subscribe(name, CHANGES, m=member)
            message = await wire.next()
            assert message["payload"][0]["extensions"]["code"] == "MEMBER_NOT_FOUND"
        await wire.subscribe("3", CHANGES, m=bob["member"]["id"])
        assert event(await wire.next())["member"] == {"number": "00002"}


async def test_a_change_by_another_process_arrives(
    staff_api: Any, ada: Any, socket_of: Any, database_url: str
) -> None:
    engine = staff_api.engine
    watching = asyncio.create_task(watch(engine.database, engine.ledger.hub, 0.05))
    other = Engine.open(
        Settings(database_url=database_url), engine.registry, engine.clock
    )
    async with other as second, socket_of(staff_api) as wire:
        await wire.subscribe("1", CHANGES, m=ada.id)
        await wire.next()

        await adjust(second, staff_api.program_id, ada.holder_id, 1)

        assert event(await wire.next())["balances"][0]["available"] == 311
    watching.cancel()


async def test_no_event_is_missed_or_doubled_over_many_reconnections(
    staff_api: Any, ada: Any, socket_of: Any
) -> None:
    chance = random.Random(3)
    total = 60
    seen: list[int] = []
    cursor: str | None = None

    async def post() -> None:
        for number in range(total):
            await adjust(staff_api.engine, staff_api.program_id, ada.holder_id, number)
            await asyncio.sleep(chance.random() * 0.004)

    posting = asyncio.create_task(post())
    async with asyncio.timeout(30):
        while not seen or seen[-1] < 310 + total:
            async with socket_of(staff_api) as wire:
                await wire.subscribe("1", CHANGES, m=ada.id, a=cursor)
                for _ in range(chance.randint(1, 12)):
                    change = event(await wire.next())
                    cursor = change["cursor"]
                    seen.append(change["balances"][0]["available"])
                    if seen[-1] == 310 + total:
                        break
    await posting

    assert seen == list(range(seen[0], 310 + total + 1))
