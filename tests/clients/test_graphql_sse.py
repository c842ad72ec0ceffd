"""graphql-sse: each operation is a connection of its own."""

from typing import Any

import npm
import pytest


@pytest.fixture(scope="module")
def found(shop: Any) -> Any:
    return npm.drive("events", shop.visit())


def test_queries_and_mutations_are_answered_once(found: Any) -> None:
    (query,), (mutation,) = found["query"], found["mutation"]

    assert query["data"]["catalog"]["edges"][0]["node"]["name"] == "A yacht"
    assert mutation["data"]["redeemReward"]["redemption"]["status"] == "FULFILLED"


def test_a_refused_operation_says_so(found: Any) -> None:
    (refusal,) = found["bad"]

    assert [one["extensions"] for one in refusal["errors"]] == [
        {"code": "GRAPHQL_VALIDATION_FAILED"}
    ]


def test_a_second_connection_goes_on_where_the_first_was_left(found: Any) -> None:
    assert found["seen"] == [None, "EARN", "EARN", "EARN"]
