"""A program as a document: applied again it changes nothing; a mistake is named."""

import asyncio
import copy
from contextlib import AsyncExitStack
from typing import Any

import pytest

from core.engine import Engine
from core.errors import ConfigurationError
from core.extension.registry import Registry
from core.ledger.verify import verify
from core.program import definition, redemption, removal
from core.program.document import Document
from core.settings import Settings
from tests.core.program.conftest import PROGRAM

DOCUMENT: dict[str, Any] = {
    "code": "main",
    "name": "Shop",
    "time_zone": "Europe/Vienna",
    "currencies": [
        {"code": "PTS", "name": "Points"},
        {"code": "MILES", "name": "Miles", "scale": 2, "qualifying": False},
    ],
    "rules": [
        {
            "code": "buy",
            "activity": "purchase",
            "currency": "PTS",
            "points": 2,
            "per": "amount_major",
            "valid_days": 365,
        }
    ],
    "tiers": [
        {"code": "bronze", "name": "Bronze", "threshold": 0},
        {"code": "gold", "name": "Gold", "threshold": 500},
    ],
    "rewards": [
        {
            "code": "ticket",
            "type": "wayward",
            "name": "Ticket",
            "currency": "MILES",
            "price": 40,
            "config": {"seats": 4},
        }
    ],
}
TABLES = ("program", "currency", "rule", "tier", "reward", "journal", "wallet")


