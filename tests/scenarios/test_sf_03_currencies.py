"""SF-03: several currencies of one program, each with a ledger that is its own."""

from typing import Any

from core.engine import Engine
from core.ledger.verify import verify

ORDER = {
    "type": "object",
    "required": ["id", "whole"],
    "properties": {"id": {"type": "string"}, "whole": {"type": "integer"}},
}


def activity(code: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": code,
        "reference": "id",
        "schema": ORDER,
        "facts": ["whole"],
    }


def rule(activity: str, currency: str, points: int) -> dict[str, Any]:
    return {
        "code": f"{activity}_{currency.lower()}",
        "activity": activity,
        "currency": currency,
        "points": points,
        "per": "whole",
    }


DOCUMENT = {
    "code": "group",
    "name": "Two Brands",
    "currencies": [
        {"code": "STAR", "name": "Stars", "qualifying": False},
        {"code": "MILE", "name": "Miles", "qualifying": False},
        {"code": "QP", "name": "Status points", "redeemable": False},
    ],
    "activities": [activity("order_a"), activity("order_b")],
    "rules": [
        rule("order_a", "STAR", 2),
        rule("order_a", "QP", 1),
        rule("order_b", "MILE", 5),
    ],
}


async def test_sf_03_three_balances_and_none_mixed(owner: Any, engine: Engine) -> None:
    group = await owner.found(DOCUMENT)
    ada = await group.enroll()

    await group.record(ada, "order_a", {"id": "a1", "whole": 10})
    await group.record(ada, "order_b", {"id": "b1", "whole": 3})

    assert await group.balances(ada) == {"STAR": 20, "MILE": 15, "QP": 10}
    totals = (
        await group.read("{ program { totals { currency issued outstanding } } }")
    )["program"]["totals"]
    assert totals == [
        {"currency": "STAR", "issued": 20, "outstanding": 20},
        {"currency": "MILE", "issued": 15, "outstanding": 15},
        {"currency": "QP", "issued": 10, "outstanding": 10},
    ]
    assert (await verify(engine.database)).findings == ()
