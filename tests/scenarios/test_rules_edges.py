"""Edge cases in which rules decide, each test named after its id."""

import asyncio
from typing import Any

INTEGER = {"type": "integer"}
NUMBERED = {"amount_minor": 100, "currency_code": "EUR"}


def when(start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"start": start, "end": end} | more


async def lots(shop: Any) -> list[tuple[int, int]]:
    """Return original and end of all lots."""
    sql = "SELECT original, expires_at_us FROM lot ORDER BY holder_id, lot_id"
    found: list[tuple[int, int]] = await shop.engine.database.read(sql)
    return found


async def test_e12_a_reversal_follows_what_was_given(shop: Any, make_rule: Any) -> None:
    order = make_rule("order", "ordered", points=100)
    await shop.publish(rules=[order])
    await shop.register("ordered")
    ada = await shop.enroll()
    answer = await shop.report(ada, "ordered", id="o1")
    await shop.publish(rules=[order | {"points": 7}])

    await shop.change(
        "reverseTransaction",
        "replayed",
        transactionId=answer["transaction"]["id"],
        reason="Returned",
    )

    assert await shop.balance(ada) == 0


async def test_e16_an_order_of_nothing_is_recorded(shop: Any, make_rule: Any) -> None:
    order = make_rule("order", "ordered", points="activity.cents", for_each=100)
    await shop.publish(rules=[order])
    await shop.register("ordered", cents=INTEGER)
    ada = await shop.enroll()

    answer = await shop.report(ada, "ordered", id="free", cents=0)

    assert (answer["points"], answer["userErrors"]) == (0, [])
    explained = await shop.explain(answer["transaction"]["id"])
    assert explained["message"]["text"] == "This ordered earned no points."
    assert explained["rules"][0]["outcome"] == "NO_POINTS"
    assert explained["rules"][0]["exact"] == "0"


async def test_e25_a_month_ends_on_the_last_day_there_is(
    shop: Any, make_rule: Any
) -> None:
    rules = [
        make_rule("month", "ordered", points=1, expires={"after_months": 1}),
        make_rule("year_end", "ordered", points=2, expires={"on": ["12-31"]}),
        make_rule(
            "leap",
            "ordered",
            points=3,
            expires={"on": ["02-29", "06-30"], "at_least_days": 10},
        ),
        make_rule("days", "ordered", points=4, expires={"after_days": 10}),
    ]
    await shop.publish(rules=rules)
    await shop.register("ordered")
    shop.now("2027-01-31T23:30")
    ada = await shop.enroll()

    await shop.earn(ada, "ordered", id="o1")

    assert await lots(shop) == [
        (1, shop.us("2027-03-01T00:00")),
        (2, shop.us("2028-01-01T00:00")),
        (3, shop.us("2027-03-01T00:00")),
        (4, shop.us("2027-02-10T23:30")),
    ]
    shop.now("2027-03-01T00:00")
    assert await shop.balance(ada) == 2


async def test_e28_a_day_is_that_of_the_zone_that_the_rule_names(
    shop: Any, make_rule: Any
) -> None:
    day = when("2027-03-28T00:00", "2027-03-29T00:00")
    rules = [
        make_rule("ours", "ordered", points=1, schedule=day),
        make_rule("tokyo", "ordered", points=10, schedule=day | {"zone": "Asia/Tokyo"}),
        make_rule(
            "sundays",
            "ordered",
            points=100,
            schedule={"weekdays": ["sun"], "hours": {"start": "22:00"}},
        ),
    ]
    await shop.publish(rules=rules)
    await shop.register("ordered")
    shop.now("2027-04-05T12:00")
    ada = await shop.enroll()
    times = {
        "2027-03-27T15:59:59": 0,
        "2027-03-27T16:00": 10,
        "2027-03-28T00:00": 11,
        "2027-03-28T16:59:59": 11,
        "2027-03-28T17:00": 1,
        "2027-03-28T22:00": 101,
        "2027-03-28T23:59:59": 101,
        "2027-03-29T00:00": 0,
    }

    found = {at: await shop.earn(ada, "ordered", at, id=at) for at in times}

    assert found == times


async def test_e40_an_hour_that_clocks_skip_or_show_twice(
    shop: Any, make_rule: Any
) -> None:
    nightly = {
        "start": "2027-03-01T02:30",
        "repeats": "FREQ=DAILY",
        "lasts_hours": 1,
    }
    await shop.publish(
        rules=[make_rule("nightly", "ordered", points=1, schedule=nightly)]
    )
    await shop.register("ordered")
    shop.now("2027-11-05T12:00")
    ada = await shop.enroll()
    times = {
        "2027-03-27T02:29:59": 0,
        "2027-03-27T02:30": 1,
        "2027-03-27T03:29:59": 1,
        "2027-03-27T03:30": 0,
        "2027-03-28T01:59:59": 0,
        "2027-03-28T03:00": 1,  # the clock skips from 2 to 3: the next instant there is
        "2027-03-28T03:29:59": 1,
        "2027-03-28T03:30": 0,
        "2027-10-31T02:30": 1,  # shown twice: from the first time on, once
        "2027-10-31T02:45+": 1,
        "2027-10-31T03:29:59": 1,
        "2027-10-31T03:30": 0,
    }

    found = {at: await shop.earn(ada, "ordered", at, id=at) for at in times}

    assert found == times


