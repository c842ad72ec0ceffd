"""Inputs of the mutations that change programs."""

from typing import Any

import strawberry

from gateway.scalars import DateTime, IdempotencyKey, JsonObject

KEY = (
    "Names this one intended action: a retry sends the same key and the same input, "
    "and gets the first answer again."
)

_NOTE = "Why, for the record: 1 to 500 characters."


def field(description: str, *, optional: bool = False) -> Any:
    """Make a member of an input; what is optional may be left out."""
    if optional:
        return strawberry.field(description=description, default=strawberry.UNSET)
    return strawberry.field(description=description)


@strawberry.input(description="The next version of the caller's program.")
class DraftProgramInput:
    """See the description."""

    idempotency_key: IdempotencyKey = field(KEY)
    document: JsonObject = field(
        "The whole document; names in snake_case. Its code is that of the caller's "
        "program, whatever it says: so what was tried in a sandbox can be promoted."
    )
    note: str | None = field(_NOTE, optional=True)


@strawberry.input(description="A new program of this installation.")
class CreateProgramInput:
    """See the description."""

    idempotency_key: IdempotencyKey = field(KEY)
    document: JsonObject = field(
        "The whole document; names in snake_case. Its code is the new program's."
    )
    sandbox: bool = strawberry.field(
        description="Whether it has a clock of its own, which is moved by hand.",
        default=False,
    )
    clock: DateTime | None = field(
        "What that clock shows at first; now if left out.", optional=True
    )


@strawberry.input(description="How far to move the clock of a sandbox.")
class AdvanceClockInput:
    """See the description."""

    idempotency_key: IdempotencyKey = field(KEY)
    to: DateTime = field("What it is to show: later than now, and before 2100.")


@strawberry.input(description="Which version to approve.")
class ApproveProgramVersionInput:
    """See the description."""

    idempotency_key: IdempotencyKey = field(KEY)
    number: int = field("Number of the version.")


@strawberry.input(description="Which version to publish, and when.")
class PublishProgramVersionInput:
    """See the description."""

    idempotency_key: IdempotencyKey = field(KEY)
    number: int = field("Number of the version.")
    at: DateTime | None = field("When; now if left out.", optional=True)


@strawberry.input(description="Which version to bring back.")
class RollBackProgramInput:
    """See the description."""

    idempotency_key: IdempotencyKey = field(KEY)
    number: int = field("Number of a version that stood once.")
    note: str | None = field(_NOTE, optional=True)


@strawberry.input(description="Which version to give up.")
class DiscardProgramVersionInput:
    """See the description."""

    idempotency_key: IdempotencyKey = field(KEY)
    number: int = field("Number of the version.")
