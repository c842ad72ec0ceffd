"""Queries: what is read, who may read it, and in how many statements."""

from typing import Any

import pytest

from core.actors import Actor, Role
from core.ids import encode
from core.program import activities, members

CATALOG = """
{ catalog { nodes {
  __typename code price currency { code } availability remaining limitPerMember
  ... on DiscountReward { percentOff validDays minimumOrder { amountMinor } }
  ... on FreeShippingReward { regions maximumWeightGrams }
  ... on DonationReward { cause }
  ... on ExperienceReward { venue startsAt seats isCancellable }
} } }
"""


async def test_a_member_is_read(staff_api: Any, ada: Any) -> None:
    data = await staff_api.data(
        """query ($id: ID!) { member(id: $id) {
          id number displayName email tier { code rank }
          balances { currency available pending held debt }
          transactions { nodes { kind reference activityType reason reverses { id }
            effects { currency available availableAfter } } }
        } }""",
        id=ada.id,
    )

    assert data["member"] == {
        "id": ada.id,
        "number": "00001",
        "displayName": "Ada",
        "email": None,
        "tier": {"code": "gold", "rank": 2},
        "balances": [
            {"currency": "PTS", "available": 310, "pending": 0, "held": 0, "debt": 0}
        ],
        "transactions": {
            "nodes": [
                {
                    "kind": "EARN",
                    "reference": "o1",
                    "activityType": "purchase",
                    "reason": None,
                    "reverses": None,
                    "effects": [
                        {"currency": "PTS", "available": 310, "availableAfter": 310}
                    ],
                },
                {
                    "kind": "OPEN",
                    "reference": None,
                    "activityType": None,
                    "reason": None,
                    "reverses": None,
                    "effects": [],
                },
            ]
        },
    }


async def test_rewards_are_typed_by_their_plugins(staff_api: Any) -> None:
    data = await staff_api.data(CATALOG)

    common = {"currency": {"code": "PTS"}, "availability": "AVAILABLE"}
    assert data["catalog"]["nodes"] == [
        common
        | {
            "__typename": "ExperienceReward",
            "code": "backstage",
            "price": 40,
            "remaining": 5,
            "limitPerMember": None,
            "venue": "Town Hall",
            "startsAt": "2027-06-01T18:00:00.000Z",
            "seats": 5,
            "isCancellable": True,
        },
        common
        | {
            "__typename": "DonationReward",
            "code": "plant_a_tree",
            "price": 20,
            "remaining": None,
            "limitPerMember": None,
            "cause": "Trees for Tomorrow",
        },
        common
        | {
            "__typename": "FreeShippingReward",
            "code": "free_delivery",
            "price": 30,
            "remaining": None,
            "limitPerMember": 2,
            "regions": ["US", "CA"],
            "maximumWeightGrams": None,
        },
        common
        | {
            "__typename": "DiscountReward",
            "code": "ten_percent_off",
            "price": 50,
            "remaining": None,
            "limitPerMember": None,
            "percentOff": 10,
            "validDays": 30,
            "minimumOrder": None,
        },
    ]


async def test_aliases_fragments_and_conditions(staff_api: Any, ada: Any) -> None:
    data = await staff_api.data(
        """query ($id: ID!, $yes: Boolean!, $no: Boolean!) {
          me: member(id: $id) {
            one: transactions(first: 1) { nodes { kind } pageInfo { hasNextPage } }
            all: transactions { edges { at: cursor node { ...t } } n: nodes { ...t } }
            number @skip(if: $yes)
            displayName @include(if: $no)
            joinedAt @include(if: $yes)
            ...again
          }
        }
        fragment again on Member { ... on Node { __typename } ...m ...m }
        fragment m on Member { tier { name } tier { code } }
        fragment t on Transaction { k: kind }""",
        id=ada.id,
        yes=True,
        no=False,
    )

    assert data["me"] == {
        "one": {"nodes": [{"kind": "EARN"}], "pageInfo": {"hasNextPage": True}},
        "all": {
            "edges": [
                {"at": "transactions.2", "node": {"k": "EARN"}},
                {"at": "transactions.1", "node": {"k": "OPEN"}},
            ],
            "n": [{"k": "EARN"}, {"k": "OPEN"}],
        },
        "joinedAt": "2027-01-15T08:00:00.000Z",
        "__typename": "Member",
        "tier": {"name": "Gold", "code": "gold"},
    }


