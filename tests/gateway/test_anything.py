"""Whatever a client sends is answered as the protocol wants, and nothing breaks."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

JSON = "application/json"
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner)
    ),
    max_leaves=8,
)
_documents = st.sampled_from(
    [
        "{ viewer { role } }",
        "query q($id: ID!) { member(id: $id) { id } }",
        "query ($n: Int, $c: String) { catalog(first: $n, after: $c) { __typename } }",
        "mutation ($i: EnrollMemberInput!) { enrollMember(input: $i) { replayed } }",
        "subscription ($id: ID!) { balanceChanged(memberId: $id) { cursor } }",
        "{",
        "",
    ]
)
_requests = st.fixed_dictionaries(
    {},
    optional={
        "query": _documents | _values,
        "operationName": st.sampled_from(["q", "", "a"]) | _values,
        "variables": st.dictionaries(st.sampled_from(["id", "n", "c", "i"]), _values)
        | _values,
        "extensions": st.dictionaries(st.just("persistedQuery"), _values) | _values,
        "documentId": _values,
    },
)
_bodies = st.binary(max_size=60) | (_requests | _values).map(
    lambda value: json.dumps(value).encode()
)
_messages = st.text(max_size=30) | st.fixed_dictionaries(
    {"type": st.sampled_from(["subscribe", "complete", "ping", "pong", "next", "a"])},
    optional={"id": st.sampled_from(["a", "b", ""]) | _values, "payload": _requests},
).map(json.dumps)
_often = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@given(
    body=_bodies,
    accept=st.sampled_from([JSON, "application/graphql-response+json", "*/*", "a/b"]),
)
@_often
async def test_every_body_is_answered(staff_api: Any, body: bytes, accept: str) -> None:
    headers = {"Authorization": f"Bearer {staff_api.token}", "Content-Type": JSON}

    response = await staff_api.client.post(
        "/graphql", content=body, headers=headers | {"Accept": accept}
    )

    assert response.status_code in {200, 400, 406}
    answer = response.json()
    assert answer.keys() <= {"data", "errors", "extensions"}
    for error in answer.get("errors", ()):
        assert error["extensions"]["code"] != "INTERNAL_SERVER_ERROR", body


@given(messages=st.lists(_messages, min_size=1, max_size=3))
@_often
async def test_every_message_is_answered_or_closes(
    staff_api: Any, socket_of: Any, messages: list[str]
) -> None:
    async with socket_of(staff_api) as wire:
        for message in messages:
            await wire.send(message)
        await wire.send({"type": "ping"})
        while (told := await wire.next()) != {"type": "pong"}:
            if isinstance(told, int):
                assert told in {4400, 4409}
                break
            assert told["type"] in {"next", "error", "complete", "pong"}
            for error in told.get("payload", ()) if told["type"] == "error" else ():
                assert error["extensions"]["code"] != "INTERNAL_SERVER_ERROR"
