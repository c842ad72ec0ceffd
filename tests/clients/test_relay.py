"""Relay: its compiler, its hooks in a page, a mutation that reaches the store."""

from typing import Any

import npm
import pytest


@pytest.fixture(scope="module")
def found(shop: Any) -> Any:
    return npm.drive("relay", shop.visit())


def test_a_list_grows_by_pages(found: Any) -> None:
    assert found["counts"] == [2, 4]
    assert found["rows"] == [
        "A yacht: 1000000",
        "Backstage evening: 40",
        "Plant a tree: 20",
        "Free delivery: 30",
        "10 % off: 50",
    ]


def test_a_mutation_reaches_the_store(found: Any) -> None:
    assert found["redeemed"]["redemption"]["status"] == "FULFILLED"
    assert found["redeemed"]["member"]["balances"] == [
        {"currency": "PTS", "available": 980}
    ]
    assert found["redeemed"]["userErrors"] == []


def test_events_reach_the_store(found: Any) -> None:
    assert found["kinds"] == [None, "EARN"]
    assert found["points"] == 987
