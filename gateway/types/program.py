"""The program: its currencies and tiers."""

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