async def test_e31_what_is_told_late_is_judged_by_its_own_time(
    shop: Any, make_rule: Any
) -> None:
    order = make_rule("order", "ordered", points=10, valid_days=5)
    shop.now("2027-01-10T12:00")
    await shop.publish(rules=[order])
    await shop.register("ordered")
    ada = await shop.enroll()
    shop.now("2027-01-20T12:00")
    await shop.publish(rules=[order | {"points": 99}])

    late = await shop.report(ada, "ordered", "2027-01-11T00:00", id="late")
    now = await shop.report(ada, "ordered", id="now")

    assert (late["points"], now["points"]) == (10, 99)
    seen = await shop.explain(late["transaction"]["id"])
    assert seen["rules"][0]["version"] == 1
    assert await shop.balance(ada) == 99, "what ran out before it was told is gone"


async def test_e32_what_is_yet_to_happen_is_refused(shop: Any, make_rule: Any) -> None:
    await shop.publish(rules=[make_rule("order", "ordered", points=10)])
    await shop.register("ordered")
    shop.now("2027-01-20T12:00")
    ada = await shop.enroll()

    assert await shop.earn(ada, "ordered", "2027-01-20T12:05", id="soon") == 10
    before = await shop.ledger()
    answer = await shop.ask(
        "mutation ($i: RecordActivityInput!) { recordActivity(input: $i) { points } }",
        i={
            "idempotencyKey": "too-far-ahead-0001",
            "memberId": ada,
            "type": "ordered",
            "payload": {"id": "later"},
            "occurredAt": shop.instant("2027-01-20T12:05:01"),
        },
    )

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "2027-01-20T11:00:00.000+00:00" in answer["errors"][0]["message"]
    assert await shop.ledger() == before


async def test_e46_ten_at_once_under_a_limit_of_three(
    shop: Any, make_rule: Any
) -> None:
    limit = {"times": 3, "per": "day"}
    await shop.publish(rules=[make_rule("visit", "came_by", points=5, limits=[limit])])
    await shop.register("came_by")
    ada = await shop.enroll()

    points = await asyncio.gather(
        *[shop.earn(ada, "came_by", id=f"v{number}") for number in range(10)]
    )

    assert sorted(points) == [0] * 7 + [5] * 3
    assert await shop.balance(ada) == 15


async def test_e47_a_budget_is_never_exceeded(shop: Any, make_rule: Any) -> None:
    rules = [
        make_rule("spin", "spun", points=10, budget="prizes"),
        make_rule("always", "spun", points=1),
    ]
    await shop.publish(budgets=[{"code": "prizes", "points": 335}], rules=rules)
    await shop.register("spun")
    members = [await shop.enroll() for _ in range(10)]

    points = await asyncio.gather(
        *[
            shop.earn(members[number % 10], "spun", id=f"s{number}")
            for number in range(100)
        ]
    )

    assert sum(points) == 335 + 100
    assert sorted(points)[:67] == [1] * 66 + [6]
    last = await shop.report(members[0], "spun", id="last")
    seen = (await shop.explain(last["transaction"]["id"]))["rules"]
    assert [(one["rule"], one["given"], one["isBudgetShort"]) for one in seen] == [
        ("spin", 0, True),
        ("always", 1, False),
    ]
    assert seen[0]["message"]["text"] == (
        "spin gave 0 points of 10: its budget had no more."
    )
    await shop.publish(budgets=[{"code": "prizes", "points": 340}], rules=rules)
    assert await shop.earn(members[0], "spun", id="more") == 6


async def test_e50_who_is_judging_keeps_the_version_of_that_time(
    shop: Any, make_rule: Any
) -> None:
    order = make_rule("order", "ordered", points=10)
    shop.now("2027-01-10T12:00")
    await shop.publish(rules=[order])
    await shop.register("ordered")
    ada = await shop.enroll()
    shop.now("2027-01-20T12:00")

    async def publish() -> list[int]:
        await shop.publish(rules=[order | {"points": 50}])
        return []

    async def report(number: int) -> int:
        points: int = await shop.earn(
            ada, "ordered", "2027-01-20T11:59:59", id=f"o{number}"
        )
        return points

    found = await asyncio.gather(*map(report, range(10)), publish())

    assert found[:10] == [10] * 10
    assert await shop.earn(ada, "ordered", id="new") == 50


