"""One change of a schema at a time: how grave it is, and which plugin brings it."""

import re
from pathlib import Path

import pytest

from gateway.schema_changes import Gravity, changes

BREAKING, DANGEROUS, SAFE = Gravity.BREAKING, Gravity.DANGEROUS, Gravity.SAFE
BASE = '''
directive @provider(name: String!) on OBJECT | INPUT_FIELD_DEFINITION | ENUM
directive @cost(weight: Int!) on FIELD_DEFINITION
directive @listSize(assumedSize: Int) on FIELD_DEFINITION

"""The root."""
type Query {
  """A member."""
  member(id: ID!, locale: String = "en"): Member
  members(first: Int): [Member!]! @cost(weight: 5)
  redeem(options: Options, filter: Filter): Reward
}

interface Reward { name: String! }

type Lounge implements Reward @provider(name: "lounge") {
  name: String!
  seats: Int
}

type Member { id: ID! name: String age: Int old: String }

enum Status { OPEN CLOSED }

enum Meal @provider(name: "lounge") { WARM COLD }

union Anything = Member | Lounge

input Options @oneOf {
  discount: String
  lounge: String @provider(name: "lounge")
}

input Filter { status: Status meal: Meal limit: Int = 10 }

scalar Points @specifiedBy(url: "https://example.com/points")

type Holder { thing: Anything points: Points }

extend type Query { holder: Holder }
'''
TABLE = [
    # types
    ("scalar Points", "type New { a: Int }\nscalar Points", SAFE, "TYPE_ADDED"),
    ("type Member {", "type Member implements Reward {", DANGEROUS, ""),
    ("union Anything = Member | Lounge", "union Anything = Member", BREAKING, ""),
    ("union Anything = Member ", "union Anything = Member | Holder ", DANGEROUS, ""),
    # fields and arguments
    ("age: Int old", "age: Int new: Int old", SAFE, "FIELD_ADDED"),
    ("age: Int old", "old", BREAKING, "FIELD_REMOVED"),
    ("age: Int", "age: Int!", SAFE, "FIELD_CHANGED_KIND_SAFE"),
    ("Member { id: ID!", "Member { id: ID", BREAKING, "FIELD_CHANGED_KIND"),
    ("age: Int", "age: String", BREAKING, "FIELD_CHANGED_KIND"),
    ("(first: Int)", "(first: Int, last: Int)", None, "OPTIONAL_ARG_ADDED"),
    ("(first: Int)", "(first: Int, last: Int!)", BREAKING, "REQUIRED_ARG_ADDED"),
    ("members(first: Int)", "members", BREAKING, "ARG_REMOVED"),
    ("(first: Int)", "(first: Int!)", BREAKING, "ARG_CHANGED_KIND"),
    ("id: ID!, locale", "id: ID, locale", SAFE, "ARG_CHANGED_KIND_SAFE"),
    ('= "en"', '= "de"', DANGEROUS, "ARG_DEFAULT_VALUE_CHANGE"),
    (' = "en"', "", DANGEROUS, "ARG_DEFAULT_VALUE_CHANGE"),
    # values and input members
    ("OPEN CLOSED", "OPEN", BREAKING, "VALUE_REMOVED_FROM_ENUM"),
    ("OPEN CLOSED", "OPEN CLOSED LOST", DANGEROUS, "VALUE_ADDED_TO_ENUM"),
    ("limit: Int = 10", "limit: Int = 20", DANGEROUS, ""),
    ("meal: Meal limit", "meal: Meal more: Int limit", DANGEROUS, ""),
    ("meal: Meal limit", "meal: Meal more: Int! limit", BREAKING, ""),
    ("meal: Meal limit", "limit", BREAKING, "FIELD_REMOVED"),
    # @oneOf
    ("discount: String\n", "discount: String more: Int\n", SAFE, ""),
    ("  discount: String\n", "", BREAKING, "FIELD_REMOVED"),
    ("Options @oneOf", "Options", SAFE, "DIRECTIVE_CHANGED"),
    ("input Filter {", "input Filter @oneOf {", BREAKING, "DIRECTIVE_CHANGED"),
    # directives and deprecations
    ("@cost(weight: 5)", "@cost(weight: 6)", DANGEROUS, "DIRECTIVE_CHANGED"),
    (" @cost(weight: 5)", "", SAFE, "DIRECTIVE_CHANGED"),
    (
        "@cost(weight: 5)",
        "@cost(weight: 5) @listSize(assumedSize: 5)",
        DANGEROUS,
        "DIRECTIVE_CHANGED",
    ),
    (
        "old: String",
        'old: String @deprecated(reason: "Use `a`.")',
        SAFE,
        "DEPRECATION_CHANGED",
    ),
    ("CLOSED }", "CLOSED @deprecated }", SAFE, "DEPRECATION_CHANGED"),
    ("(first: Int)", "(first: Int @deprecated)", SAFE, "DEPRECATION_CHANGED"),
    ('points")', 'other")', DANGEROUS, "DIRECTIVE_CHANGED"),
    ('Meal @provider(name: "lounge")', "Meal", SAFE, "DIRECTIVE_CHANGED"),
    (" | ENUM\n", " | ENUM | SCALAR\n", SAFE, "DIRECTIVE_LOCATION_ADDED"),
]


@pytest.mark.parametrize(("was", "now", "gravity", "kind"), TABLE)
def test_one_change(was: str, now: str, gravity: Gravity | None, kind: str) -> None:
    assert was in BASE

    (change,) = changes(BASE, BASE.replace(was, now, 1))

    if gravity is not None:
        assert change.gravity is gravity, change
    assert change.kind.startswith(kind)


def test_descriptions_and_order_are_no_change() -> None:
    other = BASE.replace('"""A member."""', '"""Somebody."""')
    other = other.replace("OPEN CLOSED", "CLOSED OPEN").replace(
        "Member { id: ID! name: String", "Member { name: String id: ID!"
    )

    assert other != BASE
    assert changes(BASE, other) == []


def test_what_a_plugin_took_along_names_it() -> None:
    without = re.sub(r"type Lounge.*?\n}\n", "", BASE, flags=re.DOTALL)
    without = without.replace("| Lounge", "").replace(
        '  lounge: String @provider(name: "lounge")\n', ""
    )
    brought = '@provider(name: "lounge") brought it.'

    assert [(one.gravity, one.text) for one in changes(BASE, without)] == [
        (BREAKING, f"Field Options.lounge was removed. {brought}"),
        (BREAKING, f"Lounge was removed from union type Anything. {brought}"),
        (BREAKING, f"Lounge was removed. {brought}"),
    ]


def test_the_gravest_come_first() -> None:
    other = BASE.replace("age: Int old: String", "age: Int new: Int")
    other = other.replace("OPEN CLOSED", "OPEN CLOSED LOST")

    assert [(one.gravity, one.kind) for one in changes(BASE, other)] == [
        (BREAKING, "FIELD_REMOVED"),
        (DANGEROUS, "VALUE_ADDED_TO_ENUM"),
        (SAFE, "FIELD_ADDED"),
    ]


def test_the_printed_schema_can_be_read() -> None:
    text = (Path(__file__).parents[2] / "schema.graphql").read_text()

    assert changes(text, text) == []
