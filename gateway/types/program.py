"""The program: its currencies and tiers, and what became of its points."""

import strawberry

from core.actors import Scope
from core.program.access import require
from core.program.insight import currency_totals
from gateway.context import Info
from gateway.plans.sources import attribute, relation, row_type
from gateway.scalars import Points
from gateway.types.common import Node


@row_type(description="A unit of loyalty value.")
class Currency:
    """See the description."""

    code: str = attribute("code", description="Short name, unique in the program.")
    name: str = attribute("name", description="Shown to members.")
    scale: int = attribute(
        "scale", description="Decimal places: points are whole numbers of minor units."
    )


@row_type(
    description="A level of membership; programs define their own.", entity="tier"
)
class Tier(Node):
    """See the description."""

    code: str = attribute("code", description="Stable short name.")
    name: str = attribute("name", description="Shown to members.")
    rank: int = attribute("rank", description="Position, 0 is the lowest.")
    threshold: Points = attribute(
        "threshold", description="Points earned ever from which members have it."
    )


@strawberry.type(
    description="What became of all points of a currency, as far as it is written "
    "down. Issued, adjusted and written off, less redeemed, expired, clawed back and "
    "exchanged, is what is outstanding, to the point."
)
class CurrencyTotals:
    """See the description."""

    currency: str = strawberry.field(description="Code of the currency.")
    issued: Points = strawberry.field(description="Given by rules.")
    adjusted: Points = strawberry.field(
        description="Given by hand, less what was taken."
    )
    redeemed: Points = strawberry.field(
        description="Spent, less what was given back for it."
    )
    expired: Points = strawberry.field(
        description="Run out, less what was granted again."
    )
    clawed_back: Points = strawberry.field(
        description="Taken back, owed or written off for earnings that were undone."
    )
    written_off: Points = strawberry.field(
        description="Borne by the program, since a policy forgave it."
    )
    exchanged: Points = strawberry.field(
        description="Turned into other currencies, less what came of them."
    )
    outstanding: Points = strawberry.field(
        description="What members and all others have, also pending and held, less "
        "their debts."
    )


@row_type(description="The loyalty program of the caller.", entity="program")
class Program(Node):
    """See the description."""

    code: str = attribute("code", description="Stable short name.")
    name: str = attribute("name", description="Shown to members.")
    time_zone: str = attribute(
        "time_zone", description="IANA name of the zone in which its days begin."
    )
    currencies: list[Currency] = relation("currencies", description="Its currencies.")
    tiers: list[Tier] = relation("tiers", description="Its tiers, the lowest first.")

    @strawberry.field(
        description="What became of its points, for each currency. For staff; null for "
        "others, with an error."
    )
    async def totals(self, info: Info) -> list[CurrencyTotals] | None:
        """Sum up what the ledger has posted."""
        context = info.context
        require(context.actor, Scope.TOTALS_READ)
        found = await currency_totals(context.engine, context.actor.program_id)
        return [
            CurrencyTotals(
                currency=code,
                issued=Points(one.issued),
                adjusted=Points(one.adjusted),
                redeemed=Points(one.redeemed),
                expired=Points(one.expired),
                clawed_back=Points(one.clawed_back),
                written_off=Points(one.written_off),
                exchanged=Points(one.exchanged),
                outstanding=Points(one.outstanding),
            )
            for code, one in found.items()
        ]
