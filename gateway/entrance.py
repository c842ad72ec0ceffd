"""What every request passes first: it gets an id, its true address, and an answer."""

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.settings import Settings
from gateway.errors import present
from gateway.telemetry.record import ADDRESS, REQUEST_ID, TRANSPORT
from gateway.telemetry.telemetry import Telemetry
from gateway.transports.headers import secure
from gateway.transports.proxies import Proxies

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PATHS = {"/", "/graphql", "/healthz", "/readyz", "/graphiql"}
_FOLDERS = ("/callbacks", "/graphiql")


class Entrance:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp, settings: Settings, telemetry: Telemetry) -> None:
        """Put an entrance before *app*.

        Raises:
            ConfigurationError: the trusted proxies cannot be read.
        """
        self._app = app
        self._proxies = Proxies(settings.trusted_proxies)
        self._hsts_seconds = settings.hsts_seconds
        self._telemetry = telemetry
        self._proxied: ASGIApp = ProxyHeadersMiddleware(  # type: ignore[assignment]
            self._serve,  # type: ignore[arg-type]
            self._proxies.names,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        REQUEST_ID.set(request_id)
        TRANSPORT.set(scope["type"])

        async def answer(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.accept"}:
                message.setdefault("headers", [])
                headers = MutableHeaders(scope=message)
                headers[HEADER] = request_id
                secure(headers, scope["scheme"], self._hsts_seconds)
            await send(message)

        await self._proxied(scope, receive, answer)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request whose address is known by now."""
        ADDRESS.set(_address(scope))
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        status = 0

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._telemetry.tracing.received(Headers(scope=scope)):
            try:
                await self._app(scope, receive, counted)
            except Exception as error:
                if status:
                    raise
                body = {"errors": [present(error)]}
                await JSONResponse(body, 500)(scope, receive, counted)
            finally:
                path = _path(scope["path"])
                responses = self._telemetry.metrics.responses
                responses.labels(path, str(status or "none")).inc()

    def _request_id(self, scope: Scope) -> str:
        """Return the id that a trusted proxy gave, or a new one."""
        given = Headers(scope=scope).get(HEADER)
        is_given = given is not None and _WELL_FORMED.fullmatch(given)
        if given is not None and is_given and self._proxies.trust(_address(scope)):
            return given
        return secrets.token_hex(8)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _path(path: str) -> str:
    """Return a path to count under, of which there are few."""
    if path in _PATHS:
        return path
    folder = next((one for one in _FOLDERS if path.startswith(f"{one}/")), None)
    return folder or "other"
