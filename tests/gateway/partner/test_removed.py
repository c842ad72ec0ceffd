"""A partner's plugin is removed: what it left still reads, and hides what it hid."""

from typing import Any

import pytest

from core.extension.registry import Registry
from core.program import recovery
from gateway.schema import build_schema
from plugins import purchase
from tests.gateway.partner.acme import Lounge, Plugin
from tests.gateway.partner.conftest import opened

REDEMPTIONS = """query ($m: ID!) { member(id: $m) { balances { available held }
  redemptions { nodes { id status pointsSpent
    fulfillment { __typename rewardType }
    reward { __typename code name price ... on RetiredReward { formerType } } } } } }"""
REDEEM = "redemption { id status } userErrors { code }"


@pytest.fixture
async def ids(
    partner: Lounge, shop_api: Any, ada: Any, rewards: dict[str, str]
) -> list[str]:
    """A redemption that is fulfilled, and one without a clear answer."""
    found = []
    for reward in ("vienna", "graz"):
        done = await shop_api.change(
            "redeemReward", REDEEM, memberId=ada.id, rewardId=rewards[reward]
        )
        found.append(done["redemption"]["id"])
        partner.is_silent = True
    return found


def retired(code: str) -> dict[str, Any]:
    shown = {"code": code, "name": code.title(), "price": 10, "formerType": "lounge"}
    return {"__typename": "RetiredReward"} | shown


@pytest.mark.parametrize("role", ["integrator", "staff", "admin", "member"])
async def test_old_redemptions_read_and_tell_no_secret(
    database_url: str, clock: Any, ids: list[str], ada: Any, role: str
) -> None:
    async with opened(database_url, Registry.of(purchase), clock) as (_, caller):
        api = await caller(role, ada.holder_id if role == "member" else None)
        answer = await api.send(REDEMPTIONS, m=ada.id)

    assert answer == {
        "data": {
            "member": {
                "balances": [{"available": 290, "held": 10}],
                "redemptions": {
                    "nodes": [
                        {
                            "id": ids[1],
                            "status": "UNKNOWN",
                            "pointsSpent": 10,
                            "fulfillment": None,
                            "reward": retired("graz"),
                        },
                        {
                            "id": ids[0],
                            "status": "FULFILLED",
                            "pointsSpent": 10,
                            "fulfillment": {
                                "__typename": "RetiredFulfillment",
                                "rewardType": "lounge",
                            },
                            "reward": retired("vienna"),
                        },
                    ]
                },
            }
        }
    }


async def test_what_it_left_cannot_be_redeemed(
    database_url: str, clock: Any, ids: list[str], ada: Any, rewards: dict[str, str]
) -> None:
    assert len(ids) == 2
    async with opened(database_url, Registry.of(purchase), clock) as (_, caller):
        api = await caller("integrator")
        before = await api.ledger()
        done = await api.change(
            "redeemReward", REDEEM, memberId=ada.id, rewardId=rewards["vienna"]
        )
        after = await api.ledger()

    assert done == {"redemption": None, "userErrors": [{"code": "REWARD_UNAVAILABLE"}]}
    assert after == before


async def test_its_fields_and_its_directive_are_gone() -> None:
    printed = build_schema(Registry.of(purchase)).as_str()

    assert "Lounge" not in printed
    assert "acme" not in printed


async def test_an_open_redemption_is_finished_when_it_comes_back(
    database_url: str, clock: Any, ids: list[str]
) -> None:
    async with opened(database_url, Registry.of(purchase), clock) as (engine, _):
        clock.us += 3_600_000_000
        assert await recovery.recover(engine) == 0
    back = Registry.of(purchase, Plugin(Lounge()))
    async with opened(database_url, back, clock) as (engine, caller):
        assert await recovery.recover(engine) == 1
        api = await caller("integrator")
        found = await api.data(
            "query ($id: ID!) { node(id: $id) { ... on Redemption { status "
            "fulfillment { ... on LoungeFulfillment { code } } } } }",
            id=ids[1],
        )

    assert found["node"] == {"status": "FULFILLED", "fulfillment": {"code": "PASS-1"}}
