"""Streams of answers as text: server-sent events, and multipart. Pure.

Events are those of graphql-sse's "distinct connections": `next` with an answer,
`complete` at the end. Line ends are LF alone, since some clients look for LF LF.

Parts are those of Apollo's subscriptions over multipart HTTP. Each delimiter follows
its part at once, so that a client need not wait for the next part to read this one; the
last one is followed by `--`, so that no part is empty.
"""

from dataclasses import dataclass

import orjson

from gateway.execution import Answer
from gateway.transports.negotiation import EVENT_STREAM, MULTIPART

_DELIMITER = b"\r\n---"
_PART = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Frames:
    """How a stream is written.

    Attributes:
        content_type: of the answer.
        begin: goes out at once, so that the client knows that it is connected.
        heartbeat: goes out when nothing else did for a while.
        end: says that nothing more comes. A stream without it was cut.
    """

    content_type: str
    begin: bytes
    heartbeat: bytes
    end: bytes

    def answer(self, answer: Answer) -> bytes:
        """Return the frame of an answer."""
        if self is EVENTS:
            return b"event: next\ndata: " + orjson.dumps(answer) + b"\n\n"
        return _part({"payload": answer})

    def failure(self, errors: list[Answer]) -> bytes:
        """Return the frame of what ended a stream that had begun."""
        if self is EVENTS:
            return self.answer({"errors": errors})
        return _part({"payload": None, "errors": errors})


def _part(value: Answer) -> bytes:
    return _PART + orjson.dumps(value) + _DELIMITER


EVENTS = Frames(
    f"{EVENT_STREAM}; charset=utf-8", b":\n\n", b":\n\n", b"event: complete\ndata: \n\n"
)
PARTS = Frames(
    f'{MULTIPART}; boundary="-"; subscriptionSpec="1.0"',
    _DELIMITER,
    _part({}),
    b"--\r\n",
)
FRAMES = {EVENT_STREAM: EVENTS, MULTIPART: PARTS}
"""By media type."""
