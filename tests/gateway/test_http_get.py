"""Queries by GET; what a foreign page can make a browser send runs nothing."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Nothing here depends on the database."""

GRAPHQL = "application/graphql-response+json"
QUERY = "{ viewer { role } }"


async def get(
    api: Any, /, headers: dict[str, str] | None = None, **parameters: str
) -> Any:
    sent = {"Authorization": f"Bearer {api.token}", "Accept": GRAPHQL} | (headers or {})
    return await api.client.get("/graphql", params=parameters, headers=sent)


def code(response: Any) -> str:
    found: str = response.json()["errors"][0]["extensions"]["code"]
    return found


async def test_a_query_runs(staff_api: Any) -> None:
    response = await get(staff_api, query=QUERY)

    assert response.status_code == 200
    assert response.json()["data"] == {"viewer": {"role": "staff"}}


async def test_all_parts_are_read(staff_api: Any, ada: Any) -> None:
    response = await get(
        staff_api,
        query="query a { __typename } query b($m: ID!) { member(id: $m) { id } }",
        operationName="b",
        variables=json.dumps({"m": ada.id}),
        extensions="{}",
    )

    assert response.json()["data"] == {"member": {"id": ada.id}}


async def test_a_mutation_does_not_run(staff_api: Any) -> None:
    before = await staff_api.ledger()

    response = await get(
        staff_api,
        query='mutation { enrollMember(input: {idempotencyKey: "by-get-0000000001"}) '
        "{ replayed } }",
    )

    assert (response.status_code, code(response)) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "POST"
    assert await staff_api.ledger() == before


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"query": ""},
        {"query": "  "},
        {"query": QUERY, "variables": "{"},
        {"query": QUERY, "variables": "[]"},
        {"query": QUERY, "variables": "1"},
        {"query": QUERY, "extensions": "x"},
    ],
)
async def test_malformed_parameters(staff_api: Any, parameters: Any) -> None:
    response = await get(staff_api, **parameters)

    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_c10_another_site_is_refused(staff_api: Any, site: str) -> None:
    response = await get(staff_api, {"Sec-Fetch-Site": site}, query=QUERY)

    assert (response.status_code, code(response)) == (403, "CROSS_SITE_REQUEST")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "GraphQL-Require-Preflight": "1"},
        {"Sec-Fetch-Site": "cross-site", "Apollo-Require-Preflight": "1"},
        {"Sec-Fetch-Site": "cross-site", "X-Apollo-Operation-Name": "a"},
    ],
)
async def test_who_could_ask_before_may(
    staff_api: Any, headers: dict[str, str]
) -> None:
    response = await get(staff_api, headers, query=QUERY)

    assert response.status_code == 200


async def test_s03_a_compressed_body_is_not_unpacked(staff_api: Any) -> None:
    response = await staff_api.client.post(
        "/graphql",
        content=b"\x1f\x8b",
        headers={
            "Authorization": f"Bearer {staff_api.token}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        },
    )

    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert response.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ('application/json; charset="UTF-8"', 200),
        ("Application/JSON", 200),
        ("application/json; charset=latin-1", 415),
    ],
)
async def test_the_charset_is_utf8(staff_api: Any, kind: str, status: int) -> None:
    response = await staff_api.client.post(
        "/graphql",
        content=json.dumps({"query": QUERY}),
        headers={"Authorization": f"Bearer {staff_api.token}", "Content-Type": kind},
    )

    assert response.status_code == status
