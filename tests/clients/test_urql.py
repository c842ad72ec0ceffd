"""urql, set up as the page for front ends says."""

from typing import Any

import npm
import pytest


@pytest.fixture(scope="module")
def found(shop: Any) -> Any:
    return npm.drive("urql", shop.visit())


def test_a_mutation_makes_the_cached_query_anew(found: Any) -> None:
    assert found["balances"] == [1_000, 1_000, 980]
    assert found["used"] == ["GET", "POST", "GET"]  # the second was in the cache
    assert found["redeemed"]["redemption"]["status"] == "FULFILLED"
    assert found["redeemed"]["userErrors"] == []


def test_a_refusal_is_typed(found: Any) -> None:
    assert found["poor"] == [
        {
            "__typename": "InsufficientPoints",
            "code": "INSUFFICIENT_POINTS",
            "message": "1000000 points required, 980 available",
            "required": 1_000_000,
            "available": 980,
        }
    ]


def test_failures_have_codes(found: Any) -> None:
    assert found["bad"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert found["stranger"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("way", ["overSocket", "overHttp"])
def test_events_arrive(found: Any, way: str) -> None:
    assert found[way] == [None, "EARN"]


def test_a_refused_subscription_has_a_code(found: Any) -> None:
    over_socket, over_http = found["refused"]

    assert over_socket == "MEMBER_NOT_FOUND"
    assert over_http == "MEMBER_NOT_FOUND"
