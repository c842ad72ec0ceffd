"""Acme's booking system, as far as a test needs it: a server with a few rules.

Full on Sundays; the kitchen has to confirm dinners; nobody in Graz has dinner. A quick
kitchen has confirmed as soon as somebody looks.
"""

import json
import threading
from collections import Counter
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "the key that Acme gave us"
_SUNDAY = 6


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


class AcmeDesk:
    """The system, listening on a port of its own."""

    def __init__(self, *, has_quick_kitchen: bool = False) -> None:
        self.has_quick_kitchen = has_quick_kitchen
        self.bookings: dict[str, dict[str, Any]] = {}
        self.made: Counter[str] = Counter()
        self.keys: set[str] = set()
        self.entered: set[str] = set()
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def confirm(self, reference: str) -> None:
        """The kitchen says yes."""
        self.bookings[reference]["state"] = "confirmed"
        self.made[reference] += 1

    def put(self, reference: str, visit: dict[str, Any]) -> tuple[int, object]:
        day = date.fromisoformat(visit["visit_on"])
        if day.weekday() == _SUNDAY:
            return 409, {"next_free_on": str(day + timedelta(days=1))}
        if reference not in self.bookings:
            self.bookings[reference] = self._booking(visit, day)
            self.made[reference] += self.bookings[reference]["state"] == "confirmed"
        return 200, self.bookings[reference]

    def get(self, reference: str, _: object) -> tuple[int, object]:
        found = self.bookings.get(reference)
        if found and found["state"] == "pending" and self.has_quick_kitchen:
            self.confirm(reference)
        return (404, {}) if found is None else (200, found)

    def delete(self, reference: str, _: object) -> tuple[int, object]:
        if reference in self.entered:
            return 409, {}
        if reference in self.bookings:
            self.bookings[reference]["state"] = "cancelled"
        return 200, {}

    def _booking(self, visit: dict[str, Any], day: date) -> dict[str, Any]:
        visitors = 1 + len(visit["guests"])
        state = "confirmed"
        if visit["meal"] == "dinner":
            state = "declined" if visit["airport"] == "GRZ" else "pending"
        return {
            "state": state,
            "code": f"ACME-{len(self.bookings) + 1:04}",
            "valid_until": f"{day}T22:00:00Z",
            "worth": {"amount_minor": 3900 * visitors, "currency_code": "EUR"},
        }


def _handler(desk: AcmeDesk) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(size) or b"null")
            key = self.headers.get("Authorization", "").removeprefix("Bearer ")
            method = getattr(desk, self.command.lower())
            with desk.lock:
                desk.keys.add(key)
                status, document = method(self.path.rpartition("/")[2], body)
            text = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_PUT = do_GET = do_DELETE = answer  # noqa: N815  (names of http.server)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
