"""Quotes over GraphQL: rights, typed differences, errors of the query."""

from copy import deepcopy
from typing import Any

import pytest

from core.ids import decode
from core.ledger.commands import Adjust, Command, Step
from core.program import definition
from core.program.conditions import Check
from core.program.quotes import Stale
from gateway.types.quotes import QuoteConditionName, QuoteStaleReason
from tests.conftest import PROGRAM

QUOTE = "query ($i: QuoteInput!) { quote(input: $i) { %s } }"
ERRORS = """userErrors { __typename code message path
  ... on QuoteStale { reason quotedPrice price
    quotedLots { points expiresAt } lots { points expiresAt } } }"""


async def ask(api: Any, fields: str, **given: Any) -> Any:
    return (await api.data(QUOTE % fields, i=given))["quote"]


async def stale(api: Any, **given: Any) -> Any:
    """Redeem by a quote that must be stale, and leave everything as it was."""
    before = await api.ledger()
    payload = await api.change("redeemReward", "redemption { id } " + ERRORS, **given)
    assert await api.ledger() == before
    assert payload["redemption"] is None
    (error,) = payload["userErrors"]
    return error


def test_enumerations_are_those_of_the_core() -> None:
    assert [one.name for one in QuoteConditionName] == list(Check)
    assert [one.name for one in QuoteStaleReason] == list(Stale)


