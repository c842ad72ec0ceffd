"""The host asks plugins and always gets an answer: one of a closed set, in time.

Whatever a plugin does, raise, hang, lie about a type, answer at last, ends as one of
the answers in `core.extension.answers`. The host never raises for a plugin's fault.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

from core.extension.answers import (
    Doubt,
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    Refused,
    RevocationRefused,
    Revoked,
    Unknown,
)
from core.extension.documents import UnstorableError, write
from core.extension.lane import Lane, Late, Outcome, Raised, Returned
from core.extension.registry import Registry
from core.extension.reward_type import RewardRequest, RewardType

ConfigT = TypeVar("ConfigT", bound=BaseModel)
OptionsT = TypeVar("OptionsT", bound=BaseModel | None)
FulfillmentT = TypeVar("FulfillmentT", bound=BaseModel)

_log = logging.getLogger(__name__)


class Host:
    """Asks the plugins of one registry, each in a lane of its own.

    A host belongs to the event loop that uses it. Close it when the loop ends.
    """

    def __init__(
        self, registry: Registry, *, deadline_seconds: float = 5.0, slots: int = 16
    ) -> None:
        self._registry = registry
        self._deadline_seconds = deadline_seconds
        self._lanes = {
            plugin.name: Lane(plugin.name, slots=slots) for plugin in registry.plugins
        }

    async def fulfill(
        self,
        reward_type: RewardType[ConfigT, OptionsT, FulfillmentT],
        request: RewardRequest[ConfigT, OptionsT],
    ) -> Fulfilled[FulfillmentT] | Refused | Doubt:
        """Ask for the reward. Refused is certain: nothing was handed out."""
        outcome = await self._ask(reward_type, reward_type.fulfill, request)
        match outcome:
            case Returned(value):
                return self._fulfilled(reward_type, "fulfill", value)
            case Raised(FulfillmentRefused() as refusal):
                return Refused(str(refusal.reason))
            case _:
                return self._doubt(reward_type, "fulfill", outcome)

    async def probe(
        self,
        reward_type: RewardType[ConfigT, OptionsT, FulfillmentT],
        request: RewardRequest[ConfigT, OptionsT],
    ) -> Fulfilled[FulfillmentT] | NotFulfilled | Doubt:
        """Ask what became of an earlier request."""
        outcome = await self._ask(reward_type, reward_type.probe, request)
        match outcome:
            case Returned(Fulfilled(fulfillment)):
                return self._fulfilled(reward_type, "probe", fulfillment)
            case Returned(NotFulfilled() as answer):
                return answer
            case Returned(Unknown()):
                return Doubt("probe cannot tell yet")
            case _:
                return self._doubt(reward_type, "probe", outcome)

    async def revoke(
        self,
        reward_type: RewardType[ConfigT, OptionsT, FulfillmentT],
        request: RewardRequest[ConfigT, OptionsT],
    ) -> Revoked | Refused | Doubt:
        """Ask to take the reward back. Refused is certain: the member keeps it."""
        outcome = await self._ask(reward_type, reward_type.revoke, request)
        match outcome:
            case Returned(None):
                return Revoked()
            case Raised(RevocationRefused() as refusal):
                return Refused(str(refusal.reason))
            case _:
                return self._doubt(reward_type, "revoke", outcome)

    def close(self) -> None:
        """Stop all lanes. Calls under way are given up; they are in doubt."""
        for lane in self._lanes.values():
            lane.close()

    async def _ask(
        self,
        reward_type: RewardType[Any, Any, Any],
        method: Callable[[Any], object],
        request: RewardRequest[Any, Any],
    ) -> Outcome:
        lane = self._lanes[self._registry.plugin_of(reward_type).name]
        deadline = reward_type.deadline_seconds or self._deadline_seconds
        return await lane.call(method, request, deadline=deadline)

    def _fulfilled(
        self,
        reward_type: RewardType[Any, Any, FulfillmentT],
        method: str,
        value: object,
    ) -> Fulfilled[FulfillmentT] | Doubt:
        model = reward_type.fulfillment
        # Not a subclass either: its further fields would be stored, but never shown.
        if type(value) is not model:
            return self._doubt(reward_type, method, Returned(value))
        try:
            # What was handed out must be readable for ever, so it is tried at once.
            model.model_validate_json(write(value))
        except (UnstorableError, ValueError) as error:
            return self._doubt(reward_type, method, Raised(error))
        return Fulfilled(value)

    def _doubt(
        self, reward_type: RewardType[Any, Any, Any], method: str, outcome: Outcome
    ) -> Doubt:
        """Log what went wrong, and say so without repeating what a plugin wrote."""
        error = outcome.error if isinstance(outcome, Raised) else None
        was_asked = outcome != Late(was_begun=False)
        reason = f"{method} {_fault(outcome)}"
        _log.warning("reward type %s: %s", reward_type.code, reason, exc_info=error)
        return Doubt(reason, was_asked=was_asked)


def _fault(outcome: Outcome) -> str:
    match outcome:
        case Returned(value):
            return f"returned a {type(value).__name__}"
        case Raised(error):
            return f"raised {type(error).__name__}"
        case Late(was_begun):
            return "did not answer in time" if was_begun else "had no free slot"