async def test_e97_bonuses_are_told_apart(shop: Any, make_rule: Any) -> None:
    rules = [
        make_rule("base", "ordered", points="activity.cents", for_each=100),
        make_rule(
            "gold", "ordered", multiply={"factor": "2"}, when="tier.code == 'silver'"
        ),
        make_rule("day", "ordered", multiply={"factor": "1.5"}),
        make_rule(
            "extra",
            "ordered",
            multiply={"factor": "2", "stacking": "multiplicative"},
            limits=[{"points": 100, "per": "day"}],
        ),
    ]
    await shop.publish(rules=rules)
    await shop.register("ordered", cents=INTEGER)
    ada = await shop.enroll()

    answer = await shop.report(ada, "ordered", id="o1", cents=9_999)

    seen = (await shop.explain(answer["transaction"]["id"]))["rules"]
    assert [
        (one["rule"], one["base"], one["desired"], one["given"]) for one in seen
    ] == [
        ("base", None, 99, 99),
        ("day", 99, 49, 49),
        ("extra", 148, 148, 100),
        ("gold", None, 0, 0),
    ]
    assert (seen[0]["exact"], seen[1]["exact"]) == ("9999/100", "99/2")
    assert seen[3]["isMet"] is False
    assert seen[3]["inputs"] == {"tier.code": "bronze"}
    assert answer["points"] == 248
    sql = (
        "SELECT r.code, p.amount FROM posting p JOIN rule r ON r.rule_id = p.sys_ref "
        "ORDER BY p.line"
    )
    assert await shop.engine.database.read(sql) == [
        ("base", 99),
        ("day", 49),
        ("extra", 100),
    ]


async def test_e99_an_absurd_amount_is_refused(shop: Any, make_rule: Any) -> None:
    await shop.publish(
        rules=[make_rule("order", "ordered", points="activity.cents * 1000")]
    )
    await shop.register("ordered", cents=INTEGER)
    ada = await shop.enroll()
    before = await shop.ledger()

    refused = await shop.report(ada, "ordered", id="o1", cents=2**53 - 1)

    assert refused["userErrors"][0]["code"] == "AMOUNT_TOO_LARGE"
    assert await shop.ledger() == before


async def test_a_cooldown_keeps_two_apart(shop: Any, make_rule: Any) -> None:
    await shop.publish(
        rules=[make_rule("visit", "came_by", points=5, cooldown_minutes=30)]
    )
    await shop.register("came_by")
    shop.now("2027-01-20T18:00")
    ada = await shop.enroll()
    times = {
        "2027-01-20T12:00": 5,
        "2027-01-20T12:29:59": 0,
        "2027-01-20T12:30": 5,
    }

    found = {at: await shop.earn(ada, "came_by", at, id=at) for at in times}
    answer = await shop.report(ada, "came_by", "2027-01-20T12:31", id="last")

    assert found == times
    seen = (await shop.explain(answer["transaction"]["id"]))["rules"][0]
    assert seen["message"]["id"] == "rule_too_soon"
    assert (seen["limits"][0]["kind"], seen["limits"][0]["limit"]) == ("COOLDOWN", 30)


async def test_what_members_are_like_decides(shop: Any, make_rule: Any) -> None:
    local = make_rule(
        "local",
        "ordered",
        points=5,
        when="member.attributes.city == 'Utrecht' && member.enrolled_days >= 7",
    )
    await shop.publish(rules=[local])
    await shop.register("ordered")
    shop.now("2027-01-01T12:00")
    ada, bob = await shop.enroll(), await shop.enroll()
    payload = await shop.change(
        "setMemberAttributes",
        "replayed",
        memberId=ada,
        attributes={"city": "Utrecht", "pet": "cat"},
    )
    assert payload["userErrors"] == []

    early = await shop.earn(ada, "ordered", id="early")
    shop.now("2027-01-08T12:00")
    answer = await shop.report(ada, "ordered", id="a")
    other = await shop.report(bob, "ordered", id="b")

    assert (early, answer["points"], other["points"]) == (0, 5, 0)
    mine = (await shop.explain(answer["transaction"]["id"]))["rules"][0]
    theirs = (await shop.explain(other["transaction"]["id"]))["rules"][0]
    assert mine["inputs"] == {
        "member.attributes.city": "Utrecht",
        "member.enrolled_days": 7,
    }
    assert (theirs["outcome"], theirs["isMet"]) == ("UNKNOWN", None)
    assert theirs["message"]["text"] == "local did not apply: city is not known."


async def test_a_transaction_that_no_rule_decided(shop: Any) -> None:
    await shop.publish()
    ada = await shop.enroll()
    payload = await shop.change(
        "adjustBalance",
        "transaction { id }",
        memberId=ada,
        currency="PTS",
        amount=5,
        reason="Sorry",
    )

    seen = await shop.explain(payload["transaction"]["id"])

    assert (seen["activityType"], seen["rules"]) == (None, [])
    assert seen["message"]["id"] == "no_activity"
