"""Reward types: what a plugin writes so that members can spend points on something.

A *config* is what an operator sets for one reward of the catalog, *options* are what a
member chooses when redeeming, a *fulfillment* is what the member gets. All three are
pydantic models of the plugin; storage, validation and the typed API follow from them.

The engine may ask the same thing more than once, from any process, also after a crash.
Every question carries the same *token*, so a plugin must have one effect per token.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from core.extension.answers import (
    PartlyFulfilled,
    Probed,
    RevocationRefused,
    Unknown,
)
from core.extension.earning_action import Fact

ConfigT = TypeVar("ConfigT", bound=BaseModel)
OptionsT = TypeVar("OptionsT", bound=BaseModel | None)
FulfillmentT = TypeVar("FulfillmentT", bound=BaseModel)


# Without slots, since `RewardRequest[Config, Options](...)` shall work as well.
@dataclass(frozen=True)
class RewardRequest(Generic[ConfigT, OptionsT]):
    """One member's wish for one reward; equal however often it is asked."""

    token: str
    """Random secret made by the engine for this redemption, known to nobody else. It is
    the idempotency key towards partners, and a safe base for codes worth money."""

    member_id: str
    """Opaque global id of the member."""

    config: ConfigT
    """What the operator set when the member redeemed."""

    options: OptionsT
    """What the member chose; None if the reward type has no options."""

    quantity: int
    """Units that are paid for, as `RewardType.quantity` told."""

    requested_at: datetime
    """When the member redeemed: aware, the same in every repetition."""

    redemption_id: str = ""
    """Opaque global id of the redemption, for the partner's records and callbacks. It
    is no secret. Empty before there is one, that is in `precheck`."""

    slot: str = ""
    """The slot whose units are reserved, as `RewardType.slot` told."""

    codes: tuple[str, ...] = ()
    """Codes from the reward's pool, one for each unit; none without `uses_codes`."""

    attributes: Mapping[str, Fact] = field(default_factory=dict)
    """What is known of the member, by the names in `RewardType.reads_attributes`, as it
    was when the member redeemed. Names of which nothing is known are absent."""

    asked_at: datetime | None = field(default=None, compare=False)
    """When the engine asks this time, by the program's clock; None where it asks at the
    moment of the request. Only `revoke` may go by it: the other answers must be the
    same however late they are asked for."""


class Part(StrEnum):
    """Which model of a reward type a stored document belongs to."""

    CONFIG = "config"
    OPTIONS = "options"
    FULFILLMENT = "fulfillment"


@dataclass(frozen=True, slots=True)
class Stored:
    """A document that an earlier version of a plugin has written."""

    part: Part
    version: int
    document: dict[str, Any]


