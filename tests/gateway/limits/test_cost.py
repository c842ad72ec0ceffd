"""What operations cost: as asked for, and as answered."""

from typing import Any

import pytest
from graphql import get_introspection_query, parse, validate

from core.errors import InvalidInputError
from core.extension.registry import Registry
from gateway.limits.cost import Price, price_of
from gateway.limits.refusals import LimitExceededError
from gateway.schema import build_schema


@pytest.fixture(scope="module")
def schema() -> Any:
    return build_schema(Registry.installed())._schema


def price(schema: Any, text: str) -> Price:
    document: Any = parse(text)
    assert validate(schema, document) == []
    return price_of(schema, document, document.definitions[0])


@pytest.mark.parametrize(
    ("text", "variables", "cost"),
    [
        ("{ __typename }", {}, 1),
        ("{ viewer { role scopes } }", {}, 1),
        ("{ viewer { role } program { code } }", {}, 2),
        ("{ a: viewer { role } b: viewer { role } }", {}, 2),
        ("{ viewer { role } ...f } fragment f on Query { viewer { scopes } }", {}, 1),
        ("{ program { currencies { code } } }", {}, 1 + 5),
        ("{ program { totals { issued } } }", {}, 1 + 5 * 50),
        ("{ catalog { nodes { name } } }", {}, 1 + 20),
        ("{ catalog(first: 3) { nodes { name } } }", {}, 1 + 3),
        ("{ catalog(last: 3) { nodes { name } pageInfo { hasNextPage } } }", {}, 5),
        ("{ catalog(first: 3) { edges { cursor node { name } } } }", {}, 1 + 3 * 2),
        (
            "{ catalog(first: 3) { nodes { name } edges { node { name } } } }",
            {},
            1 + 3 + 3 * 2,
        ),
        ("query ($n: Int) { catalog(first: $n) { nodes { name } } }", {"n": 7}, 8),
        ("query ($n: Int) { catalog(first: $n) { nodes { name } } }", {}, 21),
        ("query ($n: Int = 4) { catalog(first: $n) { nodes { name } } }", {}, 5),
        (
            """query ($n: Int) { members(first: $n) { nodes {
            transactions(first: $n) { nodes { effects { debt } } } } } }""",
            {"n": 10},
            1 + 10 * (1 + 1 + 10 * (1 + 5)),
        ),
        ('{ nodes(ids: ["a", "b"]) { id } }', {}, 2),
        ("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["a"] * 9}, 9),
        ('{ node(id: "a") { id ... on Member { tier { name } } } }', {}, 2),
        ("{ redemptionQueue { id } }", {}, 20 * 10),
        (
            """{ member(id: "a") { balancesAt { total }
            statement(from: "2027-01-01T00:00:00Z") { from } } }""",
            {},
            1 + 5 * 10 + 10,
        ),
    ],
)
def test_what_is_asked_for_costs(
    schema: Any, text: str, variables: dict[str, Any], cost: int
) -> None:
    assert price(schema, text).requested(variables, 100) == cost


def test_introspection_costs_the_same_however_much_is_asked(schema: Any) -> None:
    assert price(schema, get_introspection_query()).requested({}, 100) == 100
    assert price(schema, "{ __schema { queryType { name } } }").requested({}, 9) == 100
    both = '{ __schema { description } __type(name: "Node") { name } }'
    assert price(schema, both).requested({}, 100) == 200


def test_mutations_cost_more(schema: Any) -> None:
    for name, field in schema.mutation_type.fields.items():
        directives = field.extensions["strawberry-definition"].directives
        assert [getattr(one, "weight", None) for one in directives][:1] == [10], name


def test_what_was_answered_costs(schema: Any) -> None:
    one = price(
        schema,
        "{ catalog(first: 50) { nodes { name currency { code } } "
        "edges { cursor node { name } } pageInfo { endCursor } } "
        "viewer { member { id } } }",
    )
    node = {"name": "x", "currency": {"code": "PTS"}}
    edge = {"cursor": "c", "node": {"name": "x"}}
    data = {
        "catalog": {"nodes": [node] * 3, "edges": [edge] * 3, "pageInfo": {}},
        "viewer": {"member": None},
    }

    assert one.requested({}, 100) == 1 + 50 * 2 + 50 * 2 + 1 + 2
    assert one.actual(data) == 1 + 3 * 2 + 3 * 2 + 1 + 2
    assert one.actual({"catalog": None, "viewer": {"member": None}}) == 3
    assert one.actual(None) == 1


@pytest.mark.parametrize("size", [101, 10**12])
def test_a_page_is_bounded_before_anything_runs(schema: Any, size: int) -> None:
    one = price(schema, "query ($n: Int) { catalog(first: $n) { nodes { name } } }")

    with pytest.raises(LimitExceededError):
        one.requested({"n": size}, 100)


def test_sizes_that_are_none_are_told(schema: Any) -> None:
    one = price(
        schema,
        "query ($n: Int, $l: Int) { catalog(first: $n, last: $l) { nodes { name } } }",
    )
    for given in ({"n": 0}, {"n": -1}, {"n": 1, "l": 1}):
        with pytest.raises(InvalidInputError):
            one.requested(given, 100)
    for odd in (None, "x", 1.5, True, {}):  # coercion tells what these are
        assert one.requested({"n": odd}, 100) == 21


def test_every_list_of_objects_has_a_size(schema: Any) -> None:
    from gateway.limits.directives import ListSize  # noqa: PLC0415

    for kind in schema.type_map.values():
        fields = getattr(kind, "fields", {})
        if kind.name.startswith("__") or "pageInfo" in fields:
            continue
        for name, field in fields.items():
            is_list = "[" in str(field.type)
            named = str(field.type).strip("[]!")
            if is_list and hasattr(schema.type_map[named], "interfaces"):
                directives = field.extensions["strawberry-definition"].directives
                assert any(isinstance(one, ListSize) for one in directives), name


async def test_answers_tell_what_they_cost(limited: Any) -> None:
    api = await limited(rate_burst=1_000, rate_per_second=1)
    catalog = {"query": "{ catalog(first: 50) { nodes { name } } }"}

    answers = [
        await api.over_http(catalog),
        await api.over_socket(catalog),
        await api.over_http({"query": "{ catalog(first: 50) { nodes { nope } } }"}),
    ]

    costs = [one["extensions"]["cost"] for one in answers[:2]]
    assert [len(one["data"]["catalog"]["nodes"]) for one in answers[:2]] == [4, 4]
    assert costs == [
        {
            "requested": 51,
            "actual": 5,
            "limit": 2000,
            "remaining": remaining,
            "restoreRate": 1,
        }
        for remaining in (995, 990)
    ]
    assert "extensions" not in answers[2]
