"""The schema: printed as committed, described throughout, in step with the core."""

from pathlib import Path
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLScalarType

from core.extension.checks import FULFILLMENT_FIELDS, REWARD_FIELDS
from core.extension.registry import Registry
from core.ledger.codes import JournalKind
from core.program.redemption_row import Status
from gateway.schema import build_schema
from gateway.types.ledger import TransactionKind
from gateway.types.rewards import RedemptionStatus

ROOT = Path(__file__).parents[2]


def test_the_committed_schema_is_the_printed_one(registry: Registry) -> None:
    committed = (ROOT / "schema.graphql").read_text()

    assert committed == build_schema(registry).as_str() + "\n", (
        "guerdon schema > schema.graphql"
    )


def test_everything_is_described(registry: Registry) -> None:
    schema: Any = build_schema(registry)._schema
    bare = []
    for name, kind in schema.type_map.items():
        if name.startswith("__") or name in {"String", "Int", "Boolean", "ID", "Float"}:
            continue
        if not kind.description:
            bare.append(name)
        if isinstance(kind, GraphQLScalarType):
            continue
        if isinstance(kind, GraphQLEnumType):
            is_of_plugin = bool(kind.extensions["strawberry-definition"].directives)
            # Plugins describe an enumeration as a whole, and its names say the rest.
            parts = {} if is_of_plugin else kind.values
        else:
            parts = getattr(kind, "fields", {})
        for part_name, part in parts.items():
            if not part.description and "MISSING" not in (part.description or ""):
                bare.append(f"{name}.{part_name}")
            if isinstance(kind, GraphQLInputObjectType | GraphQLEnumType):
                continue
            bare += [
                f"{name}.{part_name}({argument})"
                for argument, one in part.args.items()
                if not one.description
            ]

    assert bare == []


def test_enumerations_are_those_of_the_core() -> None:
    assert [one.name for one in TransactionKind] == [one.name for one in JournalKind]
    assert [one.name for one in RedemptionStatus] == [one.name for one in Status]


def test_plugins_cannot_take_the_names_of_common_fields(registry: Registry) -> None:
    schema: Any = build_schema(registry)._schema

    def snake(name: str) -> str:
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)

    reward = {snake(name) for name in schema.type_map["Reward"].fields}
    fulfillment = {snake(name) for name in schema.type_map["Fulfillment"].fields}
    assert reward <= REWARD_FIELDS
    assert fulfillment <= FULFILLMENT_FIELDS


def test_a_schema_without_plugins_has_no_options() -> None:
    printed = build_schema(Registry.of()).as_str()

    assert "RedemptionOptionsInput" not in printed
    assert "type RetiredReward implements Reward & Node" in printed
