"""Rows that rules close, each test named after its row."""

from typing import Any

import pytest

INTEGER = {"type": "integer"}
TEXT = {"type": "string"}
LINES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "category": TEXT,
            "quantity": INTEGER,
            "cents": INTEGER,
        },
    },
}
DAY_US = 86_400_000_000


async def test_cb_01_one_star_per_drink(shop: Any, make_rule: Any) -> None:
    drinks = make_rule(
        "drinks", "order", points=1, per="unit", select="line.category == 'drink'"
    )
    await shop.publish(rules=[drinks])
    await shop.register("order", lines=LINES)
    ada = await shop.enroll()

    answer = await shop.report(
        ada,
        "order",
        id="o1",
        lines=[
            {"category": "drink", "quantity": 2, "cents": 350},
            {"category": "beans", "quantity": 1, "cents": 1299},
        ],
    )

    assert answer["points"] == 2
    explained = await shop.explain(answer["transaction"]["id"])
    assert explained["message"]["text"] == "This order earned 2 points."
    assert [(one["rule"], one["given"]) for one in explained["rules"]] == [
        ("drinks", 2)
    ]


async def test_vf_05_double_points_weekend(shop: Any, make_rule: Any) -> None:
    weekend = {"start": "2027-01-15T00:00", "end": "2027-01-18T00:00"}
    rules = [
        make_rule("review_points", "review", points=50),
        make_rule(
            "weekend",
            "review",
            multiply={"factor": "2", "of": ["review_points"]},
            schedule=weekend,
        ),
    ]
    await shop.publish(rules=rules)
    shop.now("2027-01-20T12:00")
    ada = await shop.enroll()
    times = {
        "before": "2027-01-14T23:59:59",
        "first": "2027-01-15T00:00",
        "last": "2027-01-17T23:59:59",
        "after": "2027-01-18T00:00",
    }

    answers = {
        name: await shop.report(
            ada, "review", at, product_id=name, stars=5, text="Good."
        )
        for name, at in times.items()
    }

    points = {name: one["points"] for name, one in answers.items()}
    assert points == {"before": 50, "first": 100, "last": 100, "after": 50}
    explained = await shop.explain(answers["first"]["transaction"]["id"])
    assert [
        (one["rule"], one["version"], one["given"], one["factor"], one["multiplies"])
        for one in explained["rules"]
    ] == [
        ("review_points", 1, 50, None, []),
        ("weekend", 1, 50, "2", ["review_points"]),
    ]
    assert explained["rules"][1]["message"] == {
        "id": "rule_gives_bonus",
        "text": "weekend gave 50 points more: 2 times 50.",
    }
    outside = await shop.explain(answers["after"]["transaction"]["id"])
    assert [one["outcome"] for one in outside["rules"]] == ["GIVES", "NOT_SCHEDULED"]


async def test_vf_06a_a_review_earns_once_it_is_approved(
    shop: Any, make_rule: Any
) -> None:
    await shop.publish(rules=[make_rule("review_points", "review", points=50)])
    ada = await shop.enroll()

    first = await shop.report(ada, "review", product_id="a", stars=5, text="Good.")
    second = await shop.report(ada, "review", product_id="b", stars=1, text="Bad.")

    assert await shop.balance(ada, "pending") == 100
    await shop.change(
        "approveActivity",
        "replayed",
        transactionId=first["transaction"]["id"],
    )
    await shop.change(
        "rejectActivity",
        "replayed",
        transactionId=second["transaction"]["id"],
        reason="Spam",
    )
    assert await shop.balance(ada, "pending") == 0
    assert await shop.balance(ada) == 50


async def test_vf_06c_a_post_earns_once_and_not_too_often(
    shop: Any, make_rule: Any
) -> None:
    tags = make_rule(
        "tags", "post_tagged", points=5, limits=[{"times": 2, "per": "day"}]
    )
    await shop.publish(rules=[tags])
    await shop.register("post_tagged")
    shop.now("2027-01-20T12:00")
    ada = await shop.enroll()

    points = [await shop.earn(ada, "post_tagged", id=one) for one in "aabc"]
    shop.now("2027-01-21T00:00")
    points.append(await shop.earn(ada, "post_tagged", id="d"))

    assert points == [5, 5, 5, 0, 5]
    assert await shop.balance(ada) == 15


