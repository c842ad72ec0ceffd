"""What operators do over GraphQL: waiting lists, decisions, recalls, pools, plugins."""

import json
from typing import Any

import pytest

from core.engine import Engine
from core.extension.registry import Registry
from core.extension.signing import sign
from core.ids import encode
from core.program import definition, messages, recovery
from core.program.redemption_row import load
from plugins import purchase, sign_up
from tests.core.program.conftest import PROGRAM
from tests.core.program.theater.showtime import (
    EVENINGS,
    HOUR,
    SECRET,
    Plugin,
    Theater,
    reward,
)

REDEEMED = (
    "redemption { id status slot quantity fulfilledQuantity pointsSpent waitingPlace "
    "reviewSince reason } userErrors { code path }"
)


@pytest.fixture
def theater() -> Theater:
    return Theater()


@pytest.fixture
def registry(theater: Theater) -> Registry:
    environment = {"GUERDON_PLUGIN_PLUGIN_CALLBACK_SECRET": SECRET}
    return Registry.of(purchase, sign_up, Plugin(theater), environment=environment)


@pytest.fixture
async def program_id(engine: Engine) -> int:
    rewards = [
        reward("play", showings=EVENINGS),
        reward("film"),
        reward("opera", has_codes=True),
    ]
    return await definition.apply(engine, {**PROGRAM, "rewards": rewards})


@pytest.fixture
async def admin_api(caller: Any) -> Any:
    return await caller("admin")


async def buy(api: Any, ada: Any, reward_id: str, **more: Any) -> Any:
    options = more.pop("options", None)
    given = {"memberId": ada.id, "rewardId": reward_id, **more}
    if options is not None:
        given["options"] = {"theater": options}
    return await api.change("redeemReward", REDEEMED, **given)


async def test_slots_and_the_waiting_list(
    staff_api: Any, ada: Any, rewards: Any
) -> None:
    play = rewards["play"]
    sold = await buy(staff_api, ada, play, options={"showing": "sat"})
    out = await buy(staff_api, ada, play, options={"showing": "sat"})
    waits = await buy(
        staff_api, ada, play, options={"showing": "sat"}, waitIfSoldOut=True
    )
    document = (
        "query ($id: ID!) { reward(id: $id) { remaining availability "
        "slots { code units remaining waiting } } }"
    )
    shown = (await staff_api.data(document, id=play))["reward"]
    await staff_api.change(
        "cancelRedemption", "userErrors { code }", redemptionId=sold["redemption"]["id"]
    )
    await staff_api.engine.background.drain()
    document = "query ($id: ID!) { redemption(id: $id) { status waitingPlace } }"
    served = await staff_api.data(document, id=waits["redemption"]["id"])

    assert sold["redemption"]["slot"] == "sat"
    assert out["userErrors"][0]["code"] == "OUT_OF_STOCK"
    assert waits["redemption"] | {"id": ""} == {
        "id": "",
        "status": "REQUESTED",
        "slot": "sat",
        "quantity": 1,
        "fulfilledQuantity": None,
        "pointsSpent": 10,
        "waitingPlace": 1,
        "reviewSince": None,
        "reason": None,
    }
    assert shown == {
        "remaining": 3,
        "availability": "AVAILABLE",
        "slots": [
            {"code": "fri", "units": 3, "remaining": 3, "waiting": 0},
            {"code": "sat", "units": 1, "remaining": 0, "waiting": 1},
        ],
    }
    assert served["redemption"] == {"status": "FULFILLED", "waitingPlace": None}


async def test_two_of_three_are_shown_and_paid(
    staff_api: Any, ada: Any, rewards: Any, theater: Theater
) -> None:
    theater.script = ["", "partly"]

    got = await buy(
        staff_api, ada, rewards["play"], options={"showing": "fri", "seats": 3}
    )

    redemption = got["redemption"]
    assert (redemption["quantity"], redemption["fulfilledQuantity"]) == (3, 2)
    assert redemption["pointsSpent"] == 20


