"""Members."""

from gateway.plans.sources import attribute, connection, part, relation, row_type
from gateway.scalars import DateTime
from gateway.types.common import CURSOR, EDGES, NODES, PAGE_INFO, Node, PageInfo
from gateway.types.ledger import Balance, TransactionConnection
from gateway.types.program import Tier
from gateway.types.rewards import RedemptionConnection


@row_type(description="A member of the program.", entity="member")
class Member(Node):
    """See the description."""

    number: str | None = attribute("number", description="Number on the card.")
    display_name: str | None = attribute("display_name", description="Name to show.")
    email: str | None = attribute("email", description="E-mail address.")
    joined_at: DateTime = attribute("joined_at", description="When the member joined.")
    tier: Tier | None = relation(
        "tier", description="Level reached; null below the lowest."
    )
    balances: list[Balance] = relation(
        "balances", description="Points, for each currency of the program."
    )
    transactions: TransactionConnection = connection(
        "transactions", description="The ledger, the newest first."
    )
    redemptions: RedemptionConnection = connection(
        "redemptions", description="Redemptions, the newest first."
    )


@row_type(description="One member in a page.")
class MemberEdge:
    """See the description."""

    cursor: str = part(description=CURSOR)
    node: Member = part(description="The member.")


@row_type(description="Members, the longest enrolled first.")
class MemberConnection:
    """See the description."""

    edges: list[MemberEdge] = part(description=EDGES)
    nodes: list[Member] = part(description=NODES)
    page_info: PageInfo = part(description=PAGE_INFO)