async def test_options_are_quoted_and_redeemed(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    quote = await ask(
        staff_api,
        "id price quantity isRedeemable conditions { name message }",
        memberId=ada.id,
        rewardId=rewards["backstage"],
        options={"experience": {"guests": 1}},
    )

    payload = await staff_api.change(
        "redeemReward",
        """redemption { quantity pointsSpent
             fulfillment { ... on ExperienceFulfillment { admits } } } """
        + ERRORS,
        memberId=ada.id,
        quoteId=quote["id"],
    )

    assert (quote["price"], quote["quantity"], quote["isRedeemable"]) == (80, 2, True)
    assert quote["conditions"][2] == {
        "name": "ENOUGH_POINTS",
        "message": "80 points required, 310 available",
    }
    assert payload == {
        "redemption": {
            "quantity": 2,
            "pointsSpent": 80,
            "fulfillment": {"admits": 2},
        },
        "userErrors": [],
    }


async def test_a_member_asks_for_itself_alone(
    caller: Any, staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    other = await staff_api.change("enrollMember", "member { id }", number="00002")
    own = await caller("member", ada.holder_id)

    quote = await ask(own, "price lots { points }", rewardId=rewards["backstage"])
    given = {"rewardId": rewards["backstage"], "memberId": other["member"]["id"]}

    assert quote == {"price": 40, "lots": [{"points": 40}]}
    assert await own.code(QUOTE % "price", i=given) == "MEMBER_NOT_FOUND"


async def test_what_cannot_be_quoted_is_an_error_with_a_code(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    backstage = {"memberId": ada.id, "rewardId": rewards["backstage"]}
    for given, code in (
        (backstage | {"rewardId": "rwd_0000000000000001"}, "REWARD_NOT_FOUND"),
        (backstage | {"memberId": "mbr_0000000000000001"}, "MEMBER_NOT_FOUND"),
        (backstage | {"rewardId": ada.id}, "BAD_USER_INPUT"),
        ({"rewardId": rewards["backstage"]}, "BAD_USER_INPUT"),
        (backstage | {"options": {"experience": {"guests": 99}}}, "INVALID_OPTIONS"),
        (backstage | {"options": {"donation": {}}}, "INVALID_OPTIONS"),
        (backstage | {"options": {}}, "BAD_USER_INPUT"),
    ):
        answer = await staff_api.send(QUOTE % "price", i=given)

        assert answer["errors"][0]["extensions"]["code"] == code, given
        assert not (answer.get("data") or {}).get("quote")


async def test_the_rest_of_a_document_is_answered_beside_a_quote_that_is_not(
    staff_api: Any, ada: Any
) -> None:
    given = {"memberId": ada.id, "rewardId": "rwd_0000000000000001"}
    document = "query ($i: QuoteInput!) { quote(input: $i) { id } program { code } }"

    answer = await staff_api.send(document, i=given)

    assert answer["data"] == {"quote": None, "program": {"code": "main"}}


async def test_the_difference_is_typed(
    engine: Any, staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    wanted = {"memberId": ada.id, "rewardId": rewards["ten_percent_off"]}
    quote = await ask(staff_api, "id", **wanted)
    ((currency_id,),) = await engine.database.read("SELECT currency_id FROM currency")
    take = Step(ada.holder_id, Adjust(currency_id, -290))
    await engine.ledger.post(Command("test:take", b"f", (take,)))

    error = await stale(staff_api, memberId=ada.id, quoteId=quote["id"])

    assert error == {
        "__typename": "QuoteStale",
        "code": "QUOTE_STALE",
        "message": "not as quoted (LOTS): 50 points were quoted, it costs 50; "
        "ask for a new quote",
        "path": ["input", "quoteId"],
        "reason": "LOTS",
        "quotedPrice": 50,
        "price": 50,
        "quotedLots": [{"points": 50, "expiresAt": None}],
        "lots": [],
    }


async def test_another_price_is_told_with_both(
    engine: Any, staff_api: Any, ada: Any, rewards: dict[str, str], clock: Any
) -> None:
    wanted = {"memberId": ada.id, "rewardId": rewards["ten_percent_off"]}
    quote = await ask(staff_api, "id validUntil", **wanted)
    program: Any = deepcopy(PROGRAM)
    program["rewards"][0]["price"] = 49
    await definition.apply(engine, program)

    price = await stale(staff_api, memberId=ada.id, quoteId=quote["id"])
    clock.us += 900_000_000
    late = await stale(staff_api, memberId=ada.id, quoteId=quote["id"])

    told = (price["reason"], price["quotedPrice"], price["price"])
    assert told == ("PRICE", 50, 49)
    assert late["reason"] == "EXPIRED"
    assert quote["validUntil"] == "2027-01-15T08:15:00.000Z"


async def test_a_digest_of_lots_has_no_list(
    engine: Any, staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    ((currency_id,),) = await engine.database.read("SELECT currency_id FROM currency")
    adjust = Step(ada.holder_id, Adjust(currency_id, -310))
    await engine.ledger.post(Command("test:none", b"f", (adjust,)))
    for number in range(45):
        step = Step(ada.holder_id, Adjust(currency_id, 1))
        await engine.ledger.post(Command(f"test:{number}", b"f", (step,)))
    wanted = {"memberId": ada.id, "rewardId": rewards["backstage"]}
    few = await ask(staff_api, "id lots { points }", **wanted)
    adjust = Step(ada.holder_id, Adjust(currency_id, 100))
    await engine.ledger.post(Command("test:more", b"f", (adjust,)))
    options = {"experience": {"guests": 1}}
    many = await ask(staff_api, "id lots { points }", **wanted, options=options)
    await engine.ledger.post(
        Command("test:take", b"f", (Step(ada.holder_id, Adjust(currency_id, -1)),))
    )

    one = await stale(staff_api, memberId=ada.id, quoteId=few["id"])
    other = await stale(staff_api, memberId=ada.id, quoteId=many["id"])

    assert (len(few["lots"]), len(many["lots"])) == (40, 46)
    assert (len(one["quotedLots"]), len(one["lots"])) == (1, 1)
    assert (other["quotedLots"], len(other["lots"])) == (None, 45)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"rewardId": "rwd_0000000000000001"}, "rewardId"),
        ({"quoteId": None}, "rewardId"),
        ({"quoteId": "made up"}, "quoteId"),
        ({"options": {"experience": {"guests": 1}}}, "options"),
        ({"waitIfSoldOut": True}, "waitIfSoldOut"),
    ],
)
async def test_a_quote_comes_alone(
    staff_api: Any, ada: Any, rewards: dict[str, str], change: Any, named: str
) -> None:
    wanted = {"memberId": ada.id, "rewardId": rewards["backstage"]}
    quote = await ask(staff_api, "id", **wanted)
    given = {"idempotencyKey": "sixteen-and-more", "memberId": ada.id}
    before = await staff_api.ledger()

    answer = await staff_api.send(
        "mutation ($i: RedeemRewardInput!) { redeemReward(input: $i) { replayed } }",
        i=given | {"quoteId": quote["id"]} | change,
    )

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert answer["errors"][0]["message"].startswith(f"{named}: ")
    assert await staff_api.ledger() == before


async def test_the_id_of_a_quote_is_no_global_id(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    wanted = {"memberId": ada.id, "rewardId": rewards["backstage"]}
    quote = await ask(staff_api, "id", **wanted)

    code = await staff_api.code(
        "query ($i: ID!) { node(id: $i) { id } }", i=quote["id"]
    )

    assert code == "BAD_USER_INPUT"
    assert decode(ada.id).entity == "member"
