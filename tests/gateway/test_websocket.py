"""graphql-transport-ws: one bad operation harms no other, a breach closes."""

import asyncio
from typing import Any

import pytest

from gateway.transports import websocket

BALANCES = """
subscription ($m: ID!) {
  balanceChanged(memberId: $m) { balances { available } transaction { kind } }
}
"""
ROLE = "{ viewer { role } }"


async def test_queries_and_mutations_run_too(staff_api: Any, socket_of: Any) -> None:
    async with socket_of(staff_api) as wire:
        await wire.subscribe("1", ROLE)

        assert await wire.next() == {
            "type": "next",
            "id": "1",
            "payload": {"data": {"viewer": {"role": "staff"}}},
        }
        assert await wire.next() == {"type": "complete", "id": "1"}


async def test_a_bad_operation_is_an_error_of_its_own(
    staff_api: Any, ada: Any, socket_of: Any
) -> None:
    async with socket_of(staff_api) as wire:
        await wire.subscribe("good", BALANCES, m=ada.id)
        await wire.next()

        for number, (query, code) in enumerate(
            (
                ("{", "GRAPHQL_PARSE_FAILED"),
                ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
                ("query a {a} query b {b}", "GRAPHQL_VALIDATION_FAILED"),
                ("fragment f on Query { __typename }", "GRAPHQL_VALIDATION_FAILED"),
                (
                    "subscription { balanceChanged(memberId: 1) { cursor } }",
                    "BAD_USER_INPUT",
                ),
            )
        ):
            await wire.subscribe(str(number), query)
            message = await wire.next()
            assert (message["type"], message["id"]) == ("error", str(number))
            assert message["payload"][0]["extensions"]["code"] == code

        await staff_api.change(
            "adjustBalance",
            "replayed",
            memberId=ada.id,
            currency="PTS",
            amount=5,
            reason="goodwill",
        )
        message = await wire.next()
        assert message["id"] == "good"
        assert message["payload"]["data"]["balanceChanged"] == {
            "balances": [{"available": 315}],
            "transaction": {"kind": "ADJUST"},
        }


async def test_complete_stops_a_subscription(
    staff_api: Any, ada: Any, socket_of: Any
) -> None:
    hub = staff_api.engine.ledger.hub
    async with socket_of(staff_api) as wire:
        await wire.subscribe("1", BALANCES, m=ada.id)
        await wire.next()
        assert hub.listened() == [ada.holder_id]

        await wire.send({"type": "complete", "id": "1"})
        await asyncio.sleep(0.05)

        assert hub.listened() == []
        await wire.subscribe("1", ROLE)  # the id is free again
        assert (await wire.next())["type"] == "next"


async def test_closing_stops_everything(
    staff_api: Any, ada: Any, socket_of: Any
) -> None:
    async with socket_of(staff_api) as wire:
        for name in ("1", "2", "3"):
            await wire.subscribe(name, BALANCES, m=ada.id)
            await wire.next()

    assert staff_api.engine.ledger.hub.listened() == []


async def test_a_ping_is_answered(staff_api: Any, socket_of: Any) -> None:
    async with socket_of(staff_api) as wire:
        await wire.send({"type": "ping", "payload": {"n": 1}})
        await wire.send({"type": "pong"})

        assert await wire.next() == {"type": "pong", "payload": {"n": 1}}
        assert await wire.silent()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("[", 4400),
        ("[]", 4400),
        ("5", 4400),
        ("null", 4400),
        ('"x"', 4400),
        ("{}", 4400),
        ('{"type": 7}', 4400),
        ('{"type": "nonsense"}', 4400),
        ('{"type": "subscribe"}', 4400),
        ('{"type": "subscribe", "id": 5, "payload": {"query": "{a}"}}', 4400),
        ('{"type": "subscribe", "id": {}, "payload": {"query": "{a}"}}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": "x"}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": 5}}', 4400),
        (
            '{"type": "subscribe", "id": "1", "payload":{"query":"{a}","variables":1}}',
            4400,
        ),
        ('{"type": "complete"}', 4400),
        ('{"type": "connection_init"}', 4429),
        ("[" * 5_000, 4400),
        ('{"type": "ping", "payload": "' + "x" * 300_000 + '"}', 1009),
    ],
)
async def test_a_breach_of_the_protocol_closes(
    staff_api: Any, socket_of: Any, message: str, code: int
) -> None:
    async with socket_of(staff_api) as wire:
        await wire.send(message)

        assert await wire.next() == code


async def test_bytes_are_no_message(staff_api: Any, socket_of: Any) -> None:
    async with socket_of(staff_api) as wire:
        await wire.raw({"type": "websocket.receive", "bytes": b"{}"})

        assert await wire.next() == 4400


async def test_an_id_in_use_closes(staff_api: Any, ada: Any, socket_of: Any) -> None:
    async with socket_of(staff_api) as wire:
        await wire.subscribe("1", BALANCES, m=ada.id)
        await wire.next()

        await wire.subscribe("1", BALANCES, m=ada.id)

        assert await wire.next() == 4409


async def test_nothing_runs_before_the_caller_is_known(
    staff_api: Any, bare_socket: Any
) -> None:
    async with bare_socket(staff_api.app) as wire:
        await wire.subscribe("1", ROLE)

        assert await wire.next() == 4401


@pytest.mark.parametrize("payload", [None, {}, {"authorization": "Bearer x"}])
async def test_a_wrong_credential_closes(
    staff_api: Any, bare_socket: Any, payload: Any
) -> None:
    async with bare_socket(staff_api.app) as wire:
        await wire.send({"type": "connection_init", "payload": payload})

        assert await wire.next() == 4403


async def test_a_payload_that_is_no_object_closes(
    staff_api: Any, bare_socket: Any
) -> None:
    async with bare_socket(staff_api.app) as wire:
        await wire.send({"type": "connection_init", "payload": "token"})

        assert await wire.next() == 4400


async def test_a_silent_client_is_not_waited_for(
    staff_api: Any, bare_socket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "INIT_TIMEOUT_S", 0.05)
    async with bare_socket(staff_api.app) as wire:
        assert await wire.next() == 4408


async def test_another_protocol_is_not_spoken(staff_api: Any, bare_socket: Any) -> None:
    async with bare_socket(staff_api.app, protocols=("graphql-ws",)) as wire:
        assert await wire.next() == 4406


async def test_operations_of_one_socket_are_bounded(
    staff_api: Any, ada: Any, socket_of: Any
) -> None:
    async with socket_of(staff_api) as wire:
        for number in range(51):
            await wire.subscribe(str(number), BALANCES, m=ada.id)
        messages = [await wire.next() for _ in range(51)]

    (refused,) = [one for one in messages if one["type"] == "error"]
    assert refused["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
