"""Root fields that read."""

from typing import Annotated, Any

import strawberry

from core.errors import InvalidInputError, MemberNotFoundError, RewardNotFoundError
from core.ids import GlobalId, decode, decode_as
from core.program import insight, members, reviews
from core.program.activity_kinds import describe_all
from core.program.plugin_health import plugin_reports
from core.program.redemption import find_by_key
from gateway import rights
from gateway.context import Info
from gateway.plans import rows
from gateway.plans.sources import AFTER, BEFORE, FIRST, LAST
from gateway.program_queries import ProgramQueries
from gateway.scalars import IdempotencyKey, Points, SafeInt
from gateway.types.activities import ActivityConnection, ActivityType
from gateway.types.common import Node
from gateway.types.keys import ApiKeyConnection
from gateway.types.members import Member, MemberConnection
from gateway.types.plugins import Plugin
from gateway.types.program import Program
from gateway.types.rewards import Redemption, Reward, RewardConnection, SlotTotals

MAX_NODES = 100

DESCRIPTION = "Entry points for reading."

Id = Annotated[strawberry.ID, strawberry.argument(description="Global id.")]
First = Annotated[int | None, strawberry.argument(description=FIRST)]
After = Annotated[str | None, strawberry.argument(description=AFTER)]
Last = Annotated[int | None, strawberry.argument(description=LAST)]
Before = Annotated[str | None, strawberry.argument(description=BEFORE)]


@strawberry.type(description="The caller.")
class Viewer:
    """See the description."""

    role: str = strawberry.field(description="Role of the credential.")
    scopes: list[str] = strawberry.field(description="What it grants.")

    @strawberry.field(
        description="The member behind the credential; null for everybody else."
    )
    async def member(self, info: Info) -> Member | None:
        """Read the caller's own member."""
        holder_id = info.context.actor.holder_id
        if holder_id is None:
            return None
        return await rows.one(info, "member", (holder_id,))  # type: ignore[return-value]


