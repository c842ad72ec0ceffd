"""Documents: strict on the way in, canonical on the way to storage."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel, Field

from core.extension.documents import (
    UnacceptableError,
    UnstorableError,
    accept,
    write,
)
from core.extension.money import Money


class Size(StrEnum):
    SMALL = "s"


class Everything(BaseModel):
    text: str = Field(default="é", description="A text.")
    number: int = Field(default=7, description="A number.")
    is_on: bool = Field(default=True, description="A truth.")
    weight: Decimal = Field(default=Decimal("1.50"), description="A decimal.")
    at: datetime = Field(
        default=datetime(2026, 6, 1, 20, tzinfo=timezone(timedelta(hours=2))),
        description="An instant.",
    )
    day: date = Field(default=date(2026, 6, 1), description="A date.")
    size: Size = Field(default=Size.SMALL, description="One of some.")
    nothing: int | None = Field(default=None, description="Left out.")
    prices: list[Money] = Field(
        default=[Money(amount_minor=5, currency_code="EUR")], description="Models."
    )


def test_document_is_canonical() -> None:
    assert write(Everything()) == (
        '{"text":"é","number":7,"is_on":true,"weight":"1.50",'
        '"at":"2026-06-01T18:00:00.000000Z","day":"2026-06-01","size":"s",'
        '"nothing":null,"prices":[{"amount_minor":5,"currency_code":"EUR"}]}'
    )


def test_document_reads_back_as_it_was() -> None:
    assert Everything.model_validate_json(write(Everything())) == Everything()


@pytest.mark.parametrize("value", ["1E+3", "1E-7", "0.10", "-0", "123456789.123456789"])
def test_decimals_are_plain_and_exact(value: str) -> None:
    text = write(Everything(weight=Decimal(value)))

    assert f'"weight":"{Decimal(value):f}"' in text
    assert Everything.model_validate_json(text).weight == Decimal(value)


def test_early_instants_have_the_same_width() -> None:
    text = write(Everything(at=datetime(7, 1, 2, tzinfo=UTC)))

    assert '"at":"0007-01-02T00:00:00.000000Z"' in text


@pytest.mark.parametrize(
    ("values", "path", "reason"),
    [
        ({"at": datetime(2026, 6, 1)}, "at", "needs a time zone"),  # noqa: DTZ001
        (
            {"at": datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))},
            "at",
            "is out of range",
        ),
        ({"number": 2**53}, "number", "is not within ±9007199254740991"),
        ({"text": "a\0"}, "text", "must not contain a zero character"),
        ({"text": "\ud800"}, "text", "is not valid Unicode text"),
        ({"weight": Decimal("1E+30")}, "weight", "has more than 30 digits"),
        ({"weight": Decimal("1E-31")}, "weight", "has more than 30 digits"),
        ({"weight": Decimal("NaN")}, "weight", "is not a finite number"),
        ({"text": 7}, "Everything", "has a wrong type"),
        (
            {"prices": [Money.model_construct(amount_minor=2**60, currency_code="X")]},
            "prices.0.amount_minor",
            "is not within ±9007199254740991",
        ),
    ],
)
def test_unstorable_value_is_named(
    values: dict[str, Any], path: str, reason: str
) -> None:
    model = Everything().model_copy(update=values)

    with pytest.raises(UnstorableError) as caught:
        write(model)

    assert (caught.value.field, caught.value.reason) == (path, reason)


@pytest.mark.parametrize(
    ("values", "path", "reason"),
    [
        ({"number": "7"}, "number", "Input should be a valid integer"),
        ({"number": 7.0}, "number", "Input should be a valid integer"),
        ({"number": True}, "number", "Input should be a valid integer"),
        ({"number": -(2**53)}, "number", "is not within ±9007199254740991"),
        ({"is_on": "yes"}, "is_on", "Input should be a valid boolean"),
        ({"text": 7}, "text", "Input should be a valid string"),
        ({"text": None}, "text", "Input should be a valid string"),
        ({"text": "a\0"}, "text", "must not contain a zero character"),
        ({"size": "xl"}, "size", "Input should be 's'"),
        ({"at": "2026-06-01T18:00:00"}, "at", "needs a time zone"),
        ({"weight": "1E+999999999"}, "weight", "has more than 30 digits"),
        ({"weight": float("nan")}, "weight", "Input should be a finite number"),
        ({"tail": 1}, "tail", "Extra inputs are not permitted"),
        ({"prices": [{"amount_minor": 1}]}, "prices.0.currency_code", "Field required"),
        (
            {"prices": [{"amount_minor": 1, "currency_code": "EUR", "tax": 0}]},
            "prices.0.tax",
            "Extra inputs are not permitted",
        ),
        ({"text": "\ud800"}, "Everything", "is not valid JSON"),
    ],
)
def test_input_that_does_not_fit_is_named(
    values: dict[str, Any], path: str, reason: str
) -> None:
    with pytest.raises(UnacceptableError) as caught:
        accept(Everything, values)

    assert caught.value.field == path
    assert caught.value.reason.startswith(reason)


def test_input_may_be_of_json_or_of_python() -> None:
    json_values = {"at": "2026-06-01T20:00:00+02:00", "weight": "1.50", "size": "s"}
    python_values = Everything().model_dump()

    assert accept(Everything, json_values) == Everything()
    assert accept(Everything, python_values) == Everything()
