"""What the schema prints of rights is what is enforced, on every field."""

from typing import Any

import pytest
from graphql import GraphQLObjectType, build_schema, parse

from core.actors import SCOPES, Role, Scope
from core.extension.registry import Registry
from gateway.schema import build_schema as make_schema

ADMIN = SCOPES[Role.ADMIN]


@pytest.fixture(scope="module")
def printed() -> dict[tuple[str, str], list[list[str]]]:
    """What the schema prints, by type and field."""
    text = make_schema(Registry.installed()).as_str()
    found = {}
    for definition in parse(text).definitions:
        for field in getattr(definition, "fields", None) or ():
            for directive in getattr(field, "directives", None) or ():
                if directive.name.value == "requiresScopes":
                    (argument,) = directive.arguments
                    value: Any = argument.value
                    found[definition.name.value, field.name.value] = [  # type: ignore[attr-defined]
                        [one.value for one in each.values] for each in value.values
                    ]
    return found


def code_of(answer: Any) -> str | None:
    """Return the code of the first error."""
    errors = answer.get("errors")
    return errors[0]["extensions"]["code"] if errors else None


async def call(house: Any, token: str, kind: str, name: str) -> Any:
    if kind == "Mutation":
        return await house.change(token, name, house.names.inputs()[name])
    field = {
        "Query": house.names.fields().get(name),
        "Program": f"program {{ {name} {{ currency }} }}",
    }[kind]
    return await house.send(token, f"{{ {field} }}")


def roots(printed: dict[tuple[str, str], Any], kind: str) -> set[str]:
    return {name for owner, name in printed if owner == kind}


async def test_every_field_that_needs_something_is_refused_without_it(
    houses: Any, printed: dict[tuple[str, str], list[list[str]]]
) -> None:
    house, _ = houses
    before = await house.everything()
    asked = 0
    for (kind, name), alternatives in printed.items():
        if kind in {"Member", "Subscription"}:
            continue
        needed = {scope for each in alternatives for scope in each}
        token = await house.token("admin", *(ADMIN - needed))

        answer = await call(house, token, kind, name)

        assert code_of(answer) == "FORBIDDEN", (kind, name, answer)
        asked += 1
    made = "SELECT key_id FROM token ORDER BY key_id"
    new = len(await house.engine.database.read(made)) - len(before[-1])
    after = await house.everything()
    after[-1] = after[-1][: len(after[-1]) - new]
    assert asked == len(printed) - 5  # four fields of Member, one subscription
    assert after == before


async def test_what_is_printed_is_enough(
    houses: Any, printed: dict[tuple[str, str], list[list[str]]]
) -> None:
    house, _ = houses
    for (kind, name), alternatives in printed.items():
        if kind in {"Member", "Subscription"}:
            continue
        for each in alternatives:
            is_member = each == [Scope.MEMBER_SELF]
            role = "member" if is_member else "admin"
            token = await house.token(role, *each, member=is_member)

            answer = await call(house, token, kind, name)

            is_forbidden = code_of(answer) == "FORBIDDEN"
            # Members report what the type lets them; a maker gives what it has.
            excused = {
                ("recordActivity", "member:self"),
                ("estimateEarn", "program:write"),
                ("createApiKey", each[0]),
            }
            assert not is_forbidden or (name, each[0]) in excused, (name, answer)


async def test_nothing_else_is_refused_and_nothing_is_left_out(
    houses: Any, printed: dict[tuple[str, str], list[list[str]]]
) -> None:
    house, _ = houses
    schema = build_schema(make_schema(Registry.installed()).as_str())
    inputs, fields = house.names.inputs(), house.names.fields()
    query, mutation = schema.query_type, schema.mutation_type
    assert isinstance(query, GraphQLObjectType)
    assert isinstance(mutation, GraphQLObjectType)
    assert inputs.keys() == mutation.fields.keys()
    assert fields.keys() == query.fields.keys()
    # A scope that nothing but the documents of rewards asks for.
    token = await house.token("admin", Scope.CATALOG_READ)

    refused = set()
    for kind, names in (("Mutation", inputs), ("Query", fields)):
        for name in names:
            if code_of(await call(house, token, kind, name)) == "FORBIDDEN":
                refused.add((kind, name))

    assert refused == {one for one in printed if one[0] in {"Mutation", "Query"}}
    assert roots(printed, "Mutation") == inputs.keys()


