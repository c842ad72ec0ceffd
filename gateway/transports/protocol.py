"""How far a connection is listened to before it says what it wants.

uvicorn's fast parser takes heads of any length for any time. Here a connection is
closed whose head grows too long, or does not come to its end.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.settings import Settings

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose head is too long or comes too slowly."""

    most_bytes: ClassVar[int]
    timeout_s: ClassVar[float]

    _head_bytes = 0
    _is_whole = True
    _timer: asyncio.TimerHandle | None = None
    """Runs while a head is awaited, or the rest of a body that nobody reads."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what came, unless the head is whole."""
        super().data_received(data)
        if self._timer is None or not self._is_whole:
            return
        self._head_bytes += len(data)
        if self._head_bytes > self.most_bytes:
            self._close(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a head."""
        super().on_message_begin()
        self._end_head()
        self._begin_head()

    def on_headers_complete(self) -> None:
        """Wait no longer: the application does."""
        self._end_head()
        self._is_whole = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for nothing more of this request."""
        self._is_whole = True
        self._end_head()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait a while for the rest of a body that was answered before it came."""
        super().on_response_complete()
        if not self._is_whole:
            self._end_head()
            self._timer = self.loop.call_later(self.timeout_s, self._close, b"")

    def _begin_head(self) -> None:
        self._head_bytes = 0
        self._timer = self.loop.call_later(self.timeout_s, self._close, b"")

    def _end_head(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


def bounded(settings: Settings) -> type[BoundedProtocol]:
    """Return the protocol that serves connections with the limits of *settings*."""
    limits = {
        "most_bytes": settings.max_head_bytes,
        "timeout_s": settings.receive_timeout_ms / 1_000,
    }
    return type("Protocol", (BoundedProtocol,), limits)
