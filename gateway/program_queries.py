"""Root fields that read the versions of the program."""

from typing import Annotated

import strawberry

from core.errors import InvalidInputError, ProgramVersionNotFoundError
from core.program import versions
from gateway import rights
from gateway.context import Info
from gateway.types.versions import ProgramVersion


@strawberry.type
class ProgramQueries:
    """A part of the root type."""

    @strawberry.field(
        description="Versions of the program, the newest first. Needs program:read.",
        metadata=rights.of(versions.page),
    )
    async def program_versions(
        self,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description="How many, 1 to 100.")
        ] = 20,
        before: Annotated[
            int | None, strawberry.argument(description="Only those of lower numbers.")
        ] = strawberry.UNSET,
    ) -> list[ProgramVersion]:
        """List them."""
        context = info.context
        most = context.engine.settings.max_page_size
        if not 1 <= first <= most:
            raise InvalidInputError(field="first", reason=f"must be 1 to {most}")
        found = await versions.page(
            context.engine,
            by=context.actor,
            first=first,
            before=None if before is strawberry.UNSET else before,
        )
        return [ProgramVersion.of(one) for one in found]

    @strawberry.field(
        description="A version of the program; null if there is none of this number. "
        "Needs program:read.",
        metadata=rights.of(versions.find),
    )
    async def program_version(
        self,
        info: Info,
        number: Annotated[
            int, strawberry.argument(description="Number of the version.")
        ],
    ) -> ProgramVersion | None:
        """Read one."""
        context = info.context
        try:
            found = await versions.find(context.engine, by=context.actor, number=number)
        except ProgramVersionNotFoundError:
            return None
        return ProgramVersion.of(found)
