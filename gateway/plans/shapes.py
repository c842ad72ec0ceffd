"""Shapes: how the rows that come back are arranged into connections."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.reads.selection import CURSOR, TYPE, Page
from gateway.plans import cursors

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ConnectionShape:
    """How rows of a page become a connection: its fields by response key."""

    name: str
    page: Page
    fields: Mapping[str, tuple[str, Mapping[str, str]]]


@dataclass(slots=True)
class Shape:
    """What is to be arranged below a row, by response key."""

    connections: dict[str, ConnectionShape] = field(default_factory=dict)
    below: dict[str, "Shape"] = field(default_factory=dict)
    variants: dict[str, "Shape"] = field(default_factory=dict)

    def arrange(self, value: Any) -> None:
        """Arrange a row, or every row of a list, in place."""
        if isinstance(value, list):
            for row in value:
                self.arrange(row)
        elif isinstance(value, dict):
            if self.variants:
                self.variants[value[TYPE]].arrange(value)
            for key, shape in self.below.items():
                shape.arrange(value[key])
            for key, connection in self.connections.items():
                value[key] = _connection(connection, value[key])


def _connection(shape: ConnectionShape, rows: list[Row]) -> Row:
    wanted = shape.page
    shown, goes_on = rows[: wanted.size], len(rows) > wanted.size
    if wanted.backward:
        shown.reverse()
    page = {
        "hasNextPage": wanted.before is not None if wanted.backward else goes_on,
        "hasPreviousPage": goes_on if wanted.backward else wanted.after is not None,
        "startCursor": _cursor(shape, shown[0]) if shown else None,
        "endCursor": _cursor(shape, shown[-1]) if shown else None,
    }
    result: Row = {}
    for key, (name, parts) in shape.fields.items():
        if name == "nodes":
            result[key] = [row[key] for row in shown]
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
