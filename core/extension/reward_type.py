"""Reward types: what a plugin writes so that members can spend points on something.

A *config* is what an operator sets for one reward of the catalog, *options* are what a
member chooses when redeeming, a *fulfillment* is what the member gets. All three are
pydantic models of the plugin; storage, validation and the typed API follow from them.

The engine may ask the same thing more than once, from any process, also after a crash.
Every question carries the same *token*, so a plugin must have one effect per token.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from core.extension.answers import Probed, RevocationRefused

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

    @abstractmethod
    def fulfill(
        self, request: RewardRequest[ConfigT, OptionsT]
    ) -> FulfillmentT | Awaitable[FulfillmentT]:
        """Hand the reward out. Safe to repeat: one effect per token, the same answer.

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

    def revoke(
        self, request: RewardRequest[ConfigT, OptionsT]
    ) -> Awaitable[None] | None:
        """Take the reward back. Safe to repeat; refuses unless overridden.

        Raises:
            RevocationRefused: the member keeps the reward, and the points stay spent.
        """
        raise RevocationRefused("this reward cannot be taken back")

    def capacity(self, config: ConfigT) -> int | None:
        """Return how many units there are of this reward; None: no limit.

        The engine reserves units together with the points and never oversells.
        """
        return None

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
