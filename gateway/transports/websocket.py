"""GraphQL over WebSocket: the graphql-transport-ws protocol.

One bad operation never ends the others: whatever is wrong with an operation is an
`error` message of its own. Only a breach of the protocol itself closes the socket, with
the code that the protocol gives it.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing, suppress
from dataclasses import replace
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from gateway.codes import Code
from gateway.errors import is_temporary, present
from gateway.execution import Operation, RequestRefusedError
from gateway.identity.caller import Caller
from gateway.languages import accepted
from gateway.lifelines import ExpiredError, Lifeline, StoppedError, until
from gateway.limits.refusals import LimitExceededError
from gateway.service import Service
from gateway.transports.origins import is_allowed
from gateway.transports.reading import MalformedError, read_json, read_operation

PROTOCOL = "graphql-transport-ws"
INIT_TIMEOUT_S = 5.0
TOO_MANY = 4429
"""Closes a socket whose caller goes beyond a limit: clients do not come back by it."""

_TRY_AGAIN, _BROKEN = 1013, 1011
_MAX_ID = 128
_MAX_REASON_BYTES = 123

_LANGUAGES = {"acceptlanguage", "accept-language"}
"""Members of `connection_init` that win over the header of that name."""


class ProtocolError(Exception):
    """The client broke the protocol; the socket is closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class SocketEndpoint:
    """Answers WebSocket connections."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, socket: WebSocket) -> None:
        """Serve one connection until either side ends it."""
        if not is_allowed(socket, self._service.engine.settings.origins):
            await socket.close()  # before it is accepted: an answer with status 403
            return
        if PROTOCOL not in socket.scope.get("subprotocols", ()):
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await socket.accept(subprotocol=PROTOCOL)
        await Session(self._service, socket).serve()


class Session:
    """One connection: who is behind it, and its operations under way."""

    def __init__(self, service: Service, socket: WebSocket) -> None:
        self._service = service
        self._settings = service.engine.settings
        self._socket = socket
        self._caller: Caller | None = None
        self._languages = accepted(socket.headers.get("accept-language"))
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()
        self._pace = service.pace()
        self._held = ExitStack()

    async def serve(self) -> None:
        """Take messages until the end, then stop what is under way."""
        try:
            async with asyncio.timeout(INIT_TIMEOUT_S):
                while self._caller is None:
                    await self._take(await self._receive())
            with self._service.lifelines.hold(self._caller) as line:
                await self._take_until(line)
        except ExpiredError:
            await self._close(4403, "The credential is good no more")
        except StoppedError:
            await self._close(1012, "The gateway ends; connect again")
        except TimeoutError:
            await self._close(4408, "Connection initialisation timeout")
        except ProtocolError as error:
            await self._close(error.code, error.reason)
        except WebSocketDisconnect:
            pass
        except Exception as error:  # noqa: BLE001  (whatever it is, the client hears)
            shown = present(error)
            code = _TRY_AGAIN if is_temporary(shown) else _BROKEN
            await self._close(code, shown["message"])
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._held.close()

    async def _take_until(self, line: Lifeline) -> None:
        """Take messages until the line is cut.

        Raises:
            CutError: it was; what runs was finished, if the gateway ends.
        """
        try:
            async with aclosing(until(self._messages(), line)) as messages:
                async for message in messages:
                    await self._take(message)
        except StoppedError:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            raise

    async def _messages(self) -> AsyncGenerator[dict[str, Any]]:
        while True:
            yield await self._receive()

    async def _receive(self) -> dict[str, Any]:
        """Return the next message, whose form has been checked."""
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1005))
        if not self._pace.allows(asyncio.get_running_loop().time()):
            raise ProtocolError(TOO_MANY, "Too many messages")
        text = received.get("text")
        if text is None:
            raise ProtocolError(4400, "Messages are texts")
        if len(text) > self._settings.max_body_bytes:
            raise ProtocolError(1009, "Message too big")
        try:
            message = read_json(text)
        except MalformedError:
            raise ProtocolError(4400, "Messages are JSON") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise ProtocolError(4400, "Messages are objects with a type")
        return message

    async def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._init(message)
            case "ping":
                await self._pong(message)
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                task = self._tasks.pop(_id(message), None)
                if task is not None:
                    task.cancel()
            case unknown:
                raise ProtocolError(4400, f"Unknown message type: {unknown[:40]}")

    async def _pong(self, message: dict[str, Any]) -> None:
        payload = message.get("payload")
        if payload is None:
            await self._send({"type": "pong"})
            return
        if not isinstance(payload, dict):
            raise ProtocolError(4400, "The payload of ping is an object")
        try:
            await self._send({"type": "pong", "payload": payload})
        except orjson.JSONEncodeError:
            raise ProtocolError(4400, "The payload is nested too deeply") from None

    async def _init(self, message: dict[str, Any]) -> None:
        if self._caller is not None:
            raise ProtocolError(4429, "Too many initialisation requests")
        payload = message.get("payload")
        if payload is not None and not isinstance(payload, dict):
            raise ProtocolError(4400, "The payload of connection_init is an object")
        authorization = self._socket.headers.get("authorization")
        for name, value in (payload or {}).items():
            if name.lower() == "authorization" and isinstance(value, str):
                authorization = value
            if name.lower() in _LANGUAGES and isinstance(value, str):
                self._languages = accepted(value)
        client = self._socket.client
        address = client.host if client else ""
        try:
            caller = await self._service.authenticate(authorization, address)
            if caller is None:
                raise ProtocolError(4403, "Forbidden")
            self._held.enter_context(self._service.socket(caller))
        except RequestRefusedError as refused:
            raise ProtocolError(TOO_MANY, refused.errors[0]["message"]) from None
        self._caller = caller
        await self._send({"type": "connection_ack"})

    async def _subscribe(self, message: dict[str, Any]) -> None:
        if self._caller is None:
            raise ProtocolError(4401, "Unauthorized")
        name = _id(message)
        if name in self._tasks:
            raise ProtocolError(4409, f"Subscriber for {name} already exists")
        try:
            operation = replace(
                read_operation(message.get("payload")), languages=self._languages
            )
        except MalformedError as error:
            raise ProtocolError(4400, f"Bad payload: {error}") from None
        allowed = self._settings.max_socket_operations
        if len(self._tasks) >= allowed:
            exceeded = LimitExceededError(
                "operations of a socket", len(self._tasks) + 1, allowed
            )
            shown = present(exceeded)
            await self._send({"type": "error", "id": name, "payload": [shown]})
            return
        self._tasks[name] = asyncio.create_task(
            self._run(name, operation, self._caller)
        )

    async def _run(self, name: str, operation: Operation, caller: Caller) -> None:
        """Run one operation; its id is free again before its last message goes out."""
        last: dict[str, Any] = {"type": "complete", "id": name}
        try:
            task = await self._service.admit(operation, caller)
            if task.is_subscription:
                async with aclosing(await self._service.begin(task)) as stream:
                    async for answer in stream:
                        await self._next(name, answer)
            else:
                await self._next(name, await self._service.run(task))
        except RequestRefusedError as refused:
            if refused.errors[0]["extensions"]["code"] == Code.GOING_AWAY:
                return  # the closed socket tells it; an error would end it for good
            last = {"type": "error", "id": name, "payload": refused.errors}
        except (asyncio.CancelledError, WebSocketDisconnect):
            raise
        except Exception as error:  # noqa: BLE001  (whatever it is, the client hears)
            last = {"type": "error", "id": name, "payload": [present(error)]}
        if self._tasks.pop(name, None) is not None:
            with suppress(WebSocketDisconnect):
                await self._send(last)

    async def _next(self, name: str, answer: dict[str, Any]) -> None:
        await self._send({"type": "next", "id": name, "payload": answer})

    async def _send(self, message: dict[str, Any]) -> None:
        async with self._sending:
            if self._socket.application_state is not WebSocketState.CONNECTED:
                raise WebSocketDisconnect(1006)
            await self._socket.send_text(orjson.dumps(message).decode())

    async def _close(self, code: int, reason: str) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            with suppress(RuntimeError, WebSocketDisconnect):
                shown = reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
                await self._socket.close(code, shown)


def _id(message: dict[str, Any]) -> str:
    name = message.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= _MAX_ID:
        raise ProtocolError(4400, "Messages of operations have an id, a text")
    return name
