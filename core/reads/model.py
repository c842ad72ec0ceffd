"""What the read model is made of.

SQL appears here as templates: `{t}` is the alias of the row itself, `{p}` of the row
that a relation leads from, `{now}` the present instant. Nobody outside `core.reads`
sees them; others know entities, attributes and relations by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto


class Form(Enum):
    """How a value is written as JSON."""

    TEXT = auto()
    INTEGER = auto()
    BOOLEAN = auto()
    INSTANT = auto()
    """Microseconds in the database, RFC 3339 in UTC with milliseconds as JSON."""
    DOCUMENT = auto()
    """Stored JSON text, of which a path can be selected."""
    ELEMENT = auto()
    """A whole number of a JSON array: the template is its place."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value of a row."""

    sql: str
    form: Form = Form.TEXT


@dataclass(frozen=True, slots=True)
class Id:
    """A global id (`core.ids`), made of one or two columns."""

    entity: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """The way to other rows.

    Attributes:
        entity: what they are.
        on: what ties them to the row before.
        is_many: a list; else one row or none.
        order: column by which a list is ordered; also its cursor, if it has pages.
        descending: newest or highest first.
        source: FROM clause, where the entity's own does not do.
    """

    entity: str
    on: str
    is_many: bool = False
    order: str = ""
    descending: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of row.

    Attributes:
        source: FROM clause.
        key: columns that identify a row.
        scope: conditions on program and holder of the caller; `{program}`, `{holder}`.
        attributes: what can be read of it.
        relations: where it leads.
        discriminator: column that tells variants apart, if there are any.
    """

    source: str
    key: tuple[str, ...]
    program_scope: str
    holder_scope: str = ""
    attributes: Mapping[str, Attribute | Id] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    discriminator: str = ""


PROGRAM_SCOPE = "{t}.program_id = {program}"
"""Scope of rows that carry their program."""


def number(column: str) -> Attribute:
    """Return the attribute of a column with whole numbers."""
    return Attribute(f"{{t}}.{column}", Form.INTEGER)


def instant(column: str) -> Attribute:
    """Return the attribute of a column with instants."""
    return Attribute(f"{{t}}.{column}", Form.INSTANT)


def text(column: str) -> Attribute:
    """Return the attribute of a column with texts."""
    return Attribute(f"{{t}}.{column}")
