"""The program: its currencies and tiers, and what became of its points."""

import strawberry

from core.program.insight import program_totals
from gateway import rights
from gateway.context import Info
from gateway.plans.sources import attribute, relation, row_type, wording
from gateway.scalars import DateTime, LanguageTag, Points
from gateway.types.common import Node


@row_type(description="A unit of loyalty value.")
class Currency:
    """See the description."""

    code: str = attribute("code", description="Short name, unique in the program.")
    name: str = wording("name", description="Shown to members.")
    scale: int = attribute(
        "scale", description="Decimal places: points are whole numbers of minor units."
    )


@row_type(
    description="A level of membership; programs define their own.", entity="tier"
)
class Tier(Node):
    """See the description."""

    code: str = attribute("code", description="Stable short name.")
    name: str = wording("name", description="Shown to members.")
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
    name: str = wording("name", description="Shown to members.")
    language: LanguageTag = attribute(
        "language", description="That of its names and texts, before translation."
    )
    time_zone: str = attribute(
        "time_zone", description="IANA name of the zone in which its days begin."
    )
    clock: DateTime | None = attribute(
        "clock",
        description="What its own clock shows, which advanceClock moves; null: it is "
        "no sandbox, and goes by the real time.",
    )
    currencies: list[Currency] = relation(
        "currencies", description="Units in which its points are counted."
    )
    tiers: list[Tier] = relation("tiers", description="Its tiers, the lowest first.")

    @strawberry.field(
        description="What became of its points, for each currency. Needs totals:read; "
        "null for others, with an error.",
        metadata=rights.of(program_totals),
    )
    async def totals(self, info: Info) -> list[CurrencyTotals] | None:
        """Sum up what the ledger has posted."""
        context = info.context
        found = await program_totals(context.engine, by=context.actor)
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
