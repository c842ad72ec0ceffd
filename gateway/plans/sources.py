"""Where the value of a field comes from, written beside the field.

A field made here has no resolver: its value stands in the row under the field's
response key, since the planner asked for it under that name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from core.reads.selection import TYPE, Given
from gateway.plans.documents import Part, Versioned
from gateway.scalars import LanguageTag

FAULT = "@fault"
"""Key under which a row has the error that is raised instead of showing it."""

SOURCE = "source"
"""Key of a field's metadata under which its source stands."""

Read: TypeAlias = Callable[[Mapping[str, Any], int], Given]
"""Makes of a field's arguments, and the present instant, what its relation takes."""

Choose: TypeAlias = Callable[[Mapping[str, Any], int], tuple[str, Given]]
"""The same, where the relation too depends on the arguments."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a field; it may be left out if its `kind` has a null."""

    name: str
    kind: Any
    description: str


FIRST = "How many of the first items, 1 to 100; 20 if neither this nor `last` is given."
AFTER = "Cursor of the item before those wanted."
LAST = "How many of the last items, 1 to 100; not together with `first`."
BEFORE = "Cursor of the item after those wanted."
PAGE = (
    Argument("first", int | None, FIRST),
    Argument("after", str | None, AFTER),
    Argument("last", int | None, LAST),
    Argument("before", str | None, BEFORE),
)
"""What every list takes that comes in pages."""


LOCALE = "locale"
"""Argument of fields that there may be in several languages."""

_LOCALE = Argument(
    LOCALE,
    LanguageTag | None,
    "The language wanted; if left out, those of the request.",
)
_TRANSLATED = "In the language wanted or the next more general one, else the program's."


@dataclass(frozen=True, slots=True)
class FromAttribute:
    """An attribute of the row."""

    name: str


@dataclass(frozen=True, slots=True)
class FromDocument:
    """A member of a document of the row."""

    attribute: str
    part: Part


@dataclass(frozen=True, slots=True)
class FromRelation:
    """Related rows: one, or a short list."""

    choose: Choose


@dataclass(frozen=True, slots=True)
class FromConnection:
    """Related rows in pages."""

    name: str
    read: Read


@dataclass(frozen=True, slots=True)
class FromSameRow:
    """An object read from the same row; null where the attribute is null.

    With `entity` the row is read as that.
    """

    unless_null: str
    entity: str
    read: Read


Source = FromAttribute | FromDocument | FromRelation | FromConnection | FromSameRow


class RowField(StrawberryField):
    """A field whose value the row has under the response key."""

    @property
    def is_basic_field(self) -> bool:
        """Say that the response key is needed."""
        return False

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        """Take the value out of the row."""
        value = source[info.path.key]
        convert: Callable[[Any], Any] | None = self.metadata.get("convert")
        return value if convert is None or value is None else convert(value)


class MemberField(StrawberryField):
    """A field of a nested model, whose value stands under its Python name."""

    @property
    def is_basic_field(self) -> bool:
        """Say that the default resolver does not do."""
        return False

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        """Take the value out of the document, which may be older than the field."""
        value = source.get(self.python_name, self.metadata.get("default"))
        convert: Callable[[Any], Any] | None = self.metadata.get("convert")
        return value if convert is None or value is None else convert(value)


def attribute(
    name: str,
    *,
    description: str,
    convert: Callable[[Any], Any] | None = None,
    graphql_name: str | None = None,
) -> Any:
    """Make a field of an attribute."""
    return RowField(
        graphql_name=graphql_name,
        description=description,
        metadata={SOURCE: FromAttribute(name), "convert": convert},
    )


def wording(name: str, *, description: str) -> Any:
    """Make a field of a text that there may be in several languages."""
    return _field(FromAttribute(name), (_LOCALE,), f"{description} {_TRANSLATED}")


def document_member(
    attribute: str,
    part: Part,
    *,
    description: str,
    convert: Callable[[Any], Any] | None = None,
) -> Any:
    """Make a field of a member of a document."""
    source = FromDocument(attribute, part)
    return RowField(
        description=description, metadata={SOURCE: source, "convert": convert}
    )


def relation(name: str, *, description: str) -> Any:
    """Make a field of related rows."""
    return chosen_relation(lambda *_: (name, {}), description=description)


def chosen_relation(choose: Choose, *arguments: Argument, description: str) -> Any:
    """Make a field of related rows, which depend on its arguments."""
    return _field(FromRelation(choose), arguments, description)


def same_row(
    *arguments: Argument,
    description: str,
    unless_null: str = "",
    entity: str = "",
    read: Read = lambda *_: {},
) -> Any:
    """Make a field of an object that is read from the same row."""
    return _field(FromSameRow(unless_null, entity, read), arguments, description)


def connection(
    name: str,
    *arguments: Argument,
    description: str,
    read: Read = lambda *_: {},
) -> Any:
    """Make a field of related rows in pages."""
    return _field(FromConnection(name, read), (*PAGE, *arguments), description)


def _field(source: Source, arguments: Sequence[Argument], description: str) -> Any:
    field = RowField(description=description, metadata={SOURCE: source})
    field.arguments = [
        StrawberryArgument(
            python_name=one.name,
            graphql_name=one.name,
            type_annotation=StrawberryAnnotation(one.kind),
            description=one.description,
        )
        for one in arguments
    ]
    return field


def part(*, description: str) -> Any:
    """Make a field of a connection, an edge or a page, which the planner shapes."""
    return RowField(description=description)


def member_of_document(
    *,
    description: str,
    convert: Callable[[Any], Any] | None = None,
    default: Any = None,
) -> Any:
    """Make a field of a nested model."""
    metadata = {"convert": convert, "default": default}
    return MemberField(description=description, metadata=metadata)


def row_type(
    *,
    description: str,
    entity: str = "",
    variant: str | None = None,
    document: Versioned | None = None,
    directives: Sequence[object] = (),
) -> Callable[[type], Any]:
    """Decorate an object type whose values are rows.

    Args:
        description: of the type.
        entity: of the read model, where it can be fetched by id.
        variant: value of the discriminator, where the entity has variants.
        document: of a plugin, of which members are shown.
        directives: of the type.
    """

    def decorate(cls: type) -> Any:
        cls.is_type_of = classmethod(lambda *_: True)  # type: ignore[attr-defined]
        cls.row_entity = entity  # type: ignore[attr-defined]
        cls.row_variant = variant  # type: ignore[attr-defined]
        cls.row_document = document  # type: ignore[attr-defined]
        return strawberry.type(cls, description=description, directives=directives)

    return decorate


def row_interface(*, description: str) -> Callable[[type], Any]:
    """Decorate an interface whose values are rows that tell their type."""

    def decorate(cls: type) -> Any:
        cls.resolve_type = classmethod(  # type: ignore[attr-defined]
            lambda _, row, *__: _type_of(row)
        )
        return strawberry.interface(cls, description=description)

    return decorate


def _type_of(row: Mapping[str, Any]) -> Any:
    """Return the name of a row's type, unless there is a fault in it."""
    if FAULT in row:
        raise row[FAULT]
    return row[TYPE]
