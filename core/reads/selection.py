"""What is wanted: a tree over the read model, under the names of the answer.

`key` is the name under which a value stands in the answer. Lists that have pages carry
the value of their cursor in each row, under `CURSOR`; rows of an entity with variants
carry the name of theirs under `TYPE`. What is *given* fills the templates of a relation
or, with `Same`, of all that is read below it.

Documents have a version. Where a row's is not the one whose members were asked for, it
carries the document as it is stored, with its version, under `STORED`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self, TypeAlias

from core import actors

CURSOR = "@"
TYPE = "__type"
STORED = "@stored"

Given: TypeAlias = Mapping[str, int | str | tuple[int, ...]]
"""Values by name: of instants, of filters."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """An attribute, but for documents.

    Where there are translations of it, that into the first of *languages* is read.
    """

    key: str
    attribute: str
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a document.

    Attributes:
        name: of it.
        default: JSON text; its value in documents that do not have it.
        is_hidden: null is read instead, and the value is left where it is.
        is_list: whether `members` are those of each item.
        members: where some members of an object are hidden, all that are read of it;
            else empty, and the value is read as it is.
    """

    name: str
    default: str = "null"
    is_hidden: bool = False
    is_list: bool = False
    members: tuple["Member", ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentLeaf:
    """A member of a document, which is an attribute."""

    key: str
    attribute: str
    member: Member


@dataclass(frozen=True, slots=True)
class Same:
    """An object of its own in the answer, read from the same row.

    Attributes:
        key: see above.
        selection: what is wanted of it.
        unless_null: an attribute; where it is null, so is the object.
        entity: as which the row is read, if not as what it is.
        given: see above.
    """

    key: str
    selection: "Selection"
    unless_null: str = ""
    entity: str = ""
    given: Given = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: `size` rows between the rows with two cursors.

    They are the first ones, or the last ones if it is `backward`: then they come in the
    opposite order.
    """

    size: int
    after: int | None = None
    before: int | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """A relation: an object or null, or a list."""

    key: str
    relation: str
    selection: "Selection"
    page: Page | None = None
    given: Given = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a list has between two cursors.

    Attributes:
        key: see above.
        relation: the list.
        page: its `size` is how far is counted: what is more reads as one more.
        given: see above.
        is_inclusive: rows at the cursors count, too.
    """

    key: str
    relation: str
    page: Page
    given: Given = field(default_factory=dict)
    is_inclusive: bool = False


Field: TypeAlias = Leaf | DocumentLeaf | Same | Branch | Count


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What is wanted where a document has another *version*: itself, and *fields*."""

    document: str
    version: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """What is wanted of rows whose discriminator has *value*; None: of all others."""

    name: str
    value: str | None
    fields: tuple[Field, ...]
    otherwise: Otherwise | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What is wanted of a row: either fields, or variants."""

    fields: tuple[Field, ...] = ()
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Who reads: whose rows may be seen, and what of them.

    Attributes:
        program_id: of which rows are seen.
        holder_id: the only member whose rows are seen; None: of any.
        granted: what the reader may do; whoever reads for the program itself may all.
    """

    program_id: int
    holder_id: int | None = None
    granted: frozenset[actors.Scope] = frozenset(actors.Scope)

    @classmethod
    def of(cls, actor: actors.Actor) -> Self:
        """Return what a caller may see."""
        return cls(actor.program_id, actor.holder_id, actor.scopes)
