"""Balances and transactions."""

from enum import Enum
from typing import Optional

import strawberry

from gateway.plans.documents import Part
from gateway.plans.sources import (
    attribute,
    connection,
    document_member,
    part,
    relation,
    row_type,
)
from gateway.scalars import DateTime, Points, SafeInt
from gateway.types.common import (
    CURSOR,
    EDGES,
    NODES,
    PAGE_INFO,
    TOTAL_COUNT,
    Node,
    PageInfo,
)

TOTAL = "Available, pending and held, less the debt."


@strawberry.enum(
    description="Why a transaction exists. A new kind is announced as a change."
)
class TransactionKind(Enum):
    """See the description."""

    OPEN = strawberry.enum_value("OPEN", description="The member was enrolled.")
    EARN = strawberry.enum_value(
        "EARN", description="Points were earned; none, where no rule gave any."
    )
    ACTIVATE = strawberry.enum_value(
        "ACTIVATE", description="Pending points became available."
    )
    REDEEM = strawberry.enum_value("REDEEM", description="Points were spent at once.")
    AUTHORIZE = strawberry.enum_value("AUTHORIZE", description="Points were set aside.")
    CAPTURE = strawberry.enum_value(
        "CAPTURE", description="Points that were set aside were spent."
    )
    VOID = strawberry.enum_value(
        "VOID", description="Points that were set aside were given back."
    )
    REVERSE_EARN = strawberry.enum_value(
        "REVERSE_EARN", description="An earning was undone."
    )
    REVERSE_REDEEM = strawberry.enum_value(
        "REVERSE_REDEEM", description="A redemption was undone."
    )
    EXPIRE = strawberry.enum_value("EXPIRE", description="Points ran out.")
    HOLD_EXPIRE = strawberry.enum_value(
        "HOLD_EXPIRE", description="A hold ran out; its points were given back."
    )
    ADJUST = strawberry.enum_value("ADJUST", description="Corrected by hand.")
    TRANSFER_OUT = strawberry.enum_value(
        "TRANSFER_OUT", description="Points went to another holder."
    )
    TRANSFER_IN = strawberry.enum_value(
        "TRANSFER_IN", description="Points came from another holder."
    )
    EXCHANGE = strawberry.enum_value(
        "EXCHANGE", description="Points became points of another currency."
    )
    NOTE = strawberry.enum_value(
        "NOTE", description="No points moved; a redemption took a step."
    )
    HOLD_EXTEND = strawberry.enum_value(
        "HOLD_EXTEND", description="A hold was given more time."
    )
    STATUS = strawberry.enum_value(
        "STATUS", description="The member was frozen, closed or let in again."
    )
    REVERSE_ADJUST = strawberry.enum_value(
        "REVERSE_ADJUST", description="A correction by hand was undone."
    )
    REVERSE_EXCHANGE = strawberry.enum_value(
        "REVERSE_EXCHANGE", description="An exchange was undone."
    )
    TRANSFER_BACK = strawberry.enum_value(
        "TRANSFER_BACK", description="Points went back to the holder who sent them."
    )
    APPROVE = strawberry.enum_value(
        "APPROVE", description="Points that waited for a decision were approved."
    )


@strawberry.enum(description="What was decided about an activity that needs it.")
class ActivityApproval(Enum):
    """See the description."""

    PENDING = strawberry.enum_value(
        "PENDING", description="Nobody has decided; its points are pending."
    )
    APPROVED = strawberry.enum_value("APPROVED", description="Its points were given.")
    REJECTED = strawberry.enum_value(
        "REJECTED", description="Its points were taken back."
    )


@row_type(description="Points that run out at one instant.")
class Expiration:
    """See the description."""

    expires_at: DateTime | None = attribute(
        "expires_at",
        description="From then on they are gone; null for those that never run out.",
    )
    available: Points = attribute("available", description="Of the available points.")
    pending: Points = attribute("pending", description="Of the pending points.")


@row_type(description="One instant in a page.")
class ExpirationEdge:
    """See the description."""

    cursor: str = part(description=CURSOR)
    node: Expiration = part(description="What runs out then.")


@row_type(
    description="When points run out, the soonest first. All of them together are the "
    "balance; points that are held do not run out."
)
class ExpirationConnection:
    """See the description."""

    edges: list[ExpirationEdge] = part(description=EDGES)
    nodes: list[Expiration] = part(description=NODES)
    page_info: PageInfo = part(description=PAGE_INFO)


@row_type(
    description="Points of a member in one currency, now. What is due counts, whether "
    "or not it is written down."
)
class Balance:
    """See the description."""

    currency: str = attribute("currency", description="Code of the currency.")
    available: Points = attribute("available", description="Can be spent now.")
    pending: Points = attribute("pending", description="Earned, not yet spendable.")
    held: Points = attribute("held", description="Set aside for redemptions under way.")
    debt: Points = attribute(
        "debt", description="Owed after a return; paid back by what is earned next."
    )
    total: Points = attribute("total", description=TOTAL)
    expirations: ExpirationConnection = connection(
        "expirations", description="When the points run out."
    )


@row_type(description="Points of a member in one currency at some moment.")
class BalanceSnapshot:
    """See the description."""

    currency: str = attribute("currency", description="Code of the currency.")
    available: Points = attribute("available", description="Could be spent then.")
    pending: Points = attribute("pending", description="Earned, not spendable yet.")
    held: Points = attribute("held", description="Set aside for redemptions.")
    debt: Points = attribute("debt", description="Owed after a return.")
    total: Points = attribute("total", description=TOTAL)


@row_type(description="What a transaction did to one currency.")
class BalanceEffect:
    """See the description."""

    currency: str = attribute("currency", description="Code of the currency.")
    available: Points = attribute(
        "available", description="Change of available points."
    )
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
    debt_after: Points = attribute("debt_after", description="What is owed after it.")


@row_type(
    description="One entry of a member's ledger. It never changes; a correction is a "
    "transaction of its own.",
    entity="transaction",
)
class Transaction(Node):
    """See the description."""

    kind: TransactionKind = attribute(
        "kind", description="Why it exists.", convert=TransactionKind
    )
    posted_at: DateTime = attribute("posted_at", description="When it was written.")
    effective_at: DateTime = attribute(
        "effective_at", description="When what it records happened."
    )
    booked_at: DateTime = attribute(
        "booked_at",
        description="To which periods it belongs: `postedAt` or, for what time does "
        "(ACTIVATE, EXPIRE, HOLD_EXPIRE), when it was due, however late it was "
        "written. Never earlier than that of the transaction before.",
    )
    activity_type: str | None = attribute(
        "activity_type", description="Type of the activity that earned the points."
    )
    reference: str | None = attribute(
        "reference", description="What that activity is called outside: an order id."
    )
    approval: ActivityApproval | None = attribute(
        "approval",
        description="What was decided about that activity; null where nothing is to "
        "be decided.",
        convert=ActivityApproval,
    )
    reason: str | None = document_member(
        "meta", Part("reason"), description="Why it was corrected or decided by hand."
    )
    effects: list[BalanceEffect] = relation(
        "effects", description="What it did, for each currency it touched."
    )
    reverses: Optional["Transaction"] = relation(
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
    total_count: SafeInt | None = part(description=TOTAL_COUNT)
