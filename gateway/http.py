"""GraphQL over HTTP: POST with JSON, answered with one response."""

from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from core.engine import Engine
from gateway.auth import authenticate
from gateway.context import Context
from gateway.errors import coded
from gateway.execution import Answer, Executor, RequestRefusedError, is_subscription
from gateway.reading import MalformedError, read_json, read_operation

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
_COMMON = {
    "Cache-Control": "no-store",
    "Vary": "Accept, Authorization",
    "X-Content-Type-Options": "nosniff",
}


class _RefusedError(Exception):
    """A request that is refused before its operation is looked at."""

    def __init__(self, status: int, code: str, text: str, **headers: str) -> None:
        super().__init__(text)
        self.status = status
        self.error = coded(text, code)
        self.headers = headers


class HttpEndpoint:
    """Answers POST requests."""

    def __init__(self, engine: Engine, executor: Executor) -> None:
        self._engine = engine
        self._executor = executor

    async def __call__(self, request: Request) -> Response:
        """Check the request from the outside in, then run its operation."""
        media_type = _accepted(request.headers.get("accept"))
        try:
            answer = await self._answer(request, media_type)
        except _RefusedError as refused:
            body: Answer = {"errors": [refused.error]}
            return _reply(media_type or JSON, refused.status, body, **refused.headers)
        except RequestRefusedError as refused:
            answer = {"errors": refused.errors}
        status = 400 if media_type == GRAPHQL_JSON and "data" not in answer else 200
        return _reply(media_type or JSON, status, answer)

    async def _answer(self, request: Request, media_type: str | None) -> Answer:
        if request.method != "POST":
            raise _RefusedError(405, "METHOD_NOT_ALLOWED", "use POST", Allow="POST")
        if media_type is None:
            raise _RefusedError(
                406, "NOT_ACCEPTABLE", f"accept {GRAPHQL_JSON} or {JSON}"
            )
        content_type = request.headers.get("content-type", "")
        if content_type.partition(";")[0].strip().lower() != JSON:
            raise _RefusedError(415, "UNSUPPORTED_MEDIA_TYPE", f"send {JSON}")
        actor = await authenticate(self._engine, request.headers.get("authorization"))
        if actor is None:
            challenge = {"WWW-Authenticate": "Bearer"}
            text = "send a valid bearer token"
            raise _RefusedError(401, "UNAUTHENTICATED", text, **challenge)
        try:
            operation = read_operation(read_json(await self._body(request)))
        except MalformedError as error:
            raise _RefusedError(400, "BAD_REQUEST", str(error)) from None
        prepared = self._executor.prepare(operation.query)
        if is_subscription(prepared.choose(operation.name)):
            text = "subscriptions run over a WebSocket (graphql-transport-ws)"
            raise RequestRefusedError([coded(text, "OPERATION_NOT_SUPPORTED")])
        context = Context(self._engine, actor)
        return await self._executor.run(prepared, operation, context)

    async def _body(self, request: Request) -> bytes:
        """Return the body, reading no more of it than is allowed."""
        limit = self._engine.settings.max_body_bytes
        too_large = _RefusedError(
            413, "BODY_TOO_LARGE", f"at most {limit} bytes", Connection="close"
        )
        declared = request.headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared[:20]) > limit:
            raise too_large
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise too_large
        except ClientDisconnect:
            return b""
        return bytes(body)


def _accepted(accept: str | None) -> str | None:
    """Return the media type to answer with: the heavier of the two that we speak."""
    if accept is None or not accept.strip():
        return JSON
    weights: dict[str, float] = {}
    for one in accept.split(","):
        name, *parameters = (part.strip().lower() for part in one.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        weights[name] = max(weight, weights.get(name, 0.0))
    anything = max(weights.get("*/*", 0.0), weights.get("application/*", 0.0))
    ours = {kind: weights.get(kind, anything) for kind in (JSON, GRAPHQL_JSON)}
    best = max(ours, key=lambda kind: ours[kind])
    return best if ours[best] > 0 else None


def _reply(media_type: str, status: int, answer: Answer, **headers: Any) -> Response:
    return Response(
        orjson.dumps(answer),
        status,
        {"Content-Type": f"{media_type}; charset=utf-8"} | _COMMON | headers,
    )
