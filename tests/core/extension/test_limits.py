"""Limits of fields in words."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import pytest
from annotated_types import Interval, Len
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, PositiveInt, StringConstraints, create_model

from core.extension.fields import shapes
from core.extension.visibility import Visibility


class Size(StrEnum):
    SMALL = "s"


class Inner(BaseModel):
    x: int = Field(ge=3, description="A number.")


def limits(annotation: Any, **keywords: Any) -> str:
    field = Field(description="Something.", **keywords)
    (shape,) = shapes(create_model("Sample", thing=(annotation, field)))
    return shape.limits


@pytest.mark.parametrize(
    ("annotation", "keywords", "words"),
    [
        (str, {}, ""),
        (bool, {}, ""),
        (Size, {}, ""),
        (Inner, {}, ""),
        (list[Inner], {}, ""),
        (int, {"ge": 0, "le": 9}, "0 to 9."),
        (int, {"ge": 5, "le": 5}, "Exactly 5."),
        (int, {"gt": 0, "lt": 10}, "1 to 9."),
        (int, {"ge": 1}, "At least 1."),
        (int, {"lt": 0}, "At most -1."),
        (int, {"ge": 5, "multiple_of": 5}, "At least 5. A multiple of 5."),
        (PositiveInt, {}, "At least 1."),
        (int | None, {"le": 9}, "At most 9."),
        (Annotated[int, Interval(ge=1, lt=5)], {}, "1 to 4."),
        (Decimal, {"ge": 0, "le": 1}, "0 to 1."),
        (Decimal, {"gt": 0, "lt": 1}, "More than 0. Less than 1."),
        (
            Decimal,
            {"max_digits": 5, "decimal_places": 1},
            "At most 5 digits. At most 1 decimal place.",
        ),
        (date, {"ge": date(2026, 1, 1)}, "At least 2026-01-01."),
        (str, {"max_length": 200}, "At most 200 characters."),
        (str, {"min_length": 1}, "At least 1 character."),
        (str, {"min_length": 1, "max_length": 9}, "1 to 9 characters."),
        (str, {"min_length": 3, "max_length": 3}, "Exactly 3 characters."),
        (str, {"pattern": "^[A-Z]{3}$"}, "Matches `^[A-Z]{3}$`."),
        (
            Annotated[str, StringConstraints(max_length=4, pattern="^x")],
            {},
            "At most 4 characters. Matches `^x`.",
        ),
        (Annotated[str, Field(max_length=4)] | None, {}, "At most 4 characters."),
        (list[str], {"max_length": 3}, "At most 3 items."),
        (list[str], {"min_length": 1, "max_length": 1}, "Exactly 1 item."),
        (Annotated[list[str], Len(1, 2)] | None, {}, "1 to 2 items."),
        (
            list[Annotated[str, Field(min_length=1, pattern="^a$")]],
            {"min_length": 1},
            "At least 1 item. Each item: at least 1 character, matches `^a$`.",
        ),
        (list[PositiveInt], {}, "Each item: at least 1."),
        (Annotated[str, Visibility.MEMBER], {"max_length": 1}, "At most 1 character."),
    ],
)
def test_limits_are_told(annotation: Any, keywords: Any, words: str) -> None:
    assert limits(annotation, **keywords) == words


@given(
    st.fixed_dictionaries(
        {},
        optional={name: st.integers(-20, 20) for name in ("ge", "gt", "le", "lt")},
    )
)
def test_the_words_of_a_whole_number_are_the_numbers_that_fit(
    keywords: dict[str, int],
) -> None:
    model = create_model(
        "Sample",
        thing=(int, Field(description="Something.", **keywords)),  # type: ignore[call-overload]
    )
    fits = []
    for number in range(-30, 31):
        try:
            model(thing=number)
        except ValueError:
            continue
        fits.append(number)

    words = shapes(model)[0].limits

    match words.rstrip(".").split():
        case []:
            assert fits == list(range(-30, 31))
        case ["Exactly", only]:
            assert fits == [int(only)]
        case ["At", "least", low]:
            assert fits == list(range(int(low), 31))
        case ["At", "most", high]:
            assert fits == list(range(-30, int(high) + 1))
        case [low, "to", high]:
            assert fits == list(range(int(low), int(high) + 1))
        case _:
            raise AssertionError(words)
