"""Options of a partner: left out they are the plugin's defaults, and stay the same."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import Field

from core.extension.registry import Registry
from plugins import purchase
from tests.gateway.partner.acme import Lounge, LoungeOptions, Meal, Plugin
from tests.gateway.partner.conftest import opened

REDEEM = "replayed redemption { id status } userErrors { code message }"


async def redeem(api: Any, ada: Any, rewards: dict[str, str], **given: Any) -> Any:
    return await api.change(
        "redeemReward", REDEEM, memberId=ada.id, rewardId=rewards["vienna"], **given
    )


@pytest.mark.parametrize("given", [{}, {"options": None}, {"options": {"lounge": {}}}])
async def test_what_is_left_out_is_the_default(
    shop_api: Any, ada: Any, rewards: dict[str, str], partner: Lounge, given: Any
) -> None:
    done = await redeem(shop_api, ada, rewards, **given)

    assert done["redemption"]["status"] == "FULFILLED"
    assert partner.asked[0].options == LoungeOptions(
        guests=0,
        meal=Meal.NONE,
        names=[],
        day=date(2027, 2, 1),
        tip=Decimal("0.50"),
        budget=None,
    )


async def test_what_is_given_reaches_the_plugin(
    shop_api: Any, ada: Any, rewards: dict[str, str], partner: Lounge
) -> None:
    options = {
        "guests": 2,
        "meal": "WARM_MEAL",
        "names": ["Bob", "Eve"],
        "day": "2027-03-04",
        "tip": None,
        "budget": {"amountMinor": 500, "currencyCode": "EUR"},
    }

    await redeem(shop_api, ada, rewards, options={"lounge": options})

    chosen = partner.asked[0].options
    assert (chosen.guests, chosen.meal) == (2, Meal.WARM_MEAL)
    assert chosen.names == ["Bob", "Eve"]
    assert (chosen.day, chosen.tip) == (date(2027, 3, 4), None)
    assert chosen.budget.amount_minor == 500


async def test_a_default_that_is_spelled_out_is_the_same_input(
    shop_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    key = "the-same-wish-twice"
    first = await redeem(
        shop_api,
        ada,
        rewards,
        idempotencyKey=key,
        options={"lounge": {"guests": 0, "meal": "NONE", "names": []}},
    )

    again = await redeem(
        shop_api, ada, rewards, idempotencyKey=key, options={"lounge": {}}
    )

    assert again == first | {"replayed": True}


class Generous(LoungeOptions):
    """Options whose defaults have changed."""

    guests: int = Field(default=1, ge=0, le=2, description="Guests who come along.")


async def test_a_retry_after_a_default_has_changed_is_a_replay(
    database_url: str, shop_api: Any, ada: Any, rewards: dict[str, str], clock: Any
) -> None:
    key = "a-wish-without-words"
    given = {"idempotencyKey": key, "options": {"lounge": {}}}
    first = await redeem(shop_api, ada, rewards, **given)
    later = type("Lounge", (Lounge,), {"options": Generous})()
    registry = Registry.of(purchase, Plugin(later))
    async with opened(database_url, registry, clock) as (_, caller):
        api = await caller("integrator")
        # The client is the same one, with another token.
        api.token = shop_api.token
        again = await redeem(api, ada, rewards, **given)
        await redeem(api, ada, rewards, options={"lounge": {}})

    assert again == first | {"replayed": True}
    assert later.asked[0].options.guests == 1


@pytest.mark.parametrize(
    "options",
    [{"guests": None}, {"meal": "SNACK"}, {"names": [None]}, {"tip": 0.5}],
)
async def test_what_the_schema_does_not_allow_never_reaches_the_plugin(
    shop_api: Any, ada: Any, rewards: dict[str, str], partner: Lounge, options: Any
) -> None:
    before = await shop_api.ledger()

    code = await shop_api.code(
        "mutation ($i: RedeemRewardInput!) { redeemReward(input: $i) { replayed } }",
        i={
            "idempotencyKey": "not-what-it-takes",
            "memberId": ada.id,
            "rewardId": rewards["vienna"],
            "options": {"lounge": options},
        },
    )

    assert code == "BAD_USER_INPUT"
    assert partner.asked == []
    assert await shop_api.ledger() == before