async def test_vf_06d_an_event_earns_once_per_member(shop: Any, make_rule: Any) -> None:
    visit = make_rule(
        "visit", "scanned", points=20, when="activity.place == 'Town Hall'"
    )
    await shop.publish(rules=[visit])
    await shop.register("scanned", uniqueness="MEMBER", place=TEXT)
    ada, bob = await shop.enroll(), await shop.enroll()

    assert await shop.earn(ada, "scanned", id="e1", place="Town Hall") == 20
    again = await shop.report(ada, "scanned", id="e1", place="Town Hall")
    assert (again["replayed"], await shop.balance(ada)) == (True, 20)
    assert await shop.earn(bob, "scanned", id="e1", place="Town Hall") == 20
    assert await shop.earn(bob, "scanned", id="e2", place="Library") == 0


async def test_vf_06e_entries_earn_a_little_and_the_winner_is_posted(
    shop: Any, make_rule: Any
) -> None:
    await shop.publish(rules=[make_rule("entry", "photo_entered", points=2)])
    await shop.register("photo_entered")
    ada = await shop.enroll()

    assert await shop.earn(ada, "photo_entered", id="p1") == 2
    prize = await shop.change(
        "adjustBalance",
        "transaction { kind reason }",
        memberId=ada,
        currency="PTS",
        amount=500,
        reason="Winner of the photo contest",
    )

    assert prize["transaction"] == {
        "kind": "ADJUST",
        "reason": "Winner of the photo contest",
    }
    assert await shop.balance(ada) == 502


async def test_vf_06f_a_survey_earns_once(shop: Any, make_rule: Any) -> None:
    await shop.publish(rules=[make_rule("survey", "survey_done", points=30)])
    await shop.register("survey_done", uniqueness="MEMBER")
    ada = await shop.enroll()

    assert await shop.earn(ada, "survey_done", id="s1") == 30
    assert (await shop.report(ada, "survey_done", id="s1"))["replayed"]
    assert await shop.earn(ada, "survey_done", id="s2") == 30
    assert await shop.balance(ada) == 60


async def test_vf_06g_a_newsletter_earns_once_in_a_lifetime(
    shop: Any, make_rule: Any
) -> None:
    once = make_rule(
        "newsletter", "subscribed", points=10, limits=[{"times": 1, "per": "ever"}]
    )
    await shop.publish(rules=[once])
    await shop.register("subscribed")
    ada = await shop.enroll()

    points = [await shop.earn(ada, "subscribed", id=f"s{n}") for n in range(3)]

    assert points == [10, 0, 0]


async def test_vf_07_events_of_the_shop_are_triggers(shop: Any, make_rule: Any) -> None:
    await shop.publish()
    await shop.register("tree_planted", trees=INTEGER, country=TEXT)
    planting = make_rule(
        "planting",
        "tree_planted",
        points="activity.trees * 10",
        when="activity.country in ['NL', 'BE']",
    )
    await shop.publish(rules=[planting])
    ada = await shop.enroll()

    assert await shop.earn(ada, "tree_planted", id="1", trees=3, country="NL") == 30
    assert await shop.earn(ada, "tree_planted", id="2", trees=3, country="FR") == 0
    before = await shop.ledger()
    refused = await shop.report(ada, "tree_planted", id="3", trees="many")
    assert refused["userErrors"][0]["__typename"] == "InvalidPayload"
    assert refused["userErrors"][0]["field"] == "trees"
    assert await shop.ledger() == before


async def test_vf_08_a_ride_longer_than_an_hour(shop: Any, make_rule: Any) -> None:
    ride = make_rule("ride", "ride_ended", points=25, when="activity.minutes > 60")
    await shop.publish(rules=[ride])
    await shop.register("ride_ended", minutes=INTEGER)
    ada = await shop.enroll()

    points = [
        await shop.earn(ada, "ride_ended", id=f"r{minutes}", minutes=minutes)
        for minutes in (59, 60, 61)
    ]

    assert points == [0, 0, 25]
    assert (await shop.report(ada, "ride_ended", id="r61", minutes=61))["replayed"]
    assert await shop.balance(ada) == 25


