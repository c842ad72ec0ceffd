"""What all mutations share: from what was given to a use case, and to its answer."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import strawberry

from core.errors import InvalidInputError, NotFoundError, RefusedError
from core.ids import decode_as
from gateway.context import Info
from gateway.payloads import MutationPayload, refused
from gateway.refusals import Refusals
from gateway.telemetry.record import note_refusal
from gateway.user_errors import user_error

PayloadT = TypeVar("PayloadT", bound=MutationPayload)

INPUT = strawberry.argument(description="What to do.")
"""The one argument of every mutation."""


async def answer(
    kind: type[PayloadT],
    work: Callable[[], Awaitable[PayloadT]],
    refusals: Refusals | None = None,
) -> PayloadT:
    """Run a use case; a refusal becomes a payload with its user error.

    *refusals* are those of plugins, where the use case asks one.
    """
    try:
        return await work()
    except (RefusedError, NotFoundError) as error:
        told = user_error(error, refusals)
        note_refusal(told.code)
        return refused(kind, told)


def given(value: Any) -> Any:
    """Return an optional input member: None if it was left out."""
    return None if value is strawberry.UNSET else value


def member_of(info: Info, member_id: Any) -> int:
    """Return the member that is meant: the one named, or the caller's own.

    Raises:
        InvalidInputError: no member's id, or none is named and the caller is none.
    """
    if given(member_id) is not None:
        (holder_id,) = decode_as("member", member_id, field="memberId")
        return holder_id
    own = info.context.actor.holder_id
    if own is None:
        raise InvalidInputError(field="memberId", reason="is needed here")
    return own
