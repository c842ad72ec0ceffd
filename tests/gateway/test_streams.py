"""Subscriptions over HTTP: server-sent events, and Apollo's multipart."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from typing import Any

import pytest

from core.actors import Role
from core.engine import Engine
from core.program import tokens
from gateway import lifelines, subscriptions
from gateway.app import create_app

EVENTS = "text/event-stream"
PARTS = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0", application/json'
CHANGES = """
subscription ($id: ID!, $after: String) {
  balanceChanged(memberId: $id, after: $after) { cursor balances { available } }
}
"""


@dataclass
class Stream:
    """A response that is still coming."""

    events: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)
    is_gone: asyncio.Event = field(default_factory=asyncio.Event)
    begun: dict[str, Any] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): one.decode() for name, one in self.begun["headers"]}

    async def chunk(self) -> bytes:
        """Return what comes next; nothing at the end."""
        async with asyncio.timeout(5):
            event = await self.events.get()
        body: bytes = event.get("body", b"")
        return body

    async def rest(self) -> bytes:
        """Return all that is to come."""
        text = b""
        while chunk := await self.chunk():
            text += chunk
        return text


@asynccontextmanager
async def streamed(
    app: Any, token: str, accept: str, query: str, *, buffer: int = 0, **variables: Any
) -> AsyncIterator[Stream]:
    """Send an operation, and read the answer while it comes.

    The connection takes *buffer* messages before one is read; 0: any number.
    """
    stream = Stream(asyncio.Queue(buffer))
    body = json.dumps({"query": query, "variables": variables}).encode()
    received = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Any:
        for one in received:
            return one
        await stream.is_gone.wait()
        return {"type": "http.disconnect"}

    headers = {
        "accept": accept,
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "host": "test",
    }
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("test", 80),
        "client": ("test", 1),
        "headers": [(name.encode(), one.encode()) for name, one in headers.items()],
    }
    task = asyncio.create_task(app(scope, receive, stream.events.put))
    async with asyncio.timeout(5):
        stream.begun = await stream.events.get()
    try:
        yield stream
    finally:
        stream.is_gone.set()
        async with asyncio.timeout(5):
            await task


def event(chunk: bytes) -> Any:
    """Return the answer of a `next` event."""
    kind, data, *rest = chunk.split(b"\n")
    assert (kind, rest) == (b"event: next", [b"", b""])
    return json.loads(data.removeprefix(b"data: "))


async def earn(api: Any, member_id: str, order: str) -> None:
    payload = {"order_id": order, "amount_minor": 500, "currency_code": "USD"}
    given = {"memberId": member_id, "type": "purchase", "payload": payload}
    await api.change("recordActivity", "points", **given)


async def test_events(staff_api: Any, ada: Any) -> None:
    api = staff_api
    async with streamed(api.app, api.token, EVENTS, CHANGES, id=ada.id) as stream:
        assert stream.begun["status"] == 200
        assert stream.headers["content-type"] == f"{EVENTS}; charset=utf-8"
        assert stream.headers["cache-control"] == "no-store"
        assert await stream.chunk() == b":\n\n"
        first = event(await stream.chunk())["data"]["balanceChanged"]
        assert first["balances"] == [{"available": 310}]

        await earn(api, ada.id, "o2")

        second = event(await stream.chunk())["data"]["balanceChanged"]
        assert second["balances"] == [{"available": 315}]

    cursor = first["cursor"]
    async with streamed(
        api.app, api.token, EVENTS, CHANGES, id=ada.id, after=cursor
    ) as stream:
        await stream.chunk()
        again = event(await stream.chunk())["data"]["balanceChanged"]
    assert again == second


async def test_parts(staff_api: Any, ada: Any) -> None:
    api = staff_api
    async with streamed(api.app, api.token, PARTS, CHANGES, id=ada.id) as stream:
        kind = stream.headers["content-type"]
        assert kind == 'multipart/mixed; boundary="-"; subscriptionSpec="1.0"'
        body = await stream.chunk() + await stream.chunk()
        assert body.endswith(b"\r\n---")  # so that the part is known to be whole
        await earn(api, ada.id, "o2")
        body += await stream.chunk()

    whole = f"Content-Type: {kind}\r\n\r\n".encode() + body + b"--\r\n"
    parts = message_from_bytes(whole).get_payload()
    assert isinstance(parts, list)
    answers = [json.loads(part.get_payload()) for part in parts]
    changes = [one["payload"]["data"]["balanceChanged"] for one in answers]
    assert [one["balances"][0]["available"] for one in changes] == [310, 315]


@pytest.mark.parametrize("accept", [EVENTS, "multipart/mixed"])
async def test_a_query_streams_where_nothing_else_is_accepted(
    staff_api: Any, accept: str
) -> None:
    api = staff_api
    async with streamed(api.app, api.token, accept, "{ viewer { role } }") as stream:
        body = await stream.rest()

    assert b'"data":{"viewer":{"role":"staff"}}' in body
    assert body.endswith((b"event: complete\ndata: \n\n", b"\r\n-----\r\n"))


async def test_urql_gets_json_for_queries(staff_api: Any) -> None:
    response = await staff_api.client.post(
        "/graphql",
        json={"query": "{ viewer { role } }"},
        headers={
            "Authorization": f"Bearer {staff_api.token}",
            "Accept": "application/graphql-response+json, application/json, "
            "text/event-stream, multipart/mixed",
        },
    )

    assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_s04_a_syntax_error_is_an_event(staff_api: Any) -> None:
    async with streamed(staff_api.app, staff_api.token, EVENTS, "{") as stream:
        _, first, *_ = (await stream.rest()).split(b"\n\n")

    (error,) = event(first + b"\n\n")["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


async def test_o04_a_subscription_needs_a_stream(staff_api: Any, ada: Any) -> None:
    assert await staff_api.code(CHANGES, id=ada.id) == "OPERATION_NOT_SUPPORTED"


async def test_what_ends_a_stream_is_told_in_it(staff_api: Any) -> None:
    api, nobody = staff_api, "mbr_0000000000000999"
    async with streamed(api.app, api.token, EVENTS, CHANGES, id=nobody) as stream:
        body = await stream.rest()
    async with streamed(api.app, api.token, PARTS, CHANGES, id=nobody) as stream:
        parts = await stream.rest()

    assert b'"code":"MEMBER_NOT_FOUND"' in body
    assert body.endswith(b"event: complete\ndata: \n\n")
    assert b'{"payload":null,"errors":[{' in parts


async def test_a_client_that_goes_ends_the_source(
    staff_api: Any, ada: Any, engine: Engine
) -> None:
    api = staff_api
    async with streamed(api.app, api.token, EVENTS, CHANGES, id=ada.id) as stream:
        await stream.chunk()
        await stream.chunk()
        assert engine.ledger.hub.listened()

    assert not engine.ledger.hub.listened()


async def test_a_silent_stream_shows_that_it_lives(
    engine: Engine, staff_api: Any, ada: Any
) -> None:
    quick = replace(engine, settings=replace(engine.settings, stream_heartbeat_ms=20))
    app = create_app(quick)
    for accept, beat in ((EVENTS, b":\n\n"), (PARTS, b"{}\r\n---")):
        async with streamed(app, staff_api.token, accept, CHANGES, id=ada.id) as stream:
            while b"310" not in await stream.chunk():
                pass  # a slow database may let a beat go first
            assert (await stream.chunk()).endswith(beat)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events each look into the log found, of those that found any."""
    found: list[int] = []
    look = subscriptions._changes

    async def counted(info: Any, holder_id: int, events: list[Any]) -> Any:
        found.append(len(events))
        return await look(info, holder_id, events)

    monkeypatch.setattr(subscriptions, "_changes", counted)
    return found


