"""Attributes of members over GraphQL."""

from typing import Any

import pytest

FIELDS = "replayed member { attributes } transaction { kind } userErrors { code path }"
READ = "query ($id: ID!) { member(id: $id) { attributes } }"


async def known(api: Any, member_id: str) -> Any:
    found = (await api.data(READ, id=member_id))["member"]
    return found and found["attributes"]


async def test_attributes_are_set_and_removed(staff_api: Any, ada: Any) -> None:
    assert await known(staff_api, ada.id) == {}
    given = {
        "idempotencyKey": "what-we-know-of-ada",
        "memberId": ada.id,
        "attributes": {
            "shoe_size": 38,
            "city": 'Zoë "\\ \u2028',
            "is_vegan": True,
            "largest": 2**53 - 1,
        },
    }

    first = await staff_api.change("setMemberAttributes", FIELDS, **given)
    again = await staff_api.change("setMemberAttributes", FIELDS, **given)
    await staff_api.change(
        "setMemberAttributes",
        FIELDS,
        memberId=ada.id,
        attributes={"city": None, "shoe_size": 39},
    )

    assert first == {
        "replayed": False,
        "member": {"attributes": given["attributes"]},
        "transaction": {"kind": "NOTE"},
        "userErrors": [],
    }
    assert again == first | {"replayed": True}
    assert await known(staff_api, ada.id) == {
        "is_vegan": True,
        "largest": 2**53 - 1,
        "shoe_size": 39,
    }


async def test_the_member_sees_its_own(caller: Any, staff_api: Any, ada: Any) -> None:
    payload = await staff_api.change("enrollMember", "member { id }", number="2")
    bob = payload["member"]["id"]
    await staff_api.change(
        "setMemberAttributes", FIELDS, memberId=ada.id, attributes={"city": "Graz"}
    )
    member = await caller("member", ada.holder_id)

    assert await known(member, ada.id) == {"city": "Graz"}
    assert await known(member, bob) is None
    document = "{ members { nodes { attributes } } }"
    found = (await staff_api.data(document))["members"]["nodes"]
    assert found == [{"attributes": {"city": "Graz"}}, {"attributes": {}}]


async def test_members_do_not_set_them(caller: Any, ada: Any) -> None:
    member = await caller("member", ada.holder_id)
    before = await member.ledger()

    answer = await member.send(
        "mutation ($i: SetMemberAttributesInput!) "
        "{ setMemberAttributes(input: $i) { replayed } }",
        i={
            "idempotencyKey": "a-member-that-writes",
            "memberId": ada.id,
            "attributes": {"city": "Graz"},
        },
    )

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await member.ledger() == before
    assert await known(member, ada.id) == {}


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({}, "attributes: must have 1 to 100 members"),
        (
            {"shoe_size": 38.5},
            (
                "attributes.shoe_size: must be a text of at most 500 characters, a "
                "whole number within ±(2^53-1), true, false, or null to remove it"
            ),
        ),
        (
            {"Shoe size": 38},
            "attributes: names must be snake_case of at most 50 characters",
        ),
    ],
)
async def test_the_wrong_one_is_named(
    staff_api: Any, ada: Any, attributes: Any, message: str
) -> None:
    before = await staff_api.ledger()

    answer = await staff_api.send(
        "mutation ($i: SetMemberAttributesInput!) "
        "{ setMemberAttributes(input: $i) { replayed } }",
        i={
            "idempotencyKey": "not-what-they-should-be",
            "memberId": ada.id,
            "attributes": attributes,
        },
    )

    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (
        message,
        "BAD_USER_INPUT",
    )
    assert await staff_api.ledger() == before
    assert await known(staff_api, ada.id) == {}
