"""Mutations: once per key, typed refusals, and a ledger that refusals leave alone."""

import json
from typing import Any

import pytest

REFUSAL = """
userErrors {
  __typename code path
  ... on InsufficientPoints { required available }
  ... on OutOfStock { requested remaining }
  ... on PriceChanged { price maxPoints }
  ... on LimitReached { limit }
  ... on InvalidOptions { field reason }
  ... on InvalidPayload { field reason }
  ... on RedemptionStateConflict { status }
}
"""
PURCHASE = {"order_id": "o9", "amount_minor": 1_299, "currency_code": "USD"}


async def refusal(api: Any, name: str, /, **given: Any) -> dict[str, Any]:
    """Run a mutation that must be refused and leave everything as it was."""
    before = await api.ledger()
    payload = await api.change(name, f"replayed {REFUSAL}", **given)
    assert await api.ledger() == before
    assert payload["replayed"] is False
    (error,) = payload["userErrors"]
    return error


async def test_a_member_is_enrolled_once(staff_api: Any) -> None:
    given = {
        "idempotencyKey": "enroll-the-first-one",
        "number": "00007",
        "displayName": "Grace",
        "email": "grace@example.org",
    }
    fields = "replayed member { number displayName email tier { code } } " + REFUSAL

    first = await staff_api.change("enrollMember", fields, **given)
    again = await staff_api.change("enrollMember", fields, **given)

    assert first == {
        "replayed": False,
        "member": {
            "number": "00007",
            "displayName": "Grace",
            "email": "grace@example.org",
            "tier": {"code": "bronze"},
        },
        "userErrors": [],
    }
    assert again == first | {"replayed": True}
    other = await refusal(staff_api, "enrollMember", **(given | {"number": "8"}))
    assert other["__typename"] == "IdempotencyConflict"
    taken = await refusal(staff_api, "enrollMember", number="00007")
    assert taken == {
        "__typename": "GenericUserError",
        "code": "IDENTIFIER_TAKEN",
        "path": ["input", "number"],
    }


async def test_an_activity_earns_once(staff_api: Any, ada: Any) -> None:
    given = {
        "idempotencyKey": "the-ninth-order-of-ada",
        "memberId": ada.id,
        "type": "purchase",
        "payload": PURCHASE,
        "occurredAt": "2027-01-14T12:00:00+02:00",
    }
    fields = (
        "replayed points balances { available } "
        "transaction { kind reference effectiveAt } " + REFUSAL
    )

    first = await staff_api.change("recordActivity", fields, **given)
    again = await staff_api.change("recordActivity", fields, **given)
    other_key = await staff_api.change(
        "recordActivity",
        fields,
        **(given | {"idempotencyKey": "another-key-same-order"}),
    )

    assert first == {
        "replayed": False,
        "points": 12,
        "balances": [{"available": 322}],
        "transaction": {
            "kind": "EARN",
            "reference": "o9",
            "effectiveAt": "2027-01-14T10:00:00.000Z",
        },
        "userErrors": [],
    }
    assert again == other_key == first | {"replayed": True}


@pytest.mark.parametrize(
    ("given", "code", "more"),
    [
        ({"type": "juggling"}, "ACTIVITY_TYPE_NOT_FOUND", {}),
        ({"memberId": "mbr_0000000000000001"}, "MEMBER_NOT_FOUND", {}),
        (
            {"payload": PURCHASE | {"amount_minor": -1}},
            "INVALID_PAYLOAD",
            {
                "field": "amount_minor",
                "reason": "Input should be greater than or equal to 0",
            },
        ),
        (
            {"payload": {"order_id": "o9"}},
            "INVALID_PAYLOAD",
            {"field": "amount_minor", "reason": "Field required"},
        ),
        ({"payload": PURCHASE | {"order_id": "o1"}}, "DUPLICATE_ACTIVITY", {}),
    ],
)
async def test_wrong_activities_are_refused(
    staff_api: Any, ada: Any, given: Any, code: str, more: Any
) -> None:
    valid = {"memberId": ada.id, "type": "purchase", "payload": PURCHASE}

    error = await refusal(staff_api, "recordActivity", **(valid | given))

    assert error["code"] == code
    assert {name: error[name] for name in more} == more