async def test_what_was_handed_out_by_slot(
    staff_api: Any, caller: Any, ada: Any, rewards: Any, theater: Theater
) -> None:
    theater.script = ["", "partly"]
    await buy(staff_api, ada, rewards["play"], options={"showing": "fri", "seats": 3})
    await buy(staff_api, ada, rewards["play"], options={"showing": "sat"})
    document = (
        "query ($id: ID!) { rewardTotals(id: $id) { slot redemptions units points } }"
    )

    found = await staff_api.data(document, id=rewards["play"])
    absent = await staff_api.data(document, id="rwd_00000000000000ff")

    assert found["rewardTotals"] == [
        {"slot": "fri", "redemptions": 1, "units": 2, "points": 20},
        {"slot": "sat", "redemptions": 1, "units": 1, "points": 10},
    ]
    assert absent == {"rewardTotals": None}
    integrator = await caller("integrator")
    assert await integrator.code(document, id=rewards["play"]) == "FORBIDDEN"


async def test_a_person_decides(
    engine: Engine,
    staff_api: Any,
    ada: Any,
    rewards: Any,
    theater: Theater,
    clock: Any,
    caller: Any,
) -> None:
    theater.script = ["", "crash", "unsure"]
    got = await buy(staff_api, ada, rewards["film"])
    clock.us += 3 * HOUR
    await recovery.recover(engine)
    queue = "{ redemptionQueue { id status reviewSince } }"

    (found,) = (await staff_api.data(queue))["redemptionQueue"]
    decided = await staff_api.change(
        "resolveRedemption",
        f"replayed {REDEEMED} balances {{ available held }}",
        redemptionId=found["id"],
        resolution="FULFILLED",
        reason="the theater says so",
        fulfillment={"numbers": ["7"]},
    )

    assert found["id"] == got["redemption"]["id"]
    assert (found["status"], found["reviewSince"]) == (
        "UNKNOWN",
        "2027-01-15T10:00:00.000Z",
    )
    assert decided["redemption"]["status"] == "FULFILLED"
    assert decided["balances"] == [{"available": 300, "held": 0}]
    assert (await staff_api.data(queue))["redemptionQueue"] == []
    again = await staff_api.change(
        "resolveRedemption",
        REDEEMED,
        redemptionId=found["id"],
        resolution="FAILED",
        reason="no",
    )
    assert again["userErrors"][0]["code"] == "REDEMPTION_STATE"
    integrator = await caller("integrator")
    assert await integrator.code(queue) == "FORBIDDEN"
    too_many = "{ redemptionQueue(first: 1000) { id } }"
    assert await staff_api.code(too_many) == "LIMIT_EXCEEDED"


async def test_a_recall(staff_api: Any, admin_api: Any, ada: Any, rewards: Any) -> None:
    await buy(staff_api, ada, rewards["play"], options={"showing": "fri"})
    document = (
        "mutation ($i: RecallRewardInput!) { recallReward(input: $i) "
        "{ cancelled undecided userErrors { code path } } }"
    )
    given = {"rewardId": rewards["play"], "slot": "fri", "reason": "the star is ill"}

    done = await admin_api.data(document, i=given)
    again = await admin_api.data(document, i=given)
    absent = await admin_api.data(
        document, i=given | {"rewardId": "rwd_00000000000000ff"}
    )

    assert done["recallReward"] == {"cancelled": 1, "undecided": 0, "userErrors": []}
    assert again["recallReward"]["cancelled"] == 0
    assert absent["recallReward"]["userErrors"] == [
        {"code": "REWARD_NOT_FOUND", "path": ["input", "rewardId"]}
    ]
    assert await staff_api.code(document, i=given) == "FORBIDDEN"


async def test_codes_of_a_pool(
    staff_api: Any, admin_api: Any, ada: Any, rewards: Any
) -> None:
    document = (
        "mutation ($i: AddRewardCodesInput!) { addRewardCodes(input: $i) "
        "{ added total userErrors { code } } }"
    )
    given = {"rewardId": rewards["opera"], "codes": ["A", "B"]}

    none = await buy(staff_api, ada, rewards["opera"])
    added = await admin_api.data(document, i=given)
    again = await admin_api.data(document, i=given)
    got = await buy(staff_api, ada, rewards["opera"])

    assert none["userErrors"][0]["code"] == "OUT_OF_STOCK"
    assert added["addRewardCodes"] == {"added": 2, "total": 2, "userErrors": []}
    assert again["addRewardCodes"] == {"added": 0, "total": 2, "userErrors": []}
    assert got["redemption"]["status"] == "FULFILLED"
    assert await staff_api.code(document, i=given) == "FORBIDDEN"
    wrong = given | {"rewardId": rewards["film"]}
    refused = await admin_api.data(document, i=wrong)
    assert refused["addRewardCodes"]["userErrors"] == [{"code": "REWARD_UNAVAILABLE"}]


