"""Payloads against a schema: the first misfit is named, and checking is bounded."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.program import payload_checks
from core.program.payload_checks import MisfitError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "who"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 9},
        "who": {"$ref": "#/$defs/who"},
        "at": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "mail": {"type": "string", "format": "email"},
        "site": {"type": "string", "format": "uri"},
        "count": {"type": "integer", "minimum": 1, "exclusiveMaximum": 10},
        "share": {"type": "number"},
        "kind": {"enum": ["a", 1, None]},
        "tags": {
            "type": "array",
            "maxItems": 2,
            "items": {"type": "object", "properties": {"a": {"type": "boolean"}}},
        },
        "free": {"type": "object", "additionalProperties": True},
        "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
    },
    "$defs": {
        "who": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string", "minLength": 2}},
        }
    },
}
TEXT = json.dumps(SCHEMA)
PAYLOAD: dict[str, Any] = {"id": "abc", "who": {"name": "Ada"}}


def misfit(schema: Any, payload: Any) -> tuple[str, str]:
    with pytest.raises(MisfitError) as caught:
        payload_checks.check(json.dumps(schema), payload)
    return caught.value.field, caught.value.reason


def test_equal_payloads_are_stored_alike() -> None:
    one = payload_checks.check(TEXT, {"who": {"name": "Zoë"}, "id": "abc"})
    other = payload_checks.check(TEXT, {"id": "abc", "who": {"name": "Zoë"}})

    assert one == other == '{"id":"abc","who":{"name":"Zoë"}}'


@pytest.mark.parametrize(
    "change",
    [
        {"at": "2026-06-01T12:00:00.123456Z"},
        {"at": "2026-06-01t12:00:00+05:45"},
        {"day": "2024-02-29"},
        {"mail": "ada@example.org"},
        {"site": "https://example.org/a?b#c"},
        {"site": "urn:isbn:0451450523"},
        {"count": 1},
        {"share": 0.5},
        {"share": 3},
        {"kind": None},
        {"tags": [{"a": True}, {}]},
        {"free": {"any": {"thing": [1, "x"]}}},
        {"either": "x"},
        {"either": 7},
    ],
)
def test_what_fits_is_accepted(change: dict[str, Any]) -> None:
    found = payload_checks.check(TEXT, PAYLOAD | change)

    assert json.loads(found) == PAYLOAD | change


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"id": "A1"}, "id", "must match ^[a-z]+$"),
        ({"id": "abcdefghij"}, "id", "must have at most 9 characters"),
        ({"id": 5}, "id", "must be of type string"),
        ({"id": None}, "id", "must be of type string"),
        ({"who": {}}, "who.name", "is required"),
        ({"who": {"name": "a"}}, "who.name", "must have at least 2 characters"),
        ({"who": {"name": "Ada", "age": 3}}, "who.age", "is no member of this type"),
        ({"extra": 1}, "extra", "is no member of this type"),
        ({"at": "2026-06-01"}, "at", "must be a valid date-time"),
        ({"at": "2026-06-01T12:00:00"}, "at", "must be a valid date-time"),
        ({"at": "2026-02-30T12:00:00Z"}, "at", "must be a valid date-time"),
        ({"day": "2026-02-30"}, "day", "must be a valid date"),
        ({"day": "20260201"}, "day", "must be a valid date"),
        ({"mail": "ada"}, "mail", "must be a valid email"),
        ({"site": "/a"}, "site", "must be a valid uri"),
        ({"site": "https://a b"}, "site", "must be a valid uri"),
        ({"count": 0}, "count", "must be at least 1"),
        ({"count": 10}, "count", "must be below 10"),
        ({"count": 1.0}, "count", "must be of type integer"),
        ({"count": True}, "count", "must be of type integer"),
        ({"count": 2**53}, "count", "must be within ±9007199254740991"),
        ({"share": -(2**53)}, "share", "must be within ±9007199254740991"),
        ({"share": float("nan")}, "share", "must be a finite number"),
        ({"share": "1"}, "share", "must be of type number"),
        ({"kind": "b"}, "kind", "must be one of a, 1, null"),
        ({"tags": [{}, {}, {}]}, "tags", "must have at most 2 items"),
        ({"tags": [{"a": 1}]}, "tags.0.a", "must be of type boolean"),
        ({"tags": [{}, {"b": 1}]}, "tags.1.b", "is no member of this type"),
        ({"free": {"a": ["x\0"]}}, "free.a.0", "must not have a null character"),
        ({"free": {"\ud800": 1}}, "free", "must not have a null character in a name"),
        ({"either": []}, "either", "does not fit its schema"),
    ],
)
def test_the_first_misfit_is_named(
    change: dict[str, Any], field: str, reason: str
) -> None:
    assert misfit(SCHEMA, PAYLOAD | change) == (field, reason)


def test_members_that_are_missing_are_named() -> None:
    assert misfit(SCHEMA, {"id": "abc"}) == ("who", "is required")
    assert misfit(SCHEMA, {}) == ("id", "is required")


def test_what_is_said_to_be_open_is_open() -> None:
    schema = {"type": "object", "additionalProperties": True}
    of_numbers = {"type": "object", "additionalProperties": {"type": "integer"}}

    assert payload_checks.check(json.dumps(schema), {"x": "y"}) == '{"x":"y"}'
    assert payload_checks.check(json.dumps(of_numbers), {"x": 1}) == '{"x":1}'
    assert misfit(of_numbers, {"x": "y"}) == ("x", "must be of type integer")


def test_what_parts_name_together_is_known() -> None:
    """Members that only `allOf` or a definition names are no unknown ones."""
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "allOf": [{"properties": {"b": {"type": "integer"}}}, {"$ref": "#/$defs/c"}],
        "if": {"properties": {"a": {"const": 1}}},
        "then": {"required": ["b"]},
        "$defs": {"c": {"properties": {"c": {"type": "integer"}}}},
    }

    assert payload_checks.check(json.dumps(schema), {"a": 1, "b": 2, "c": 3})
    assert misfit(schema, {"a": 1}) == ("b", "is required")
    assert misfit(schema, {"a": 2, "d": 1}) == ("d", "is no member of this type")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"a": [0] * 1_001}, "must not have more than 1000 items"),
        ({"a": "x" * 16_384}, "must not have more than 16384 characters"),
    ],
)
def test_payloads_are_small(payload: Any, reason: str) -> None:
    schema = {"type": "object", "additionalProperties": True}

    assert misfit(schema, payload)[1] == reason


def test_payloads_are_shallow() -> None:
    deep: Any = 1
    for _ in range(3_000):
        deep = {"a": deep}

    with pytest.raises(MisfitError, match="deeper than 12 levels"):
        payload_checks.check('{"type":"object","additionalProperties":true}', deep)


def test_no_pattern_takes_long() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}},
    }
    began = time.monotonic()

    assert misfit(schema, {"a": "a" * 15_000 + "!"})[0] == "a"
    assert time.monotonic() - began < 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_whatever_comes_is_stored_or_refused(value: Any) -> None:
    """Nothing but a misfit comes out, and what is stored is what came in."""
    schema = '{"type":"object","additionalProperties":true}'

    with suppress(MisfitError):
        document = payload_checks.check(schema, {"value": value})
        assert json.loads(document) == {"value": value}
