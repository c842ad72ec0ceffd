"""A partner whose books show every real-world effect, and who is often in trouble.

It remembers what it has done under a reference in a file of its own, as a partner's
system would; a process that is killed cannot take that back.
"""

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from core.extension.hookspecs import hookimpl
from guerdon import (
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    Probed,
    RewardRequest,
    RewardType,
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS effect (
  reference TEXT PRIMARY KEY, state TEXT NOT NULL, redemption TEXT NOT NULL
)
"""


class Books:
    """What was done, by reference: `booked`, `refused` or `revoked`, once for ever."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._open()) as connection:
            connection.execute(_SCHEMA)

    def do(self, reference: str, state: str, redemption: str) -> str:
        """Do something, unless something else was done; return what was."""
        with closing(self._open()) as connection:
            connection.execute(
                "INSERT OR IGNORE INTO effect VALUES (?, ?, ?)",
                (reference, state, redemption),
            )
        return self.find(reference) or ""

    def revoke(self, reference: str) -> None:
        """Take back what was booked."""
        with closing(self._open()) as connection:
            connection.execute(
                "UPDATE effect SET state = 'revoked' WHERE reference = ?", (reference,)
            )

    def find(self, reference: str) -> str | None:
        """Return what was done under a reference."""
        with closing(self._open()) as connection:
            row = connection.execute(
                "SELECT state FROM effect WHERE reference = ?", (reference,)
            ).fetchone()
        return None if row is None else str(row[0])

    def all(self) -> list[tuple[str, str]]:
        """Return each redemption that something was done for, and what."""
        with closing(self._open()) as connection:
            return connection.execute("SELECT redemption, state FROM effect").fetchall()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        return connection


class Seats(BaseModel):
    """Config."""

    seats: int = Field(description="Units.")
    has_codes: bool = Field(default=False, description="Whether they are codes.")


class Booking(BaseModel):
    """Fulfillment."""

    reference: str = Field(description="Reference.")
    codes: list[str] = Field(description="Codes.")


class Booked(RewardType[Seats, None, Booking]):
    """Something that the partner books, when it does not fail."""

    code = "booked"
    config, options, fulfillment = Seats, None, Booking

    def __init__(self, books: Books) -> None:
        self._books = books

    def capacity(self, config: Seats) -> int | None:
        return None if config.has_codes else config.seats

    def uses_codes(self, config: Seats) -> bool:
        return config.has_codes

    def fulfill(self, request: RewardRequest[Seats, None]) -> Booking:
        trouble = random.random()
        if trouble < 0.1:
            time.sleep(0.5)  # longer than the deadline: it is booked all the same
        wanted = "refused" if 0.1 < trouble < 0.2 else "booked"
        state = self._books.do(request.token, wanted, request.redemption_id)
        if trouble > 0.9:
            raise RuntimeError("the answer was lost")
        return self._booking(request, state)

    def probe(self, request: RewardRequest[Seats, None]) -> Probed[Booking]:
        if random.random() < 0.1:
            raise RuntimeError("the line is dead")
        state = self._books.find(request.token)
        if state is None or state == "refused":
            return NotFulfilled()
        return Fulfilled(self._booking(request, state))

    def revoke(self, request: RewardRequest[Seats, None]) -> None:
        self._books.revoke(request.token)
        if random.random() < 0.2:
            raise RuntimeError("the answer was lost")

    def _booking(self, request: RewardRequest[Seats, None], state: str) -> Booking:
        if state == "refused":
            raise FulfillmentRefused("sold out")
        return Booking(reference=request.token[:8], codes=list(request.codes))


class Plugin:
    """The partner as a plugin."""

    def __init__(self, books: Books) -> None:
        self._books = books

    @hookimpl
    def register_reward_types(self) -> list[RewardType[Any, Any, Any]]:
        return [Booked(self._books)]