async def test_a_stream_that_is_not_read_holds_up_its_source(
    staff_api: Any, ada: Any, looks: list[int]
) -> None:
    """Nothing is gathered for it: the log is read on when the client has read."""
    api = staff_api
    async with streamed(
        api.app, api.token, EVENTS, CHANGES, buffer=1, id=ada.id
    ) as stream:
        await stream.chunk()
        await stream.chunk()
        for number in range(20):
            await earn(api, ada.id, f"busy-{number}")
        assert sum(looks) < 10

        got = [event(await stream.chunk()) for _ in range(20)]

    balances = [one["data"]["balanceChanged"]["balances"] for one in got]
    assert balances == [[{"available": 315 + 5 * number}] for number in range(20)]
    assert sum(looks) == 20
    assert len(looks) < 5


async def test_a_socket_that_is_not_read_holds_up_its_sources(
    staff_api: Any, ada: Any, looks: list[int], socket_of: Any
) -> None:
    api = staff_api
    async with socket_of(api, buffer=1) as wire:
        await wire.subscribe("a", CHANGES, id=ada.id)
        await wire.next()
        for number in range(20):
            await earn(api, ada.id, f"busy-{number}")
        assert sum(looks) < 10

        got = [(await wire.next())["payload"] for _ in range(20)]

    balances = [one["data"]["balanceChanged"]["balances"] for one in got]
    assert balances == [[{"available": 315 + 5 * number}] for number in range(20)]
    assert sum(looks) == 20


