"""Root fields that change the program: its versions."""

from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

import strawberry

from core.clock import from_us, to_us
from core.errors import NotFoundError, RefusedError
from core.program import advancing, drafting, founding, publishing
from core.program.versions import Changed
from gateway import program_inputs as inputs
from gateway import rights
from gateway.answering import INPUT, given
from gateway.context import Info
from gateway.program_payloads import (
    AdvanceClockPayload,
    ApproveProgramVersionPayload,
    CreateProgramPayload,
    DiscardProgramVersionPayload,
    DraftProgramPayload,
    ProgramVersionPayload,
    PublishProgramVersionPayload,
    RollBackProgramPayload,
)
from gateway.scalars import DateTime
from gateway.types.versions import ProgramVersion
from gateway.user_errors import user_error

PayloadT = TypeVar("PayloadT", bound=ProgramVersionPayload)


@strawberry.type
class ProgramMutations:
    """A part of the root type."""

    @strawberry.mutation(
        description="Drafts the next version of the program. The document is checked "
        "whole: if it is wrong, a ProgramFaulty tells all that is, and nothing is "
        "stored. Needs program:write.",
        metadata=rights.of(drafting.draft),
    )
    async def draft_program(
        self, info: Info, input: Annotated[inputs.DraftProgramInput, INPUT]
    ) -> DraftProgramPayload:
        """Draft."""
        values: Any = input.document
        return await _answer(
            DraftProgramPayload,
            drafting.draft(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                values=values,
                note=given(input.note),
            ),
        )

    @strawberry.mutation(
        description="Agrees with a version that another API client drafted. Needs "
        "program:publish.",
        metadata=rights.of(drafting.approve),
    )
    async def approve_program_version(
        self, info: Info, input: Annotated[inputs.ApproveProgramVersionInput, INPUT]
    ) -> ApproveProgramVersionPayload:
        """Approve."""
        return await _answer(
            ApproveProgramVersionPayload,
            drafting.approve(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                number=input.number,
            ),
        )

    @strawberry.mutation(
        description="Publishes a version: everything goes by it from now on, or from "
        "an instant on. Safe to repeat. Needs program:publish.",
        metadata=rights.of(publishing.publish),
    )
    async def publish_program_version(
        self, info: Info, input: Annotated[inputs.PublishProgramVersionInput, INPUT]
    ) -> PublishProgramVersionPayload:
        """Publish."""
        at = given(input.at)
        return await _answer(
            PublishProgramVersionPayload,
            publishing.publish(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                number=input.number,
                at_us=None if at is None else to_us(at),
            ),
        )

    @strawberry.mutation(
        description="Publishes the document of a version that stood once, as a new "
        "version; where two people must agree, drafts it. Needs program:publish.",
        metadata=rights.of(publishing.roll_back),
    )
    async def roll_back_program(
        self, info: Info, input: Annotated[inputs.RollBackProgramInput, INPUT]
    ) -> RollBackProgramPayload:
        """Roll back."""
        return await _answer(
            RollBackProgramPayload,
            publishing.roll_back(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                number=input.number,
                note=given(input.note),
            ),
        )

    @strawberry.mutation(
        description="Gives up a version that was not published. Needs program:write.",
        metadata=rights.of(drafting.discard),
    )
    async def discard_program_version(
        self, info: Info, input: Annotated[inputs.DiscardProgramVersionInput, INPUT]
    ) -> DiscardProgramVersionPayload:
        """Discard."""
        return await _answer(
            DiscardProgramVersionPayload,
            drafting.discard(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                number=input.number,
            ),
        )


@strawberry.type
class SandboxMutations:
    """A part of the root type."""

    @strawberry.mutation(
        description="Makes a program of this installation, published at once, and an "
        "admin's key for it. Needs program:publish and keys:write.",
        metadata=rights.of(founding.found),
    )
    async def create_program(
        self, info: Info, input: Annotated[inputs.CreateProgramInput, INPUT]
    ) -> CreateProgramPayload:
        """Create."""
        values: Any = input.document
        clock = given(input.clock)
        try:
            found = await founding.found(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                values=values,
                is_sandbox=input.sandbox,
                clock_us=None if clock is None else to_us(clock),
            )
        except RefusedError as error:
            return CreateProgramPayload(
                code=None, secret=None, replayed=False, user_errors=[user_error(error)]
            )
        return CreateProgramPayload(
            code=values["code"],
            secret=found.secret,
            replayed=found.replayed,
            user_errors=[],
        )

    @strawberry.mutation(
        description="Moves the clock of a sandbox program forward, and does all that "
        "falls due on the way, each thing at its instant. Safe to repeat. Needs "
        "program:write.",
        metadata=rights.of(advancing.advance),
    )
    async def advance_clock(
        self, info: Info, input: Annotated[inputs.AdvanceClockInput, INPUT]
    ) -> AdvanceClockPayload:
        """Advance."""
        try:
            advanced = await advancing.advance(
                info.context.engine,
                by=info.context.actor,
                key=input.idempotency_key,
                to_us=to_us(input.to),
            )
        except RefusedError as error:
            return AdvanceClockPayload(
                clock=None, replayed=False, user_errors=[user_error(error)]
            )
        return AdvanceClockPayload(
            clock=DateTime(from_us(advanced.clock_us)),
            replayed=advanced.replayed,
            user_errors=[],
            is_done=True,
        )


async def _answer(kind: type[PayloadT], work: Awaitable[Changed]) -> PayloadT:
    """Run a use case; a refusal becomes a payload with its user error."""
    try:
        changed = await work
    except (RefusedError, NotFoundError) as error:
        return kind(version=None, replayed=False, user_errors=[user_error(error)])
    return kind(
        version=ProgramVersion.of(changed.version),
        replayed=changed.replayed,
        user_errors=[],
    )