async def test_vf_09_a_limit_that_refuses_tells_until_when(
    shop: Any, make_rule: Any
) -> None:
    strict = {"times": 3, "per": "day", "on_exceed": "refuse"}
    await shop.publish(rules=[make_rule("visit", "came_by", points=1, limits=[strict])])
    await shop.register("came_by")
    shop.now("2027-01-20T12:00")
    ada = await shop.enroll()
    for number in range(3):
        assert await shop.earn(ada, "came_by", id=f"v{number}") == 1
    before = await shop.ledger()

    refused = await shop.report(ada, "came_by", id="v3")

    assert refused["points"] is None
    assert refused["userErrors"] == [
        {
            "__typename": "LimitReached",
            "code": "LIMIT_REACHED",
            "message": "the limit of 3 is reached until 2027-01-20T23:00:00+00:00",
            "path": ["input", "type"],
            "limit": 3,
            "unit": "TIMES",
            "resetsAt": "2027-01-20T23:00:00.000Z",
        }
    ]
    assert await shop.ledger() == before
    shop.now("2027-01-21T00:00")
    assert await shop.earn(ada, "came_by", id="v4") == 1


async def test_di_03_three_behaviors_one_ledger(shop: Any, make_rule: Any) -> None:
    rules = [
        make_rule("order", "purchase", points=1, per="amount_major"),
        make_rule("recommended", "recommended", points=40),
        make_rule("survey", "survey_done", points=15),
    ]
    await shop.publish(rules=rules)
    await shop.register("recommended")
    await shop.register("survey_done")
    ada = await shop.enroll()

    order = {"order_id": "o1", "amount_minor": 1_250, "currency_code": "EUR"}
    assert await shop.earn(ada, "purchase", **order) == 12
    assert await shop.earn(ada, "recommended", id="r1") == 40
    assert await shop.earn(ada, "survey_done", id="s1") == 15
    assert await shop.balance(ada) == 67


async def test_g3_01_interactions_with_limits(shop: Any, make_rule: Any) -> None:
    rules = [
        make_rule("shared", "shared", points=5, limits=[{"times": 1, "per": "day"}]),
        make_rule("viewed", "viewed", points=1, limits=[{"points": 3, "per": "day"}]),
        make_rule(
            "completed",
            "profile",
            points=50,
            when="activity.percent == 100",
            limits=[{"times": 1, "per": "ever"}],
        ),
    ]
    await shop.publish(rules=rules)
    for code in ("shared", "viewed"):
        await shop.register(code, uniqueness="MEMBER")
    await shop.register("profile", percent=INTEGER)
    shop.now("2027-01-20T12:00")
    ada = await shop.enroll()

    shares = [await shop.earn(ada, "shared", id=one) for one in "ab"]
    seen = ("lamp/20", "lamp/20", "sofa/20", "bed/20", "rug/20")
    for one in seen:
        await shop.report(ada, "viewed", id=one)
    profile = [
        await shop.earn(ada, "profile", id=f"p{number}", percent=percent)
        for number, percent in enumerate((60, 100, 80, 100))
    ]

    assert (shares, profile) == ([5, 0], [0, 50, 0, 0])
    assert await shop.balance(ada) == 5 + 3 + 50


async def test_mh_01_orders_are_judged_by_the_version_of_their_time(
    shop: Any, make_rule: Any
) -> None:
    blanket = make_rule("blanket", "purchase", points=5)
    fair = make_rule("fair", "purchase", points=1, per="amount_major", active=False)
    shop.now("2027-01-10T12:00")
    await shop.publish(rules=[blanket, fair])
    shop.now("2027-01-20T12:00")
    await shop.publish(rules=[blanket | {"active": False}, fair | {"active": True}])
    shop.now("2027-01-25T12:00")
    ada = await shop.enroll()

    def order(name: str) -> dict[str, Any]:
        return {"order_id": name, "amount_minor": 9_900, "currency_code": "EUR"}

    before = await shop.report(ada, "purchase", "2027-01-20T11:59:59", **order("a"))
    after = await shop.report(ada, "purchase", "2027-01-20T12:00", **order("b"))

    assert (before["points"], after["points"]) == (5, 99)
    explained = await shop.explain(after["transaction"]["id"])
    assert [(one["rule"], one["version"]) for one in explained["rules"]] == [
        ("fair", 2),
        ("blanket", 2),
    ]
    assert explained["rules"][1]["message"]["text"] == "blanket is switched off."


