"""GraphQL over WebSocket: the graphql-transport-ws protocol.

One bad operation never ends the others: whatever is wrong with an operation is an
`error` message of its own. Only a breach of the protocol itself closes the socket, with
the code that the protocol gives it.
"""

import asyncio
from contextlib import aclosing, suppress
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from core.actors import Actor
from core.engine import Engine
from gateway.auth import authenticate
from gateway.context import Context
from gateway.errors import coded, present
from gateway.execution import Executor, Operation, RequestRefusedError, is_subscription
from gateway.reading import MalformedError, read_json, read_operation

PROTOCOL = "graphql-transport-ws"
INIT_TIMEOUT_S = 5.0
_MAX_ID = 128


class ProtocolError(Exception):
    """The client broke the protocol; the socket is closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class SocketEndpoint:
    """Answers WebSocket connections."""

    def __init__(self, engine: Engine, executor: Executor) -> None:
        self._engine = engine
        self._executor = executor

    async def __call__(self, socket: WebSocket) -> None:
        """Serve one connection until either side ends it."""
        if PROTOCOL not in socket.scope.get("subprotocols", ()):
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await socket.accept(subprotocol=PROTOCOL)
        await Session(self._engine, self._executor, socket).serve()


class Session:
    """One connection: who is behind it, and its operations under way."""

    def __init__(self, engine: Engine, executor: Executor, socket: WebSocket) -> None:
        self._engine = engine
        self._executor = executor
        self._socket = socket
        self._actor: Actor | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        """Take messages until the end, then stop what is under way."""
        try:
            async with asyncio.timeout(INIT_TIMEOUT_S):
                while self._actor is None:
                    await self._take(await self._receive())
            while True:
                await self._take(await self._receive())
        except TimeoutError:
            await self._close(4408, "Connection initialisation timeout")
        except ProtocolError as error:
            await self._close(error.code, error.reason)
        except WebSocketDisconnect:
            pass
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self) -> dict[str, Any]:
        """Return the next message, whose form has been checked."""
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1005))
        text = received.get("text")
        if text is None:
            raise ProtocolError(4400, "Messages are texts")
        if len(text) > self._engine.settings.max_body_bytes:
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
                payload = message.get("payload")
                pong = {"type": "pong"}
                await self._send(
                    pong if payload is None else pong | {"payload": payload}
                )
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

    async def _init(self, message: dict[str, Any]) -> None:
        if self._actor is not None:
            raise ProtocolError(4429, "Too many initialisation requests")
        payload = message.get("payload")
        if payload is not None and not isinstance(payload, dict):
            raise ProtocolError(4400, "The payload of connection_init is an object")
        authorization = self._socket.headers.get("authorization")
        for name, value in (payload or {}).items():
            if name.lower() == "authorization" and isinstance(value, str):
                authorization = value
        self._actor = await authenticate(self._engine, authorization)
        if self._actor is None:
            raise ProtocolError(4403, "Forbidden")
        await self._send({"type": "connection_ack"})

    async def _subscribe(self, message: dict[str, Any]) -> None:
        if self._actor is None:
            raise ProtocolError(4401, "Unauthorized")
        name = _id(message)
        if name in self._tasks:
            raise ProtocolError(4409, f"Subscriber for {name} already exists")
        try:
            operation = read_operation(message.get("payload"))
        except MalformedError as error:
            raise ProtocolError(4400, f"Bad payload: {error}") from None
        if len(self._tasks) >= self._engine.settings.max_socket_operations:
            limit = self._engine.settings.max_socket_operations
            shown = coded(f"at most {limit} operations at once", "LIMIT_EXCEEDED")
            await self._send({"type": "error", "id": name, "payload": [shown]})
            return
        self._tasks[name] = asyncio.create_task(
            self._run(name, operation, Context(self._engine, self._actor))
        )

    async def _run(self, name: str, operation: Operation, context: Context) -> None:
        """Run one operation; its id is free again before its last message goes out."""
        last: dict[str, Any] = {"type": "complete", "id": name}
        try:
            prepared = self._executor.prepare(operation.query)
            if is_subscription(prepared.choose(operation.name)):
                stream = self._executor.stream(prepared, operation, context)
                async with aclosing(stream):
                    async for answer in stream:
                        await self._next(name, answer)
            else:
                answer = await self._executor.run(prepared, operation, context)
                await self._next(name, answer)
        except RequestRefusedError as refused:
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
                await self._socket.close(code, reason[:120])


def _id(message: dict[str, Any]) -> str:
    name = message.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= _MAX_ID:
        raise ProtocolError(4400, "Messages of operations have an id, a text")
    return name
