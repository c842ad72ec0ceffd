"""Activities that wait for a person, over GraphQL: the queue and the decisions."""

from typing import Any

import pytest

ANSWER = (
    "replayed member { tier { code } } balances { available pending } "
    "transaction { kind reason } "
    "activity { type reference approval decision { kind } } "
    "userErrors { __typename code path ... on ApprovalStateConflict { status } }"
)
QUEUE = (
    "query ($first: Int, $after: String, $last: Int, $before: String) "
    "{ pendingActivities(first: $first, after: $after, last: $last, before: $before) "
    "{ nodes { reference } edges { cursor } pageInfo { hasNextPage endCursor "
    "startCursor } } }"
)


class Reviewer:
    """A member who reviews products."""

    def __init__(self, api: Any, member_id: str) -> None:
        self.api = api
        self.id = member_id

    async def review(self, product_id: str) -> str:
        """Report a review, and return the id of its transaction."""
        payload = await self.api.change(
            "recordActivity",
            "points transaction { id approval } balances { available pending }",
            type="review",
            payload={"product_id": product_id, "stars": 5, "text": "Fits."},
        )
        assert payload["points"] == 50
        assert payload["transaction"]["approval"] == "PENDING"
        transaction_id: str = payload["transaction"]["id"]
        return transaction_id


@pytest.fixture
async def ada_reviews(caller: Any, ada: Any) -> Reviewer:
    return Reviewer(await caller("member", ada.holder_id), ada.id)


async def queue(api: Any, **page: Any) -> list[str]:
    found = (await api.data(QUEUE, **page))["pendingActivities"]
    return [one["reference"] for one in found["nodes"]]


async def test_a_review_is_approved(staff_api: Any, ada_reviews: Reviewer) -> None:
    transaction_id = await ada_reviews.review("p-7")
    given = {
        "idempotencyKey": "ada-did-buy-it-indeed",
        "transactionId": transaction_id,
        "reason": "She bought it.",
    }

    first = await staff_api.change("approveActivity", ANSWER, **given)
    again = await staff_api.change("approveActivity", ANSWER, **given)

    assert first == {
        "replayed": False,
        "member": {"tier": {"code": "gold"}},
        "balances": [{"available": 360, "pending": 0}],
        "transaction": {"kind": "APPROVE", "reason": "She bought it."},
        "activity": {
            "type": "review",
            "reference": "p-7",
            "approval": "APPROVED",
            "decision": {"kind": "APPROVE"},
        },
        "userErrors": [],
    }
    assert again == first | {"replayed": True}
    read = "query ($id: ID!) { node(id: $id) { ... on Transaction { approval } } }"
    found = await ada_reviews.api.data(read, id=transaction_id)
    assert found == {"node": {"approval": "APPROVED"}}


async def test_a_review_is_rejected(staff_api: Any, ada_reviews: Reviewer) -> None:
    transaction_id = await ada_reviews.review("p-7")

    payload = await staff_api.change(
        "rejectActivity", ANSWER, transactionId=transaction_id, reason="Spam."
    )

    assert payload == {
        "replayed": False,
        "member": {"tier": {"code": "gold"}},
        "balances": [{"available": 310, "pending": 0}],
        "transaction": {"kind": "REVERSE_EARN", "reason": "Spam."},
        "activity": {
            "type": "review",
            "reference": "p-7",
            "approval": "REJECTED",
            "decision": {"kind": "REVERSE_EARN"},
        },
        "userErrors": [],
    }
    assert await queue(staff_api) == []


async def test_tiers_count_what_was_approved(caller: Any, staff_api: Any) -> None:
    payload = await staff_api.change("enrollMember", "member { id }", number="2")
    member_id = payload["member"]["id"]
    api = await caller("member", int(member_id[4:], 16))
    bob = Reviewer(api, member_id)
    tier = "{ viewer { member { tier { code } balances { pending available } } } }"

    ids = [await bob.review(product) for product in ("p-1", "p-2", "p-3")]
    seen = [await api.data(tier)]
    for one in ids[:2]:
        await staff_api.change("approveActivity", "replayed", transactionId=one)
        seen.append(await api.data(tier))
    await staff_api.change(
        "rejectActivity", "replayed", transactionId=ids[2], reason="Twice the same."
    )
    seen.append(await api.data(tier))

    assert [one["viewer"]["member"] for one in seen] == [
        {"tier": {"code": code}, "balances": [{"pending": a, "available": b}]}
        for code, a, b in (
            ("bronze", 150, 0),
            ("bronze", 100, 50),
            ("silver", 50, 100),
            ("silver", 0, 100),
        )
    ]


