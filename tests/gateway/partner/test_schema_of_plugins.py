"""What a partner's models become in the schema."""

import re

import pytest
from graphql import parse, print_ast

from core.extension.registry import Registry
from gateway.schema import build_schema
from plugins import purchase
from tests.gateway.partner.acme import Lounge, Lounge2, Plugin


@pytest.fixture(scope="module")
def printed() -> str:
    return build_schema(Registry.of(purchase, Plugin(Lounge()))).as_str()


def definition(printed: str, name: str) -> str:
    """Return one definition of the printed schema."""
    for one in parse(printed).definitions:
        named = getattr(one, "name", None)
        if named is not None and named.value == name:
            return print_ast(one)
    raise LookupError(name)


def field(printed: str, kind: str, name: str) -> str:
    """Return a field as printed, in one line: its description and its type."""
    text = definition(printed, kind)
    match = re.search(
        rf'"""((?:(?!""").)*)"""\s+{name}(\([^)]*\))?: ([^\n]+)', text, re.DOTALL
    )
    assert match is not None, text
    return f"{' '.join(match[1].split())} | {match[3]}"


def test_types_of_a_plugin_are_marked_with_its_name(printed: str) -> None:
    marked = set(
        re.findall(r'^\w+ (\w+)[^\n]*@provider\(name: "acme"\)', printed, re.MULTILINE)
    )

    assert marked == {
        "LoungeReward",
        "LoungeFulfillment",
        "LoungeOptionsInput",
        "LoungeContact",
        "LoungeGate",
        "LoungeSeat",
        "LoungeMeal",
        "LoungeTooYoung",
    }
    assert 'lounge: LoungeOptionsInput @provider(name: "acme")' in printed
    assert printed.count("@provider(") == len(marked) + 2  # and the definition
    assert definition(printed, "provider") == (
        '"""The plugin that brings this: uninstalling it removes it."""\n'
        "directive @provider(name: String!) on OBJECT | INPUT_OBJECT | ENUM | "
        "INPUT_FIELD_DEFINITION"
    )
    assert "@provider" not in definition(printed, "Money")
    assert "@provider" not in definition(printed, "MoneyInput")


MEMBER = (
    "Only for the member whose redemption it is, and with fulfillments:read; null for "
    "others."
)
STAFF = "Only with catalog:read; null for others."


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        (
            "LoungeReward",
            "airport",
            "IATA code of the airport. Matches `^[A-Z]{3}$`. | String!",
        ),
        (
            "LoungeReward",
            "supplier",
            f"Who is paid. At most 20 characters. {STAFF} | String",
        ),
        (
            "LoungeReward",
            "gates",
            "Ways in. At most 5 items. | [LoungeGate!]! @listSize(assumedSize: 5)",
        ),
        ("LoungeReward", "meals", "What is served. | [LoungeMeal!]!"),
        ("LoungeGate", "doorCode", f"Opens it. {MEMBER} | String"),
        ("LoungeContact", "phone", f"Their number. {STAFF} | String"),
        ("LoungeContact", "name", "Whom to ask for. | String!"),
        ("LoungeFulfillment", "code", f"Shown at the desk. {MEMBER} | String"),
        (
            "LoungeFulfillment",
            "seats",
            "Where to sit. | [LoungeSeat!]! @listSize(assumedSize: 5)",
        ),
        ("LoungeSeat", "row", "Which row. 1 to 99. | Int!"),
        (
            "LoungeOptionsInput",
            "guests",
            "Guests who come along. 0 to 2. | Int! = 0",
        ),
        ("LoungeOptionsInput", "meal", "What is eaten. | LoungeMeal! = NONE"),
        (
            "LoungeOptionsInput",
            "names",
            (
                "Names of the guests. At most 2 items. Each item: at least 1 "
                "character. | [String!]! = []"
            ),
        ),
        ("LoungeOptionsInput", "day", "When. Default: 2027-02-01. | Date"),
        (
            "LoungeOptionsInput",
            "tip",
            (
                "A tip. More than 0. Less than 10. At most 2 decimal places. Default: "
                "0.50. | Decimal"
            ),
        ),
        ("LoungeOptionsInput", "budget", "Most that is spent. | MoneyInput"),
        ("LoungeTooYoung", "minimumAge", "Age in years. 1 to 99. | Int!"),
        ("LoungeTooYoung", "meals", "What is served instead. | [LoungeMeal!]!"),
        (
            "LoungeTooYoung",
            "code",
            "Stable, upper snake case. New codes may appear. | String!",
        ),
    ],
)
def test_a_field_tells_its_limits_its_default_and_its_readers(
    printed: str, kind: str, name: str, text: str
) -> None:
    assert field(printed, kind, name) == text


def test_a_refusal_is_a_user_error(printed: str) -> None:
    text = definition(printed, "LoungeTooYoung")

    assert "type LoungeTooYoung implements UserError @provider" in text
    assert '"""The member is too young for this lounge."""' in text


def test_another_version_is_another_schema() -> None:
    printed = build_schema(Registry.of(purchase, Plugin(Lounge2()))).as_str()

    assert field(printed, "LoungeReward", "terminal") == "Where it is. 1 to 9. | Int!"
    assert "LoungeTooYoung" not in printed
    assert "LoungeSeat" not in printed
