"""Rewards and redemptions; the concrete rewards come from plugins."""

from enum import Enum

import strawberry

from gateway.plans.sources import (
    attribute,
    part,
    relation,
    row_interface,
    row_type,
    same_row,
    wording,
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
from gateway.types.program import Currency


@strawberry.enum(description="Whether a reward can be redeemed.")
class RewardAvailability(Enum):
    """See the description."""

    AVAILABLE = strawberry.enum_value("AVAILABLE", description="Can be redeemed.")
    SOLD_OUT = strawberry.enum_value(
        "SOLD_OUT", description="None is left; some may come back."
    )
    NOT_ON_OFFER = strawberry.enum_value(
        "NOT_ON_OFFER", description="Not yet, or no longer, on offer."
    )


@strawberry.enum(description="Where a redemption stands.")
class RedemptionStatus(Enum):
    """See the description."""

    REQUESTED = strawberry.enum_value("REQUESTED", description="Waits for its turn.")
    HELD = strawberry.enum_value("HELD", description="The points are set aside.")
    FULFILLING = strawberry.enum_value(
        "FULFILLING", description="The partner is being asked."
    )
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="The partner gave no clear answer; it is asked again."
    )
    FULFILLED = strawberry.enum_value(
        "FULFILLED", description="Done; the points are spent."
    )
    FAILED = strawberry.enum_value(
        "FAILED", description="The partner said no; the points are back."
    )
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="Called off; the points are back."
    )
    COMPENSATING = strawberry.enum_value(
        "COMPENSATING",
        description="Being called off: the partner is asked to take it back.",
    )


@strawberry.enum(description="What a person decides about a redemption.")
class RedemptionResolution(Enum):
    """See the description."""

    FULFILLED = strawberry.enum_value(
        "FULFILLED",
        description="The member has it. The points are taken, also if they had gone "
        "back.",
    )
    FULFILLED_FREE = strawberry.enum_value(
        "FULFILLED_FREE",
        description="The member has it, and keeps the points that had gone back.",
    )
    FAILED = strawberry.enum_value(
        "FAILED", description="The member does not have it, and keeps the points."
    )
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="It was taken back, and the points return."
    )


@row_type(description="Units of a reward that are counted together.", entity="slot")
class RewardSlot:
    """See the description."""

    code: str = attribute("code", description="Its name; empty if there is one only.")
    units: SafeInt = attribute("units", description="Units in all, sold ones included.")
    remaining: SafeInt = attribute("remaining", description="Units left.")
    waiting: SafeInt = attribute(
        "waiting", description="Redemptions that wait for a unit."
    )


@strawberry.type(
    description="What was handed out of one slot of a reward; of a donation, for one "
    "cause."
)
class SlotTotals:
    """See the description."""

    slot: str = strawberry.field(description="Code of the slot; empty if none.")
    redemptions: SafeInt = strawberry.field(description="Redemptions fulfilled.")
    units: SafeInt = strawberry.field(description="Units handed out.")
    points: Points = strawberry.field(description="Points they cost.")


@row_interface(
    description="Something points can buy. Concrete types come from plugins, except "
    "RetiredReward."
)
class Reward(Node):
    """See the description."""

    code: str = attribute("code", description="Stable short name.")
    name: str = wording("name", description="Shown to members.")
    description: str | None = wording("description", description="Longer text, plain.")
    price: Points = attribute("price", description="Price of one unit.")
    currency: Currency = relation("currency", description="Currency of the price.")
    availability: RewardAvailability = attribute(
        "availability",
        description="Whether it can be redeemed now.",
        convert=RewardAvailability,
    )
    remaining: SafeInt | None = attribute(
        "remaining", description="Units left; null where there is no limit."
    )
    slots: list[RewardSlot] = relation(
        "slots", description="Its units by slot; empty where there is no limit."
    )
    limit_per_member: SafeInt | None = attribute(
        "limit_per_member", description="Units that one member may have; null: any."
    )
    created_at: DateTime = attribute("created_at", description="When it appeared.")


@row_type(
    description="A reward whose plugin is no longer installed, or cannot read what an "
    "earlier version stored; old redemptions still read.",
    entity="reward",
)
class RetiredReward(Reward, Node):
    """See the description."""

    row_is_rest = True

    availability: RewardAvailability = attribute(
        "retired_availability",
        description="Always NOT_ON_OFFER.",
        convert=RewardAvailability,
    )
    former_type: str = attribute("type", description="Code of the type it had.")


@row_type(description="One reward in a page.")
class RewardEdge:
    """See the description."""

    cursor: str = part(description=CURSOR)
    node: Reward = part(description="The reward.")


@row_type(description="Rewards, the newest first.")
class RewardConnection:
    """See the description."""

    edges: list[RewardEdge] = part(description=EDGES)
    nodes: list[Reward] = part(description=NODES)
    page_info: PageInfo = part(description=PAGE_INFO)
    total_count: SafeInt | None = part(description=TOTAL_COUNT)


@row_interface(
    description="What a member got. Concrete types come from plugins, except "
    "RetiredFulfillment."
)
class Fulfillment:
    """See the description."""

    reward_type: str = attribute("type", description="Code of the reward type.")


@row_type(description="What a member got from a plugin that is no longer installed.")
class RetiredFulfillment(Fulfillment):
    """See the description."""

    row_is_rest = True


@row_type(description="Points spent on a reward.", entity="redemption")
class Redemption(Node):
    """See the description."""

    status: RedemptionStatus = attribute(
        "status", description="Where it stands.", convert=RedemptionStatus
    )
    reward: Reward = relation("reward", description="What was redeemed.")
    slot: str | None = attribute(
        "slot", description="Which of its slots; null where there is no choice."
    )
    quantity: SafeInt = attribute("quantity", description="Units asked for.")
    fulfilled_quantity: SafeInt | None = attribute(
        "fulfilled_quantity",
        description="Units handed out; fewer than asked for if the partner had fewer. "
        "Null until it is known.",
    )
    waiting_place: SafeInt | None = attribute(
        "waiting_place",
        description="Place in the waiting list, 1 for the next; null when not waiting.",
    )
    review_since: DateTime | None = attribute(
        "review_since",
        description="Since when a person of the operator is to decide; null: no need.",
    )
    points_spent: Points = attribute(
        "points_spent", description="Points it cost in all, or will cost."
    )
    reason: str | None = attribute(
        "reason", description="Why it failed, or why it could not be cancelled."
    )
    fulfillment: Fulfillment | None = same_row(
        unless_null="fulfillment",
        description="What the member got; null until there is something.",
    )
    requested_at: DateTime = attribute("requested_at", description="When it began.")
    ended_at: DateTime | None = attribute(
        "ended_at", description="When it was fulfilled, failed or was cancelled."
    )


@row_type(description="One redemption in a page.")
class RedemptionEdge:
    """See the description."""

    cursor: str = part(description=CURSOR)
    node: Redemption = part(description="The redemption.")


@row_type(description="Redemptions of a member, the newest first.")
class RedemptionConnection:
    """See the description."""

    edges: list[RedemptionEdge] = part(description=EDGES)
    nodes: list[Redemption] = part(description=NODES)
    page_info: PageInfo = part(description=PAGE_INFO)
    total_count: SafeInt | None = part(description=TOTAL_COUNT)