async def test_a_reward_is_redeemed_once(
    caller: Any, ada: Any, rewards: dict[str, str]
) -> None:
    shop_api = await caller("integrator")
    given = {
        "idempotencyKey": "an-evening-for-two",
        "memberId": ada.id,
        "rewardId": rewards["backstage"],
        "options": {"experience": {"guests": 1}},
        "maxPoints": 80,
    }
    fields = """replayed redemption { id status quantity pointsSpent requestedAt endedAt
      reward { name ... on ExperienceReward { venue remaining } }
      fulfillment { rewardType ... on ExperienceFulfillment { ticket admits } } }
      balances { available held } """

    first = await shop_api.change("redeemReward", fields + REFUSAL, **given)
    again = await shop_api.change("redeemReward", fields + REFUSAL, **given)

    ticket = first["redemption"]["fulfillment"].pop("ticket")
    assert len(ticket) == 19
    assert again["redemption"]["fulfillment"].pop("ticket") == ticket
    assert first == {
        "replayed": False,
        "redemption": {
            "id": f"rdm_{ada.holder_id:016x}_3",
            "status": "FULFILLED",
            "quantity": 2,
            "pointsSpent": 80,
            "requestedAt": "2027-01-15T08:00:00.000Z",
            "endedAt": "2027-01-15T08:00:00.000Z",
            "reward": {
                "name": "Backstage evening",
                "venue": "Town Hall",
                "remaining": 3,
            },
            "fulfillment": {"rewardType": "experience", "admits": 2},
        },
        "balances": [{"available": 230, "held": 0}],
        "userErrors": [],
    }
    assert again == first | {"replayed": True}


@pytest.mark.parametrize(
    ("reward", "given", "expected"),
    [
        (
            "backstage",
            {"options": {"experience": {"guests": 9}}},
            {"__typename": "InsufficientPoints", "required": 400, "available": 310},
        ),
        (
            "backstage",
            {"options": {"experience": {"guests": 5}}},
            {"__typename": "OutOfStock", "requested": 6, "remaining": 5},
        ),
        (
            "backstage",
            {"options": {"experience": {"guests": 10}}},
            {"__typename": "InvalidOptions", "field": "guests"},
        ),
        (
            "backstage",
            {"options": {"donation": {"isAnonymous": True}}},
            {"__typename": "InvalidOptions", "field": "donation"},
        ),
        (
            "ten_percent_off",
            {"maxPoints": 49},
            {"__typename": "PriceChanged", "price": 50, "maxPoints": 49},
        ),
        (
            "ten_percent_off",
            {"rewardId": "rwd_0000000000000001"},
            {"__typename": "GenericUserError", "code": "REWARD_NOT_FOUND"},
        ),
        (
            "ten_percent_off",
            {"memberId": "mbr_0000000000000001"},
            {"__typename": "GenericUserError", "code": "MEMBER_NOT_FOUND"},
        ),
    ],
)
async def test_wrong_redemptions_are_refused(
    staff_api: Any,
    ada: Any,
    rewards: dict[str, str],
    reward: str,
    given: Any,
    expected: Any,
) -> None:
    valid = {"memberId": ada.id, "rewardId": rewards[reward]}

    error = await refusal(staff_api, "redeemReward", **(valid | given))

    assert {name: error[name] for name in expected} == expected