async def test_a_decision_is_made_once(staff_api: Any, ada_reviews: Reviewer) -> None:
    transaction_id = await ada_reviews.review("p-7")
    await staff_api.change("approveActivity", "replayed", transactionId=transaction_id)
    before = await staff_api.ledger()

    payload = await staff_api.change(
        "rejectActivity", ANSWER, transactionId=transaction_id, reason="Too late."
    )

    assert payload["activity"] is None
    assert payload["userErrors"] == [
        {
            "__typename": "ApprovalStateConflict",
            "code": "APPROVAL_STATE",
            "path": ["input", "transactionId"],
            "status": "APPROVED",
        }
    ]
    assert await staff_api.ledger() == before


async def test_the_queue_has_all_that_staff_needs(
    staff_api: Any, ada_reviews: Reviewer
) -> None:
    await ada_reviews.review("p-7")

    found = await staff_api.data(
        "{ pendingActivities { nodes { type reference payload occurredAt receivedAt "
        "approval decision { id } member { number } transaction { kind } } } }"
    )

    assert found["pendingActivities"]["nodes"] == [
        {
            "type": "review",
            "reference": "p-7",
            "payload": {
                "product_id": "p-7",
                "stars": 5,
                "text": "Fits.",
                "photo_urls": [],
            },
            "occurredAt": "2027-01-15T08:00:00.000Z",
            "receivedAt": "2027-01-15T08:00:00.000Z",
            "approval": "PENDING",
            "decision": None,
            "member": {"number": "00001"},
            "transaction": {"kind": "EARN"},
        }
    ]


async def test_the_queue_comes_in_pages_oldest_first(
    caller: Any, staff_api: Any, ada_reviews: Reviewer
) -> None:
    payload = await staff_api.change("enrollMember", "member { id }", number="2")
    member_id = payload["member"]["id"]
    bob = Reviewer(await caller("member", int(member_id[4:], 16)), member_id)
    ids = {}
    for who, product in (
        (ada_reviews, "p-5"),
        (bob, "p-4"),
        (ada_reviews, "p-3"),
        (bob, "p-2"),
        (ada_reviews, "p-1"),
    ):
        ids[product] = await who.review(product)

    assert await queue(staff_api) == ["p-5", "p-4", "p-3", "p-2", "p-1"]
    page = (await staff_api.data(QUEUE, first=2))["pendingActivities"]
    assert [one["reference"] for one in page["nodes"]] == ["p-5", "p-4"]
    assert page["pageInfo"]["hasNextPage"] is True
    end = page["pageInfo"]["endCursor"]
    assert await queue(staff_api, first=2, after=end) == ["p-3", "p-2"]
    assert await queue(staff_api, last=2) == ["p-2", "p-1"]
    await staff_api.change("approveActivity", "replayed", transactionId=ids["p-3"])
    assert await queue(staff_api, first=2, after=end) == ["p-2", "p-1"]
    other = (await staff_api.data("{ members(first: 1) { edges { cursor } } }"))[
        "members"
    ]["edges"][0]["cursor"]
    assert await staff_api.code(QUEUE, after=other) == "BAD_USER_INPUT"


@pytest.mark.parametrize("role", ["integrator", "member"])
async def test_others_neither_see_nor_decide(
    caller: Any, ada: Any, ada_reviews: Reviewer, role: str
) -> None:
    api = await caller(role, ada.holder_id if role == "member" else None)
    transaction_id = await ada_reviews.review("p-7")
    before = await api.ledger()
    given = {
        "idempotencyKey": "who-may-not-decide",
        "transactionId": transaction_id,
        "reason": "Mine!",
    }

    assert await api.code(QUEUE) == "FORBIDDEN"
    for name in ("approve", "reject"):
        document = (
            f"mutation ($i: {name.capitalize()}ActivityInput!) "
            f"{{ {name}Activity(input: $i) {{ replayed }} }}"
        )
        assert await api.code(document, i=given) == "FORBIDDEN"
    assert await api.ledger() == before


async def test_what_needs_no_decision_is_not_decided(staff_api: Any, ada: Any) -> None:
    read = (
        "query ($id: ID!) { member(id: $id) "
        "{ transactions(kinds: [EARN]) { nodes { id approval } } } }"
    )
    found = await staff_api.data(read, id=ada.id)
    (earning,) = found["member"]["transactions"]["nodes"]
    assert earning["approval"] is None

    payload = await staff_api.change(
        "approveActivity", ANSWER, transactionId=earning["id"]
    )

    (error,) = payload["userErrors"]
    assert (error["code"], error["status"]) == ("APPROVAL_STATE", "NOT_NEEDED")


async def test_another_programs_queue_is_not_ours(
    engine: Any, staff_api: Any, ada_reviews: Reviewer
) -> None:
    await ada_reviews.review("p-7")
    await engine.database.configure(
        lambda session: session.connection().exec_driver_sql(
            "UPDATE activity SET program_id = program_id + 1"
        )
    )

    assert await queue(staff_api) == []