async def everything(engine: Engine) -> Any:
    return [
        sorted(await engine.database.read(f"SELECT * FROM {table}"), key=repr)
        for table in TABLES
    ]


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the document with another value at *path*; absent if None."""
    document = copy.deepcopy(DOCUMENT)
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = document
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


async def test_what_the_document_says(engine: Engine) -> None:
    program_id = await definition.apply(engine, DOCUMENT)

    read = engine.database.read
    assert await read("SELECT program_id, code, name, time_zone FROM program") == [
        (program_id, "main", "Shop", "Europe/Vienna")
    ]
    sql = "SELECT code, name, scale, is_qualifying FROM currency ORDER BY currency_id"
    assert await read(sql) == [("PTS", "Points", 0, True), ("MILES", "Miles", 2, False)]
    sql = "SELECT code, version, activity_type, is_active FROM rule"
    assert await read(sql) == [("buy", 1, "purchase", True)]
    sql = "SELECT code, rank, threshold FROM tier ORDER BY rank"
    assert await read(sql) == [("bronze", 0, 0), ("gold", 1, 500)]
    sql = (
        "SELECT r.code, r.reward_type, r.price, c.code, r.config, w.available "
        "FROM reward r JOIN currency c ON c.currency_id = r.currency_id "
        "JOIN stock s ON s.reward_id = r.reward_id "
        "JOIN wallet w ON w.holder_id = s.holder_id"
    )
    assert await read(sql) == [("ticket", "wayward", 40, "MILES", '{"seats":4}', 4)]
    assert await definition.find(engine) == program_id
    assert await definition.find(engine, "main") == program_id
    assert await definition.find(engine, "other") is None
    assert (await verify(engine.database)).findings == ()


async def test_applying_again_changes_nothing(engine: Engine) -> None:
    await definition.apply(engine, DOCUMENT)
    before = await everything(engine)

    await definition.apply(engine, DOCUMENT)

    assert await everything(engine) == before


async def test_a_changed_rule_is_a_new_version(engine: Engine) -> None:
    await definition.apply(engine, DOCUMENT)

    await definition.apply(engine, changed("rules.0.points", 3))

    sql = "SELECT version, is_active FROM rule ORDER BY version"
    assert await engine.database.read(sql) == [(1, False), (2, True)]


async def test_names_and_prices_change_in_place(engine: Engine) -> None:
    await definition.apply(engine, DOCUMENT)

    await definition.apply(engine, changed("rewards.0.price", 55))
    await definition.apply(engine, changed("tiers.1.threshold", 400))

    assert await engine.database.read("SELECT threshold FROM tier ORDER BY rank") == [
        (0,),
        (400,),
    ]
    assert await engine.database.read("SELECT price FROM reward") == [(40,)]


async def test_what_is_left_out_goes(engine: Engine) -> None:
    await definition.apply(engine, DOCUMENT)

    document = changed("rewards", None)
    document["tiers"] = document["tiers"][:1]
    document["rules"] = []
    await definition.apply(engine, document)

    read = engine.database.read
    assert await read("SELECT code, is_active FROM reward") == [("ticket", False)]
    assert await read("SELECT code, is_active FROM rule") == [("buy", False)]
    assert await read("SELECT code FROM tier") == [("bronze",)]


async def test_what_comes_back_is_there_again(engine: Engine) -> None:
    await definition.apply(engine, DOCUMENT)
    await definition.apply(engine, {**changed("rewards", None), "rules": []})

    await definition.apply(engine, DOCUMENT)

    read = engine.database.read
    assert await read("SELECT code, is_active FROM reward") == [("ticket", True)]
    sql = "SELECT version, is_active FROM rule ORDER BY version"
    assert await read(sql) == [(1, False), (2, True)]


async def test_a_currency_without_a_history_goes(engine: Engine) -> None:
    await definition.apply(engine, changed("rewards", None))

    document = changed("rewards", None)
    document["currencies"] = document["currencies"][:1]
    await definition.apply(engine, document)

    assert await engine.database.read("SELECT code FROM currency") == [("PTS",)]


async def left(engine: Engine) -> list[tuple[str, int, int]]:
    """Return the slots of all rewards: their units, and what is left of them."""
    return await engine.database.read(
        "SELECT s.slot, s.units, w.available FROM stock s "
        "LEFT JOIN wallet w ON w.holder_id = s.holder_id ORDER BY s.slot"
    )


async def test_units_are_added_and_taken_away(engine: Engine) -> None:
    await definition.apply(engine, DOCUMENT)

    await definition.apply(engine, changed("rewards.0.config.seats", 9))
    more = await left(engine)
    await definition.apply(engine, changed("rewards.0.config.seats", 2))

    assert (more, await left(engine)) == ([("", 9, 9)], [("", 2, 2)])


async def test_what_is_reserved_cannot_be_taken_away(
    engine: Engine, ada: int, shop: Any, ticket: int
) -> None:
    await redemption.redeem(engine, by=shop, key="r", holder_id=ada, reward_id=ticket)
    nothing = {**PROGRAM["rewards"][0], "config": {"seats": 0}}  # type: ignore[index]

    for _ in range(2):  # a refused change is withdrawn, and refused again
        with pytest.raises(ConfigurationError, match=r"4 units .* only 3 are left"):
            await definition.apply(engine, {**PROGRAM, "rewards": [nothing]})
        assert await left(engine) == [("", 4, 3)]

    await definition.apply(engine, PROGRAM)
    assert await left(engine) == [("", 4, 3)]


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("code", "Main Program", "program document, code"),
        ("name", None, "program document, name"),
        ("currencies", [], "program document, currencies"),
        ("currencies.0.scale", 7, r"currencies\[0\].scale"),
        (
            "rules.0.currency",
            "STARS",
            r"rules\[0\].currency: the program has no currency",
        ),
        ("rules.0.points", 0, r"rules\[0\].points"),
        ("rules.0.unit", "x", r"rules\[0\].unit"),
        ("tiers.0.threshold", -1, r"tiers\[0\].threshold"),
        ("rewards.0.price", 0, r"rewards\[0\].price"),
        ("rewards.0.currency", "STARS", r"rewards\[0\].currency: .* no currency"),
        ("rewards.0.type", "yacht", "no plugin brings the reward type 'yacht'"),
        ("rewards.0.config", {"seats": "many"}, "seats"),
    ],
)
async def test_a_mistake_is_named_and_nothing_is_written(
    engine: Engine, path: str, value: Any, reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        await definition.apply(engine, changed(path, value))

    assert await everything(engine) == [[] for _ in TABLES]


async def test_processes_that_begin_at_once_make_one_program(
    database_url: str, registry: Registry
) -> None:
    settings = Settings(database_url=database_url)
    async with AsyncExitStack() as stack:
        engines = [
            await stack.enter_async_context(Engine.open(settings, registry))
            for _ in range(4)
        ]

        made = await asyncio.gather(
            *(definition.apply(one, DOCUMENT) for one in engines)
        )

        assert len(set(made)) == 1
        assert await left(engines[0]) == [("", 4, 4)]
        found = await engines[0].database.read("SELECT count(*) FROM currency")
        assert found == [(2,)]


@pytest.mark.usefixtures("ada")
async def test_a_currency_that_came_into_use_meanwhile_stays(engine: Engine) -> None:
    """The check before says nothing of what is earned until the rows are written."""
    ((program_id,),) = await engine.database.read("SELECT program_id FROM program")
    other = {"code": "NEW", "name": "New"}
    document = Document.model_validate(
        {"code": "main", "name": "Shop", "currencies": [other]}
    )

    with pytest.raises(ConfigurationError, match="currency PTS cannot go"):
        await engine.database.configure(
            lambda session: removal.remove_missing(session, program_id, document)
        )

    assert await engine.database.read("SELECT code FROM currency") == [("PTS",)]
