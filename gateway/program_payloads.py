"""Answers of the mutations that change programs."""

import strawberry

from gateway.context import Info
from gateway.plans import rows
from gateway.scalars import DateTime
from gateway.types.program import Program
from gateway.types.versions import ProgramVersion
from gateway.user_error import UserError


@strawberry.interface(description="What a mutation answers that moves a version.")
class ProgramVersionPayload:
    """See the description."""

    version: ProgramVersion | None = strawberry.field(
        description="The version as it stands now; null when there are user errors."
    )
    replayed: bool = strawberry.field(
        description="True: the key had been used with this input, and nothing more was "
        "done than to finish it."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why nothing was done; empty on success."
    )


@strawberry.type(description="Answer of draftProgram.")
class DraftProgramPayload(ProgramVersionPayload):
    """See the description."""


@strawberry.type(description="Answer of approveProgramVersion.")
class ApproveProgramVersionPayload(ProgramVersionPayload):
    """See the description."""


@strawberry.type(description="Answer of publishProgramVersion.")
class PublishProgramVersionPayload(ProgramVersionPayload):
    """See the description."""


@strawberry.type(description="Answer of rollBackProgram.")
class RollBackProgramPayload(ProgramVersionPayload):
    """See the description."""


@strawberry.type(description="Answer of discardProgramVersion.")
class DiscardProgramVersionPayload(ProgramVersionPayload):
    """See the description."""


@strawberry.type(description="Answer of createProgram.")
class CreateProgramPayload:
    """See the description."""

    code: str | None = strawberry.field(
        description="Code of the program; null when there are user errors."
    )
    secret: str | None = strawberry.field(
        description="An admin's key of the new program, shown this once; null when "
        "replayed: make another one with `guerdon --program CODE token create`."
    )
    replayed: bool = strawberry.field(
        description="True: the key had been used with this input."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why nothing was done; empty on success."
    )


@strawberry.type(description="Answer of advanceClock.")
class AdvanceClockPayload:
    """See the description."""

    clock: DateTime | None = strawberry.field(
        description="What the clock shows now; null when there are user errors."
    )
    replayed: bool = strawberry.field(
        description="True: the key had been used with this input."
    )
    user_errors: list[UserError] = strawberry.field(
        description="Why nothing was done; empty on success."
    )
    is_done: strawberry.Private[bool] = False

    @strawberry.field(description="The program; null when there are user errors.")
    async def program(self, info: Info) -> Program | None:
        """Read the program."""
        if not self.is_done:
            return None
        key = (info.context.actor.program_id,)
        return await rows.one(info, "program", key)  # type: ignore[return-value]