async def test_mh_02_playful_ways_in_one_ledger(shop: Any, make_rule: Any) -> None:
    currency = {"code": "PASSION", "name": "Passion points"}
    rules = [
        make_rule("quiz", "quiz_played", points=10) | {"currency": "PASSION"},
        make_rule("style", "style_saved", points=3) | {"currency": "PASSION"},
    ]
    await shop.publish(currencies=[currency], rules=rules)
    await shop.register("quiz_played")
    await shop.register("style_saved")
    ada = await shop.enroll()

    await shop.earn(ada, "quiz_played", id="q1")
    await shop.earn(ada, "style_saved", id="s1")

    query = (
        "query ($id: ID!) { member(id: $id) { balances { currency available } "
        "transactions(first: 9) { nodes { kind } } } program { currencies { name } } }"
    )
    data = (await shop.ask(query, id=ada))["data"]
    assert data["member"]["balances"] == [{"currency": "PASSION", "available": 13}]
    kinds = [one["kind"] for one in data["member"]["transactions"]["nodes"]]
    assert kinds == ["EARN", "EARN", "OPEN"]
    assert data["program"]["currencies"] == [{"name": "Passion points"}]


async def test_yp_06_only_lines_of_the_category_count(
    shop: Any, make_rule: Any
) -> None:
    care = make_rule(
        "care",
        "order",
        points="line.cents",
        per="line",
        for_each=10,
        select="line.category == 'care'",
    )
    await shop.publish(rules=[care])
    await shop.register("order", lines=LINES)
    ada = await shop.enroll()
    balm = {"category": "care", "quantity": 1, "cents": 995}
    shoes = {"category": "shoes", "quantity": 1, "cents": 9_900}

    assert await shop.earn(ada, "order", id="with", lines=[shoes, balm]) == 99
    assert await shop.earn(ada, "order", id="without", lines=[shoes]) == 0


async def test_yp_29_a_cart_is_told_what_it_will_earn(
    shop: Any, make_rule: Any
) -> None:
    rules = [
        make_rule("order", "order", points="activity.cents", for_each=100),
        make_rule(
            "silver",
            "order",
            multiply={"factor": "1.5"},
            when="tier.code == 'silver'",
        ),
    ]
    await shop.publish(rules=rules)
    await shop.register("order", cents=INTEGER)
    cart = {"id": "cart", "cents": 12_345}
    before = await shop.ledger()

    told = await shop.estimate("order", **cart)

    assert told["points"] == [{"currency": "PTS", "points": 123}]
    assert told["tiers"] == [
        {"tier": "bronze", "points": [{"currency": "PTS", "points": 123}]},
        {"tier": "silver", "points": [{"currency": "PTS", "points": 184}]},
    ]
    assert await shop.ledger() == before
    ada = await shop.enroll()
    assert await shop.estimate("order", ada, **cart) == told | {
        "rules": (await shop.estimate("order", ada, **cart))["rules"]
    }
    assert await shop.earn(ada, "order", **cart) == 123
    after = await shop.estimate("order", ada, id="next", cents=12_345)
    assert after["points"] == [{"currency": "PTS", "points": 184}]
    assert await shop.earn(ada, "order", id="next", cents=12_345) == 184


@pytest.mark.parametrize("on_exceed", ["partial", "none"])
async def test_e98_an_estimate_looks_at_the_limits_of_a_member(
    shop: Any, make_rule: Any, on_exceed: str
) -> None:
    limit = {"points": 15, "per": "month", "on_exceed": on_exceed}
    await shop.publish(rules=[make_rule("visit", "came_by", points=10, limits=[limit])])
    await shop.register("came_by")
    ada = await shop.enroll()
    await shop.earn(ada, "came_by", id="v1")
    expected = 5 if on_exceed == "partial" else 0

    told = await shop.estimate("came_by", ada, id="v2")
    nobody = await shop.estimate("came_by", id="v2")
    answer = await shop.report(ada, "came_by", id="v2")

    assert sum(one["points"] for one in told["points"]) == expected
    assert nobody["points"] == [{"currency": "PTS", "points": 10}]
    assert answer["points"] == expected
    seen = (await shop.explain(answer["transaction"]["id"]))["rules"][0]
    assert (seen["desired"], seen["given"]) == (10, expected)
    assert seen["limits"] == [
        {
            "kind": "POINTS",
            "limit": 15,
            "period": "month:2027-01",
            "before": 10,
            "isReached": True,
            "onExceed": on_exceed,
            "resetsAt": "2027-01-31T23:00:00.000Z",
        }
    ]
    assert seen["message"]["text"] == (
        f"visit gave {expected} points of 10: its limit of 15 points was reached."
    )
