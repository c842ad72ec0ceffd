"""Sockets: messages of odd form, floods, silence, and streams that nobody reads."""

import asyncio
import json
from contextlib import suppress

from attack import attack
from target import PLAIN, Target
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol


def subscribe(name: str, query: str) -> str:
    """Return the message that begins an operation."""
    message = {"type": "subscribe", "id": name, "payload": {"query": query}}
    return json.dumps(message)


def changes_of(target: Target) -> str:
    """Return a subscription to the balances of the target's member."""
    return (
        f'subscription {{ balanceChanged(memberId: "{target.own_id}") {{ cursor }} }}'
    )


async def told(one: ClientConnection) -> str:
    """Return the type of the next message, with a code if it tells one, or `closed`."""
    try:
        message = json.loads(await asyncio.wait_for(one.recv(), 10))
    except ConnectionClosed as closed:
        return f"closed {closed.rcvd.code if closed.rcvd else 1006}"
    if message["type"] == "error":
        return f"error {message['payload'][0]['extensions']['code']}"
    return str(message["type"])


def _message(
    name: str, message: str | bytes, *expected: str, ready: bool = True
) -> None:
    @attack(f"socket: {name}", *expected)
    async def send(target: Target) -> str:
        async with target.socket(ready=ready) as one:
            await one.send(message)
            return await told(one)


_message("no JSON", "x", "closed 4400")
_message("bytes", b"\x00\xff", "closed 4400", "closed 1003")
_message("a list", "[]", "closed 4400")
_message("a number", "1", "closed 4400")
_message("null", "null", "closed 4400")
_message("nested 100,000 times", "[" * 100_000, "closed 4400")
_message("an unknown type", '{"type":"start"}', "closed 4400")
_message("2 MB", '{"type":"ping","payload":"' + " " * 2_000_000 + '"}', "closed 1009")
_message(
    "an id that is a number", '{"type":"subscribe","id":1,"payload":{}}', "closed 4400"
)
_message("no payload", '{"type":"subscribe","id":"a"}', "closed 4400")
_message("a syntax error", subscribe("a", "{"), "error GRAPHQL_PARSE_FAILED")
_message("an unknown field", subscribe("a", "{ a }"), "error GRAPHQL_VALIDATION_FAILED")
_message(
    "not authenticated",
    subscribe("a", "{ viewer { role } }"),
    "closed 4401",
    ready=False,
)
_message("initialized twice", '{"type":"connection_init"}', "closed 4429")
_message(
    "a wrong token",
    '{"type":"connection_init","payload":{"authorization":"Bearer x"}}',
    "closed 4403",
    ready=False,
)


@attack("socket: one bad operation beside a good one", "next")
async def bad_beside_good(target: Target) -> str:
    async with target.socket() as one:
        await one.send(subscribe("good", changes_of(target)))
        assert await told(one) == "next"
        await one.send(subscribe("bad", "{"))
        assert await told(one) == "error GRAPHQL_PARSE_FAILED"
        await one.send(subscribe("other", "{ viewer { role } }"))
        return await told(one)


@attack("socket: the same id twice", "closed 4409")
async def same_id(target: Target) -> str:
    async with target.socket() as one:
        for _ in range(2):
            await one.send(subscribe("a", changes_of(target)))
        assert await told(one) in {"next", "closed 4409"}
        return await told(one)


@attack("socket: 60 subscriptions on one", "error LIMIT_EXCEEDED")
async def many_subscriptions(target: Target) -> str:
    async with target.socket() as one:
        for number in range(60):
            await one.send(subscribe(f"s{number}", changes_of(target)))
        answers = [await told(one) for _ in range(60)]
        assert answers.count("next") <= 50
        return next(one for one in answers if one != "next")


@attack("socket: 40 at once of one caller", "closed 4429", "closed 4403", "403", "429")
async def many_sockets(target: Target) -> str:
    open_ones = []
    try:
        for _ in range(40):
            protocol = Subprotocol("graphql-transport-ws")
            url = target.url.replace("http", "ws")
            one = await connect(url, subprotocols=[protocol])
            open_ones.append(one)
            init = {"authorization": f"Bearer {target.staff}"}
            message = {"type": "connection_init", "payload": init}
            await one.send(json.dumps(message))
            answer = await told(one)
            if answer != "connection_ack":
                return answer
    except InvalidStatus as refused:
        return str(refused.response.status_code)
    finally:
        for one in open_ones:
            await one.close()
    return "40 open"


@attack("socket: 2,000 pings as fast as can be", "closed 4429", "closed 1008")
async def flood(target: Target) -> str:
    async with target.socket() as one:
        with suppress(ConnectionClosed):
            for _ in range(2_000):
                await one.send('{"type":"ping"}')
        while True:
            answer = await told(one)
            if answer != "pong":
                return answer


@attack("socket: silence at the beginning", "closed 4408")
async def silence(target: Target) -> str:
    async with target.socket(ready=False) as one:
        return await told(one)


@attack("socket: a foreign origin", "403")
async def foreign_origin(target: Target) -> str:
    url = target.url.replace("http", "ws")
    try:
        async with connect(
            url,
            origin=Origin("https://evil.example"),
            subprotocols=[Subprotocol("graphql-transport-ws")],
        ):
            return "open"
    except InvalidStatus as refused:
        return str(refused.response.status_code)


@attack("socket: the protocol of old", "closed 4406", "400")
async def legacy(target: Target) -> str:
    url = target.url.replace("http", "ws")
    try:
        async with connect(url, subprotocols=[Subprotocol("graphql-ws")]) as one:
            return await told(one)
    except InvalidStatus as refused:
        return str(refused.response.status_code)


@attack("1,000 sockets opened and dropped", "served after")
async def opened_and_dropped(target: Target) -> str:
    for number in range(1_000):
        async with target.socket() as one:
            await one.send(subscribe("a", changes_of(target)))
            assert await told(one) == "next"
            if number % 2:
                one.transport.abort()
    answer = await target.post(PLAIN)
    assert answer.status_code == 200, answer.text
    return "served after"


@attack("500 subscribed and completed on one socket", "served after")
async def begun_and_ended(target: Target) -> str:
    async with target.socket() as one:
        for number in range(500):
            await one.send(subscribe(f"s{number}", changes_of(target)))
            if await told(one) != "next":  # the rate of messages has its limit
                break
            await one.send(json.dumps({"type": "complete", "id": f"s{number}"}))
    answer = await target.post(PLAIN)
    assert answer.status_code == 200, answer.text
    return "served after"
