"""What is known of the operation that runs here, until it is told at its end."""

from contextvars import ContextVar
from dataclasses import dataclass, field

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request or socket that is served here."""

ADDRESS: ContextVar[str] = ContextVar("address", default="")
"""Where it comes from, as far as it can be trusted."""

TRANSPORT: ContextVar[str] = ContextVar("transport", default="http")
"""What it comes by: `http` or `websocket`."""

ANONYMOUS = "anonymous"


@dataclass(slots=True)
class Record:
    """One operation.

    Attributes:
        began_s: on the monotonic clock.
        kind: `query`, `mutation`, `subscription`; `unknown` if it cannot be told.
        name: that the document gives it.
        transport: that it came by: `http`, `websocket`, `event-stream`, `mixed`.
        address: where it came from.
        role: of the caller.
        client: of the caller, if it is no member.
        codes: of errors in the answer.
        refusals: codes of user errors in the payload of a mutation.
        events: answers of a subscription.
    """

    began_s: float
    kind: str = "unknown"
    name: str = ANONYMOUS
    transport: str = field(default_factory=TRANSPORT.get)
    address: str = field(default_factory=ADDRESS.get)
    role: str = ""
    client: str = ""
    codes: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    events: int = 0


PRESENT: ContextVar[Record | None] = ContextVar("operation", default=None)
"""The operation that runs here."""


def note_transport(transport: str) -> None:
    """Note by what the answers of the present operation travel."""
    record = PRESENT.get()
    if record is not None:
        record.transport = transport


def note_refusal(code: str) -> None:
    """Note that a mutation answers with a user error."""
    record = PRESENT.get()
    if record is not None:
        record.refusals.append(code)
