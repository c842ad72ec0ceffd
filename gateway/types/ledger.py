"""Balances and transactions."""

from enum import Enum
from typing import Optional

import strawberry

from core.ledger.codes import JournalKind
from gateway.plans.sources import attribute, part, relation, row_type
from gateway.scalars import DateTime, Points
from gateway.types.common import CURSOR, EDGES, NODES, PAGE_INFO, Node, PageInfo

TransactionKind = strawberry.enum(
    Enum("TransactionKind", {kind.name: kind.name for kind in JournalKind}),
    description="Why a transaction exists. A new kind is announced as a change.",
)


@row_type(description="Points of a member in one currency.")
class Balance:
    """See the description."""

    currency: str = attribute("currency", description="Code of the currency.")
    available: Points = attribute("available", description="Can be spent now.")
    pending: Points = attribute("pending", description="Earned, not yet spendable.")
    held: Points = attribute(
        "held", description="Set aside for redemptions under way."
    )
    debt: Points = attribute(
        "debt", description="Owed after a return; paid back by what is earned next."
    )


@row_type(description="What a transaction did to one currency.")
class BalanceEffect:
    """See the description."""

    currency: str = attribute("currency", description="Code of the currency.")
    available: Points = attribute("available", description="Change of available points.")
    pending: Points = attribute("pending", description="Change of pending points.")
    held: Points = attribute("held", description="Change of held points.")
    debt: Points = attribute("debt", description="Change of the debt.")
    available_after: Points = attribute(
        "available_after", description="Available points after it."
    )
    pending_after: Points = attribute(
        "pending_after", description="Pending points after it."
    )
    held_after: Points = attribute("held_after", description="Held points after it.")
    debt_after: Points = attribute("debt_after", description="Debt after it.")


@row_type(
    description="One entry of a member's ledger. It never changes; a correction is a "
    "transaction of its own.",
    entity="transaction",
)
class Transaction(Node):
    """See the description."""

    kind: TransactionKind = attribute(  # type: ignore[valid-type]
        "kind", description="Why it exists.", convert=TransactionKind
    )
    posted_at: DateTime = attribute("posted_at", description="When it was written.")
    effective_at: DateTime = attribute(
        "effective_at", description="When what it records happened."
    )
    activity_type: str | None = attribute(
        "activity_type", description="Type of the activity that earned the points."
    )
    reference: str | None = attribute(
        "reference", description="What that activity is called outside: an order id."
    )
    reason: str | None = attribute(
        "meta", "reason", description="Why it was corrected by hand."
    )
    effects: list[BalanceEffect] = relation(
        "effects", description="What it did, for each currency it touched."
    )
    reverses: Optional["Transaction"] = relation(  # noqa: UP045  (refers to itself)
        "reverses", description="The transaction that it undoes."
    )


@row_type(description="One transaction in a page.")
class TransactionEdge:
    """See the description."""

    cursor: str = part(description=CURSOR)
    node: Transaction = part(description="The transaction.")


@row_type(description="Transactions of a member, the newest first.")
class TransactionConnection:
    """See the description."""

    edges: list[TransactionEdge] = part(description=EDGES)
    nodes: list[Transaction] = part(description=NODES)
    page_info: PageInfo = part(description=PAGE_INFO)
