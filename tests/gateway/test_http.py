"""GraphQL over HTTP: what is sent wrongly is told, and never a server error."""

from typing import Any

import pytest

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Nothing here depends on the database."""

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"


async def post(api: Any, content: Any, **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {api.token}", "Content-Type": JSON} | headers
    return await api.client.post("/graphql", content=content, headers=sent)


async def test_an_answer_has_its_headers(staff_api: Any) -> None:
    response = await post(staff_api, '{"query": "{ viewer { role } }"}')

    assert response.status_code == 200
    assert response.json()["data"] == {"viewer": {"role": "staff"}}
    assert response.headers["content-type"] == f"{JSON}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert (
        response.headers["vary"]
        == "Accept, Accept-Encoding, Accept-Language, Authorization"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'"x"',
        b"123",
        b"null",
        b"true",
        b"[]",
        b'[{"query": "{ viewer { role } }"}]',
        b"{}",
        b'{"query": 1}',
        b'{"query": null}',
        b'{"query": "   "}',
        b'{"query": "{a}", "variables": []}',
        b'{"query": "{a}", "variables": "x"}',
        b'{"query": "{a}", "operationName": 7}',
        b'{"query": "{a}", "extensions": []}',
        b'{"query": "{a}", "variables": {"x": NaN}}',
        b'{"query": "{a}", "variables": {"x": Infinity}}',
        b'{"query": "\xff"}',
        b'{"query": "{a}", "variables": ' + b"[" * 100_000 + b"}",
        b'{"query": "{a}", "variables": ' + b'{"a":' * 5_000,
    ],
)
async def test_malformed_bodies_are_refused(staff_api: Any, body: bytes) -> None:
    response = await post(staff_api, body)

    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert "data" not in response.json()


async def test_an_enormous_number_is_no_server_error(staff_api: Any) -> None:
    body = b'{"query": "query ($x: Int) { members(first: $x) { nodes { id } } }", '
    body += b'"variables": {"x": ' + b"9" * 5_000 + b"}}"

    response = await post(staff_api, body)

    assert response.status_code in {200, 400}
    assert "data" not in response.json()


@pytest.mark.parametrize("kind", ["text/plain", "application/jsonp", ""])
async def test_only_json_is_read(staff_api: Any, kind: str) -> None:
    response = await post(staff_api, "{}", **{"Content-Type": kind})

    assert response.status_code == 415
    assert (
        response.json()["errors"][0]["extensions"]["code"] == "UNSUPPORTED_MEDIA_TYPE"
    )


async def test_the_media_type_is_compared_without_case(staff_api: Any) -> None:
    response = await post(
        staff_api,
        '{"query": "{ viewer { role } }"}',
        **{"Content-Type": "Application/JSON; charset=utf-8"},
    )

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON}, {GRAPHQL};q=0.5", JSON),
        (f"text/html, {GRAPHQL};q=0.1", GRAPHQL),
        ("", JSON),
    ],
)
async def test_the_answer_is_of_an_accepted_kind(
    staff_api: Any, accept: str, answered: str
) -> None:
    response = await post(staff_api, '{"query": "{ viewer { role } }"}', Accept=accept)

    assert response.headers["content-type"].startswith(answered)


async def test_nothing_else_is_acceptable(staff_api: Any) -> None:
    response = await post(staff_api, '{"query": "{a}"}', Accept="text/html")

    assert response.status_code == 406


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_other_methods_are_not_allowed(staff_api: Any, method: str) -> None:
    response = await staff_api.client.request(method, "/graphql")

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "x" * 999],
)
async def test_nobody_gets_in_without_a_token(
    staff_api: Any, authorization: str | None
) -> None:
    headers = {"Content-Type": JSON}
    if authorization is not None:
        headers["Authorization"] = authorization

    response = await staff_api.client.post(
        "/graphql", content='{"query": "{ __typename }"}', headers=headers
    )

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json() == {
        "errors": [
            {
                "message": "send a valid bearer token",
                "extensions": {"code": "UNAUTHENTICATED"},
            }
        ]
    }


async def test_large_bodies_are_refused_with_and_without_a_length(
    staff_api: Any,
) -> None:
    body = b'{"query": "' + b"#" * 300_000 + b'"}'

    async def chunks() -> Any:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    declared = await post(staff_api, body)
    streamed = await post(staff_api, chunks())

    for response in (declared, streamed):
        assert response.status_code == 413
        assert response.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_refused_documents_have_a_status_where_the_client_knows_it(
    staff_api: Any,
) -> None:
    for document, code in (
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "query a { __typename } query b { __typename }",
            "OPERATION_RESOLUTION_FAILURE",
        ),
        (
            "subscription { balanceChanged(memberId: 1) { cursor } }",
            "OPERATION_NOT_SUPPORTED",
        ),
    ):
        body = f'{{"query": "{document}"}}'
        plain = await post(staff_api, body)
        modern = await post(staff_api, body, Accept=GRAPHQL)

        assert (plain.status_code, modern.status_code) == (200, 400)
        for response in (plain, modern):
            assert "data" not in response.json()
            assert response.json()["errors"][0]["extensions"]["code"] == code


async def test_the_operation_that_is_named_runs(staff_api: Any) -> None:
    document = "query a { viewer { role } } query b { program { code } }"

    named = await staff_api.client.post(
        "/graphql",
        json={"query": document, "operationName": "b"},
        headers={"Authorization": f"Bearer {staff_api.token}"},
    )
    unknown = await staff_api.client.post(
        "/graphql",
        json={"query": document, "operationName": "c"},
        headers={"Authorization": f"Bearer {staff_api.token}"},
    )

    assert named.json()["data"] == {"program": {"code": "main"}}
    code = unknown.json()["errors"][0]["extensions"]["code"]
    assert code == "OPERATION_RESOLUTION_FAILURE"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("gzip", "gzip"),
        ("br, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
        ("", None),
    ],
)
async def test_long_answers_are_compressed_for_who_takes_that(
    staff_api: Any, encoding: str, expected: str | None
) -> None:
    query = '{"query": "{ __schema { types { name fields { name } } } }"}'
    short = '{"query": "{ viewer { role } }"}'

    long_one = await post(staff_api, query, **{"Accept-Encoding": encoding})
    short_one = await post(staff_api, short, **{"Accept-Encoding": encoding})

    assert long_one.headers.get("content-encoding") == expected
    assert long_one.json()["data"]["__schema"]["types"]
    assert "content-encoding" not in short_one.headers
