"""Messages that gateways get wrong, one test for each; W, I, R, L name the kind.

W: the connection, I: the form of messages, R: operations, L: limits.
"""

import asyncio
import json
import logging
from typing import Any

import pytest

from gateway import subscriptions
from gateway.transports import websocket

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Nothing here depends on the database."""

ROLE = "{ viewer { role } }"
CHANGES = "subscription ($id: ID!) { balanceChanged(memberId: $id) { cursor } }"


def began(**payload: Any) -> str:
    return json.dumps({"type": "subscribe", "id": "a", "payload": payload})


async def test_w04_the_legacy_protocol(staff_api: Any, bare_socket: Any) -> None:
    async with bare_socket(staff_api.app, protocols=("graphql-ws",)) as wire:
        assert await wire.next() == 4406


async def test_w06_a_payload_of_null(staff_api: Any, bare_socket: Any) -> None:
    headers = ((b"authorization", f"Bearer {staff_api.token}".encode()),)
    async with bare_socket(staff_api.app, headers=headers) as wire:
        await wire.send({"type": "connection_init", "payload": None})
        assert await wire.next() == {"type": "connection_ack"}

        await wire.send({"type": "ping", "payload": None})
        assert await wire.next() == {"type": "pong"}

        null = {"variables": None, "operationName": None, "extensions": None}
        await wire.send(began(query=ROLE, **null))
        assert (await wire.next())["payload"] == {"data": {"viewer": {"role": "staff"}}}


async def test_w12_silence(
    staff_api: Any, bare_socket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert websocket.INIT_TIMEOUT_S == 5
    monkeypatch.setattr(websocket, "INIT_TIMEOUT_S", 0.02)
    async with bare_socket(staff_api.app) as wire:
        await wire.send({"type": "ping"})  # is no beginning
        assert await wire.next() == {"type": "pong"}

        assert await wire.next() == 4408


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("[]", id="i02_a_list"),
        pytest.param("1", id="i03_a_number"),
        pytest.param("null", id="i04_null"),
        pytest.param('"x"', id="i05_a_text"),
        pytest.param(
            '{"type": "subscribe", "id": 1, "payload": {"query": "{a}"}}',
            id="i12_an_id_that_is_a_number",
        ),
        pytest.param(
            '{"type": "subscribe", "id": {}, "payload": {"query": "{a}"}}',
            id="i13_an_id_that_is_an_object",
        ),
        pytest.param(
            '{"type": "subscribe", "id": "a", "payload": "x"}',
            id="i15_a_payload_that_is_a_text",
        ),
        pytest.param(began(query=5), id="i17_a_query_that_is_a_number"),
        pytest.param(began(query=ROLE, variables=[]), id="i18_variables_in_a_list"),
        pytest.param("[" * 100_000, id="i24_nested"),
        pytest.param(began(), id="no_query"),
        pytest.param(began(query=ROLE, operationName=1), id="a_name_that_is_a_number"),
        pytest.param(began(query=ROLE, extensions="x"), id="extensions_in_a_text"),
        pytest.param(began(documentId=1), id="a_document_id_that_is_a_number"),
        pytest.param('{"type": "complete", "id": null}', id="complete_without_an_id"),
        pytest.param('{"type": "ping", "payload": 1}', id="a_ping_with_a_number"),
        pytest.param(
            '{"type": "ping", "payload": {"a": ' + "[" * 600 + "]" * 600 + "}}",
            id="a_ping_that_is_nested",
        ),
        pytest.param('{"type": "' + "語" * 100 + '"}', id="a_long_type"),
    ],
)
async def test_a_breach(staff_api: Any, socket_of: Any, message: str) -> None:
    async with socket_of(staff_api) as wire:
        await wire.send(message)

        async with asyncio.timeout(5):
            told = await wire.outgoing.get()
        assert (told["type"], told["code"]) == ("websocket.close", 4400)
        assert 0 < len(told["reason"].encode()) <= 123


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        pytest.param({"query": "{"}, "GRAPHQL_PARSE_FAILED", id="r02_syntax"),
        pytest.param({"query": ""}, "BAD_USER_INPUT", id="nothing"),
        pytest.param({"query": " "}, "BAD_USER_INPUT", id="spaces"),
        pytest.param(
            {"query": ROLE, "operationName": "b"},
            "OPERATION_RESOLUTION_FAILURE",
            id="r04_an_unknown_name",
        ),
        pytest.param(
            {"query": "query a { __typename } query b { __typename }"},
            "OPERATION_RESOLUTION_FAILURE",
            id="r05_two_and_no_name",
        ),
        pytest.param(
            {"query": "fragment a on Query { __typename }"},
            "GRAPHQL_VALIDATION_FAILED",
            id="r06_fragments_only",
        ),
        pytest.param({"query": "{ a }"}, "GRAPHQL_VALIDATION_FAILED", id="r08_a_field"),
        pytest.param(
            {"documentId": "a"}, "PERSISTED_QUERY_NOT_FOUND", id="no_document"
        ),
        pytest.param(
            {"query": CHANGES, "variables": {}}, "BAD_USER_INPUT", id="no_variable"
        ),
        pytest.param(
            {"query": CHANGES, "variables": {"id": "x" * 1_000}},
            "BAD_USER_INPUT",
            id="a_forged_id",
        ),
    ],
)
async def test_an_operation_that_cannot_run_harms_no_other(
    staff_api: Any, ada: Any, socket_of: Any, payload: Any, code: str
) -> None:
    async with socket_of(staff_api) as wire:
        await wire.subscribe("good", CHANGES, id=ada.id)
        await wire.next()

        await wire.send(began(**payload))

        told = await wire.next()
        assert (told["type"], told["id"]) == ("error", "a")
        assert told["payload"][0]["extensions"]["code"] == code
        assert all(len(one["message"]) <= 300 for one in told["payload"])
        await staff_api.change(
            "adjustBalance",
            "replayed",
            memberId=ada.id,
            currency="PTS",
            amount=5,
            reason="goodwill",
        )
        assert (await wire.next())["id"] == "good"
        await wire.send(began(query=ROLE))  # the id is free again
        assert (await wire.next())["type"] == "next"


async def test_r03_a_variable_that_does_not_fit(staff_api: Any, socket_of: Any) -> None:
    query = "query ($n: Int) { members(first: $n) { nodes { id } } }"
    async with socket_of(staff_api) as wire:
        await wire.subscribe("a", query, n="x")

        told = await wire.next()
        assert (told["type"], told["id"]) == ("next", "a")
        assert "data" not in told["payload"]
        (error,) = told["payload"]["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert await wire.next() == {"type": "complete", "id": "a"}


async def test_r07_what_breaks_a_stream_stays_here(
    staff_api: Any,
    ada: Any,
    socket_of: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: Any) -> Any:
        raise RuntimeError("password of the house")

    monkeypatch.setattr(subscriptions, "_changes", broken)
    async with socket_of(staff_api) as wire:
        await wire.subscribe("a", CHANGES, id=ada.id)
        assert (await wire.next())["type"] == "next"

        await staff_api.change(
            "adjustBalance",
            "replayed",
            memberId=ada.id,
            currency="PTS",
            amount=5,
            reason="goodwill",
        )

        told = await wire.next()
        assert (told["type"], told["id"]) == ("error", "a")
        (error,) = told["payload"]
        assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert error["extensions"]["errorId"] in caplog.text
        assert "password" not in str(told)
        await wire.subscribe("b", ROLE)
        assert (await wire.next())["type"] == "next"
    assert staff_api.engine.ledger.hub.listened() == []


async def test_l01_a_message_of_2_mb(staff_api: Any, socket_of: Any) -> None:
    async with socket_of(staff_api) as wire:
        await wire.send(began(query=ROLE + " " * 2_000_000))

        assert await wire.next() == 1009


@pytest.mark.parametrize(
    ("error", "code"),
    [(ConnectionRefusedError("10.0.0.7"), 1013), (RuntimeError("10.0.0.7"), 1011)],
)
async def test_a_database_that_is_away_closes(
    staff_api: Any,
    bare_socket: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    code: int,
) -> None:
    async def broken(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(type(staff_api.engine.database), "read", broken)
    async with bare_socket(staff_api.app) as wire:
        init = {"authorization": f"Bearer {staff_api.token}"}
        with caplog.at_level(logging.ERROR):
            await wire.send({"type": "connection_init", "payload": init})
            async with asyncio.timeout(5):
                told = await wire.outgoing.get()

    assert (told["type"], told["code"]) == ("websocket.close", code)
    assert "10.0.0.7" not in told["reason"]
    assert "10.0.0.7" in caplog.text
