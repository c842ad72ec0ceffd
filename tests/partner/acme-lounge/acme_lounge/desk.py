"""Acme's booking system. It knows our reference, so that asking twice is safe."""

import json
from datetime import date, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from pydantic import BaseModel

from guerdon import Money

_TIMEOUT_SECONDS = 4.0


class State(StrEnum):
    """Where a booking stands."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class Booking(BaseModel):
    """A booking, as the desk tells it."""

    state: State
    code: str = ""
    valid_until: datetime
    worth: Money


class FullyBookedError(Exception):
    """There is no room on that day; nothing was booked."""

    def __init__(self, next_free_on: date | None) -> None:
        super().__init__(next_free_on)
        self.next_free_on = next_free_on


class EnteredError(Exception):
    """The visitors are in the lounge, or were."""


class Desk(Protocol):
    """What the lounge needs of it."""

    def book(self, reference: str, visit: dict[str, Any]) -> Booking:
        """Book a visit, once for each reference."""

    def find(self, reference: str) -> Booking | None:
        """Return what was booked."""

    def cancel(self, reference: str) -> None:
        """Call it off, unless somebody has entered."""


class HttpDesk:
    """The desk, over HTTP."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._key = key

    def book(self, reference: str, visit: dict[str, Any]) -> Booking:
        """Raise FullyBookedError if there is no room."""
        try:
            return Booking.model_validate(self._ask("PUT", reference, visit))
        except HTTPError as error:
            if error.code != HTTPStatus.CONFLICT:
                raise
            raise FullyBookedError(json.load(error)["next_free_on"]) from error

    def find(self, reference: str) -> Booking | None:
        """Return None if nothing was booked."""
        try:
            return Booking.model_validate(self._ask("GET", reference))
        except HTTPError as error:
            if error.code != HTTPStatus.NOT_FOUND:
                raise
            return None

    def cancel(self, reference: str) -> None:
        """Raise EnteredError if it is too late."""
        try:
            self._ask("DELETE", reference)
        except HTTPError as error:
            if error.code != HTTPStatus.CONFLICT:
                raise
            raise EnteredError from error

    def _ask(self, method: str, reference: str, body: object = None) -> Any:
        request = Request(
            f"{self._url}/bookings/{reference}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._key}"},
        )
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
            return json.load(answer)