async def test_how_the_plugins_do(
    staff_api: Any, caller: Any, ada: Any, rewards: Any, theater: Theater
) -> None:
    theater.script = ["", "crash"] * 5
    for _ in range(5):
        await buy(staff_api, ada, rewards["film"])
    document = "{ plugins { name brings state running openRedemptions inReview } }"

    found = (await staff_api.data(document))["plugins"]
    health = await staff_api.client.get("/readyz")

    by_name = {one["name"]: one for one in found}
    assert by_name["Plugin"] == {
        "name": "Plugin",
        "brings": ["reward type theater"],
        "state": "OPEN",
        "running": 0,
        "openRedemptions": 5,
        "inReview": 0,
    }
    assert by_name["plugins.purchase"]["state"] == "CLOSED"
    assert health.json()["status"] == "degraded"
    assert health.json()["pluginsResting"] == 1
    assert await (await caller("integrator")).code(document) == "FORBIDDEN"


async def test_a_number_that_no_card_can_have(staff_api: Any) -> None:
    document = "query ($n: String!) { memberByNumber(number: $n) { id } }"

    for number in ("\0", "x" * 10_000, ""):
        assert await staff_api.data(document, n=number) == {"memberByNumber": None}


async def test_what_failed_shows_nothing_though_it_was_delivered(
    staff_api: Any, ada: Any, rewards: Any, theater: Theater, engine: Engine
) -> None:
    theater.script = ["", "refuse"]
    got = await buy(staff_api, ada, rewards["film"])
    ((holder_id, hold_id),) = await engine.database.read(
        "SELECT holder_id, hold_id FROM redemption"
    )
    failed = await load(engine, holder_id, hold_id)
    assert failed is not None
    await messages.receive(engine, failed, {"sold": ["1"]})
    document = (
        "query ($id: ID!) { redemption(id: $id) { status "
        "fulfillment { ... on TheaterFulfillment { numbers } } } }"
    )
    redemption_id = encode("redemption", holder_id, hold_id)

    waits = await staff_api.data(document, id=redemption_id)
    await staff_api.change(
        "resolveRedemption",
        "userErrors { code }",
        redemptionId=redemption_id,
        resolution="FULFILLED",
        reason="it was delivered",
    )
    decided = await staff_api.data(document, id=redemption_id)

    assert got["userErrors"][0]["code"] == "TOO_YOUNG"
    assert waits["redemption"] == {"status": "FAILED", "fulfillment": None}
    assert decided["redemption"] == {
        "status": "FULFILLED",
        "fulfillment": {"numbers": ["1"]},
    }


async def test_a_partner_calls_back(
    staff_api: Any, ada: Any, rewards: Any, theater: Theater, clock: Any
) -> None:
    theater.script = ["", "forget"]
    got = await buy(staff_api, ada, rewards["film"])
    place = f"/callbacks/{got['redemption']['id']}"
    body = json.dumps({"sold": ["1"]}).encode()

    async def post(path: str, content: bytes, signed: bytes | None = None) -> Any:
        now_s = clock.us // 1_000_000
        about = path.rpartition("/")[2]
        to_sign = content if signed is None else signed
        headers = sign(SECRET, f"{about}.1", now_s, to_sign)
        return await staff_api.client.post(path, content=content, headers=headers)

    unsigned = await staff_api.client.post(place, content=body)
    forged = await post(place, body, b"{}")
    elsewhere = await post("/callbacks/rdm_0000000000000001_1", body)
    nonsense = await post("/callbacks/nonsense", body)
    no_json = await post(place, b"{")
    a_list = await post(place, b"[]")
    too_large = await post(place, b" " * 70_000)
    read = await staff_api.client.get(place)
    good = await post(place, body)
    again = await post(place, body)

    refusals = [unsigned, forged, elsewhere, nonsense]
    assert {one.status_code for one in refusals} == {401}
    assert len({one.text for one in refusals}) == 1
    assert (no_json.status_code, a_list.status_code) == (400, 400)
    assert (too_large.status_code, read.status_code) == (413, 405)
    assert (good.status_code, good.json()) == (200, {"status": "FULFILLED"})
    assert (again.status_code, again.json()) == (200, {"status": "FULFILLED"})
