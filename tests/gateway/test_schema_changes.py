"""Each kind of change of a schema, and whom it hurts."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.schema_changes import Gravity, changes

BREAKING, DANGEROUS, SAFE = Gravity.BREAKING, Gravity.DANGEROUS, Gravity.SAFE
SCHEMA = '''
directive @provider(name: String!) on OBJECT
directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION
directive @cost(weight: String!) on FIELD_DEFINITION

"""Entry."""
type Query {
  member(id: ID!, size: Int = 1): Member
  totals: Int @requiresScopes(scopes: [["totals:read"]])
  list(input: Filter): [Thing] @cost(weight: "5")
  pick(one: Pick): Int
}
interface Thing { id: ID! }
type Member implements Thing { id: ID! name: String status: Status }
type Ticket implements Thing @provider(name: "acme") { id: ID! }
enum Status { ON OFF }
input Filter { text: String }
input Pick @oneOf { a: Int b: Int }
'''

SCOPES = '@requiresScopes(scopes: [["totals:read"]])'


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        ('"""Entry."""', '"""Begin."""', []),
        ("name: String ", "", [(BREAKING, "Field Member.name was removed.")]),
        (
            "name: String ",
            "name: String more: Int ",
            [(SAFE, "Field Member.more was added.")],
        ),
        ("status: Status", "status: String", None),
        ("ON OFF", "ON", [(BREAKING, "Enum value Status.OFF was removed.")]),
        ("ON OFF", "ON OFF NEW", [(DANGEROUS, "Enum value Status.NEW was added.")]),
        ("text: String", "text: String n: Int!", None),
        ("id: ID!, size", "size", None),
        (
            'type Ticket implements Thing @provider(name: "acme") { id: ID! }',
            "",
            None,
        ),
        ("a: Int b: Int", "a: Int", None),
        (
            'totals: Int @requiresScopes(scopes: [["totals:read"]])',
            "totals: Int",
            [
                (SAFE, f"Query.totals: {SCOPES} became nothing."),
            ],
        ),
        (
            '[["totals:read"]]',
            '[["a"]]',
            [
                (
                    BREAKING,
                    f'Query.totals: {SCOPES} became @requiresScopes(scopes: [["a"]]).',
                )
            ],
        ),
        (
            '@cost(weight: "5")',
            '@cost(weight: "9")',
            [
                (
                    DANGEROUS,
                    'Query.list: @cost(weight: "5") became @cost(weight: "9").',
                )
            ],
        ),
        (
            "name: String ",
            'name: String @deprecated(reason: "Use `id`.") ',
            [(SAFE, "Member.name is deprecated: Use `id`.")],
        ),
    ],
)
def test_a_change(
    now: str, then: str, expected: list[tuple[Gravity, str]] | None
) -> None:
    assert now in SCHEMA

    found = changes(SCHEMA, SCHEMA.replace(now, then, 1))

    if expected is None:
        assert found[0].gravity is BREAKING
    else:
        assert [(one.gravity, one.text) for one in found] == expected


def test_a_member_of_one_of_is_added_without_harm() -> None:
    (found,) = changes(SCHEMA, SCHEMA.replace("a: Int b: Int", "a: Int b: Int c: Int"))

    assert (found.gravity, found.kind) == (SAFE, "OPTIONAL_INPUT_FIELD_ADDED")


def test_an_optional_member_of_another_input_is_dangerous() -> None:
    (found,) = changes(SCHEMA, SCHEMA.replace("text: String", "text: String n: Int"))

    assert (found.gravity, found.kind) == (DANGEROUS, "OPTIONAL_INPUT_FIELD_ADDED")


def test_a_type_that_is_gone_names_its_plugin() -> None:
    line = 'type Ticket implements Thing @provider(name: "acme") { id: ID! }'

    (found,) = changes(SCHEMA, SCHEMA.replace(line, ""))

    assert found.text == 'Ticket was removed. @provider(name: "acme") brought it.'


def test_the_command_says_what_changed(tmp_path: Path) -> None:
    old, new = tmp_path / "old.graphql", tmp_path / "new.graphql"
    old.write_text(SCHEMA)
    new.write_text(SCHEMA.replace("name: String ", "").replace("ON OFF", "ON OFF NEW"))

    result = CliRunner().invoke(main, ["schema", "diff", str(old), str(new)])

    assert result.exit_code == 1
    assert result.output == (
        "breaking   Field Member.name was removed.\n"
        "dangerous  Enum value Status.NEW was added.\n"
        "1 breaking, 1 dangerous, 0 safe\n"
    )


def test_this_installation_is_compared_with_a_file() -> None:
    file = Path(__file__).parents[2] / "schema.graphql"

    result = CliRunner().invoke(main, ["schema", "diff", str(file), "--json"])

    assert (result.exit_code, json.loads(result.output)) == (0, [])


def test_no_schema(tmp_path: Path) -> None:
    file = tmp_path / "old.graphql"
    file.write_text("type {")

    result = CliRunner().invoke(main, ["schema", "diff", str(file), str(file)])

    assert result.exit_code == 1
    assert "not a schema" in result.output
