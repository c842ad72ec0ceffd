"""One database, first with version 1 of a partner's plugin, then with version 2."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import Field

from core.engine import Engine
from core.extension.registry import Registry
from core.program import definition, recovery
from plugins import purchase
from tests.gateway.partner.acme import (
    Contact,
    Gate,
    Lounge,
    Lounge2,
    LoungeConfig,
    LoungeConfig2,
    Meal,
    Plugin,
    lounge,
)
from tests.gateway.partner.conftest import opened

HOUR_US = 3_600_000_000
REDEEM = "redemption { id status } userErrors { message }"
CATALOG = """{ catalog { nodes { __typename code name ... on LoungeReward {
  airportCode terminal supplier } ... on RetiredReward { formerType } } } }"""
REDEMPTION = """query ($id: ID!) { node(id: $id) { ... on Redemption { status
  fulfillment { __typename rewardType ... on LoungeFulfillment {
    passCode tier gate { name doorCode } } }
  reward { code ... on LoungeReward { terminal supplier } } } } }"""
READABLE = "readable"


@dataclass
class Before:
    """What was done with version 1."""

    ada_id: str
    holder_id: int
    fulfilled_id: str
    open_id: str
    open_token: str


@pytest.fixture
async def before(
    partner: Any, shop_api: Any, ada: Any, rewards: dict[str, str]
) -> Before:
    async def redeem(reward: str, status: str) -> str:
        given = {"memberId": ada.id, "rewardId": rewards[reward]}
        options = {"lounge": {"guests": 1, "names": ["Bob"], "day": "2027-03-04"}}
        done = await shop_api.change("redeemReward", REDEEM, options=options, **given)
        assert done["redemption"]["status"] == status
        found: str = done["redemption"]["id"]
        return found

    fulfilled = await redeem("vienna", "FULFILLED")
    partner.is_silent = True
    unclear = await redeem("graz", "UNKNOWN")
    token = partner.asked[-1].token
    return Before(ada.id, ada.holder_id, fulfilled, unclear, token)


@dataclass
class After:
    """The same database with version 2."""

    engine: Engine
    plugin: Lounge2
    caller: Any


@pytest.fixture
def upgraded() -> Lounge2:
    return Lounge2()


@pytest.fixture
async def after(
    database_url: str, before: Before, upgraded: Lounge2, clock: Any
) -> AsyncIterator[After]:
    assert before.open_token
    registry = Registry.of(purchase, Plugin(upgraded))
    async with opened(database_url, registry, clock) as (engine, caller):
        yield After(engine, upgraded, caller)


VIENNA_2 = {
    "__typename": "LoungeReward",
    "code": "vienna",
    "name": "Vienna",
    "airportCode": "VIE",
    "terminal": 3,
    "supplier": "Acme Ltd",
}
GRAZ_2 = {
    "__typename": "LoungeReward",
    "code": "graz",
    "name": "Graz",
    "airportCode": "GRZ",
    "terminal": 1,
    "supplier": None,
}


async def test_the_catalog_of_version_1_reads_as_version_2(after: After) -> None:
    admin, shop = await after.caller("admin"), await after.caller("integrator")

    assert (await admin.data(CATALOG))["catalog"]["nodes"] == [GRAZ_2, VIENNA_2]
    assert (await shop.data(CATALOG))["catalog"]["nodes"] == [
        GRAZ_2,
        VIENNA_2 | {"supplier": None},
    ]


async def test_an_old_fulfillment_reads_as_version_2(
    after: After, before: Before
) -> None:
    shop, staff = await after.caller("integrator"), await after.caller("staff")
    member = await after.caller("member", before.holder_id)
    expected = {
        "status": "FULFILLED",
        "fulfillment": {
            "__typename": "LoungeFulfillment",
            "rewardType": "lounge",
            "passCode": "pass-1",
            "tier": "NONE",
            "gate": {"name": "North", "doorCode": "4711"},
        },
        "reward": {"code": "vienna", "terminal": 3, "supplier": None},
    }

    for api in (shop, member):
        found = await api.data(REDEMPTION, id=before.fulfilled_id)
        assert found["node"] == expected
    hidden = await staff.data(REDEMPTION, id=before.fulfilled_id)
    assert hidden["node"]["fulfillment"]["passCode"] is None
    assert hidden["node"]["fulfillment"]["gate"] == {"name": "North", "doorCode": None}
    assert hidden["node"]["reward"]["supplier"] == "Acme Ltd"


async def test_an_open_redemption_is_probed_by_version_2(
    after: After, before: Before, clock: Any
) -> None:
    shop = await after.caller("integrator")
    assert (await shop.data(REDEMPTION, id=before.open_id))["node"] == {
        "status": "UNKNOWN",
        "fulfillment": None,
        "reward": {"code": "graz", "terminal": 1, "supplier": None},
    }
    clock.us += HOUR_US

    assert await recovery.recover(after.engine) == 1

    (request,) = after.plugin.asked
    assert request.token == before.open_token
    assert request.config == LoungeConfig2(airport_code="GRZ", terminal=1)
    assert (request.options.guests, request.options.names) == (1, ["Bob"])
    found = (await shop.data(REDEMPTION, id=before.open_id))["node"]
    assert found["status"] == "FULFILLED"
    assert found["fulfillment"] == {
        "__typename": "LoungeFulfillment",
        "rewardType": "lounge",
        "passCode": "NEW",
        "tier": "WARM_MEAL",
        "gate": {"name": "South", "doorCode": "0815"},
    }


async def test_a_reward_of_version_1_is_redeemed_with_version_2(
    after: After, before: Before, rewards: dict[str, str]
) -> None:
    shop = await after.caller("integrator")

    done = await shop.change(
        "redeemReward", REDEEM, memberId=before.ada_id, rewardId=rewards["vienna"]
    )

    assert done["redemption"]["status"] == "FULFILLED"
    (request,) = after.plugin.asked
    assert request.config.terminal == 3
    assert await after.engine.database.read(
        "SELECT config_version, fulfillment_version FROM redemption ORDER BY hold_id"
    ) == [(1, 1), (1, None), (1, 2)]
    assert (await shop.data(REDEMPTION, id=done["redemption"]["id"]))["node"][
        "fulfillment"
    ]["passCode"] == "NEW"


async def test_a_definition_of_version_2_is_stored_as_such(
    after: After, program: dict[str, Any]
) -> None:
    now = lounge("vienna", airport_code="VIE", terminal=9)
    await definition.apply(
        after.engine, {**program, "rewards": [now, program["rewards"][1]]}
    )
    admin = await after.caller("admin")

    nodes = (await admin.data(CATALOG))["catalog"]["nodes"]

    assert nodes == [GRAZ_2, VIENNA_2 | {"terminal": 9, "supplier": None}]
    assert await after.engine.database.read(
        "SELECT config_version FROM reward ORDER BY code"
    ) == [(1,), (2,)]


class Forgetful(Lounge2):
    """Version 2, which does not know what version 1 has stored."""

    def upgrade(self, old: Any) -> dict[str, Any]:
        if old.document.get("airport") == "GRZ":
            return super().upgrade(old)
        raise KeyError(READABLE)


class TestNoUpgrade:
    @pytest.fixture
    def upgraded(self) -> Lounge2:
        return Forgetful()

    async def test_a_fulfillment_that_cannot_be_read_is_an_error_of_its_own(
        self, after: After, before: Before
    ) -> None:
        shop = await after.caller("integrator")

        answer = await shop.send(
            """query ($m: ID!) { member(id: $m) { redemptions { nodes { status
              fulfillment { ... on LoungeFulfillment { passCode } } } } } }""",
            m=before.ada_id,
        )

        assert answer["data"]["member"]["redemptions"]["nodes"] == [
            {"status": "UNKNOWN", "fulfillment": None},
            {"status": "FULFILLED", "fulfillment": None},
        ]
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "PLUGIN_FAILED"
        assert error["path"] == ["member", "redemptions", "nodes", 1, "fulfillment"]
        assert READABLE not in str(answer)

    async def test_a_reward_that_cannot_be_read_reads_as_retired(
        self, after: After, caplog: pytest.LogCaptureFixture
    ) -> None:
        shop = await after.caller("integrator")

        with caplog.at_level(logging.WARNING):
            nodes = (await shop.data(CATALOG))["catalog"]["nodes"]

        retired = {"code": "vienna", "name": "Vienna", "formerType": "lounge"}
        assert nodes == [GRAZ_2, {"__typename": "RetiredReward"} | retired]
        assert "upgrade raised KeyError" in caplog.text

    async def test_it_cannot_be_redeemed_and_nothing_is_spent(
        self, after: After, before: Before, rewards: dict[str, str]
    ) -> None:
        shop = await after.caller("integrator")
        ledger = await shop.ledger()

        code = await shop.code(
            "mutation ($i: RedeemRewardInput!) { redeemReward(input: $i) "
            "{ replayed } }",
            i={
                "idempotencyKey": "a-retired-reward",
                "memberId": before.ada_id,
                "rewardId": rewards["vienna"],
            },
        )

        assert code == "PLUGIN_FAILED"
        assert await shop.ledger() == ledger

    async def test_fields_that_all_rewards_have_need_no_upgrade(
        self, after: After
    ) -> None:
        shop = await after.caller("integrator")

        found = await shop.data("{ catalog { nodes { __typename code } } }")

        assert [one["__typename"] for one in found["catalog"]["nodes"]] == [
            "LoungeReward",
            "LoungeReward",
        ]


@pytest.mark.usefixtures("ada")
async def test_going_back_to_version_1_is_told(
    database_url: str, program: dict[str, Any], clock: Any
) -> None:
    registry = Registry.of(purchase, Plugin(Lounge2()))
    async with opened(database_url, registry, clock) as (newer, _):
        now = lounge("vienna", airport_code="VIE", terminal=9)
        await definition.apply(
            newer, {**program, "rewards": [now, program["rewards"][1]]}
        )
    old = Registry.of(purchase, Plugin(Lounge()))
    async with opened(database_url, old, clock) as (_, caller):
        shop = await caller("integrator")
        found = await shop.data(
            "{ catalog { nodes { __typename code ... on LoungeReward { airport } } } }"
        )

    assert found["catalog"]["nodes"] == [
        {"__typename": "LoungeReward", "code": "graz", "airport": "GRZ"},
        {"__typename": "RetiredReward", "code": "vienna"},
    ]


class WiderGate(Gate):
    """One way in, with a field more."""

    width_cm: int = Field(default=90, description="How wide it is.")


class WiderConfig(LoungeConfig):
    """A config with fields that have defaults, of the same version."""

    gates: list[WiderGate] = Field(default=[], description="Ways in.")
    floors: list[Meal] = Field(default=[Meal.WARM_MEAL], description="By floor.")
    owner: Contact = Field(
        default=Contact(name="It's us", phone="1"), description="Who owns it."
    )


async def test_a_new_field_with_a_default_needs_no_version(
    before: Before, database_url: str, clock: Any
) -> None:
    assert before.fulfilled_id
    wider = type("Lounge", (Lounge,), {"config": WiderConfig})()
    registry = Registry.of(purchase, Plugin(wider))
    async with opened(database_url, registry, clock) as (_, caller):
        shop, admin = await caller("integrator"), await caller("admin")
        document = """{ catalog { nodes { code ... on LoungeReward {
          floors owner { name phone } gates { name widthCm doorCode } } } } }"""
        hidden = (await shop.data(document))["catalog"]["nodes"]
        shown = (await admin.data(document))["catalog"]["nodes"]

    assert hidden == [
        {
            "code": "graz",
            "floors": ["WARM_MEAL"],
            "owner": {"name": "It's us", "phone": None},
            "gates": [],
        },
        {
            "code": "vienna",
            "floors": ["WARM_MEAL"],
            "owner": {"name": "It's us", "phone": None},
            "gates": [
                {"name": "North", "widthCm": 90, "doorCode": "4711"},
                {"name": "South", "widthCm": 90, "doorCode": "0815"},
            ],
        },
    ]
    assert shown[1]["owner"] == {"name": "It's us", "phone": "1"}
