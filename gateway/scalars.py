"""Scalars: values that travel exactly, or are refused."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal as PythonDecimal
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from core.errors import InvalidInputError
from core.languages import canonical

MAX_SAFE = 2**53 - 1

Points = NewType("Points", int)
SafeInt = NewType("SafeInt", int)
DateTime = NewType("DateTime", datetime)
Date = NewType("Date", date)
Decimal = NewType("Decimal", PythonDecimal)
IdempotencyKey = NewType("IdempotencyKey", str)
Payload = NewType("Payload", object)
JsonObject = NewType("JsonObject", object)
LanguageTag = NewType("LanguageTag", str)

_KEY_FORM = re.compile(r"[\x21-\x7e]{16,64}")
_INSTANT_FORM = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DATE_FORM = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DECIMAL_FORM = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) > MAX_SAFE:
        raise GraphQLError("must be a whole number within ±(2^53-1)")
    return value


def _read_instant(value: Any) -> datetime:
    if not isinstance(value, str) or not _INSTANT_FORM.fullmatch(value):
        raise GraphQLError("must be an instant such as 2026-11-23T04:05:06.789Z")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise GraphQLError("must be an instant that exists") from None


def _write_instant(value: Any) -> str:
    """Write an instant; stored ones are text already, with three digits or six."""
    if isinstance(value, datetime):
        value = (
            value.astimezone(UTC).replace(tzinfo=None).isoformat("T", "milliseconds")
        )
        return f"{value}Z"
    return f"{value[:23]}Z"


def _read_date(value: Any) -> date:
    if not isinstance(value, str) or not _DATE_FORM.fullmatch(value):
        raise GraphQLError("must be a day such as 2026-11-23")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise GraphQLError("must be a day that exists") from None


def _read_decimal(value: Any) -> PythonDecimal:
    if not isinstance(value, str) or not _DECIMAL_FORM.fullmatch(value):
        raise GraphQLError("must be a decimal number as a string, such as '12.50'")
    return PythonDecimal(value)


def _read_key(value: Any) -> str:
    if not isinstance(value, str) or not _KEY_FORM.fullmatch(value):
        raise GraphQLError("must have 16 to 64 visible ASCII characters")
    return value


def _read_payload(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise GraphQLError("must be a JSON object")
    return value


def _read_tag(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError("must be a language such as de, de-AT or zh-Hant")
    try:
        return canonical(value, field="language")
    except InvalidInputError as error:
        raise GraphQLError(error.reason) from None


SCALARS: dict[object, ScalarDefinition] = {
    Points: strawberry.scalar(
        name="Points",
        description="Whole points in minor units: a JSON integer within ±(2^53-1). "
        "Never a float, never a string.",
        serialize=_whole,
        parse_value=_whole,
    ),
    SafeInt: strawberry.scalar(
        name="SafeInt",
        description="A whole number that every client reads exactly: a JSON integer "
        "within ±(2^53-1).",
        serialize=_whole,
        parse_value=_whole,
    ),
    DateTime: strawberry.scalar(
        name="DateTime",
        description="An instant, RFC 3339. Sent in UTC with milliseconds: "
        "2026-11-23T04:05:06.789Z.",
        serialize=_write_instant,
        parse_value=_read_instant,
    ),
    Date: strawberry.scalar(
        name="Date",
        description="A calendar day: 2026-11-23.",
        serialize=str,
        parse_value=_read_date,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact decimal number as a string.",
        serialize=str,
        parse_value=_read_decimal,
    ),
    IdempotencyKey: strawberry.scalar(
        name="IdempotencyKey",
        description="16 to 64 visible ASCII characters chosen by the caller, unique "
        "per intended action; a UUID is a good one.",
        parse_value=_read_key,
    ),
    Payload: strawberry.scalar(
        name="Payload",
        description="A JSON object, as the activity type says.",
        parse_value=_read_payload,
    ),
    LanguageTag: strawberry.scalar(
        name="LanguageTag",
        description="A language by its tag (BCP 47): de, de-AT, zh-Hant.",
        parse_value=_read_tag,
    ),
    JsonObject: strawberry.scalar(
        name="JSON",
        description="A JSON object.",
        parse_value=_read_payload,
    ),
}
"""Every scalar of the schema beside those of GraphQL itself."""
