"""Statements: what a period began with, what happened in it, what it ended with."""

from gateway.plans.sources import (
    attribute,
    connection,
    relation,
    row_type,
    same_row,
)
from gateway.scalars import DateTime, Points
from gateway.types.ledger import BalanceSnapshot, TransactionConnection


@row_type(
    description="What happened to one currency in a period. The opening total, with "
    "what was earned, refunded, transferred in, exchanged in and adjusted, less what "
    "was redeemed, transferred out, exchanged out, clawed back and ran out, is the "
    "closing total, to the point."
)
class CurrencyStatement:
    """See the description."""

    currency: str = attribute("currency", description="Code of the currency.")
    opening: BalanceSnapshot = same_row(
        entity="opening", description="Just before the period."
    )
    closing: BalanceSnapshot = same_row(
        entity="closing", description="At the end of the period."
    )
    earned: Points = attribute("earned", description="Given by rules.")
    refunded: Points = attribute(
        "refunded", description="Given back for redemptions that were undone."
    )
    transferred_in: Points = attribute(
        "transferred_in", description="Come from other holders."
    )
    exchanged_in: Points = attribute(
        "exchanged_in", description="Come for points of other currencies."
    )
    adjusted: Points = attribute(
        "adjusted", description="Given by hand, less what was taken."
    )
    redeemed: Points = attribute("redeemed", description="Spent.")
    transferred_out: Points = attribute(
        "transferred_out", description="Gone to other holders."
    )
    exchanged_out: Points = attribute(
        "exchanged_out", description="Gone for points of other currencies."
    )
    clawed_back: Points = attribute(
        "clawed_back", description="Taken back, or owed, for earnings that were undone."
    )
    expired: Points = attribute(
        "expired",
        description="Run out in the period, whether or not that is written down yet.",
    )


@row_type(
    description="What happened to a member in a period: what was booked in it "
    "(`Transaction.bookedAt`). What is told later of something in the period stands in "
    "the period in which it was told, so the sums of a period that is over, by some "
    "seconds, never change."
)
class Statement:
    """See the description."""

    from_: DateTime = attribute(
        "from", graphql_name="from", description="The first instant of the period."
    )
    to: DateTime = attribute("to", description="The first instant after it.")
    currencies: list[CurrencyStatement] = relation(
        "lines", description="For each currency of the program, or for the one asked."
    )
    transactions: TransactionConnection = connection(
        "transactions",
        description="What happened, the newest first. What ran out in the period joins "
        "them once it is written down.",
    )
