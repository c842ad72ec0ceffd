"""Answers of a plugin, and what the engine makes of them.

A plugin says *fulfilled*, *partly fulfilled*, *not fulfilled* or *unknown*, or refuses
by raising. The engine hears one of a closed set: *fulfilled*, *not fulfilled*,
*revoked*, *refused*, or *doubt*. Doubt covers all that is not a clear answer: a
time-out, an exception, a value of the wrong type. Points move on a clear answer only;
under doubt they stay held.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel

FulfillmentT_co = TypeVar("FulfillmentT_co", bound=BaseModel, covariant=True)


class FulfillmentRefused(Exception):  # noqa: N818 - a partner raises a refusal
    """A plugin's definite no: nothing was handed out, and nothing ever will be.

    The points go back at once. Raise it only when the reward was certainly not handed
    out; a time-out is not a no.

    Args:
        reason: why, in words that the member may read.
        detail: the same for programs: one of the models in the `refusals` of the reward
            type, which clients get as a typed user error.
    """

    def __init__(self, reason: str, detail: BaseModel | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class RevocationRefused(Exception):  # noqa: N818 - a partner raises a refusal
    """A plugin's definite no to taking a reward back: the member keeps it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# Without slots, since `Fulfilled[Model](...)` shall work as well.
@dataclass(frozen=True)
class Fulfilled(Generic[FulfillmentT_co]):
    """The reward was handed out; this is what the member got."""

    fulfillment: FulfillmentT_co


# Without slots, as above.
@dataclass(frozen=True)
class PartlyFulfilled(Generic[FulfillmentT_co]):
    """Some of the units were handed out, and no more ever will be.

    The points of the others go back. A plugin that still tries to get the others says
    `Unknown` when it is probed, until it knows.
    """

    fulfillment: FulfillmentT_co
    quantity: int
    """Units handed out: at least 1, and fewer than were asked for."""


@dataclass(frozen=True, slots=True)
class NotFulfilled:
    """Nothing was handed out under this token."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The plugin cannot tell yet; it will be asked again."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """The reward was taken back."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The plugin said no. Its reason may be shown to the member."""

    reason: str
    detail: BaseModel | None = None
    fault: str = ""
    """What was wrong with a detail that was left out, for operators."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """There is no clear answer. The reason is for operators, never for members.

    `was_asked` is False when the call did not even begin, because the plugin was busy
    with others until the deadline, or is left alone since it keeps failing: then
    nothing can have happened during this call. `is_fault` is False when it said that it
    does not know yet.
    """

    reason: str
    was_asked: bool = True
    is_fault: bool = field(default=True, compare=False)


Probed = (
    Fulfilled[FulfillmentT_co]
    | PartlyFulfilled[FulfillmentT_co]
    | NotFulfilled
    | Unknown
)
"""What a plugin's `probe` returns."""
