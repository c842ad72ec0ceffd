"""Where the value of a field comes from, written beside the field.

A field made here has no resolver: its value stands in the row under the field's
response key, since the planner asked for it under that name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

SOURCE = "source"
"""Key of a field's metadata under which its source stands."""


@dataclass(frozen=True, slots=True)
class FromAttribute:
    """An attribute of the row, or the value at *path* of a document."""

    name: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FromRelation:
    """Related rows: one, or a short list."""

    name: str


@dataclass(frozen=True, slots=True)
class FromConnection:
    """Related rows in pages."""

    name: str


@dataclass(frozen=True, slots=True)
class FromSameRow:
    """An object read from the same row; null where the attribute is null."""

    unless_null: str


Source = FromAttribute | FromRelation | FromConnection | FromSameRow


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
        """Take the value out of the document."""
        value = source[self.python_name]
        convert: Callable[[Any], Any] | None = self.metadata.get("convert")
        return value if convert is None or value is None else convert(value)


def attribute(
    name: str,
    *path: str,
    description: str,
    convert: Callable[[Any], Any] | None = None,
    graphql_name: str | None = None,
) -> Any:
    """Make a field of an attribute."""
    return RowField(
        graphql_name=graphql_name,
        description=description,
        metadata={SOURCE: FromAttribute(name, path), "convert": convert},
    )


def relation(name: str, *, description: str) -> Any:
    """Make a field of related rows."""
    return RowField(description=description, metadata={SOURCE: FromRelation(name)})


def same_row(*, unless_null: str, description: str) -> Any:
    """Make a field of an object that is read from the same row."""
    return RowField(
        description=description, metadata={SOURCE: FromSameRow(unless_null)}
    )


def connection(name: str, *, description: str) -> Any:
    """Make a field of related rows in pages."""
    field = RowField(description=description, metadata={SOURCE: FromConnection(name)})
    field.arguments = [
        StrawberryArgument(
            python_name=argument,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(kind | None),
            description=text,
            default=strawberry.UNSET,
        )
        for argument, kind, text in (
            ("first", int, "Page size, 1 to 100; 20 if left out."),
            ("after", str, "Cursor to go on after."),
        )
    ]
    return field


def part(*, description: str) -> Any:
    """Make a field of a connection, an edge or a page, which the planner shapes."""
    return RowField(description=description)


def member_of_document(
    *, description: str, convert: Callable[[Any], Any] | None = None
) -> Any:
    """Make a field of a nested model."""
    return MemberField(description=description, metadata={"convert": convert})


def row_type(
    *, description: str, entity: str = "", variant: str | None = None
) -> Callable[[type], Any]:
    """Decorate an object type whose values are rows.

    Args:
        description: of the type.
        entity: of the read model, where it can be fetched by id.
        variant: value of the discriminator, where the entity has variants.
    """

    def decorate(cls: type) -> Any:
        cls.is_type_of = classmethod(lambda *_: True)  # type: ignore[attr-defined]
        cls.row_entity = entity  # type: ignore[attr-defined]
        cls.row_variant = variant  # type: ignore[attr-defined]
        return strawberry.type(cls, description=description)

    return decorate


def row_interface(*, description: str) -> Callable[[type], Any]:
    """Decorate an interface whose values are rows that tell their type."""

    def decorate(cls: type) -> Any:
        cls.resolve_type = classmethod(  # type: ignore[attr-defined]
            lambda _, row, *__: row[TYPE]
        )
        return strawberry.interface(cls, description=description)

    return decorate


TYPE = "__type"
"""Key under which a row tells its GraphQL type; the same as in `core.reads`."""
