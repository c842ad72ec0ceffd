"""What the read model is made of.

SQL appears here as templates: `{t}` is the alias of the row itself, `{p}` of the row
that a relation leads from, `{now}` the present instant; other names stand for what is
given with a selection. What the databases spell differently is written as

    {each:ARRAY:ALIAS}      rows of a JSON array
    {element:ALIAS:PLACE}   a whole number of an array that `each` gave
    {member:OBJECT:NAME}    a whole number of a JSON object, 0 if it is absent
    {joined:ALIAS:COLUMN}   texts of several rows, with commas between them

Nobody outside `core.reads` sees them; others know entities, attributes and relations by
name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from core.actors import Needs


class Form(Enum):
    """How a value is written as JSON."""

    TEXT = auto()
    INTEGER = auto()
    BOOLEAN = auto()
    INSTANT = auto()
    """Microseconds in the database, RFC 3339 in UTC with milliseconds as JSON."""
    DOCUMENT = auto()
    """Stored JSON text, of which members can be selected."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value of a row; of a document, also its version; of a text, its translations.

    It is null to whoever does not have what it `needs`, if that is said.
    """

    sql: str
    form: Form = Form.TEXT
    version: str = ""
    needs: Needs | None = None
    translations: str = ""

    def seen_by(self, needs: Needs) -> "Attribute":
        """Return the same, for those only who have what it needs."""
        return replace(self, needs=needs)


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
        filters: further conditions, each for when something of that name is given.
        choices: as `filters`, for several values of which a row has one. The rows of
            each are searched apart, so that an index finds them, however rare.
        rows: so many rows a list without pages touches, as a rule.
        needs: it is refused to whoever does not have that.
    """

    entity: str
    on: str
    is_many: bool = False
    order: str = ""
    descending: bool = False
    source: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Callable[[int], str]] = field(default_factory=dict)
    rows: int = 10
    needs: Needs | None = None


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
        needs: there are no rows for whoever does not have that.
    """

    source: str
    key: tuple[str, ...]
    program_scope: str
    holder_scope: str = ""
    attributes: Mapping[str, Attribute | Id] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    discriminator: str = ""
    needs: Needs | None = None


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


def wording(column: str, translations: str) -> Attribute:
    """Return the attribute of a text, and of the column with its translations."""
    return Attribute(f"{{t}}.{column}", translations=f"{{t}}.{translations}")


def element(place: int) -> Attribute:
    """Return the attribute of a whole number in the array that a row was made of."""
    return Attribute(f"{{element:{{t}}e:{place}}}", Form.INTEGER)