@pytest.mark.parametrize(
    ("role", "scopes", "seen"),
    [
        ("admin", (), {"number", "displayName", "email", "attributes"}),
        ("store", (), {"number", "displayName"}),
        ("analyst", (), set()),
        ("admin", ("members:read", "members:contact"), {"email", "attributes"}),
    ],
)
async def test_values_are_null_without_their_scope(
    houses: Any,
    printed: dict[tuple[str, str], list[list[str]]],
    role: str,
    scopes: tuple[str, ...],
    seen: set[str],
) -> None:
    house, _ = houses
    guarded = roots(printed, "Member")
    query = f"query ($id: ID!) {{ member(id: $id) {{ {' '.join(sorted(guarded))} }} }}"
    given = {"memberId": house.names.member, "attributes": {"size": "L"}}
    admin = await house.token("admin")
    await house.change(admin, "setMemberAttributes", given)
    await house.engine.database.configure(
        lambda session: session.connection().exec_driver_sql(
            "UPDATE member SET display_name = 'Ada'"
        )
    )
    token = await house.token(role, *scopes)

    answer = await house.send(token, query, id=house.names.member)

    member = answer["data"]["member"]
    assert guarded == {"number", "displayName", "email", "attributes"}
    assert {name for name, value in member.items() if value is not None} == seen
    assert "errors" not in answer


async def test_a_member_sees_its_own_values(houses: Any) -> None:
    house, _ = houses
    token = await house.token("member", member=True)

    answer = await house.send(token, "{ viewer { member { number email } } }")

    member = {"number": "own-1", "email": "ada@shop.example"}
    assert answer == {"data": {"viewer": {"member": member}}}


async def test_who_may_see_no_member_sees_none_by_any_way(houses: Any) -> None:
    house, _ = houses
    names = house.names
    token = await house.token("marketer")
    ids = [names.member, names.redemption, names.order, names.review]

    answer = await house.send(
        token,
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } program { code } "
        "catalog { nodes { code } } }",
        ids=ids,
    )

    assert answer["data"]["nodes"] == [None] * 4
    assert answer["data"]["program"] == {"code": "main"}
    assert len(answer["data"]["catalog"]["nodes"]) == 4


async def test_who_writes_only_reads_nothing_back(houses: Any) -> None:
    house, _ = houses
    token = await house.token("integrator", Scope.REDEMPTIONS_WRITE)
    document = (
        "mutation ($i: RedeemRewardInput!) { redeemReward(input: $i) "
        "{ member { id } redemption { id } balances { available } replayed } }"
    )
    given = {
        "idempotencyKey": "writes-only-000001",
        "memberId": house.names.member,
        "rewardId": house.names.reward,
    }

    answer = await house.send(token, document, i=given)

    payload = answer["data"]["redeemReward"]
    assert payload["member"] is None
    assert payload["redemption"] is None
    assert not payload["replayed"]
    assert not payload["balances"]


async def test_the_viewer_tells_what_it_has(houses: Any) -> None:
    house, _ = houses
    token = await house.token("staff", Scope.TOTALS_READ, Scope.PLUGINS_READ)

    answer = await house.send(token, "{ viewer { role scopes } }")

    scopes = ["plugins:read", "totals:read"]
    assert answer["data"]["viewer"] == {"role": "staff", "scopes": scopes}


async def test_a_subscription_is_refused(houses: Any, bare_socket: Any) -> None:
    house, _ = houses
    token = await house.token("marketer")
    async with bare_socket(house.app) as wire:
        init = {"authorization": f"Bearer {token}"}
        await wire.send({"type": "connection_init", "payload": init})
        assert await wire.next() == {"type": "connection_ack"}
        query = "subscription ($id: ID!) { balanceChanged(memberId: $id) { cursor } }"
        await wire.subscribe("1", query, id=house.names.member)

        message = await wire.next()

    payload = message["payload"]
    errors = payload if message["type"] == "error" else payload["errors"]
    assert errors[0]["extensions"]["code"] == "FORBIDDEN"


def test_marking_twice_prints_once() -> None:
    registry = Registry.installed()

    first = make_schema(registry).as_str()

    assert make_schema(registry).as_str() == first
