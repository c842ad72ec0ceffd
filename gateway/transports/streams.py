"""Sends a stream of answers over HTTP.

Nothing is kept between the source and the client: the next answer is asked for when the
one before was taken by the connection, so a client that does not read holds up its own
stream alone.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gateway.codes import Code
from gateway.errors import present
from gateway.execution import Answer, RequestRefusedError
from gateway.transports.frames import Frames
from gateway.transports.replies import COMMON

Source = AsyncGenerator[Answer]


class StreamResponse(Response):
    """Sends frames while the client is there.

    Starlette's own response cancels whatever the body still does to clean up; here the
    source is closed before the response ends.
    """

    def __init__(self, frames: Frames, source: Source, heartbeat_s: float) -> None:
        """Prepare it.

        Args:
            frames: how it is written.
            source: of answers; closed in the end, also when the client goes away.
            heartbeat_s: after so long without an answer a sign of life is sent.
        """
        self.status_code = 200
        self.background = None
        self._source = source
        self._body = _framed(frames, source, heartbeat_s)
        self.init_headers(
            COMMON | {"Content-Type": frames.content_type, "X-Accel-Buffering": "no"}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the source or the client ends."""
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.wait({sending, leaving})
            await self._source.aclose()  # the client may go before anything was asked
        if not sending.cancelled():
            with suppress(OSError):  # the client went while something was sent
                sending.result()

    async def _send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status_code}
        await send(start | {"headers": self.raw_headers})
        async with aclosing(self._body) as frames:
            async for frame in frames:
                await send(_chunk(frame))
        await send(_chunk(b"", more=False))


def _chunk(frame: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": frame, "more_body": more}


async def _gone(receive: Receive) -> None:
    """Wait until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def single(answer: Answer) -> Source:
    """Yield one answer, as a stream."""
    yield answer


async def _framed(
    frames: Frames, source: Source, heartbeat_s: float
) -> AsyncGenerator[bytes]:
    yield frames.begin
    try:
        async with aclosing(_beating(source, heartbeat_s)) as answers:
            async for answer in answers:
                yield frames.heartbeat if answer is None else frames.answer(answer)
    except RequestRefusedError as refused:
        yield frames.failure(refused.errors)
        if _is_cut(refused):
            return
    except Exception as error:  # noqa: BLE001  (whatever it is, the client hears)
        yield frames.failure([present(error)])
    yield frames.end


async def _beating(source: Source, heartbeat_s: float) -> AsyncGenerator[Answer | None]:
    """Yield what the source yields, and None after each while of silence."""
    waiting: asyncio.Task[Answer] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(_next(source))
            done, _ = await asyncio.wait({waiting}, timeout=heartbeat_s)
            if not done:
                yield None
                continue
            finished, waiting = waiting, None
            try:
                answer = finished.result()
            except StopAsyncIteration:
                return
            yield answer
    finally:
        if waiting is not None:
            waiting.cancel()
            await asyncio.wait({waiting})
        await source.aclose()


async def _next(source: Source) -> Answer:
    return await anext(source)


def _is_cut(refused: RequestRefusedError) -> bool:
    """Tell whether the client is to come back; what ends in good order stays ended."""
    return bool(refused.errors[0]["extensions"]["code"] == Code.GOING_AWAY)