async def enroll_many(api: Any, number: int, start: int = 0) -> list[int]:
    by = Actor(api.program_id, "shop", Role.INTEGRATOR)
    found = []
    for n in range(start, start + number):
        enrolled = await members.enroll(
            api.engine, by=by, key=f"m{n}", number=f"n{n:04}"
        )
        found.append(enrolled.holder_id)
        for m in range(2):
            await activities.record(
                api.engine,
                by=by,
                key=f"a{n}-{m}",
                holder_id=enrolled.holder_id,
                activity_type="purchase",
                payload={
                    "order_id": f"o{n}-{m}",
                    "amount_minor": 500,
                    "currency_code": "USD",
                },
            )
    return found


async def test_pages_go_through_everything_once(staff_api: Any) -> None:
    holders = await enroll_many(staff_api, 7)
    query = """query ($after: String) { members(first: 3, after: $after) {
      nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    seen, after, pages = [], None, []
    while True:
        page = (await staff_api.data(query, after=after))["members"]
        seen += [one["id"] for one in page["nodes"]]
        pages.append(page["pageInfo"])
        after = page["pageInfo"]["endCursor"]
        if len(pages) == 1:  # who comes later shifts nothing
            holders += await enroll_many(staff_api, 1, start=50)
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert seen == [encode("member", one) for one in holders]
    assert [one["hasPreviousPage"] for one in pages] == [False, True, True]
    empty = (await staff_api.data(query, after=after))["members"]
    assert empty["nodes"] == []
    assert empty["pageInfo"]["endCursor"] is None


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "members", "members.", "members.xyz", "rewards.1", "members.01"),
        *("members.-1", "members." + "f" * 16, "members.1 ", "MEMBERS.1", "é"),
    ],
)
async def test_forged_cursors_are_refused(staff_api: Any, cursor: str) -> None:
    query = "query ($a: String) { members(after: $a) { nodes { id } } }"

    assert await staff_api.code(query, a=cursor) == "BAD_USER_INPUT"


async def test_any_object_is_found_by_its_id(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    redeemed = await staff_api.change(
        "redeemReward",
        "redemption { id }",
        memberId=ada.id,
        rewardId=rewards["ten_percent_off"],
    )
    program = (await staff_api.data("{ program { id tiers { id } } }"))["program"]
    ids = [
        ada.id,
        rewards["backstage"],
        redeemed["redemption"]["id"],
        f"txn_{ada.holder_id:016x}_2",
        program["id"],
        program["tiers"][0]["id"],
        "mbr_0000000000000000",
    ]

    found = await staff_api.data(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids
    )

    kinds = [
        "Member",
        "ExperienceReward",
        "Redemption",
        "Transaction",
        "Program",
        "Tier",
    ]
    assert found["nodes"] == [
        *(
            {"__typename": kind, "id": one}
            for kind, one in zip(kinds, ids, strict=False)
        ),
        None,
    ]
    one = await staff_api.data(
        "query ($id: ID!) { node(id: $id) { id ... on Reward { name } } }", id=ids[1]
    )
    assert one["node"] == {"id": ids[1], "name": "Backstage evening"}


@pytest.mark.parametrize("id_", ["", "x", "Member:1", "mbr_1", "usr_" + "0" * 16])
async def test_what_is_no_id_is_told(staff_api: Any, id_: str) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } }"

    assert await staff_api.code(query, id=id_) == "BAD_USER_INPUT"


async def test_a_member_sees_itself_only(
    staff_api: Any, ada: Any, caller: Any, rewards: dict[str, str]
) -> None:
    (bob,) = await enroll_many(staff_api, 1)
    bob_id = encode("member", bob)
    redeemed = await staff_api.change(
        "redeemReward",
        "redemption { id }",
        memberId=ada.id,
        rewardId=rewards["ten_percent_off"],
    )
    api = await caller("member", bob)
    query = """query ($m: ID!, $r: ID!, $t: ID!) {
      member(id: $m) { id } redemption(id: $r) { id }
      nodes(ids: [$m, $r, $t]) { id } viewer { member { number } }
    }"""

    theirs = await api.data(
        query, m=ada.id, r=redeemed["redemption"]["id"], t=f"txn_{ada.holder_id:016x}_2"
    )
    own = await api.data(
        "query ($m: ID!) { member(id: $m) { number } catalog { nodes { code } } }",
        m=bob_id,
    )

    assert theirs == {
        "member": None,
        "redemption": None,
        "nodes": [None, None, None],
        "viewer": {"member": {"number": "n0000"}},
    }
    assert own["member"] == {"number": "n0000"}
    assert len(own["catalog"]["nodes"]) == 4
    assert await api.code("{ members { nodes { id } } }") == "FORBIDDEN"
    assert await api.code('{ memberByNumber(number: "00001") { id } }') == "FORBIDDEN"


async def test_members_are_found_by_number(staff_api: Any, ada: Any) -> None:
    query = "query ($n: String!) { memberByNumber(number: $n) { id } }"

    assert await staff_api.data(query, n="00001") == {"memberByNumber": {"id": ada.id}}
    assert await staff_api.data(query, n="nobody") == {"memberByNumber": None}


async def test_a_redemption_is_found_by_its_key(
    staff_api: Any, ada: Any, rewards: dict[str, str]
) -> None:
    key = "the-key-of-this-redemption"
    redeemed = await staff_api.change(
        "redeemReward",
        "redemption { id }",
        idempotencyKey=key,
        memberId=ada.id,
        rewardId=rewards["ten_percent_off"],
    )
    query = """query ($k: IdempotencyKey!, $m: ID) {
      redemptionByKey(idempotencyKey: $k, memberId: $m) { id } }"""

    found = await staff_api.data(query, k=key, m=ada.id)
    other = await staff_api.data(query, k="some-other-key-of-mine", m=ada.id)
    nobody = await staff_api.data(query, k=key, m="mbr_0000000000000000")

    assert found["redemptionByKey"] == redeemed["redemption"]
    assert other == nobody == {"redemptionByKey": None}
    assert await staff_api.code(query, k=key) == "BAD_USER_INPUT"


@pytest.fixture
def statements(staff_api: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The SQL that is read, as it is read."""
    kind = type(staff_api.engine.database)
    read, seen = kind.read, []

    async def counted(self: Any, sql: str, *parameters: Any, **more: Any) -> Any:
        seen.append(sql)
        return await read(self, sql, *parameters, **more)

    monkeypatch.setattr(kind, "read", counted)
    return seen


async def test_longer_lists_take_no_more_statements(
    staff_api: Any, statements: list[str]
) -> None:
    await enroll_many(staff_api, 10)
    query = """query ($n: Int) { members(first: $n) { nodes {
      number tier { name } balances { available }
      transactions(first: $n) { nodes { kind effects { available } reverses { id } } }
      redemptions(first: $n) { nodes { reward { name } } }
    } } catalog(first: $n) { nodes { name currency { code } } } }"""

    counts = []
    for number in (1, 3, 10):
        statements.clear()
        data = await staff_api.data(query, n=number)
        counts.append(len(statements))
        assert len(data["members"]["nodes"]) == number

    assert counts == [3, 3, 3]  # the token, the members, the catalog
