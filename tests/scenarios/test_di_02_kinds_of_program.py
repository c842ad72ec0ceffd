"""DI-02: one API runs every kind of program: each template enrolls, earns, redeems."""

from typing import Any

import pytest

NIGHT = "2027-01-17T08:00:00Z"
RETURNS_OVER = "2027-01-30T08:00:00Z"
CONFIRMED = {
    "list_id": "news",
    "requested_at": "2027-01-14T08:00:00Z",
    "confirmed_at": "2027-01-14T09:00:00Z",
}

STORIES: dict[str, Any] = {
    # template: what a member does, what is spendable then, what is redeemed
    "points": {
        "does": [("sign_up", {}, 50), ("buy", 120, 120)],
        "has": {"PTS": 170},
        "redeems": ("five_off", 100),
    },
    "punch_card": {
        "does": [("buy", 4, 1)] * 10,
        "has": {"STAMP": 10},
        "redeems": ("free_cup", 10),
    },
    "paid_membership": {
        "does": [
            ("membership_paid", {"payment_id": "p1", "months": 12}, 601),
            ("buy", 10, 20),
        ],
        "has": {"PTS": 620, "YEAR": 1},
        "tier": "club",
        "redeems": ("free_shipping", 100),
    },
    "coffee_chain": {
        "does": [("coffee_order", {"receipt": "r1", "drinks": 2, "beans": 1}, 2)]
        + [
            ("coffee_order", {"receipt": f"s{number}", "drinks": 7}, 7)
            for number in range(2)
        ],
        "has": {"STAR": 16},
        "redeems": ("free_drink", 15),
    },
    "hotel_chain": {
        "does": [("stay", {"booking": "b1", "nights": 10}, 5010)],
        "until": NIGHT,
        "has": {"PTS": 5000, "NIGHT": 10},
        "tier": "silver",
        "redeems": ("free_night", 2000),
    },
    "friends": {
        "does": [
            ("newsletter", CONFIRMED, 50),
            ("review", {"product_id": "bag", "stars": 5}, 50),
            ("buy", 60, 60),
        ],
        "has": {"PTS": 110},
        "redeems": ("ten_off", 100),
    },
    "restaurant": {
        "does": [
            ("buy", 40, 40),
            ("visit", {"store_id": "s1", "entered_at": "2027-01-15T07:00:00Z"}, 2),
        ],
        "has": {"PTS": 42},
        "redeems": ("coffee", 25),
    },
    "fashion": {
        "does": [("sign_up", {}, 50), ("buy", 200, 200)],
        "until": RETURNS_OVER,
        "has": {"PTS": 250},
        "redeems": ("ten_off", 200),
    },
    "member_club": {
        "does": [("buy", 160, 320)],
        "has": {"PTS": 160, "STATUS": 160},
        "tier": "silver",
        "redeems": ("fifteen_off", 150),
    },
}


@pytest.mark.parametrize("name", STORIES)
async def test_di_02_a_member_under_the_template(name: str, sandbox: Any) -> None:
    story = STORIES[name]
    program = await sandbox(name)
    ada = await program.enroll(number="1")

    for place, (what, given, points) in enumerate(story["does"]):
        if what == "buy":
            assert await program.buy(ada, f"o{place}", given) == points
        else:
            assert await program.record(ada, what, given) == points
    if "until" in story:
        await program.do("advanceClock", "clock", to=story["until"])

    has = await program.balances(ada)
    code, price = story["redeems"]
    redeemed = await program.redeem(ada, code)

    assert {code: has[code] for code in story["has"]} == story["has"]
    assert redeemed == {"status": "FULFILLED", "pointsSpent": price}
    if "tier" in story:
        found = await program.read(
            "query ($id: ID!) { member(id: $id) { tier { code } } }", id=ada
        )
        assert found["member"]["tier"]["code"] == story["tier"]
