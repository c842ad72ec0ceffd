"""Reads GraphQL operations out of HTTP requests, from the outside in."""

import asyncio
from dataclasses import replace
from typing import Any

from starlette.requests import ClientDisconnect, Request

from core.settings import Settings
from gateway.codes import Code
from gateway.errors import coded
from gateway.execution import Operation
from gateway.languages import accepted
from gateway.transports.negotiation import JSON
from gateway.transports.reading import MalformedError, read_json, read_operation

METHODS = "GET, POST"
_FOREIGN = {"cross-site", "same-site"}
_PREFLIGHTED = (
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
)
"""Headers that a foreign page cannot send without asking first."""

_UTF8 = {"charset=utf-8", 'charset="utf-8"', "charset=utf8", 'charset="utf8"'}


class HttpRefusedError(Exception):
    """A request that is refused before its operation is looked at."""

    def __init__(self, status: int, code: str, text: str, **headers: str) -> None:
        super().__init__(text)
        self.status = status
        self.error = coded(text, code)
        self.headers = {name.replace("_", "-"): one for name, one in headers.items()}


def check_form(request: Request, settings: Settings) -> None:
    """Check what can be checked without the body or the caller.

    Raises:
        HttpRefusedError: says what to send instead.
    """
    _check_head(request, settings.max_head_bytes)
    if request.method == "GET":
        _check_site(request)
    elif request.method == "POST":
        _check_content(request)
    else:
        raise not_allowed(f"use {METHODS}", METHODS)


def not_allowed(text: str, methods: str) -> HttpRefusedError:
    """Return the refusal of a method."""
    return HttpRefusedError(405, Code.METHOD_NOT_ALLOWED, text, Allow=methods)


async def read(request: Request, settings: Settings) -> Operation:
    """Read the operation of a request whose form was checked.

    Raises:
        HttpRefusedError: says which part is wrong.
    """
    try:
        operation = await _operation(request, settings)
    except MalformedError as error:
        raise HttpRefusedError(400, Code.BAD_REQUEST, str(error)) from None
    if operation.is_blank:
        text = "query: must be a text with a document"
        raise HttpRefusedError(400, Code.BAD_REQUEST, text)
    languages = accepted(request.headers.get("accept-language"))
    return replace(operation, languages=languages)


async def _operation(request: Request, settings: Settings) -> Operation:
    if request.method == "GET":
        return read_operation(_of_query(request))
    return read_operation(read_json(await read_body(request, settings)))


def _check_head(request: Request, most_bytes: int) -> None:
    """Refuse a head that came whole, but is too long."""
    found = len(request.scope["query_string"])
    found += sum(len(name) + len(one) for name, one in request.headers.raw)
    if found > most_bytes:
        text = f"headers and URL of at most {most_bytes} bytes"
        raise HttpRefusedError(431, Code.HEAD_TOO_LARGE, text, Connection="close")


def _check_site(request: Request) -> None:
    """Refuse what another site makes a browser send."""
    headers = request.headers
    is_foreign = headers.get("sec-fetch-site") in _FOREIGN
    if is_foreign and not any(name in headers for name in _PREFLIGHTED):
        text = "from another site, send the header GraphQL-Require-Preflight: 1"
        raise HttpRefusedError(403, Code.CROSS_SITE_REQUEST, text)


def _check_content(request: Request) -> None:
    content_type = request.headers.get("content-type", "")
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = {one for one in parameters if one.startswith("charset=")}
    if kind != JSON or not charsets <= _UTF8:
        text = f"send {JSON} in UTF-8"
        raise HttpRefusedError(415, Code.UNSUPPORTED_MEDIA_TYPE, text, Accept_Post=JSON)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        text = "send the body as it is, not compressed"
        raise HttpRefusedError(
            415, Code.UNSUPPORTED_MEDIA_TYPE, text, Accept_Encoding="identity"
        )


def _of_query(request: Request) -> dict[str, Any]:
    """Return the parameters of a URL as the members of a request."""
    values: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if name in values:
            try:
                values[name] = read_json(values[name])
            except MalformedError:
                raise MalformedError(f"{name}: must be valid JSON") from None
    return values


async def read_body(request: Request, settings: Settings) -> bytes:
    """Return the body, reading no more of it than is allowed, and no longer.

    Raises:
        HttpRefusedError: it is too large, or comes too slowly.
    """
    most_bytes, timeout_ms = settings.max_body_bytes, settings.receive_timeout_ms
    too_large = HttpRefusedError(
        413, Code.BODY_TOO_LARGE, f"at most {most_bytes} bytes", Connection="close"
    )
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared[:20]) > most_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_ms / 1_000):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most_bytes:
                    raise too_large
    except ClientDisconnect:
        return b""
    except TimeoutError:
        text = f"the body must be here within {timeout_ms} ms"
        raise HttpRefusedError(
            408, Code.BODY_TOO_SLOW, text, Connection="close"
        ) from None
    return bytes(body)