@pytest.mark.parametrize("accept", [EVENTS, PARTS])
async def test_a_revoked_token_ends_its_stream(
    engine: Engine,
    staff_api: Any,
    ada: Any,
    accept: str,
) -> None:
    service = _service_of(staff_api)
    api = staff_api
    async with streamed(api.app, api.token, accept, CHANGES, id=ada.id) as stream:
        await stream.chunk()
        await stream.chunk()
        await engine.database.configure(
            lambda session: session.connection().exec_driver_sql(
                "UPDATE token SET revoked_at_us = 1"
            )
        )

        await service.lifelines.check()

        assert b'"code":"UNAUTHENTICATED"' in await stream.rest()


async def test_a_token_that_runs_out_ends_its_stream_and_socket(
    engine: Engine, clock: Any, caller: Any, ada: Any, socket_of: Any, program_id: int
) -> None:
    api = await caller("staff")
    api.token = await tokens.create(
        engine,
        program_id=program_id,
        role=Role.STAFF,
        expires_at_us=clock.us + 1_000_000,
    )
    service = _service_of(api)
    async with (
        streamed(api.app, api.token, EVENTS, CHANGES, id=ada.id) as stream,
        socket_of(api) as wire,
    ):
        await stream.chunk()
        await stream.chunk()
        await service.lifelines.check()
        assert stream.events.empty()
        clock.us += 1_000_000

        await service.lifelines.check()

        assert b'"code":"UNAUTHENTICATED"' in await stream.rest()
        assert await wire.next() == 4403


async def test_a_gateway_that_ends_says_so(
    staff_api: Any, ada: Any, socket_of: Any
) -> None:
    api = staff_api
    service = _service_of(api)
    async with (
        streamed(api.app, api.token, EVENTS, CHANGES, id=ada.id) as stream,
        socket_of(api) as wire,
    ):
        await stream.chunk()
        await stream.chunk()

        service.lifelines.stop()

        body = await stream.rest()
        assert b'"code":"GOING_AWAY"' in body
        assert b"complete" not in body  # a client that was cut comes back
        assert await wire.next() == 1012
    async with streamed(api.app, api.token, EVENTS, CHANGES, id=ada.id) as stream:
        assert b'"code":"GOING_AWAY"' in await stream.rest()


async def test_lifelines_are_let_go(staff_api: Any, ada: Any) -> None:
    api = staff_api
    service = _service_of(api)
    async with streamed(api.app, api.token, EVENTS, CHANGES, id=ada.id) as stream:
        await stream.chunk()
        await stream.chunk()
        assert len(service.lifelines._held) == 1

    assert not service.lifelines._held
    assert lifelines.CHECK_INTERVAL_S < 5


@pytest.mark.parametrize(
    ("origin", "is_open"),
    [
        (None, True),
        ("http://test", True),
        ("https://shop.example", True),
        ("https://evil.example", False),
        ("null", False),
        ("https://shop.example.evil", False),
        ("http://[test", False),
    ],
)
async def test_only_pages_of_allowed_origins_open_sockets(
    engine: Engine,
    origin: str | None,
    is_open: bool,  # noqa: FBT001
) -> None:
    settings = replace(
        engine.settings, allowed_origins="https://shop.example, http://a"
    )
    app = create_app(replace(engine, settings=settings))
    headers = [(b"host", b"test")]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    scope = {
        "type": "websocket",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": headers,
        "subprotocols": ["graphql-transport-ws"],
        "scheme": "ws",
        "server": ("test", 80),
        "client": ("test", 1),
        "root_path": "",
    }
    told: list[str] = []
    incoming = iter(
        [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}]
    )

    async def receive() -> Any:
        return next(incoming)

    async def send(message: Any) -> None:
        told.append(message["type"])

    await app(scope, receive, send)

    assert told == ["websocket.accept" if is_open else "websocket.close"]


def _service_of(api: Any) -> Any:
    return api.app.state.service
