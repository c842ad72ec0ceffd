"""Versions of a program: whole documents, and what differs between them."""

import json
from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any, Self

import strawberry

from core.clock import from_us
from core.program import previews, versions
from core.program.differences import Difference, Kind, ValueChange
from core.program.document import canonical
from core.program.versions import State, Version
from gateway.context import Info
from gateway.scalars import DateTime, JsonObject, SafeInt


@strawberry.enum(description="Where a version of the program stands.")
class ProgramVersionState(Enum):
    """See the description."""

    DRAFT = strawberry.enum_value(
        State.DRAFT.value, description="Nobody goes by it yet."
    )
    APPROVED = strawberry.enum_value(
        State.APPROVED.value, description="Somebody else has agreed."
    )
    PUBLISHED = strawberry.enum_value(
        State.PUBLISHED.value, description="Everything goes by it."
    )
    RETIRED = strawberry.enum_value(
        State.RETIRED.value, description="Another one came after it."
    )
    DISCARDED = strawberry.enum_value(
        State.DISCARDED.value, description="It was given up."
    )


@strawberry.enum(description="What became of a part of the program.")
class ProgramDifferenceKind(Enum):
    """See the description."""

    ADDED = strawberry.enum_value(Kind.ADDED.value, description="It is new.")
    REMOVED = strawberry.enum_value(
        Kind.REMOVED.value, description="It is there no more."
    )
    CHANGED = strawberry.enum_value(
        Kind.CHANGED.value, description="Some of its values differ."
    )


@strawberry.type(description="Something that is wrong in a program document.")
class ProgramFault:
    """See the description."""

    path: str = strawberry.field(
        description="Where: such as rewards[2].config.percent_off."
    )
    reason: str = strawberry.field(description="What is wrong, and what to do.")

    @classmethod
    def all_of(cls, found: Iterable[tuple[str, str]]) -> list[Self]:
        """Show faults."""
        return [cls(path=path, reason=reason) for path, reason in found]


@strawberry.type(description="A value that differs.")
class ProgramValueChange:
    """See the description."""

    path: str = strawberry.field(description="Which, in its part: names with dots.")
    before: str | None = strawberry.field(
        description="As JSON text; null: it was not there."
    )
    after: str | None = strawberry.field(
        description="As JSON text; null: it is there no more."
    )

    @classmethod
    def of(cls, change: ValueChange) -> Self:
        """Show a change."""
        return cls(
            path=change.path, before=_text(change.before), after=_text(change.after)
        )


@strawberry.type(description="A part of the program that differs.")
class ProgramDifference:
    """See the description."""

    kind: ProgramDifferenceKind = strawberry.field(description="What became of it.")
    part: str = strawberry.field(
        description="currency, activity, rule, tier, reward, or program."
    )
    code: str = strawberry.field(description="Code of the part.")
    words: str = strawberry.field(description="What happens, as one sentence.")
    changes: list[ProgramValueChange] = strawberry.field(
        description="Its values that differ."
    )

    @classmethod
    def of(cls, found: Difference) -> Self:
        """Show a difference."""
        return cls(
            kind=ProgramDifferenceKind(found.kind.value),
            part=found.part,
            code=found.code,
            words=found.words,
            changes=[ProgramValueChange.of(one) for one in found.changes],
        )


@strawberry.type(
    description="What publishing a version would do to members, as things are now."
)
class ProgramMoves:
    """See the description."""

    members_up: SafeInt = strawberry.field(description="Members with a higher tier.")
    members_down: SafeInt = strawberry.field(description="Members with a lower tier.")


@strawberry.type(
    description="A version of the program: a whole document that never changes. It is "
    "drafted with draftProgram, may need an approval, and stands once published."
)
class ProgramVersion:
    """See the description."""

    version: strawberry.Private[Version]
    number: int = strawberry.field(description="Counts from 1, without gaps.")
    state: ProgramVersionState = strawberry.field(description="Where it stands.")
    sha256: str = strawberry.field(description="SHA-256 of its document, in hex.")
    note: str | None = strawberry.field(description="Why it was drafted.")
    base: int | None = strawberry.field(
        description="The version that stood when this one was drafted: if another one "
        "stands by now, this one is outdated, and cannot be published."
    )
    restores: int | None = strawberry.field(
        description="The version whose document it brings back."
    )
    drafted_by: str = strawberry.field(description="API client that drafted it.")
    drafted_at: DateTime = strawberry.field(description="When.")
    approved_by: str | None = strawberry.field(description="API client that agreed.")
    approved_at: DateTime | None = strawberry.field(description="When.")
    publish_at: DateTime | None = strawberry.field(
        description="When it is going to be published, if that is ordered."
    )
    failure: str | None = strawberry.field(
        description="Why it could not be published when it was due."
    )
    published_by: str | None = strawberry.field(
        description="API client that published it, or ordered it."
    )
    published_at: DateTime | None = strawberry.field(description="When.")
    retired_at: DateTime | None = strawberry.field(
        description="When another one took its place."
    )

    @classmethod
    def of(cls, found: Version) -> Self:
        """Show a version."""
        return cls(
            version=found,
            number=found.number,
            state=ProgramVersionState(found.state.value),
            sha256=found.sha256,
            note=found.note,
            base=found.base,
            restores=found.restores,
            drafted_by=found.drafted_by,
            drafted_at=DateTime(from_us(found.drafted_at_us)),
            approved_by=found.approved_by,
            approved_at=_instant(found.approved_at_us),
            publish_at=_instant(found.publish_at_us),
            failure=found.failure,
            published_by=found.published_by,
            published_at=_instant(found.published_at_us),
            retired_at=_instant(found.retired_at_us),
        )

    @strawberry.field(description="The whole document; names in snake_case.")
    async def document(self, info: Info) -> JsonObject:
        """Read it."""
        found = await versions.document(
            info.context.engine, self.version.program_id, self.number
        )
        values: Any = json.loads(canonical(found))
        return values  # type: ignore[no-any-return]

    @strawberry.field(
        description="What differs between another version and this one; nothing for "
        "two that say the same."
    )
    async def diff(
        self,
        info: Info,
        against: Annotated[
            int | None,
            strawberry.argument(
                description="Number of the other; if left out, the one that stands or, "
                "of the one that stands, the one before it."
            ),
        ] = strawberry.UNSET,
    ) -> list[ProgramDifference]:
        """Compare."""
        other = None if against is strawberry.UNSET else against
        found = await previews.difference(info.context.engine, self.version, other)
        return [ProgramDifference.of(one) for one in found]

    @strawberry.field(
        description="What keeps it from being published now; empty once it was."
    )
    async def faults(self, info: Info) -> list[ProgramFault]:
        """Check it."""
        if self.version.state not in versions.OPEN:
            return []
        found = await versions.faults(info.context.engine, self.version)
        return ProgramFault.all_of(found)

    @strawberry.field(
        description="What publishing it would do to members, as far as it can be "
        "counted now."
    )
    async def moves(self, info: Info) -> ProgramMoves:
        """Count."""
        engine, program_id = info.context.engine, self.version.program_id
        content = await versions.document(engine, program_id, self.number)
        found = await previews.moves(engine, program_id, content)
        return ProgramMoves(
            members_up=SafeInt(found.up), members_down=SafeInt(found.down)
        )


def _instant(instant_us: int | None) -> DateTime | None:
    return None if instant_us is None else DateTime(from_us(instant_us))


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
