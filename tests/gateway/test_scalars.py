"""Scalars read what is exact, and refuse the rest in words a client understands."""

from datetime import UTC, date, datetime
from decimal import Decimal as PythonDecimal
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLScalarType, parse_value
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from core.extension.answers import Unknown
from core.extension.hookspecs import hookimpl
from core.extension.registry import Registry
from core.extension.reward_type import RewardType
from gateway.scalars import MAX_SAFE
from gateway.schema import build_schema
from plugins.purchase import Purchase


class LoungeConfig(BaseModel):
    """Config with the types that no built-in reward needs."""

    day: date = Field(description="Day.")
    worth: PythonDecimal = Field(description="Worth.")


class Pass(BaseModel):
    """Fulfillment."""

    code: str = Field(description="Code.")


class Lounge(RewardType[LoungeConfig, None, Pass]):
    """A lounge."""

    code = "lounge"
    config, options, fulfillment = LoungeConfig, None, Pass

    def fulfill(self, request: Any) -> Pass:
        return Pass(code=request.token)

    def probe(self, request: Any) -> Unknown:
        return Unknown()

    def revoke(self, request: Any) -> None:
        return None


class Bundle:
    """A plugin that brings the lounge."""

    @hookimpl
    def register_reward_types(self) -> list[Lounge]:
        return [Lounge()]

    @hookimpl
    def register_earning_actions(self) -> list[Purchase]:
        return [Purchase()]


@pytest.fixture(scope="module")
def scalars() -> Any:
    types = build_schema(Registry.of(Bundle()))._schema.type_map
    return {k: v for k, v in types.items() if isinstance(v, GraphQLScalarType)}


def read_everywhere(scalar: Any, literal: str, value: Any) -> Any:
    """Read a value as a variable and as a literal; both must agree."""
    as_literal = scalar.parse_literal(parse_value(literal))
    assert scalar.parse_value(value) == as_literal
    return as_literal


@pytest.mark.parametrize("name", ["Points", "SafeInt"])
def test_whole_numbers(scalars: Any, name: str) -> None:
    for number in (0, -1, MAX_SAFE, -MAX_SAFE):
        assert read_everywhere(scalars[name], str(number), number) == number
        assert scalars[name].serialize(number) == number
    for value in (MAX_SAFE + 1, -MAX_SAFE - 1, 1.0, "1", True, None):
        with pytest.raises(GraphQLError, match="whole number"):
            scalars[name].parse_value(value)
    for literal in ("1.0", '"1"', "true", "1e3", str(MAX_SAFE + 1)):
        with pytest.raises(GraphQLError, match="whole number"):
            scalars[name].parse_literal(parse_value(literal))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T04:05:06Z", datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC)),
        ("2026-11-23t04:05:06.5z", datetime(2026, 11, 23, 4, 5, 6, 500_000, UTC)),
        ("2026-11-23T04:05:06+02:00", datetime(2026, 11, 23, 2, 5, 6, tzinfo=UTC)),
    ],
)
def test_instants(scalars: Any, text: str, expected: datetime) -> None:
    assert read_everywhere(scalars["DateTime"], f'"{text}"', text) == expected


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23",
        "2026-11-23T04:05:06",  # whose time?
        "2026-02-30T04:05:06Z",
        "2026-11-23T24:30:00Z",
        "2026-11-23 04:05:06Z",
        "0001-01-01T00:00:00+10:00",  # before the first year there is
        "٢٠٢٦-11-23T04:05:06Z",
        1_800_000_000,
        None,
    ],
)
def test_refused_instants(scalars: Any, value: Any) -> None:
    with pytest.raises(GraphQLError, match="must be an instant"):
        scalars["DateTime"].parse_value(value)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1)))  # noqa: DTZ001
def test_instants_are_sent_in_utc_with_milliseconds(
    scalars: Any, instant: datetime
) -> None:
    aware = instant.replace(tzinfo=UTC)

    text = scalars["DateTime"].serialize(aware)

    kept = aware.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert scalars["DateTime"].parse_value(text) == kept
    assert len(text) == len("2026-11-23T04:05:06.789Z")


def test_days(scalars: Any) -> None:
    found = read_everywhere(scalars["Date"], '"2026-11-23"', "2026-11-23")

    assert found == date(2026, 11, 23)
    assert scalars["Date"].serialize(found) == "2026-11-23"
    for value in ("2026-W48-1", "20261123", "2026-02-30", "٢٠٢٦-11-23", 5, None):
        with pytest.raises(GraphQLError, match="must be a day"):
            scalars["Date"].parse_value(value)


def test_decimals(scalars: Any) -> None:
    for text in ("12.50", "-0.01", "7"):
        found = read_everywhere(scalars["Decimal"], f'"{text}"', text)
        assert found == PythonDecimal(text)
        assert scalars["Decimal"].serialize(found) == text
    for value in ("1e5", "NaN", "Infinity", " 1", "1_0", "", "+1", ".5", 1.5, 1, None):
        with pytest.raises(GraphQLError, match="must be a decimal number"):
            scalars["Decimal"].parse_value(value)


def test_keys(scalars: Any) -> None:
    for text in ("k" * 16, "~" * 64, "0197f1b2-7e11-7cc3-9d25-0d5b4f6b1c2a"):
        literal = f'"{text}"'
        assert read_everywhere(scalars["IdempotencyKey"], literal, text) == text
    for value in ("k" * 15, "k" * 65, "k" * 15 + " ", "k" * 15 + "é", 10**16, None):
        with pytest.raises(GraphQLError, match="16 to 64 visible ASCII"):
            scalars["IdempotencyKey"].parse_value(value)


def test_payloads(scalars: Any) -> None:
    found = read_everywhere(scalars["Payload"], '{a: [1, "b"]}', {"a": [1, "b"]})

    assert found == {"a": [1, "b"]}
    for value in ([], "{}", 5, None):
        with pytest.raises(GraphQLError, match="must be a JSON object"):
            scalars["Payload"].parse_value(value)
