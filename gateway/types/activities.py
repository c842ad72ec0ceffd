"""Activities that wait for a decision, and the types that can be recorded."""

from enum import Enum
from typing import Any, Self

import strawberry

from core.program.activity_kinds import Description
from gateway.plans.sources import attribute, part, relation, row_type
from gateway.scalars import DateTime, JsonObject
from gateway.types.common import CURSOR, EDGES, NODES, PAGE_INFO, PageInfo
from gateway.types.ledger import ActivityApproval, Transaction
from gateway.types.members import Member


@row_type(
    description="Something that a member did, as it was reported.", entity="activity"
)
class Activity:
    """See the description."""

    type: str = attribute("type", description="Code of its type.")
    reference: str = attribute(
        "reference", description="What it is called outside: an order id."
    )
    payload: JsonObject = attribute("payload", description="As it was reported.")
    occurred_at: DateTime = attribute("occurred_at", description="When it happened.")
    received_at: DateTime = attribute("received_at", description="When it was told.")
    approval: ActivityApproval | None = attribute(
        "approval",
        description="What was decided about it; null where nothing is to be decided.",
        convert=ActivityApproval,
    )
    member: Member = relation("member", description="Who did it.")
    transaction: Transaction = relation(
        "transaction", description="The earning that recorded it."
    )
    decision: Transaction | None = relation(
        "decision", description="The transaction that decided about it."
    )


@row_type(description="One activity in a page.")
class ActivityEdge:
    """See the description."""

    cursor: str = part(description=CURSOR)
    node: Activity = part(description="The activity.")


@row_type(description="Activities, those first that were told first.")
class ActivityConnection:
    """See the description."""

    edges: list[ActivityEdge] = part(description=EDGES)
    nodes: list[Activity] = part(description=NODES)
    page_info: PageInfo = part(description=PAGE_INFO)


@strawberry.enum(description="Whose report of an activity is believed.")
class ActivityTrust(Enum):
    """See the description."""

    INTEGRATOR = strawberry.enum_value(
        "integrator", description="That of the operator's systems alone."
    )
    MEMBER = strawberry.enum_value("member", description="Also that of the member.")


@strawberry.enum(description="Where the reference of an activity may occur once only.")
class ActivityUniqueness(Enum):
    """See the description."""

    PROGRAM = strawberry.enum_value("program", description="In the whole program.")
    MEMBER = strawberry.enum_value("member", description="For each member.")


@strawberry.type(description="A type of activity that can be recorded.")
class ActivityType:
    """See the description."""

    code: str = strawberry.field(description="Stable short name.")
    name: str = strawberry.field(description="Shown to people.")
    description: str | None = strawberry.field(description="What it is for.")
    trust: ActivityTrust = strawberry.field(description="Whose report is believed.")
    uniqueness: ActivityUniqueness = strawberry.field(
        description="Where a reference may occur once only."
    )
    needs_approval: bool = strawberry.field(
        description="Whether points wait until a person has decided."
    )
    plugin: str | None = strawberry.field(
        description="The plugin that brings it; null if it was registered."
    )
    payload_schema: JsonObject = strawberry.field(
        description="JSON Schema of its payload, 2020-12."
    )
    version: int = strawberry.field(description="Version of the payload's schema.")

    @classmethod
    def of(cls, found: Description) -> Self:
        """Show a type."""
        schema: Any = found.payload_schema
        return cls(
            code=found.code,
            name=found.name,
            description=found.description,
            trust=ActivityTrust(found.trust.value),
            uniqueness=ActivityUniqueness(found.uniqueness.value),
            needs_approval=found.needs_approval,
            plugin=found.plugin,
            payload_schema=schema,
            version=found.version,
        )
