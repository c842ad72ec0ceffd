"""Root fields that read."""

from typing import Annotated, Any

import strawberry

from core.actors import SCOPES, Scope
from core.errors import ForbiddenError, InvalidInputError, MemberNotFoundError
from core.ids import decode, decode_as
from core.program import members, redemption
from gateway.context import Info
from gateway.plans import rows
from gateway.plans.sources import AFTER, BEFORE, FIRST, LAST
from gateway.scalars import IdempotencyKey
from gateway.types.common import Node
from gateway.types.members import Member, MemberConnection
from gateway.types.program import Program
from gateway.types.rewards import Redemption, Reward, RewardConnection

MAX_NODES = 100

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


@strawberry.type(description="Entry points for reading.")
class Query:
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
        role = info.context.actor.role
        return Viewer(role=role.value, scopes=sorted(SCOPES[role]))

    @strawberry.field(description="The caller's program.")
    async def program(self, info: Info) -> Program:
        """Read the program."""
        key = (info.context.actor.program_id,)
        return await rows.one(info, "program", key)  # type: ignore[return-value]

    @strawberry.field(description="A member by global id.")
    async def member(self, info: Info, id: Id) -> Member | None:
        """Read a member."""
        key = decode_as("member", id)
        return await rows.one(info, "member", key)  # type: ignore[return-value]

    @strawberry.field(
        description="A member by the number on the card. Not for members."
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
        _require_members_read(info)
        program_id = context.actor.program_id
        holder_id = await members.find(
            context.engine, program_id=program_id, number=number
        )
        if holder_id is None:
            return None
        return await rows.one(info, "member", (holder_id,))  # type: ignore[return-value]

    @strawberry.field(
        description="All members, the longest enrolled first. Not for members."
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
        _require_members_read(info)
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

    @strawberry.field(description="A redemption by global id.")
    async def redemption(self, info: Info, id: Id) -> Redemption | None:
        """Read a redemption."""
        key = decode_as("redemption", id)
        return await rows.one(info, "redemption", key)  # type: ignore[return-value]

    @strawberry.field(
        description="What the caller redeemed under a key, for a client that lost the "
        "answer."
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
            key: Any = await redemption.find_by_key(
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


def _require_members_read(info: Info) -> None:
    if not info.context.actor.may(Scope.MEMBERS_READ):
        raise ForbiddenError(scope=Scope.MEMBERS_READ)
