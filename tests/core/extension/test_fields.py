"""Fields of plugin models: a closed set of shapes, all described."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal, Optional

import pytest
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    PositiveInt,
    RootModel,
    SecretStr,
    create_model,
)

from core.extension.fields import (
    Shape,
    UnsupportedFieldError,
    check_model,
    hidden_fields,
    shapes,
)
from core.extension.money import Money
from core.extension.visibility import Visibility


class Size(StrEnum):
    SMALL = "s"
    LARGE = "l"


class Lower(StrEnum):
    small = "s"


class Empty(StrEnum):
    pass


class Plain(Enum):
    SMALL = "s"


class Number(IntEnum):
    ONE = 1


class Inner(BaseModel):
    x: int = Field(description="A number.")


class Undescribed(BaseModel):
    x: int


class Root(RootModel[int]):
    pass


def model_of(annotation: Any, **keywords: Any) -> type[BaseModel]:
    keywords.setdefault("description", "Something.")
    return create_model("Sample", thing=(annotation, Field(**keywords)))


@pytest.mark.parametrize(
    ("annotation", "kind", "is_list", "is_optional"),
    [
        (str, str, False, False),
        (int, int, False, False),
        (bool, bool, False, False),
        (Decimal, Decimal, False, False),
        (datetime, datetime, False, False),
        (AwareDatetime, datetime, False, False),
        (date, date, False, False),
        (Size, Size, False, False),
        (Inner, Inner, False, False),
        (Money, Money, False, False),
        (PositiveInt, int, False, False),
        (str | None, str, False, True),
        (Optional[Size], Size, False, True),  # noqa: UP045 - partners write it too
        (Annotated[str, Field(pattern="^x$")] | None, str, False, True),
        (list[str], str, True, False),
        (list[Inner], Inner, True, False),
        (list[PositiveInt] | None, int, True, True),
    ],
)
def test_shape_of_a_field(
    annotation: Any, kind: type, *, is_list: bool, is_optional: bool
) -> None:
    (shape,) = shapes(model_of(annotation))

    assert replace(shape, limits="") == Shape(
        name="thing",
        description="Something.",
        type=kind,
        is_list=is_list,
        is_optional=is_optional,
        is_required=True,
    )


def test_field_with_default_is_not_required() -> None:
    (shape,) = shapes(model_of(str | None, default=None))

    assert not shape.is_required


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (float, "is a float, which does not travel exactly; use Decimal or int"),
        (Any, "has the unsupported type Any"),
        (object, "has the unsupported type object"),
        (bytes, "has the unsupported type bytes"),
        (dict[str, int], "has the unsupported type dict"),
        (set[str], "has the unsupported type set"),
        (tuple[str, ...], "has the unsupported type tuple"),
        (list[list[int]], "has the unsupported type list"),
        (list[int | None], "is a list that may hold None; leave such items out"),
        (int | str, "has the unsupported type int | str"),
        (int | str | None, "has the unsupported type int | str | None"),
        (None, "has the unsupported type"),
        (Literal["a"], "has the unsupported type typing.Literal['a']"),
        (HttpUrl, "has the unsupported type HttpUrl"),
        (SecretStr, "has the unsupported type SecretStr"),
        (Plain, "has the unsupported type Plain"),
        (Number, "has the unsupported type Number"),
        (Lower, "has the enumeration name small; write it UPPER_CASE"),
        (Empty, "is an enumeration without values"),
    ],
)
def test_other_types_are_refused(annotation: Any, reason: str) -> None:
    with pytest.raises(UnsupportedFieldError) as caught:
        check_model(model_of(annotation))

    assert str(caught.value).startswith(f"Sample.thing {reason}")


@pytest.mark.parametrize(
    ("keywords", "reason"),
    [
        ({"description": ""}, "has no description"),
        ({"alias": "other"}, "has an alias"),
        ({"validation_alias": "other"}, "has an alias"),
        ({"serialization_alias": "other"}, "has an alias"),
        ({"exclude": True}, "has exclude=True"),
    ],
)
def test_fields_that_hide_something_are_refused(
    keywords: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UnsupportedFieldError, match=reason):
        check_model(model_of(int, **keywords))


@pytest.mark.parametrize("name", ["camelCase", "trailing_", "two__parts", "A"])
def test_names_are_snake_case(name: str) -> None:
    fields: dict[str, Any] = {name: (int, Field(description="A number."))}

    with pytest.raises(UnsupportedFieldError, match=f"Sample.{name} is not snake_case"):
        check_model(create_model("Sample", **fields))


def test_names_differ_in_more_than_underscores() -> None:
    fields: dict[str, Any] = {
        name: (int, Field(description="A number.")) for name in ("line_1", "line1")
    }

    with pytest.raises(UnsupportedFieldError, match=r"Sample\.line_1 differs from"):
        check_model(create_model("Sample", **fields))


def test_nested_model_is_checked_too() -> None:
    with pytest.raises(UnsupportedFieldError, match=r"^Undescribed\.x has no desc"):
        check_model(model_of(list[Undescribed]))


def test_model_without_fields_is_refused() -> None:
    with pytest.raises(UnsupportedFieldError, match="Sample has no fields"):
        check_model(create_model("Sample"))


def test_root_model_is_refused() -> None:
    with pytest.raises(UnsupportedFieldError, match="Root is a RootModel"):
        check_model(Root)


def test_open_model_is_refused() -> None:
    class Open(Inner):
        model_config = ConfigDict(extra="allow")

    with pytest.raises(UnsupportedFieldError, match='Open has extra="allow"'):
        check_model(Open)


class Tree(BaseModel):
    branches: list["Tree"] = Field(description="More of it.")


def test_model_inside_itself_is_refused() -> None:
    with pytest.raises(UnsupportedFieldError, match="Tree contains itself"):
        check_model(Tree)


class Card(BaseModel):
    pin: Annotated[str, Visibility.MEMBER] = Field(description="Pin.")


@pytest.mark.parametrize(
    ("annotation", "visibility"),
    [
        (str, Visibility.EVERYONE),
        (Annotated[str, Visibility.EVERYONE], Visibility.EVERYONE),
        (Annotated[str, Visibility.MEMBER], Visibility.MEMBER),
        (Annotated[str | None, Visibility.STAFF], Visibility.STAFF),
        (Annotated[str, Visibility.STAFF] | None, Visibility.STAFF),
        (list[Annotated[str, Visibility.MEMBER]], Visibility.MEMBER),
        (Annotated[list[Card], Visibility.STAFF], Visibility.STAFF),
        (Annotated[int, Field(ge=1), Visibility.MEMBER], Visibility.MEMBER),
    ],
    ids=str,
)
def test_marker_of_a_field(annotation: Any, visibility: Visibility) -> None:
    assert shapes(model_of(annotation))[0].visibility is visibility


def test_two_markers_are_a_mistake() -> None:
    both = Annotated[str, Visibility.MEMBER, Visibility.STAFF]

    with pytest.raises(UnsupportedFieldError, match="more than one Visibility"):
        check_model(model_of(both))


def test_hidden_fields_are_found_inside_too() -> None:
    marked = Annotated[list[Card], Visibility.STAFF]

    assert list(hidden_fields(model_of(str))) == []
    assert list(hidden_fields(model_of(list[Card]))) == ["Card.pin"]
    assert list(hidden_fields(model_of(marked))) == ["Sample.thing", "Card.pin"]


@pytest.mark.parametrize(
    ("annotation", "keywords", "stored"),
    [
        (int, {"default": 5}, 5),
        (str | None, {"default": None}, None),
        (Decimal, {"default": 0}, "0"),
        (Size, {"default": Size.LARGE}, "l"),
        (list[Size], {"default": [Size.SMALL]}, ["s"]),
        (list[str], {"default_factory": list}, []),
        (date, {"default": date(2026, 1, 2)}, "2026-01-02"),
        (Inner, {"default": Inner(x=1)}, {"x": 1}),
        (
            AwareDatetime,
            {"default": datetime(2026, 1, 2, tzinfo=UTC)},
            "2026-01-02T00:00:00.000000Z",
        ),
    ],
)
def test_default_is_as_it_is_stored(
    annotation: Any, keywords: Any, stored: Any
) -> None:
    (shape,) = shapes(model_of(annotation, **keywords))

    assert not shape.is_required
    assert shape.default == stored


@pytest.mark.parametrize(
    ("annotation", "keywords", "reason"),
    [
        (int, {"default": None}, "has a default that its own type refuses"),
        (int, {"default": 5, "le": 4}, "has a default that its own type refuses"),
        (str, {"default": "\0"}, "has a default that its own type refuses"),
        (
            str,
            {"default_factory": lambda data: f"{len(data)}"},
            "has a default that depends on other fields",
        ),
    ],
)
def test_a_default_that_does_not_fit_is_refused(
    annotation: Any, keywords: Any, reason: str
) -> None:
    with pytest.raises(UnsupportedFieldError, match=reason):
        check_model(model_of(annotation, **keywords))
