"""Which lines of a file tell of which member, wherever they stand.

Of each line its number and its place in the file are kept, no more, so that a file much
larger than memory can be imported member by member.
"""

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from core.bulk.lines import LineError

Raw = tuple[int, bytes]
"""The number of a line, and the line."""

_SAID = re.compile(rb'"(?:member|number)"\s*:\s*"([^"\\]*)"')


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines that tell of a member: numbers and places by turns."""

    member: str
    places: "array[int]"

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self.places) // 2


class Index:
    """The lines of a file, by member.

    `errors` are lines of which nobody can tell whose they are. A line that is broken in
    another way is its member's, and is found to be wrong when it is read.
    """

    def __init__(self, path: Path) -> None:
        """Read the file once."""
        self.errors: list[LineError] = []
        self._places: dict[str, array[int]] = {}
        with path.open("rb") as file:
            place = 0
            for number, raw in enumerate(file, 1):
                if not raw.isspace():
                    self._take_in(number, place, raw)
                place += len(raw)

    def __len__(self) -> int:
        """Return how many lines tell of members."""
        return sum(len(places) for places in self._places.values()) // 2

    def batches(self, size: int) -> Iterator[list[Lines]]:
        """Yield members with at least *size* lines together, as long as there are."""
        batch: list[Lines] = []
        lines = 0
        for member, places in self._places.items():
            batch.append(Lines(member, places))
            lines += len(batch[-1])
            if lines >= size:
                yield batch
                batch, lines = [], 0
        if batch:
            yield batch

    def _take_in(self, number: int, place: int, raw: bytes) -> None:
        member = _member(raw)
        if member is None:
            reason = "nobody can tell of which member it tells"
            self.errors.append(LineError(number, None, reason))
        else:
            self._places.setdefault(member, array("Q")).extend((number, place))


def _member(raw: bytes) -> str | None:
    """Return the number of the member of whom a line tells, or seems to tell."""
    try:
        values = orjson.loads(raw)
        member = values["number" if values["type"] == "member" else "member"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        said = _SAID.search(raw)
        return None if said is None else said[1].decode(errors="replace")
    return member if isinstance(member, str) else None


def read_lines(path: Path, members: Iterable[Lines]) -> Iterator[list[Raw]]:
    """Yield the lines of each of *members*."""
    with path.open("rb") as file:
        for one in members:
            raws = []
            for at in range(0, len(one.places), 2):
                file.seek(one.places[at + 1])
                raws.append((one.places[at], file.readline()))
            yield raws
