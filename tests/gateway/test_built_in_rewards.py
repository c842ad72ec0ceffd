"""The examples of the page of the built-in rewards, redeemed over GraphQL."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.engine import Engine
from core.program import definition

PAGE = Path(__file__).parents[2] / "docs" / "rewards.md"
TEXT = PAGE.read_text(encoding="utf-8")
REWARDS = [
    tomllib.loads(block)["rewards"][0]
    for block in re.findall(r"^```toml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
]
MUTATIONS = re.findall(r"^```graphql\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
EXAMPLES = {
    reward["code"]: mutation
    for reward, mutation in zip(REWARDS, MUTATIONS, strict=True)
}
POOLED = {
    "code": "partner_code",
    "type": "discount",
    "name": "Five euros at a partner's",
    "currency": "PTS",
    "price": 10,
    "config": {
        "amount_off": {"amount_minor": 500, "currency_code": "EUR"},
        "code_source": "pool",
    },
}
SCARCE = {
    "code": "scarce_cup",
    "type": "product",
    "name": "A cup",
    "currency": "PTS",
    "price": 10,
    "config": {
        "maximum_quantity": 3,
        "countries": ["AT"],
        "stores": [{"code": "graz", "name": "Graz"}],
        "variants": [{"sku": "CUP-SHORT", "label": "A cup", "units": 5}],
    },
}


@pytest.fixture
async def program_id(engine: Engine) -> int:
    """A program with all rewards of the page."""
    return await definition.apply(
        engine,
        {
            "code": "main",
            "name": "Page",
            "currencies": [{"code": "PTS", "name": "Points"}],
            "rules": [
                {
                    "code": "purchase",
                    "activity": "purchase",
                    "currency": "PTS",
                    "points": 100,
                    "per": "amount_major",
                }
            ],
            "tiers": [{"code": "all", "name": "All", "threshold": 0}],
            "rewards": [*REWARDS, POOLED, SCARCE],
        },
    )


@pytest.fixture
async def shop(caller: Any) -> Any:
    return await caller("integrator")


async def redeem(shop: Any, ada: Any, rewards: dict[str, str], code: str) -> Any:
    """Run the mutation of the page for a reward."""
    ids = f'memberId: "{ada.id}", rewardId: "{rewards[code]}"'
    mutation, replaced = re.subn(r'rewardId: "rwd_1"', ids, EXAMPLES[code])
    assert replaced == 1
    payload = (await shop.data(mutation))["redeemReward"]
    assert payload["userErrors"] == []
    return payload["redemption"]


async def test_discount(shop: Any, ada: Any, rewards: dict[str, str]) -> None:
    redemption = await redeem(shop, ada, rewards, "ten_percent_off")

    fulfillment = redemption["fulfillment"]
    assert redemption["status"] == "FULFILLED"
    assert re.fullmatch(r"CARE(-[0-9A-Z]{4}){4}", fulfillment["code"])
    assert fulfillment["validUntil"] == "2027-02-14T08:00:00.000Z"
    assert fulfillment["terms"] == {"percentOff": 10, "stacking": "WITH_SHIPPING"}


async def test_free_shipping(shop: Any, ada: Any, rewards: dict[str, str]) -> None:
    redemption = await redeem(shop, ada, rewards, "free_shipping")

    fulfillment = redemption["fulfillment"]
    assert len(fulfillment.pop("code")) == 19
    assert fulfillment == {"service": "EXPRESS", "surcharge": {"amountMinor": 300}}


async def test_donation(shop: Any, ada: Any, rewards: dict[str, str]) -> None:
    redemption = await redeem(shop, ada, rewards, "good_causes")

    fulfillment = redemption["fulfillment"]
    assert len(fulfillment.pop("receiptNumber")) == 19
    assert fulfillment == {"causeName": "Sea rescue", "worth": {"amountMinor": 500}}


async def test_experience(
    shop: Any, staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    await staff_api.change(
        "setMemberAttributes",
        "userErrors { code }",
        memberId=ada.id,
        attributes={"birth_date": "1990-12-31"},
    )

    redemption = await redeem(shop, ada, rewards, "cellar_tour")

    assert redemption["status"] == "FULFILLED"
    assert len(redemption["fulfillment"].pop("ticket")) == 19
    assert redemption["fulfillment"] == {
        "admits": 2,
        "venue": "New cellar",
        "startsAt": "2030-06-08T17:00:00.000Z",
    }


async def test_experience_for_adults_asks_for_the_age(
    shop: Any, ada: Any, rewards: dict[str, str]
) -> None:
    before = await shop.ledger()

    payload = await shop.change(
        "redeemReward",
        "userErrors { code ... on ExperienceAgeUnknown { minimumAge } }",
        memberId=ada.id,
        rewardId=rewards["cellar_tour"],
        options={"experience": {"showing": "friday"}},
    )

    assert payload["userErrors"] == [{"code": "AGE_UNKNOWN", "minimumAge": 18}]
    assert await shop.ledger() == before


async def test_product(shop: Any, ada: Any, rewards: dict[str, str]) -> None:
    redemption = await redeem(shop, ada, rewards, "running_shoes")

    fulfillment = redemption["fulfillment"]
    assert redemption["status"] == "FULFILLED"
    assert len(fulfillment["orderNumber"]) == len(fulfillment["trackingNumber"]) == 19
    assert (fulfillment["label"], fulfillment["units"]) == ("Size 42", 1)


async def test_product_that_is_scarce_costs_what_there_is(
    shop: Any, ada: Any, rewards: dict[str, str]
) -> None:
    payload = await shop.change(
        "redeemReward",
        "redemption { status pointsSpent fulfillment { ... on ProductFulfillment "
        "{ units store } } } balances { available held } userErrors { code }",
        memberId=ada.id,
        rewardId=rewards["scarce_cup"],
        options={"product": {"quantity": 3, "store": "graz"}},
    )

    assert payload == {
        "redemption": {
            "status": "FULFILLED",
            "pointsSpent": 20,
            "fulfillment": {"units": 2, "store": "Graz"},
        },
        "balances": [{"available": 30_980, "held": 0}],
        "userErrors": [],
    }


async def test_gift_card(shop: Any, ada: Any, rewards: dict[str, str]) -> None:
    redemption = await redeem(shop, ada, rewards, "book_card")

    fulfillment = redemption["fulfillment"]
    assert redemption["pointsSpent"] == 1_800
    assert len(fulfillment["number"]) == 19
    assert re.fullmatch(r"\d{6}", fulfillment["pin"])
    assert fulfillment["value"] == {"amountMinor": 2_000}
    assert fulfillment["expiresAt"] == "2030-01-14T08:00:00.000Z"


async def test_codes_of_a_card_are_not_for_the_desk(
    shop: Any, staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    await redeem(shop, ada, rewards, "book_card")

    found = await staff_api.data(
        "query ($i: ID!) { member(id: $i) { redemptions(first: 1) { nodes { "
        "fulfillment { ... on GiftCardFulfillment { number pin brand } } } } } }",
        i=ada.id,
    )

    (redemption,) = found["member"]["redemptions"]["nodes"]
    assert redemption == {
        "fulfillment": {"number": None, "pin": None, "brand": "BOOKS"}
    }


async def test_pool_gives_each_code_once(
    shop: Any, caller: Any, ada: Any, rewards: dict[str, str]
) -> None:
    admin = await caller("admin")
    loaded = await admin.data(
        "mutation ($i: AddRewardCodesInput!) { addRewardCodes(input: $i) { added } }",
        i={"rewardId": rewards["partner_code"], "codes": ["XMAS-1", "XMAS-2"]},
    )
    assert loaded == {"addRewardCodes": {"added": 2}}
    fields = (
        "redemption { fulfillment { ... on DiscountFulfillment { code } } } "
        "userErrors { code }"
    )
    wish = {"memberId": ada.id, "rewardId": rewards["partner_code"]}

    payloads = [await shop.change("redeemReward", fields, **wish) for _ in range(3)]

    codes = {one["redemption"]["fulfillment"]["code"] for one in payloads[:2]}
    assert codes == {"XMAS-1", "XMAS-2"}
    assert payloads[2]["redemption"] is None
    assert payloads[2]["userErrors"] != []


async def test_ticket_is_given_back_until_the_cutoff(
    shop: Any, staff_api: Any, ada: Any, rewards: dict[str, str], clock: Any
) -> None:
    await staff_api.change(
        "setMemberAttributes",
        "userErrors { code }",
        memberId=ada.id,
        attributes={"birth_date": "1990-12-31"},
    )
    wish = {
        "memberId": ada.id,
        "rewardId": rewards["cellar_tour"],
        "options": {"experience": {"showing": "friday"}},
    }
    redeemed = [
        (await shop.change("redeemReward", "redemption { id }", **wish))["redemption"]
        for _ in range(2)
    ]
    cancel = "redemption { status } userErrors { code message }"
    cutoff = datetime(2030, 6, 6, 17, tzinfo=UTC)

    clock.us = int(cutoff.timestamp() * 1_000_000) - 1
    early = await shop.change(
        "cancelRedemption", cancel, redemptionId=redeemed[0]["id"]
    )
    clock.us += 1
    late = await shop.change("cancelRedemption", cancel, redemptionId=redeemed[1]["id"])

    assert early == {"redemption": {"status": "CANCELLED"}, "userErrors": []}
    assert late["redemption"] is None
    assert [one["code"] for one in late["userErrors"]] == ["REVOCATION_REFUSED"]
    assert "it is too late to give the ticket back" in late["userErrors"][0]["message"]