@strawberry.type(description=DESCRIPTION)
class Query(ProgramQueries):
    """Resolvers name what to read; `gateway.plans` reads it."""

    @strawberry.field(
        description="Any object by its global id; null when it is absent or not the "
        "caller's to see."
    )
    async def node(self, info: Info, id: Id) -> Node | None:
        """Read one object."""
        return (await rows.many(info, [decode(id)]))[0]  # type: ignore[return-value]

    @strawberry.field(
        description="Many objects at once, in the order of the ids, null for those "
        "absent or private. At most 100."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="Global ids.")
        ],
    ) -> list[Node | None]:
        """Read several objects."""
        if len(ids) > MAX_NODES:
            raise InvalidInputError(field="ids", reason=f"at most {MAX_NODES} at once")
        wanted = [decode(one, field="ids") for one in ids]
        return await rows.many(info, wanted)  # type: ignore[return-value]

    @strawberry.field(description="Who is calling, and what the caller may do.")
    def viewer(self, info: Info) -> Viewer:
        """Describe the caller."""
        actor = info.context.actor
        return Viewer(role=actor.role.value, scopes=sorted(actor.scopes))

    @strawberry.field(description="The caller's program.")
    async def program(self, info: Info) -> Program:
        """Read the program."""
        key = (info.context.actor.program_id,)
        return await rows.one(info, "program", key)  # type: ignore[return-value]

    @strawberry.field(
        description="A member by global id.", metadata=rights.of_read("member")
    )
    async def member(self, info: Info, id: Id) -> Member | None:
        """Read a member."""
        key = decode_as("member", id)
        return await rows.shown(info, "member", key)  # type: ignore[return-value]

    @strawberry.field(
        description="A member by the number on the card. Not for members.",
        metadata=rights.of(members.find_by_number),
    )
    async def member_by_number(
        self,
        info: Info,
        number: Annotated[
            str, strawberry.argument(description="The number, as printed.")
        ],
    ) -> Member | None:
        """Find a member."""
        context = info.context
        holder_id = await members.find_by_number(
            context.engine, by=context.actor, number=number
        )
        if holder_id is None:
            return None
        return await rows.one(info, "member", (holder_id,))  # type: ignore[return-value]

    @strawberry.field(
        description="All members, the longest enrolled first. Not for members.",
        metadata=rights.of_read("program", "members"),
    )
    async def members(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> MemberConnection:
        """Read a page of members; the planner reads the arguments."""
        return await rows.page(info, "members")  # type: ignore[return-value]

    @strawberry.field(description="Rewards on offer, the newest first.")
    async def catalog(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> RewardConnection:
        """Read a page of rewards; the planner reads the arguments."""
        return await rows.page(info, "rewards")  # type: ignore[return-value]

    @strawberry.field(description="One reward.")
    async def reward(self, info: Info, id: Id) -> Reward | None:
        """Read a reward."""
        key = decode_as("reward", id)
        return await rows.one(info, "reward", key)  # type: ignore[return-value]

    @strawberry.field(
        description="A redemption by global id.", metadata=rights.of_read("redemption")
    )
    async def redemption(self, info: Info, id: Id) -> Redemption | None:
        """Read a redemption."""
        key = decode_as("redemption", id)
        return await rows.shown(info, "redemption", key)  # type: ignore[return-value]

    @strawberry.field(
        description="What the caller redeemed under a key, for a client that lost the "
        "answer.",
        metadata=rights.of(find_by_key),
    )
    async def redemption_by_key(
        self,
        info: Info,
        idempotency_key: Annotated[
            IdempotencyKey,
            strawberry.argument(description="The key sent with `redeemReward`."),
        ],
        member_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Whose; the caller's own if left out."),
        ] = strawberry.UNSET,
    ) -> Redemption | None:
        """Find a redemption."""
        context = info.context
        holder_id = context.actor.holder_id
        if member_id:
            (holder_id,) = decode_as("member", member_id, field="memberId")
        if holder_id is None:
            raise InvalidInputError(field="memberId", reason="is needed here")
        try:
            key: Any = await find_by_key(
                context.engine,
                by=context.actor,
                key=idempotency_key,
                holder_id=holder_id,
            )
        except MemberNotFoundError:
            return None
        if key is None:
            return None
        return await rows.one(info, "redemption", key)  # type: ignore[return-value]

    @strawberry.field(
        description="Types of activity that can be recorded, by code: those of plugins "
        "and those that were registered."
    )
    async def activity_types(self, info: Info) -> list[ActivityType]:
        """List them."""
        context = info.context
        found = await describe_all(context.engine, context.actor.program_id)
        return [ActivityType.of(one) for one in found]

    @strawberry.field(
        description="Activities that wait for a decision, those first that were told "
        "first: decide with `approveActivity` or `rejectActivity`, and they leave. "
        "Needs activities:approve.",
        metadata=rights.of_read("program", "pending"),
    )
    async def pending_activities(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> ActivityConnection:
        """Read a page of activities; the planner reads the arguments."""
        return await rows.page(info, "pending")  # type: ignore[return-value]

    @strawberry.field(
        description="What was handed out of a reward, by slot; of a donation, by "
        "cause. Needs totals:read.",
        metadata=rights.of(insight.reward_totals),
    )
    async def reward_totals(self, info: Info, id: Id) -> list[SlotTotals] | None:
        """Sum up; null if there is no such reward."""
        (reward_id,) = decode_as("reward", id)
        context = info.context
        try:
            found = await insight.reward_totals(
                context.engine, by=context.actor, reward_id=reward_id
            )
        except RewardNotFoundError:
            return None
        return [
            SlotTotals(
                slot=one.slot,
                redemptions=SafeInt(one.redemptions),
                units=SafeInt(one.units),
                points=Points(one.points),
            )
            for one in found
        ]

    @strawberry.field(
        description="The plugins that are loaded, and how they do. Needs plugins:read.",
        metadata=rights.of(plugin_reports),
    )
    async def plugins(self, info: Info) -> list[Plugin]:
        """List them."""
        context = info.context
        reports = await plugin_reports(context.engine, by=context.actor)
        return [Plugin.of(one) for one in reports]

    @strawberry.field(
        description="Redemptions that wait for a person, the longest waiting first: "
        "decide with `resolveRedemption`, and they leave. Needs redemptions:resolve.",
        metadata=rights.of(reviews.queue),
    )
    async def redemption_queue(
        self,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description="How many, 1 to 100.")
        ] = 20,
    ) -> list[Redemption]:
        """Read the front of the queue."""
        most = info.context.engine.settings.max_page_size
        if not 1 <= first <= most:
            raise InvalidInputError(field="first", reason=f"must be 1 to {most}")
        context = info.context
        keys = await reviews.queue(context.engine, by=context.actor, first=first)
        wanted = [GlobalId("redemption", key) for key in keys]
        found = await rows.many(info, wanted)
        return [row for row in found if row is not None]  # type: ignore[misc]

    @strawberry.field(
        description="The keys of the program, the oldest first. Needs keys:write.",
        metadata=rights.of_read("program", "keys"),
    )
    async def api_keys(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> ApiKeyConnection:
        """Read a page of keys; the planner reads the arguments."""
        return await rows.page(info, "keys")  # type: ignore[return-value]
