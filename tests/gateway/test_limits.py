"""Limits before work: one linear walk, whatever the document."""

import time
from dataclasses import replace
from typing import Any

import pytest
from graphql import get_introspection_query, parse

from core.settings import Settings
from gateway.limits.documents import check_limits
from gateway.limits.refusals import LimitExceededError

SETTINGS = Settings()


def refused(document: str, **limits: int) -> tuple[str, int, int]:
    with pytest.raises(LimitExceededError) as caught:
        check_limits(parse(document), replace(SETTINGS, **limits))
    found = caught.value.extensions
    assert found is not None
    return found["limit"], found["found"], found["allowed"]


def nested(depth: int) -> str:
    return "{ a " * depth + "}" * depth


def test_depth_counts_fields_below_each_other() -> None:
    check_limits(parse(nested(12)), SETTINGS)

    assert refused(nested(13)) == ("depth", 13, 12)


def test_depth_goes_through_fragments() -> None:
    document = "{ ...f } fragment f on Query { a { ...g } } fragment g on A { b { c } }"

    assert refused(document, max_depth=2) == ("depth", 3, 2)


def test_introspection_is_not_deep() -> None:
    check_limits(parse(get_introspection_query()), SETTINGS)


def test_aliases_count_wherever_they_stand() -> None:
    document = "{ a: x ...f ... on Query { b: x } } fragment f on Query { c: x d: x }"

    check_limits(parse(document), replace(SETTINGS, max_aliases=4))

    assert refused(document, max_aliases=3) == ("aliases", 4, 3)


def test_fields_count_after_fragments_are_expanded() -> None:
    document = "{ a { ...f } b { ...f } } fragment f on A { x y z }"

    assert refused(document, max_fields=7) == ("fields", 8, 7)


def test_one_mutation_runs_per_request() -> None:
    check_limits(parse("mutation { a }"), SETTINGS)
    check_limits(parse("{ a b }"), SETTINGS)

    two = ("root mutations", 2, 1)
    assert refused("mutation { a b }") == two
    assert refused("mutation { a x: a }") == two
    assert refused("mutation { ...f } fragment f on M { a ... on M { b } }") == two


def test_operations_of_a_document_are_bounded() -> None:
    document = " ".join(f"query q{n} {{ a }}" for n in range(6))

    assert refused(document) == ("operations", 6, 5)


def test_fragments_that_spread_each_other_twice_cost_nothing() -> None:
    links = " ".join(
        f"fragment f{n} on Q {{ a {{ ...f{n + 1} }} b {{ ...f{n + 1} }} }}"
        for n in range(60)
    )
    document = parse(f"{{ ...f0 }} {links} fragment f60 on Q {{ a }}")
    begun = time.process_time()

    with pytest.raises(LimitExceededError):
        check_limits(document, replace(SETTINGS, max_depth=10_000))

    assert time.process_time() - begun < 1


def test_a_circle_of_fragments_ends() -> None:
    check_limits(
        parse("{ ...f } fragment f on Q { ...g } fragment g on Q { ...f }"), SETTINGS
    )


async def test_limits_are_told_to_clients(staff_api: Any) -> None:
    answer = await staff_api.send(nested(13))

    assert answer == {
        "errors": [
            {
                "message": "depth: 13 found, 12 allowed",
                "extensions": {
                    "code": "LIMIT_EXCEEDED",
                    "limit": "depth",
                    "found": 13,
                    "allowed": 12,
                },
            }
        ]
    }


async def test_a_bomb_of_fragments_is_answered_at_once(staff_api: Any) -> None:
    links = " ".join(
        f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(25)
    )
    bomb = f"{{ ...f0 }} {links} fragment f25 on Query {{ __typename }}"
    begun = time.process_time()

    code = await staff_api.code(bomb)

    assert code == "LIMIT_EXCEEDED"
    assert time.process_time() - begun < 2


async def test_very_long_and_very_deep_documents_are_refused(staff_api: Any) -> None:
    assert await staff_api.code("{" + " a" * 2_100 + "}") == "LIMIT_EXCEEDED"
    assert await staff_api.code(nested(900)) == "LIMIT_EXCEEDED"


async def test_a_page_is_never_larger_than_allowed(staff_api: Any) -> None:
    fixed = "{ members(first: 101) { nodes { id } } }"
    variable = "query ($n: Int) { members(first: $n) { nodes { id } } }"

    assert await staff_api.code(fixed) == "LIMIT_EXCEEDED"
    assert await staff_api.code(variable, n=1_000_000) == "LIMIT_EXCEEDED"
    assert await staff_api.code(variable, n=0) == "BAD_USER_INPUT"
    assert await staff_api.code(variable, n=-1) == "BAD_USER_INPUT"
    assert await staff_api.data(variable, n=100) == {"members": {"nodes": []}}


async def test_tools_can_read_the_schema(staff_api: Any) -> None:
    data = await staff_api.data(get_introspection_query())

    assert data["__schema"]["mutationType"]["name"] == "Mutation"


async def test_nothing_is_suggested(staff_api: Any) -> None:
    for document in (
        "{ viewr { role } }",
        "{ viewer { rol } }",
        "{ member(idd: 1) { id } }",
        "{ ... on Quer { __typename } }",
    ):
        answer = await staff_api.send(document)
        assert "Did you mean" not in answer["errors"][0]["message"]
