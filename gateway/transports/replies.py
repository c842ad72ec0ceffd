"""Single answers over HTTP: their status, media type and headers."""

import gzip
from collections.abc import Mapping
from math import ceil

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.codes import Code
from gateway.errors import is_temporary
from gateway.execution import Answer, RequestRefusedError
from gateway.transports.negotiation import GRAPHQL_JSON, JSON, Accept

COMMON = {
    "Cache-Control": "no-store",
    "Vary": "Accept, Accept-Encoding, Accept-Language, Authorization",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer."""

COMPRESSED_BYTES = 1_400
"""A longer answer is compressed for clients that take that: it needs fewer packets."""

_LEVEL = 5
_STATUSES = {Code.RATE_LIMITED: 429, Code.OPERATION_TIMEOUT: 504}
"""Of answers without data in the newer media type, by code; all others are 400."""


def reply(
    media_type: str,
    status: int,
    answer: Answer,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a response with *answer* as its body."""
    kind = {"Content-Type": f"{media_type}; charset=utf-8"}
    return Response(orjson.dumps(answer), status, {**COMMON, **kind, **(headers or {})})


def answered(media_type: str, answer: Answer, language: str | None) -> Response:
    """Return the response for an operation that was run, with texts in *language*."""
    headers = {} if language is None else {"Content-Language": language}
    return reply(media_type, _status(media_type, answer), answer, headers)


def refused(media_type: str | None, refusal: RequestRefusedError) -> Response:
    """Return the response for an operation that was not."""
    answer: Answer = {"errors": refusal.errors}
    headers = {}
    if refusal.retry_after_s is not None:
        headers["Retry-After"] = str(ceil(refusal.retry_after_s))
    media_type = media_type or JSON
    return reply(media_type, _status(media_type, answer), answer, headers)


def failed(media_type: str | None, error: Answer) -> Response:
    """Return the response for what broke before an operation was run.

    Args:
        media_type: of the answer.
        error: as clients are told.
    """
    answer: Answer = {"errors": [error]}
    if is_temporary(error):
        return reply(media_type or JSON, 503, answer, {"Retry-After": "1"})
    return reply(media_type or JSON, 500, answer)


def _status(media_type: str, answer: Answer) -> int:
    """Tell what became of it where the client knows to look there."""
    if media_type != GRAPHQL_JSON or "data" in answer:
        return 200
    return _STATUSES.get(answer["errors"][0]["extensions"]["code"], 400)


def compress(request: Request, response: Response) -> Response:
    """Return the response, compressed if it is long and the client takes that."""
    body = bytes(response.body)
    if len(body) >= COMPRESSED_BYTES and _takes_gzip(request):
        response.body = gzip.compress(body, _LEVEL, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))
    return response


def _takes_gzip(request: Request) -> bool:
    weights = Accept.read(request.headers.get("accept-encoding")).weights
    return weights.get("gzip", 0.0) > 0
