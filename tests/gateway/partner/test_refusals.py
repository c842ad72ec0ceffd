"""What a partner refuses, as a type of its own."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, Field

from core.errors import FulfillmentRefusedError
from core.extension.registry import Registry
from gateway.plugin_types import PluginTypes
from gateway.user_errors import user_error
from guerdon import FulfillmentRefused, Money
from plugins import purchase
from tests.gateway.partner.acme import Lounge, Lounge2, Meal, Plugin, TooYoung
from tests.gateway.partner.conftest import opened

REDEEM = """replayed redemption { id } userErrors { __typename code message path
  ... on LoungeTooYoung { minimumAge meals fee { amountMinor currencyCode } opensAt } }
  balances { available held }"""
PLAIN = "redemption { id } userErrors { __typename code message path }"
TOO_YOUNG = TooYoung(
    minimum_age=21,
    meals=[Meal.WARM_MEAL],
    fee=Money(amount_minor=500, currency_code="EUR"),
    opens_at=datetime(2027, 5, 1, 9, tzinfo=UTC),
)


async def redeem(api: Any, ada: Any, rewards: Any, fields: str, key: str = "k") -> Any:
    return await api.change(
        "redeemReward",
        fields,
        memberId=ada.id,
        rewardId=rewards["vienna"],
        idempotencyKey=f"a-refused-wish-{key}",
    )


async def test_a_detail_becomes_the_plugins_type(
    shop_api: Any, ada: Any, rewards: Any, partner: Lounge
) -> None:
    partner.refusal = FulfillmentRefused("only for adults", TOO_YOUNG)

    first = await redeem(shop_api, ada, rewards, REDEEM)
    again = await redeem(shop_api, ada, rewards, REDEEM)

    assert first["userErrors"] == [
        {
            "__typename": "LoungeTooYoung",
            "code": "TOO_YOUNG",
            "message": "only for adults",
            "path": ["input", "rewardId"],
            "minimumAge": 21,
            "meals": ["WARM_MEAL"],
            "fee": {"amountMinor": 500, "currencyCode": "EUR"},
            "opensAt": "2027-05-01T09:00:00.000Z",
        }
    ]
    assert first["redemption"] is None
    assert again == first
    assert len(partner.asked) == 1
    balances = await shop_api.data(
        "query ($m: ID!) { member(id: $m) { balances { available held } } }", m=ada.id
    )
    assert balances["member"]["balances"] == [{"available": 310, "held": 0}]


async def test_a_refusal_without_detail_is_generic(
    shop_api: Any, ada: Any, rewards: Any, partner: Lounge
) -> None:
    partner.refusal = FulfillmentRefused("closed")

    done = await redeem(shop_api, ada, rewards, PLAIN)

    assert done["userErrors"] == [
        {
            "__typename": "GenericUserError",
            "code": "FULFILLMENT_REFUSED",
            "message": "the reward was refused: closed",
            "path": ["input", "rewardId"],
        }
    ]


class Unlisted(BaseModel):
    """A detail that the reward type does not list."""

    secret: str = Field(description="Nobody's business.")


class Grown(TooYoung):
    """More than what is listed."""

    secret: str = Field(default="hidden", description="Nobody's business.")


@pytest.mark.parametrize(
    "detail",
    [
        Unlisted(secret="hidden"),
        Grown(minimum_age=21),
        TOO_YOUNG.model_copy(update={"minimum_age": 10**20}),
        TOO_YOUNG.model_copy(update={"minimum_age": 500}),
        TOO_YOUNG.model_copy(update={"minimum_age": "many"}),
        "hidden",
    ],
)
async def test_a_detail_that_is_none_is_dropped_and_logged(
    shop_api: Any,
    ada: Any,
    rewards: Any,
    partner: Lounge,
    detail: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    partner.refusal = FulfillmentRefused("only for adults", detail)

    with caplog.at_level(logging.WARNING):
        done = await redeem(shop_api, ada, rewards, PLAIN)

    assert done["userErrors"][0]["__typename"] == "GenericUserError"
    assert "reward type lounge: the detail of a refusal is" in caplog.text
    assert "hidden" not in caplog.text


async def test_a_stored_refusal_outlives_its_type(
    database_url: str,
    shop_api: Any,
    ada: Any,
    rewards: Any,
    partner: Lounge,
    clock: Any,
) -> None:
    partner.refusal = FulfillmentRefused("only for adults", TOO_YOUNG)
    await redeem(shop_api, ada, rewards, PLAIN)

    for plugins in ((purchase, Plugin(Lounge2())), (purchase,)):
        registry = Registry.of(*plugins)
        async with opened(database_url, registry, clock) as (_, caller):
            api = await caller("integrator")
            api.token = shop_api.token
            done = await redeem(api, ada, rewards, PLAIN)
        assert done["userErrors"][0] == {
            "__typename": "GenericUserError",
            "code": "FULFILLMENT_REFUSED",
            "message": "the reward was refused: only for adults",
            "path": ["input", "rewardId"],
        }


def test_a_detail_of_an_earlier_version_is_shown_as_generic() -> None:
    refusals = PluginTypes(Registry.of(Plugin(Lounge()))).refusals

    def shown(**detail: Any) -> Any:
        error = FulfillmentRefusedError(
            reason="no", reward_type="lounge", refusal_type="TooYoung", detail=detail
        )
        return user_error(error, refusals)

    assert shown(minimum_age=18).minimum_age == 18
    assert shown(minimum_age=18).meals == []
    for detail in ({"age": 18}, {"minimum_age": 0}, {}):
        assert shown(**detail).code == "FULFILLMENT_REFUSED"
