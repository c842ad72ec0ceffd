"""Members."""

from gateway.plans import arguments
from gateway.plans.sources import (
    Argument,
    attribute,
    chosen_relation,
    connection,
    part,
    relation,
    row_type,
    same_row,
)
from gateway.scalars import DateTime, JsonObject, SafeInt
from gateway.types.common import (
    CURSOR,
    EDGES,
    NODES,
    PAGE_INFO,
    TOTAL_COUNT,
    Node,
    PageInfo,
)
from gateway.types.ledger import (
    Balance,
    BalanceSnapshot,
    TransactionConnection,
    TransactionKind,
)
from gateway.types.program import Tier
from gateway.types.rewards import RedemptionConnection
from gateway.types.statements import Statement


@row_type(description="A member of the program.", entity="member")
class Member(Node):
    """See the description."""

    number: str | None = attribute("number", description="Number on the card.")
    display_name: str | None = attribute("display_name", description="Name to show.")
    email: str | None = attribute("email", description="E-mail address.")
    joined_at: DateTime = attribute("joined_at", description="When the member joined.")
    attributes: JsonObject | None = attribute(
        "attributes",
        description="What is known of the member, by name in snake_case: texts, whole "
        "numbers and truth values. Null for those who may not see it.",
    )
    tier: Tier | None = relation(
        "tier", description="Level reached; null below the lowest."
    )
    balances: list[Balance] = relation(
        "balances", description="Points, for each currency of the program."
    )
    balances_at: list[BalanceSnapshot] = chosen_relation(
        arguments.balances_at,
        Argument(
            "asOf",
            DateTime | None,
            "When they were so: what had happened by then counts, and what was due by "
            "then. As `knownAt`, if left out.",
        ),
        Argument(
            "knownAt",
            DateTime | None,
            "When that was known: what was posted later does not count. Now, if left "
            "out. Not before `asOf`.",
        ),
        description="Points at a past moment, by two clocks: as they were at `asOf`, "
        "as far as that was known at `knownAt`. What is posted later, though it "
        "happened before, changes nothing of what was known. Points ripen and run out "
        "when that is due, whenever it is written down. A part can be below 0 where "
        "something that was told late paid for what came after it. An instant means "
        "its whole millisecond.",
    )
    transactions: TransactionConnection = connection(
        "transactions",
        Argument(
            "kinds", list[TransactionKind] | None, "Only of these kinds, one at least."
        ),
        Argument("from", DateTime | None, "Only those booked then or later."),
        Argument("to", DateTime | None, "Only those booked before."),
        description="The ledger, the newest first. The period is that of `bookedAt`.",
        read=arguments.transactions,
    )
    statement: Statement = same_row(
        Argument("from", DateTime, "The first instant of the period."),
        Argument(
            "to",
            DateTime | None,
            "The first instant after it: not in the future; now, if left out.",
        ),
        Argument("currency", str | None, "Code of the only currency wanted."),
        description="What a period began with, what happened, and what it ended with.",
        entity="statement",
        read=arguments.statement,
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
    total_count: SafeInt | None = part(description=TOTAL_COUNT)
