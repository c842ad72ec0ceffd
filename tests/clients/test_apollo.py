"""Apollo Client, set up as the page for front ends says."""

from typing import Any

import npm
import pytest


@pytest.fixture(scope="module")
def found(shop: Any) -> Any:
    return npm.drive("apollo", shop.visit()) | {"shop": shop}


def test_pages_are_joined(found: Any) -> None:
    assert found["names"] == [
        "A yacht",
        "Backstage evening",
        "Plant a tree",
        "Free delivery",
        "10 % off",
    ]


def test_fragments_on_interfaces_are_read_from_the_cache(found: Any) -> None:
    assert found["card"] == {
        "__typename": "DiscountReward",
        "id": found["shop"].rewards["ten_percent_off"],
        "name": "10 % off",
        "price": 50,
        "availability": "AVAILABLE",
        "currency": {"__typename": "Currency", "code": "PTS"},
        "percentOff": 10,
    }


def test_the_balance_is_shown_at_once_and_stays(found: Any) -> None:
    price, at_once, afterwards, refusals = found["optimistic"]

    assert (price, at_once, afterwards, refusals) == (50, 950, 950, [])


def test_a_refusal_puts_the_balance_back(found: Any) -> None:
    hoped, rolled_back, refusals = found["refusal"]

    assert (hoped, rolled_back) == (950 - 1_000_000, 950)
    assert refusals == ["InsufficientPoints"]
    assert found["shown"] == [1_000, 950, -999_050, 950]


def test_every_failure_has_a_code_and_says_whether_to_try_again(found: Any) -> None:
    assert found["failures"] == [
        ["BAD_USER_INPUT", False],
        ["GRAPHQL_VALIDATION_FAILED", False],
        ["UNAUTHENTICATED", False],
        ["NETWORK", True],
        ["MEMBER_NOT_FOUND", False],  # a subscription, over a socket
        ["MEMBER_NOT_FOUND", False],  # and over HTTP
    ]


@pytest.mark.parametrize("way", ["overSocket", "overHttp"])
def test_events_reach_the_cache(found: Any, way: str) -> None:
    points = {"overSocket": 957, "overHttp": 964}

    assert found[way] == {"kinds": [None, "EARN"], "available": points[way]}


def test_a_card_on_a_page_follows_the_balance(shop: Any) -> None:
    found = npm.drive("card", shop.visit())

    assert found["first"] == "Ada: 1000 PTS"
    assert found["then"] == "Ada: 1007 PTS"
    assert found["refused"] == "send a valid bearer token"
