"""graphql-ws: many operations on one socket, and what is missed by nobody."""

import json
from typing import Any

import httpx
import npm
import psycopg
import pytest


@pytest.fixture(scope="module")
def found(shop: Any) -> Any:
    return npm.drive("sockets", shop.visit())


def test_one_socket_serves_every_sort_of_operation(found: Any) -> None:
    present = found["present"]["data"]["balanceChanged"]
    catalog = found["query"]["data"]["catalog"]
    redeemed = found["mutation"]["data"]["redeemReward"]

    assert present["member"]["balances"][0]["available"] == 1_000
    assert present["transaction"] is None
    assert [edge["node"]["name"] for edge in catalog["edges"]] == ["A yacht"]
    assert redeemed["redemption"]["status"] == "FULFILLED"
    assert found["socketsBefore"] == 1


def test_a_bad_operation_leaves_the_others_alone(found: Any) -> None:
    changed = found["changed"]["data"]["balanceChanged"]

    assert found["bad"] == [{"code": "GRAPHQL_PARSE_FAILED"}]
    assert found["unknown"] == [{"code": "GRAPHQL_VALIDATION_FAILED"}]
    assert changed["transaction"]["kind"] == "AUTHORIZE"


def test_a_socket_that_was_cut_goes_on_where_it_was(found: Any) -> None:
    kinds, points = found["seen"][::2], found["seen"][1::2]

    assert kinds == [None, "EARN", "EARN"]
    assert (points[0], points[-1]) == (980, 991)
    assert found["opened"] == 2


def test_neither_an_end_nor_a_kill_of_the_server_loses_an_event(
    postgres_shop: Any,
) -> None:
    """On PostgreSQL; all else here is on SQLite."""
    visit = postgres_shop.visit()

    with npm.start("restart", visit) as process:
        assert process.stdout is not None
        seen = [json.loads(process.stdout.readline())]
        _buy(visit, "before-the-end-00001", 5)
        seen.append(json.loads(process.stdout.readline()))
        postgres_shop.stop()
        postgres_shop.start()
        _buy(visit, "before-the-kill-0001", 6)
        seen.append(json.loads(process.stdout.readline()))
        postgres_shop.kill()
        postgres_shop.start()
        _buy(visit, "after-the-kill-00001", 7)
        seen.append(json.loads(process.stdout.readline()))
        process.wait(timeout=20)

    assert [one["kind"] for one in seen] == [None, "EARN", "EARN", "EARN"]
    assert [one["available"] for one in seen] == [1_000, 1_005, 1_011, 1_018]
    assert process.returncode == 0


def test_streams_of_every_kind_end_with_the_token(postgres_shop: Any) -> None:
    visit = postgres_shop.visit()

    with npm.start("revoked", visit) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == "running"
        with psycopg.connect(postgres_shop.database_url) as connection:
            connection.execute("UPDATE token SET revoked_at_us = 1 WHERE role='member'")
        ended = json.loads(process.stdout.readline())

    over_socket, in_apollo, in_urql, in_sse = ended
    assert over_socket in {
        4403,
        "UNAUTHENTICATED",
    }  # the socket, or first its operation
    assert {in_apollo, in_urql, in_sse} == {"UNAUTHENTICATED"}


def _buy(visit: Any, key: str, points: int) -> None:
    document = (
        "mutation ($i: RecordActivityInput!) { recordActivity(input: $i) { points } }"
    )
    order = {"order_id": key, "amount_minor": points * 100, "currency_code": "USD"}
    given = {
        "idempotencyKey": key,
        "memberId": visit["memberId"],
        "type": "purchase",
        "payload": order,
    }
    answer = httpx.post(
        visit["url"],
        json={"query": document, "variables": {"i": given}},
        headers={"Authorization": f"Bearer {visit['integrator']}"},
        timeout=20,
    ).json()
    assert answer["data"] == {"recordActivity": {"points": points}}
