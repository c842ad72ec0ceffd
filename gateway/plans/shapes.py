"""Shapes: how the rows that come back are arranged.

Pages become connections; of documents that an older version of a plugin has stored, the
members are taken out here, as SQL does where the version is today's.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import PluginFailedError
from core.reads.selection import CURSOR, STORED, TYPE, Member, Page
from gateway.plans import cursors, pages
from gateway.plans.documents import Versioned, taken
from gateway.plans.sources import FAULT

Row = dict[str, Any]

RETIRED = "@retired"
"""Key under which a row stands as one whose type is not installed."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionShape:
    """How rows of a page become a connection: its fields by response key."""

    name: str
    page: Page
    fields: Mapping[str, tuple[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class StoredShape:
    """What is taken out of a document of another version, by response key.

    `retired` are name and shape of the type as which a row is shown whose document
    cannot be read; None: it is shown as an error.
    """

    document: Versioned
    members: Mapping[str, Member]
    retired: "tuple[str, Shape] | None"

    def unfold(self, row: Row) -> bool:
        """Take the members out; False if the row is no longer what it was."""
        found, retired = row.pop(STORED), row.pop(RETIRED, None)
        try:
            # A document without a version would be the first one's.
            document = self.document.read(found["document"], found["version"] or 1)
        except PluginFailedError as error:
            if self.retired is None:
                row[FAULT] = error
                return False
            _log.warning("%s", error)
            name, shape = self.retired
            row.clear()
            row.update(retired, **{TYPE: name})
            shape.arrange(row)
            return False
        for key, member in self.members.items():
            row[key] = taken(document, member)
        return True


@dataclass(slots=True)
class Shape:
    """What is to be arranged below a row, by response key."""

    connections: dict[str, ConnectionShape] = field(default_factory=dict)
    below: dict[str, "Shape"] = field(default_factory=dict)
    variants: dict[str, "Shape"] = field(default_factory=dict)
    stored: StoredShape | None = None

    def arrange(self, value: Any) -> None:
        """Arrange a row, or every row of a list, in place."""
        if isinstance(value, list):
            for row in value:
                self.arrange(row)
        elif isinstance(value, dict):
            if self.variants:
                self.variants[value[TYPE]].arrange(value)
            if STORED in value and self.stored and not self.stored.unfold(value):
                return
            for key, shape in self.below.items():
                shape.arrange(value[key])
            for key, connection in self.connections.items():
                value[key] = _connection(connection, value[key], _counts(value, key))


def _counts(row: Row, key: str) -> dict[str, int]:
    """Take out what was counted for the connection *key*."""
    parts = (pages.TOTAL, pages.BEFORE, pages.AFTER)
    keys = {part: pages.key_of(key, part) for part in parts}
    return {part: row.pop(one) for part, one in keys.items() if one in row}


def _connection(shape: ConnectionShape, rows: list[Row], counts: dict[str, int]) -> Row:
    wanted = shape.page
    shown, goes_on = rows[: wanted.size], len(rows) > wanted.size
    if wanted.backward:
        shown.reverse()
    follows, precedes = (False, goes_on) if wanted.backward else (goes_on, False)
    total = counts.get(pages.TOTAL, 0)
    page = {
        "hasNextPage": follows or bool(counts.get(pages.AFTER)),
        "hasPreviousPage": precedes or bool(counts.get(pages.BEFORE)),
        "startCursor": _cursor(shape, shown[0]) if shown else None,
        "endCursor": _cursor(shape, shown[-1]) if shown else None,
    }
    result: Row = {}
    for key, (name, parts) in shape.fields.items():
        if name == "nodes":
            result[key] = [row[key] for row in shown]
        elif name == "totalCount":
            result[key] = total if total <= pages.MAX_COUNT else None
        elif name == "pageInfo":
            result[key] = {alias: page[part] for alias, part in parts.items()}
        else:
            result[key] = [
                {
                    alias: _cursor(shape, row) if part == "cursor" else row[key][alias]
                    for alias, part in parts.items()
                }
                for row in shown
            ]
    return result


def _cursor(shape: ConnectionShape, row: Row) -> str:
    return cursors.encode(shape.name, row[CURSOR])