async def test_a_limit_per_member_holds(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    given = {"memberId": ada.id, "rewardId": rewards["free_delivery"]}
    for _ in range(2):
        payload = await staff_api.change("redeemReward", REFUSAL, **given)
        assert payload["userErrors"] == []

    error = await refusal(staff_api, "redeemReward", **given)

    assert (error["code"], error["limit"]) == ("LIMIT_REACHED", 2)


async def test_exactly_one_option_is_chosen(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    document = (
        "mutation ($i: RedeemRewardInput!) { redeemReward(input: $i) { replayed } }"
    )
    for options in ({}, {"experience": {"guests": 1}, "donation": {}}, {"x": 1}):
        given = {
            "idempotencyKey": "sixteen-and-more",
            "memberId": ada.id,
            "rewardId": rewards["backstage"],
            "options": options,
        }

        assert await staff_api.code(document, i=given) == "BAD_USER_INPUT"


async def test_a_redemption_is_cancelled_once(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    redeemed = await staff_api.change(
        "redeemReward",
        "redemption { id }",
        memberId=ada.id,
        rewardId=rewards["backstage"],
        options={"experience": {"guests": 1}},
    )
    given = {
        "idempotencyKey": "cannot-come-after-all",
        "redemptionId": redeemed["redemption"]["id"],
        "reason": "ill",
    }
    fields = f"replayed redemption {{ status }} balances {{ available }} {REFUSAL}"

    first = await staff_api.change("cancelRedemption", fields, **given)
    again = await staff_api.change("cancelRedemption", fields, **given)

    assert first == {
        "replayed": False,
        "redemption": {"status": "CANCELLED"},
        "balances": [{"available": 310}],
        "userErrors": [],
    }
    assert again == first | {"replayed": True}
    error = await refusal(
        staff_api, "cancelRedemption", redemptionId=given["redemptionId"]
    )
    assert error["status"] == "CANCELLED"


async def test_a_discount_is_not_taken_back(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    redeemed = await staff_api.change(
        "redeemReward",
        "redemption { id }",
        memberId=ada.id,
        rewardId=rewards["ten_percent_off"],
    )
    id_ = redeemed["redemption"]["id"]

    payload = await staff_api.change(
        "cancelRedemption", f"redemption {{ id }} {REFUSAL}", redemptionId=id_
    )
    now = await staff_api.data(
        "query ($i: ID!) { redemption(id: $i) { status } }", i=id_
    )

    assert payload["redemption"] is None
    assert payload["userErrors"][0]["code"] == "REVOCATION_REFUSED"
    assert now == {"redemption": {"status": "FULFILLED"}}


async def test_an_earning_is_reversed_once(staff_api: Any, ada: Any) -> None:
    given = {
        "idempotencyKey": "the-order-was-sent-back",
        "transactionId": f"txn_{ada.holder_id:016x}_2",
        "reason": "returned",
    }
    fields = (
        "replayed balances { available debt } "
        "transaction { kind reason reverses { reference } } " + REFUSAL
    )

    first = await staff_api.change("reverseTransaction", fields, **given)
    again = await staff_api.change("reverseTransaction", fields, **given)
    tier = await staff_api.data(
        "query ($i: ID!) { member(id: $i) { tier { code } } }", i=ada.id
    )

    assert first == {
        "replayed": False,
        "balances": [{"available": 0, "debt": 0}],
        "transaction": {
            "kind": "REVERSE_EARN",
            "reason": "returned",
            "reverses": {"reference": "o1"},
        },
        "userErrors": [],
    }
    assert again == first | {"replayed": True}
    assert tier["member"]["tier"] == {"code": "bronze"}
    error = await refusal(
        staff_api,
        "reverseTransaction",
        transactionId=given["transactionId"],
        reason="once more",
    )
    assert error["code"] == "NOT_REVERSIBLE"


async def test_a_capture_is_cancelled_and_not_reversed(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    await staff_api.change(
        "redeemReward", "replayed", memberId=ada.id, rewardId=rewards["backstage"]
    )

    error = await refusal(
        staff_api,
        "reverseTransaction",
        transactionId=f"txn_{ada.holder_id:016x}_4",
        reason="x",
    )

    assert error["code"] == "NOT_REVERSIBLE"


async def test_a_balance_is_adjusted_once(staff_api: Any, ada: Any) -> None:
    given = {
        "idempotencyKey": "for-the-long-wait-at-the-desk",
        "memberId": ada.id,
        "currency": "PTS",
        "amount": 15,
        "reason": "goodwill",
    }
    fields = "replayed transaction { kind reason } balances { available } " + REFUSAL

    first = await staff_api.change("adjustBalance", fields, **given)
    again = await staff_api.change("adjustBalance", fields, **given)

    assert first["balances"] == [{"available": 325}]
    assert first["transaction"] == {"kind": "ADJUST", "reason": "goodwill"}
    assert again == first | {"replayed": True}
    other = await refusal(
        staff_api, "adjustBalance", **(given | {"approvedBy": "the manager"})
    )
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"
    error = await refusal(
        staff_api,
        "adjustBalance",
        **(given | {"amount": -326, "idempotencyKey": "k" * 16}),
    )
    assert error["code"] == "INSUFFICIENT_POINTS"


async def test_who_approved_an_adjustment_is_in_the_journal(
    staff_api: Any, ada: Any
) -> None:
    await staff_api.change(
        "adjustBalance",
        "replayed",
        memberId=ada.id,
        currency="PTS",
        amount=15,
        reason="goodwill",
        approvedBy="the manager",
    )

    sql = "SELECT meta FROM journal WHERE holder_id = $1 ORDER BY seq DESC LIMIT 1"
    ((meta,),) = await staff_api.engine.database.read(sql, ada.holder_id)
    said = json.loads(meta)
    assert (said["reason"], said["approver"]) == ("goodwill", "the manager")
    assert set(said) == {"reason", "actor", "approver"}


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("adjustBalance", {"amount": 0}),
        ("adjustBalance", {"reason": " "}),
        ("adjustBalance", {"reason": "a\0b"}),
        ("adjustBalance", {"approvedBy": ""}),
        ("adjustBalance", {"approvedBy": "x" * 81}),
        ("adjustBalance", {"currency": "XXX"}),
        ("adjustBalance", {"memberId": "x"}),
        ("enrollMember", {"number": "no spaces"}),
        ("enrollMember", {"email": "nobody"}),
        ("enrollMember", {"displayName": ""}),
        ("enrollMember", {"displayName": "a\0b"}),
        ("enrollMember", {"email": "a\0b@example.org"}),
        ("enrollMember", {"idempotencyKey": "short"}),
        ("recordActivity", {"occurredAt": "2099-01-01T00:00:00Z"}),
        ("recordActivity", {"payload": [1]}),
        ("redeemReward", {"rewardId": "txn_0000000000000001_1"}),
        ("cancelRedemption", {"redemptionId": "rdm_1"}),
    ],
)
async def test_what_could_never_be_accepted_is_an_error(
    staff_api: Any, ada: Any, rewards: dict[str, str], name: str, given: Any
) -> None:
    valid: dict[str, Any] = {
        "adjustBalance": {
            "memberId": ada.id,
            "currency": "PTS",
            "amount": 1,
            "reason": "x",
        },
        "enrollMember": {},
        "recordActivity": {"memberId": ada.id, "type": "purchase", "payload": PURCHASE},
        "redeemReward": {"memberId": ada.id, "rewardId": rewards["backstage"]},
        "cancelRedemption": {},
    }[name]
    kind = name[0].upper() + name[1:]
    document = f"mutation ($i: {kind}Input!) {{ {name}(input: $i) {{ replayed }} }}"
    whole = {"idempotencyKey": "sixteen-and-more"} | valid | given
    before = await staff_api.ledger()

    assert await staff_api.code(document, i=whole) == "BAD_USER_INPUT"

    assert await staff_api.ledger() == before


async def test_rights_are_checked(
    staff_api: Any, ada: Any, caller: Any, rewards: dict[str, str]
) -> None:
    member = await caller("member", ada.holder_id)
    shop = await caller("integrator")
    documents = {
        "enrollMember": {},
        "recordActivity": {"memberId": ada.id, "type": "purchase", "payload": PURCHASE},
        "adjustBalance": {
            "memberId": ada.id,
            "currency": "PTS",
            "amount": 1,
            "reason": "x",
        },
        "reverseTransaction": {
            "transactionId": f"txn_{ada.holder_id:016x}_2",
            "reason": "x",
        },
    }
    before = await staff_api.ledger()

    for name, given in documents.items():
        kind = name[0].upper() + name[1:]
        document = f"mutation ($i: {kind}Input!) {{ {name}(input: $i) {{ replayed }} }}"
        whole = given | {"idempotencyKey": "sixteen-and-more"}
        assert await member.code(document, i=whole) == "FORBIDDEN"
        if name in {"adjustBalance", "reverseTransaction"}:
            assert await shop.code(document, i=whole) == "FORBIDDEN"

    assert await staff_api.ledger() == before
    own = await member.change(
        "redeemReward", "balances { available }", rewardId=rewards["plant_a_tree"]
    )
    assert own == {"balances": [{"available": 290}]}
    error = await refusal(
        member,
        "redeemReward",
        memberId="mbr_0000000000000001",
        rewardId=rewards["plant_a_tree"],
    )
    assert error["code"] == "MEMBER_NOT_FOUND"
