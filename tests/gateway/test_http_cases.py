"""Requests that gateways get wrong, one test for each.

B: bodies, O: operations, C: content types, M: methods, N: negotiation, E: errors,
S: size.
"""

import gzip
import json
from typing import Any

import pytest

from gateway.errors import MAX_ERRORS

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Nothing here depends on the database."""

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
ROLE = '{"query": "{ viewer { role } }"}'


async def post(api: Any, body: str | bytes, **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {api.token}", "Content-Type": JSON}
    sent |= {"Accept": GRAPHQL} | headers
    return await api.client.post("/graphql", content=body, headers=sent)


async def ask(api: Any, query: str, **members: Any) -> Any:
    return await post(api, json.dumps({"query": query} | members))


def codes(response: Any) -> list[str]:
    return [one["extensions"]["code"] for one in response.json()["errors"]]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'"x"', id="b01_a_text"),
        pytest.param(b"123", id="b02_a_number"),
        pytest.param(b"null", id="b03_null"),
        pytest.param(b"true", id="b04_a_truth"),
        pytest.param(b'{"query": "{a}", "variables": {"x": NaN}}', id="b09_nan"),
        pytest.param(
            b'{"query": "{a}", "variables": {"x": ' + b"9" * 5_000 + b"}}",
            id="b10_an_integer_of_5000_digits",
        ),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="b11_100000_arrays"),
        pytest.param(b'{"a":' * 5_000 + b"1" + b"}" * 5_000, id="b12_5000_objects"),
        pytest.param(b'{"query": "\xff"}', id="b13_not_utf8"),
        pytest.param(b'{"query": "   "}', id="b16_spaces"),
        pytest.param(b"[" + ROLE.encode() + b"]", id="a_batch"),
        pytest.param(b'{"query": "{a}", "variables": {"\\ud800": 1}}', id="half"),
        pytest.param(b"\xef\xbb\xbf" + ROLE.encode(), id="a_byte_order_mark"),
    ],
)
async def test_a_body(staff_api: Any, body: bytes) -> None:
    response = await post(staff_api, body)

    assert response.status_code == 400
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert codes(response) == ["BAD_REQUEST"]
    assert "data" not in response.json()


@pytest.mark.parametrize(
    "document",
    [
        "{ members(first: DIGITS) { nodes { id } } }",
        "{ members(first: -DIGITS) { nodes { id } } }",
        "{ members(first: DIGITS.5) { nodes { id } } }",
        "query ($n: Int = DIGITS) { members(first: $n) { nodes { id } } }",
        "query ($p: Payload = {a: [DIGITS]}) { __typename @skip(if: false) }",
    ],
)
async def test_b10_a_number_of_5000_digits_in_a_document(
    staff_api: Any, document: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = await ask(staff_api, document.replace("DIGITS", "9" * 5_000))

    assert (response.status_code, codes(response)) == (400, ["LIMIT_EXCEEDED"])
    assert response.json()["errors"][0]["extensions"]["limit"] == "digits"
    assert not caplog.records


@pytest.mark.parametrize(
    ("members", "code"),
    [
        pytest.param(
            {"query": "query a { __typename } query b { __typename }"},
            "OPERATION_RESOLUTION_FAILURE",
            id="o01_two_and_no_name",
        ),
        pytest.param(
            {"query": "query a { __typename }", "operationName": "c"},
            "OPERATION_RESOLUTION_FAILURE",
            id="o03_an_unknown_name",
        ),
        pytest.param(
            {"query": 'subscription { balanceChanged(memberId: "a") { cursor } }'},
            "OPERATION_NOT_SUPPORTED",
            id="o04_a_subscription_without_a_stream",
        ),
    ],
)
async def test_an_operation(staff_api: Any, members: Any, code: str) -> None:
    response = await ask(staff_api, **members)

    assert (response.status_code, codes(response)) == (400, [code])
    assert "data" not in response.json()


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        pytest.param("application/jsonp", 415, id="c06_jsonp"),
        pytest.param("text/plain", 415, id="c08_plain_text"),
        pytest.param("Application/JSON", 200, id="c13_upper_case"),
        pytest.param("application/json; charset=utf-8", 200, id="utf8"),
        pytest.param("application/json; charset=cutf-8a", 415, id="nearly_utf8"),
        pytest.param("multipart/form-data; boundary=a", 415, id="an_upload"),
    ],
)
async def test_a_content_type(staff_api: Any, kind: str, status: int) -> None:
    response = await post(staff_api, ROLE, **{"Content-Type": kind})

    assert response.status_code == status
    if status == 415:
        assert codes(response) == ["UNSUPPORTED_MEDIA_TYPE"]
        assert response.headers["accept-post"] == JSON


async def test_m02_a_mutation_by_get(staff_api: Any) -> None:
    before = await staff_api.ledger()
    query = (
        'mutation { enrollMember(input: {idempotencyKey: "by-get-0000000002"}) '
        "{ replayed } }"
    )

    response = await staff_api.client.get(
        "/graphql",
        params={"query": query},
        headers={"Authorization": f"Bearer {staff_api.token}"},
    )

    assert (response.status_code, codes(response)) == (405, ["METHOD_NOT_ALLOWED"])
    assert response.headers["allow"] == "POST"
    assert await staff_api.ledger() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_ma_another_method(staff_api: Any, method: str) -> None:
    response = await staff_api.client.request(method, "/graphql")

    assert (response.status_code, codes(response)) == (405, ["METHOD_NOT_ALLOWED"])
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        pytest.param([GRAPHQL], GRAPHQL, id="n01_the_new_type"),
        pytest.param([f"{JSON};q=0.5", GRAPHQL], GRAPHQL, id="n03_in_two_headers"),
        pytest.param([f"{GRAPHQL};q=0.5, {JSON}"], JSON, id="n07_weights"),
        pytest.param([f"{JSON};q=0, */*"], GRAPHQL, id="n08_one_is_excluded"),
    ],
)
async def test_a_media_type(staff_api: Any, accept: list[str], kind: str) -> None:
    headers = [("Accept", one) for one in accept]
    headers.append(("Authorization", f"Bearer {staff_api.token}"))
    for query, status in (("{ __typename }", 200), ("{", 400)):
        response = await staff_api.client.post(
            "/graphql", json={"query": query}, headers=headers
        )

        assert response.status_code == (status if kind == GRAPHQL else 200)
        # N10 to N13: the charset, and what caches and browsers have to know.
        assert response.headers["content-type"] == f"{kind}; charset=utf-8"
        assert response.headers["vary"].split(", ") == [
            "Accept",
            "Accept-Encoding",
            "Accept-Language",
            "Authorization",
        ]
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        pytest.param({"query": "{ viewer {"}, "GRAPHQL_PARSE_FAILED", id="e01_syntax"),
        pytest.param(
            {"query": "{ nope }"}, "GRAPHQL_VALIDATION_FAILED", id="e02_field"
        ),
        pytest.param(
            {"query": "query ($a: Int) { __typename }"},
            "GRAPHQL_VALIDATION_FAILED",
            id="e02_unused_variable",
        ),
        pytest.param(
            {
                "query": "query ($n: Int) { members(first: $n) { nodes { id } } }",
                "variables": {"n": "x" * 1_000},
            },
            "BAD_USER_INPUT",
            id="e03_a_variable_that_does_not_fit",
        ),
        pytest.param(
            {"query": "{ ...a } fragment a on Nope { b }"},
            "GRAPHQL_VALIDATION_FAILED",
            id="e06_an_unknown_type",
        ),
    ],
)
async def test_e04_nothing_was_run(staff_api: Any, members: Any, code: str) -> None:
    response = await ask(staff_api, **members)

    assert response.status_code == 400
    assert set(codes(response)) == {code}
    assert "data" not in response.json()
    assert all(len(one["message"]) <= 300 for one in response.json()["errors"])


async def test_e05_what_an_exception_says_stays_here(
    staff_api: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("password of the house")

    monkeypatch.setattr(type(staff_api.engine.reads), "many", broken)

    response = await ask(staff_api, "{ program { code } }")

    assert "password" not in response.text
    assert "Traceback" not in response.text
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["errorId"] in caplog.text


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("{ viewr { role } }", id="e07_a_field"),
        pytest.param("{ members(frist: 1) { totalCount } }", id="e08_an_argument"),
        pytest.param("{ ...on Membr { id } }", id="e08_a_type"),
        pytest.param("query ($a: Membr) { __typename }", id="e08_an_input_type"),
        pytest.param(
            'mutation { enrollMember(input: {idempotencyKey: "a", numbr: "1"}) '
            "{ replayed } }",
            id="e08_a_member_of_an_input",
        ),
        pytest.param("{ __typename @skp(if: true) }", id="e08_a_directive"),
    ],
)
async def test_nobody_is_told_what_was_meant(staff_api: Any, query: str) -> None:
    response = await ask(staff_api, query)

    assert response.status_code == 400
    assert "Did you mean" not in response.text


_MANY = [f"v{number}" for number in range(MAX_ERRORS)]
_SKIPS = " ".join(f"a{name}: cursor @skip(if: ${name})" for name in _MANY)
_FLAGS = " ".join(f"${name}: Boolean!" for name in _MANY)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(
            f"query ({_FLAGS} $w: ID! $x: ID!) {{ __typename }}", id="validation"
        ),
        pytest.param(
            f"query ({_FLAGS.replace('Boolean', 'ID')} $w: ID! $x: ID!) {{ nodes(ids: "
            f"[$w, $x, {', '.join('$' + name for name in _MANY)}]) {{ id }} }}",
            id="variables",
        ),
        pytest.param(
            f"subscription ({_FLAGS} $w: ID! $x: String!) "
            f"{{ balanceChanged(memberId: $w, after: $x) {{ {_SKIPS} }} }}",
            id="variables_of_a_stream",
        ),
    ],
)
async def test_e09_errors_are_bounded(staff_api: Any, query: str) -> None:
    accept = f"{GRAPHQL}, text/event-stream;q=0.1"

    response = await post(staff_api, json.dumps({"query": query}), Accept=accept)

    assert response.status_code == 400
    assert len(response.json()["errors"]) == MAX_ERRORS


async def test_s01_s02_a_body_of_2_mb(staff_api: Any) -> None:
    body = b'{"query": "' + b" " * 2_000_000 + b'{ viewer { role } }"}'

    async def chunks() -> Any:
        for start in range(0, len(body), 50_000):
            yield body[start : start + 50_000]

    for content in (body, chunks()):
        response = await post(staff_api, content)

        assert (response.status_code, codes(response)) == (413, ["BODY_TOO_LARGE"])


async def test_s03_a_compressed_body(staff_api: Any) -> None:
    body = gzip.compress(ROLE.encode())

    response = await post(staff_api, body, **{"Content-Encoding": "gzip"})

    assert (response.status_code, codes(response)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])
    assert response.headers["accept-encoding"] == "identity"


async def test_s04_s10_long_answers_are_compressed_and_streams_are_not(
    staff_api: Any,
) -> None:
    query = json.dumps({"query": "{ __schema { types { name description } } }"})
    takes = {"Accept-Encoding": "gzip"}

    single = await post(staff_api, query, **takes)
    stream = await post(staff_api, query, Accept="text/event-stream", **takes)

    assert single.headers["content-encoding"] == "gzip"
    assert int(single.headers["content-length"]) < len(single.content)
    assert "content-encoding" not in stream.headers
    assert stream.text.endswith("event: complete\ndata: \n\n")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ConnectionRefusedError("10.0.0.7"), 503, "DATABASE_UNREACHABLE"),
        (RuntimeError("10.0.0.7"), 500, "INTERNAL_SERVER_ERROR"),
    ],
)
async def test_what_breaks_before_the_operation_is_told_in_the_form_of_the_protocol(
    staff_api: Any,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    code: str,
) -> None:
    async def broken(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(type(staff_api.engine.database), "read", broken)

    response = await post(staff_api, ROLE)

    assert (response.status_code, codes(response)) == (status, [code])
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert response.headers.get("retry-after") == ("1" if status == 503 else None)
    assert "10.0.0.7" not in response.text
