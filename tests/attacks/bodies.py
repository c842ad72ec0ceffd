"""Requests that are no requests: bodies, headers and connections."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
from attack import attack, short
from target import PLAIN, Target


def _body(name: str, body: bytes, *expected: str) -> None:
    @attack(name, *expected)
    async def send(target: Target) -> str:
        try:
            return short(await target.post(body))
        except httpx.TransportError:  # closed before the whole body was sent
            return "closed"


_body(
    "a body of 2 MB",
    b'{"query":"' + b" " * 2_000_000 + b'"}',
    "413 BODY_TOO_LARGE",
    "closed",
)
_body(
    "an integer of 5,000 digits",
    b'{"query":"{a}","variables":{"a":' + b"9" * 5_000 + b"}}",
    "400 BAD_REQUEST",
    "400 GRAPHQL_VALIDATION_FAILED",
)
_body("100,000 nested arrays", b"[" * 100_000, "400 BAD_REQUEST")
_body("5,000 nested objects", b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "400 BAD_REQUEST")
_body("a text", b'"x"', "400 BAD_REQUEST")
_body("null", b"null", "400 BAD_REQUEST")
_body("a batch", f"[{PLAIN},{PLAIN}]".encode(), "400 BAD_REQUEST")
_body("not UTF-8", b'{"query":"\xff"}', "400 BAD_REQUEST")
_body(
    "NaN", b'{"query":"{ viewer { role } }","variables":{"a":NaN}}', "400 BAD_REQUEST"
)
_body(
    "half a surrogate",
    b'{"query":"{ viewer { role } }\\ud800"}',
    "400 BAD_REQUEST",
    "400 GRAPHQL_PARSE_FAILED",
)
_body(
    "a null character",
    b'{"query":"{ viewer { role } }\\u0000"}',
    "400 GRAPHQL_PARSE_FAILED",
)
_body("nothing", b"", "400 BAD_REQUEST")
_body(
    "variables that are a list",
    b'{"query":"{ viewer { role } }","variables":[1]}',
    "400 BAD_REQUEST",
)
_body(
    "extensions that are a text",
    b'{"query":"{ viewer { role } }","extensions":"x"}',
    "400 BAD_REQUEST",
)


@attack("a body that is compressed, 10 MB in all", "415 UNSUPPORTED_MEDIA_TYPE")
async def bomb(target: Target) -> str:
    packed = gzip.compress(b" " * 10_000_000 + PLAIN.encode())
    return short(await target.post(packed, Content_Encoding="gzip"))


@attack("a form", "415 UNSUPPORTED_MEDIA_TYPE")
async def form(target: Target) -> str:
    kind = "application/x-www-form-urlencoded"
    return short(await target.post("query={viewer{role}}", Content_Type=kind))


@attack("plain text, as a foreign page can send it", "415 UNSUPPORTED_MEDIA_TYPE")
async def plain_text(target: Target) -> str:
    return short(await target.post(PLAIN, Content_Type="text/plain"))


@attack("a mutation by GET", "405 METHOD_NOT_ALLOWED")
async def get_mutation(target: Target) -> str:
    query = 'mutation { enrollMember(input: {idempotencyKey: "attack-get-000001"}) \
{ replayed } }'
    headers = {"Authorization": f"Bearer {target.staff}"}
    return short(
        await target.client.get(target.url, params={"query": query}, headers=headers)
    )


@attack(
    "a GET from a foreign page",
    "403 FORBIDDEN_ORIGIN",
    "403 CROSS_SITE_REFUSED",
    "403 FORBIDDEN",
    "403 CSRF_REFUSED",
    "403 CROSS_SITE_REQUEST",
)
async def foreign_get(target: Target) -> str:
    headers = {
        "Authorization": f"Bearer {target.staff}",
        "Sec-Fetch-Site": "cross-site",
    }
    params = {"query": "{ viewer { role } }"}
    return short(await target.client.get(target.url, params=params, headers=headers))


@attack("200 headers of 100 bytes", "200 data", "431", "400")
async def many_headers(target: Target) -> str:
    headers = {f"X-{number}": "a" * 100 for number in range(200)}
    answer = await target.post(PLAIN, **headers)
    return short(answer) if answer.status_code == 200 else str(answer.status_code)


@attack("a header of 100 kB", "431 HEAD_TOO_LARGE", "closed")
async def long_header(target: Target) -> str:
    try:
        return short(await target.post(PLAIN, X_Long="a" * 100_000))
    except httpx.TransportError:
        return "closed"


@attack("a header of 50 MB that never ends", "closed")
async def endless_header(target: Target) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    writer.write(b"POST /graphql HTTP/1.1\r\nX-Long: ")
    before_mb = target.memory_mb()
    with suppress(ConnectionError):
        for _ in range(50):
            writer.write(b"a" * 1_000_000)
            await writer.drain()
        await reader.read()
    assert target.memory_mb() < before_mb + 20
    writer.close()
    return "closed"


@attack("a connection that never says what it wants", "closed")
async def silent(target: Target) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()
    return "closed"


@attack("a body that goes on after the answer", "closed")
async def body_after_answer(target: Target) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000000000\r\n\r\n"
    )
    assert b" 401 " in await reader.readline()
    with suppress(ConnectionError):
        for _ in range(60):
            writer.write(b"X")
            await writer.drain()
            await asyncio.sleep(0.1)
        return "still open"
    writer.close()
    return "closed"


@attack("a body that does not come", "408 BODY_TOO_SLOW", "closed")
async def slow_body(target: Target) -> str:
    async def crawling() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.1)

    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {target.staff}",
    }
    try:
        return short(
            await target.client.post(target.url, content=crawling(), headers=headers)
        )
    except httpx.TransportError:  # closed before the whole body was sent
        return "closed"


@attack("50 connections that send a letter now and then", "served meanwhile")
async def slow_senders(target: Target) -> str:
    head = (
        b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer "
        + target.staff.encode()
        + b"\r\nContent-Length: 99\r\n"
    )
    open_ones = []
    for _ in range(50):
        _, writer = await asyncio.open_connection("127.0.0.1", target.port)
        writer.write(head)
        open_ones.append(writer)
    for _ in range(5):
        for writer in open_ones:
            writer.write(b"X")
        await asyncio.sleep(0.05)
    answer = await target.post(PLAIN)
    for writer in open_ones:
        writer.close()
    assert answer.status_code == 200
    return "served meanwhile"


@attack("two lengths of a body", "400", "closed")
async def smuggling(target: Target) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
        b"Content-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    answer = await asyncio.wait_for(reader.read(200), 5)
    writer.close()
    return "400" if b" 400 " in answer.split(b"\r\n")[0] else "closed"


@attack("100 requests whose sender is gone", "served meanwhile")
async def gone(target: Target) -> str:
    body = json.dumps({"query": "{ members(first: 100) { nodes { id } } }"}).encode()
    for _ in range(100):
        _, writer = await asyncio.open_connection("127.0.0.1", target.port)
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer " + target.staff.encode() + b"\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )
        await writer.drain()
        writer.transport.abort()
    answer = await target.post(PLAIN)
    assert answer.status_code in {200, 429}
    return "served meanwhile"