class RewardType(ABC, Generic[ConfigT, OptionsT, FulfillmentT]):
    """A kind of reward. A plugin subclasses it and registers an instance.

    `fulfill`, `probe` and `revoke` may be `async` or plain functions. They never run on
    the engine's event loop: plain ones have a worker thread, coroutines a loop that
    belongs to their plugin. All other methods are called in place: they must be plain,
    quick and depend on nothing but their arguments.
    """

    code: ClassVar[str]
    """Name in snake_case, stored and published: chosen once, for ever."""

    config: type[ConfigT]
    """What an operator sets."""

    options: type[OptionsT] | None
    """What a member chooses; None if there is nothing to choose."""

    fulfillment: type[FulfillmentT]
    """What a member gets."""

    version: ClassVar[int] = 1
    """Version of the three models; raise it when stored data needs `upgrade`."""

    deadline_seconds: ClassVar[float | None] = None
    """Longest time one call may take; None takes the setting of the installation."""

    review_after_hours: ClassVar[float] = 24.0
    """How long a clear answer may take until a person of the operator is asked."""

    refusals: ClassVar[tuple[type[BaseModel], ...]] = ()
    """Models of the details that a `FulfillmentRefused` may carry: each becomes a typed
    user error of the API, named after the model."""

    reads_attributes: tuple[str, ...] = ()
    """Names of the attributes of a member that a request shall tell; no others are."""

    benefits_cause: ClassVar[bool] = False
    """Whether the points are given to a cause, and counted there, not merely spent."""

    def precheck(
        self, request: RewardRequest[ConfigT, OptionsT]
    ) -> Awaitable[None] | None:
        """Say no before any points are set aside, without any effect.

        Raises:
            FulfillmentRefused: the member cannot have it, such as for its age.
        """
        return None

    @abstractmethod
    def fulfill(
        self, request: RewardRequest[ConfigT, OptionsT]
    ) -> (
        FulfillmentT
        | PartlyFulfilled[FulfillmentT]
        | Unknown
        | Awaitable[FulfillmentT | PartlyFulfilled[FulfillmentT] | Unknown]
    ):
        """Hand the reward out. Safe to repeat: one effect per token, the same answer.

        Answer `Unknown` if the partner took the order and tells later what became of
        it: the points stay held until `receive` or `probe` knows.

        Raises:
            FulfillmentRefused: nothing was handed out and the points go back. Any other
                exception is doubt: the points stay held until `probe` knows more.
        """

    @abstractmethod
    def probe(
        self, request: RewardRequest[ConfigT, OptionsT]
    ) -> Probed[FulfillmentT] | Awaitable[Probed[FulfillmentT]]:
        """Tell what became of a token, without any effect.

        Answer `NotFulfilled` only when no earlier `fulfill` of this token can still
        succeed: the points may go back at once.
        """

    def receive(
        self, request: RewardRequest[ConfigT, OptionsT], message: Mapping[str, Any]
    ) -> Probed[FulfillmentT] | Awaitable[Probed[FulfillmentT]]:
        """Read what the partner's system told of a token; safe to repeat.

        Called for a signed message to `/callbacks/REDEMPTION_ID`, which may come twice,
        late, or before `fulfill` returned. Unless overridden, a message is a hint that
        there is an answer, and the plugin is probed.

        Args:
            request: the redemption that it is about.
            message: the JSON object that was sent.

        Raises:
            FulfillmentRefused: the partner says that nothing was handed out, and that
                nothing ever will be: the points go back.
        """
        return self.probe(request)

    def revoke(
        self, request: RewardRequest[ConfigT, OptionsT]
    ) -> Awaitable[None] | None:
        """Take the reward back. Safe to repeat; refuses unless overridden.

        Raises:
            RevocationRefused: the member keeps the reward, and the points stay spent.
        """
        raise RevocationRefused("this reward cannot be taken back")

    def capacity(self, config: ConfigT) -> int | Mapping[str, int] | None:
        """Return how many units there are of this reward; None: no limit.

        A mapping gives each slot units of its own: a showing, a size. The engine
        reserves units together with the points and never oversells.
        """
        return None

    def slot(
        self, config: ConfigT, options: OptionsT, attributes: Mapping[str, Fact]
    ) -> str:
        """Return whose units are asked for, where `capacity` has several slots.

        Raises:
            ValueError: what is wrong with the options, in words for the member.
        """
        return ""

    def uses_codes(self, config: ConfigT) -> bool:
        """Tell whether each unit is a code that the operator loads into a pool.

        The engine keeps the pool, reserves a code for each unit, and never gives one
        twice; there are as many units as codes. `capacity` is None then.
        """
        return False

    def quantity(self, options: OptionsT) -> int:
        """Return how many units the options ask for: the price is multiplied by it."""
        return 1

    def check(self, config: ConfigT) -> None:
        """Check what the model alone cannot say about a config.

        Raises:
            ValueError: what is wrong, in words for the operator.
        """

    def upgrade(self, old: Stored) -> dict[str, Any]:
        """Return the document of an earlier version as one of the present version."""
        return old.document


AnyRewardType = RewardType[Any, Any, Any]
AnyRequest = RewardRequest[Any, Any]
