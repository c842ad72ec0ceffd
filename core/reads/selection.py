"""What is wanted: a tree over the read model, under the names of the answer.

`key` is the name under which a value stands in the answer. Lists that have pages carry
the value of their cursor in each row, under `CURSOR`; rows of an entity with variants
carry the name of theirs under `TYPE`.
"""

from dataclasses import dataclass
from typing import TypeAlias

CURSOR = "@"
TYPE = "__type"


@dataclass(frozen=True, slots=True)
class Leaf:
    """An attribute; of a document, the value at *path*."""

    key: str
    attribute: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Same:
    """An object of its own in the answer, read from the same row."""

    key: str
    selection: "Selection"
    unless_null: str = ""
    """An attribute; where it is null, so is the object."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: `first` rows, beginning after the row with cursor `after`."""

    first: int
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A relation: an object or null, or a list."""

    key: str
    relation: str
    selection: "Selection"
    page: Page | None = None


Field: TypeAlias = Leaf | Same | Branch


@dataclass(frozen=True, slots=True)
class Variant:
    """What is wanted of rows whose discriminator has *value*; None: of all others."""

    name: str
    value: str | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is wanted of a row: either fields, or variants."""

    fields: tuple[Field, ...] = ()
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows may be seen: a program's, or of a member only its own."""

    program_id: int
    holder_id: int | None = None
