"""JSON Schemas of activities: small, alone in the world, and checked to the letter."""

import itertools
import json
import time
from typing import Any

import pytest

from core.errors import InvalidInputError
from core.program import payload_schemas

GOOD: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["trip_id", "rider"],
    "properties": {
        "trip_id": {"type": "string", "maxLength": 20},
        "meters": {"type": "integer", "minimum": 0},
        "is_return": {"type": ["boolean", "null"]},
        "speed": {"type": "number"},
        "rider": {"$ref": "#/$defs/rider"},
        "helper": {"$ref": "#/$defs/rider"},
    },
    "$defs": {
        "rider": {
            "type": "object",
            "required": ["number"],
            "properties": {
                "number": {"type": "integer"},
                "city": {"type": "string"},
                "city_code": {"type": "string"},
            },
        }
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the good schema with a value set at *path*."""
    schema: dict[str, Any] = json.loads(json.dumps(GOOD))
    *way, last = path.split("/")
    place: Any = schema
    for step in way:
        place = place.setdefault(step, {})
    place[last] = value
    return schema


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def laughter(definitions: int) -> dict[str, Any]:
    """Return a small schema that would amount to a huge one."""
    names = [f"d{number}" for number in range(definitions)]
    defs: dict[str, Any] = {
        one: {"allOf": [{"$ref": f"#/$defs/{following}"}] * 3}
        for one, following in itertools.pairwise(names)
    }
    defs[names[-1]] = {"type": "object"}
    return {"type": "object", "allOf": [{"$ref": "#/$defs/d0"}], "$defs": defs}


def test_a_good_schema_is_stored_as_it_was_written() -> None:
    assert json.loads(payload_schemas.check(GOOD)) == GOOD
    assert payload_schemas.check(GOOD).startswith('{"$schema":')


@pytest.mark.parametrize(
    ("schema", "field", "reason"),
    [
        (changed("type", "array"), "schema.type", 'must be "object"'),
        ({"properties": {}}, "schema.type", 'must be "object"'),
        (
            changed("$schema", "http://json-schema.org/draft-07/schema#"),
            "schema.$schema",
            "must be https://json-schema.org/draft/2020-12/schema, or left out",
        ),
        (
            changed("properties/meters/minimun", 1),
            "schema.properties.meters.minimun",
            "is no keyword that is known here",
        ),
        (
            changed("properties/meters/minimum", "1"),
            "schema.properties.meters.minimum",
            "'1' is not of type 'number'",
        ),
        (
            changed("$id", "https://example.org/trip"),
            "schema.$id",
            "is no keyword that is known here",
        ),
        (
            changed("patternProperties", {"^a": {}}),
            "schema.patternProperties",
            "is no keyword that is known here",
        ),
        *(
            (
                changed("properties/rider/$ref", target),
                "schema.properties.rider.$ref",
                "must be #/$defs/ and a name: nothing outside the schema is read",
            )
            for target in (
                "https://example.org/rider",
                "file:///etc/passwd",
                "other.json#/$defs/rider",
                "#",
                "#/properties/meters",
            )
        ),
        (
            changed("properties/rider/$ref", "#/$defs/driver"),
            "schema.properties.rider.$ref",
            "there is no driver in $defs",
        ),
        (
            changed("$defs/rider/properties/friend", {"$ref": "#/$defs/rider"}),
            "schema.$defs.rider",
            "must not contain itself",
        ),
        (
            changed("properties/rider/$defs", {}),
            "schema.properties.rider.$defs",
            "is for the top of the schema only",
        ),
        (
            changed("properties/trip_id/format", "ipv4"),
            "schema.properties.trip_id.format",
            "must be one of date, date-time, email, uri",
        ),
        (
            changed("properties/trip_id/pattern", "(?=a)b"),
            "schema.properties.trip_id.pattern",
            "must be a regular expression without look-around and references",
        ),
        (
            changed("properties/trip_id/pattern", "(a"),
            "schema.properties.trip_id.pattern",
            "'(a' is not a 'regex'",
        ),
        (nested(30), "schema", "must not be nested deeper than 12 levels"),
        (nested(900), "schema", "must not be nested deeper than 12 levels"),
        (
            changed("description", "x" * 17_000),
            "schema",
            "must not have more than 16384 characters",
        ),
        (
            changed("description", "\0"),
            "schema",
            "must not have a null character, or half a character",
        ),
        (laughter(30), "schema", "must not have more than 500 parts in all"),
    ],
)
def test_the_place_and_the_reason_are_told(
    schema: dict[str, Any], field: str, reason: str
) -> None:
    began = time.monotonic()

    with pytest.raises(InvalidInputError) as caught:
        payload_schemas.check(schema)

    assert (caught.value.field, caught.value.reason) == (field, reason)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("path", ["trip_id", "rider.number"])
def test_what_is_always_there_can_be_a_reference(path: str) -> None:
    payload_schemas.check_reference(GOOD, path)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("meters", "meters must be required by the schema"),
        ("rider.city", "rider.city must be required by the schema"),
        ("helper.number", "helper.number must be required by the schema"),
        ("rider", "rider must be of type string or integer"),
        ("trip", "the schema describes no trip"),
        ("trip_id.x", "the schema describes no trip_id.x"),
        ("Trip", "Trip must be names in snake_case, with dots between"),
        ("", " must be names in snake_case, with dots between"),
        (
            "rider..number",
            "rider..number must be names in snake_case, with dots between",
        ),
    ],
)
def test_what_is_no_reference_is_told(path: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        payload_schemas.check_reference(GOOD, path)

    assert (caught.value.field, caught.value.reason) == ("reference", reason)


@pytest.mark.parametrize("kind", [["string", "null"], ["string", "integer"], "number"])
def test_a_reference_is_one_thing(kind: Any) -> None:
    schema = changed("properties/trip_id/type", kind)

    with pytest.raises(InvalidInputError, match="of type string or integer"):
        payload_schemas.check_reference(schema, "trip_id")


def test_facts_are_scalars_of_the_schema() -> None:
    payload_schemas.check_facts(GOOD, ["meters", "is_return", "rider.city"])

    assert payload_schemas.fact_name("rider.city") == "rider_city"


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        (["speed"], "speed must be of type string, integer or boolean"),
        (["rider"], "rider must be of type string, integer or boolean"),
        (["nothing"], "the schema describes no nothing"),
        (["meters", "meters"], "meters would be the name of two of them"),
        ([f"f{n}" for n in range(51)], "must not be more than 50"),
    ],
)
def test_what_is_no_fact_is_told(paths: list[str], reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        payload_schemas.check_facts(GOOD, paths)

    assert (caught.value.field, caught.value.reason) == ("facts", reason)
