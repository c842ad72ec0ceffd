"""The host asks plugins and always gets an answer: one of a closed set, in time.

Whatever a plugin does, raise, hang, lie about a type, answer at last, ends as one of
the answers in `core.extension.answers`. The host never raises for a plugin's fault.
Each plugin has a lane of its own, with a deadline and a number of calls at once, and a
circuit breaker: one that keeps failing is not asked for a while.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel

from core.extension.answers import (
    Doubt,
    Fulfilled,
    NotFulfilled,
    PartlyFulfilled,
    Refused,
    Revoked,
)
from core.extension.breaker import Breaker, State
from core.extension.judgement import (
    judge_fulfillment,
    judge_message,
    judge_precheck,
    judge_probe,
    judge_revocation,
)
from core.extension.lane import Lane, Late, Outcome, Raised
from core.extension.registry import Registry
from core.extension.reward_type import RewardRequest, RewardType
from core.extension.traces import places
from core.observing import Observation, Observer

ConfigT = TypeVar("ConfigT", bound=BaseModel)
OptionsT = TypeVar("OptionsT", bound=BaseModel | None)
FulfillmentT = TypeVar("FulfillmentT", bound=BaseModel)
AnswerT = TypeVar("AnswerT")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """How a plugin does in this process."""

    state: State
    running: int
    """Calls under way, those included that nobody waits for any more."""


class Host:
    """Asks the plugins of one registry, each in a lane of its own.

    A host belongs to the event loop that uses it. Close it when the loop ends.
    """

    def __init__(  # noqa: PLR0913  (keyword-only)
        self,
        registry: Registry,
        *,
        deadline_seconds: float = 5.0,
        slots: int = 16,
        faults: int = 5,
        pause_seconds: float = 15.0,
        monotonic: Callable[[], float] = time.monotonic,
        observation: Observation | None = None,
    ) -> None:
        self._registry = registry
        self._deadline_seconds = deadline_seconds
        self._monotonic = monotonic
        self._observation = observation or Observation(Observer())
        names = [plugin.name for plugin in registry.plugins]
        self._lanes = {name: Lane(name, slots=slots) for name in names}
        self._breakers = {name: Breaker(faults, pause_seconds) for name in names}

    async def precheck(
        self,
        reward_type: RewardType[ConfigT, OptionsT, FulfillmentT],
        request: RewardRequest[ConfigT, OptionsT],
    ) -> Refused | Doubt | None:
        """Ask whether the member may have it at all; None: nothing is against it."""
        if type(reward_type).precheck is RewardType.precheck:
            return None
        judge = partial(judge_precheck, reward_type)
        return await self._ask(
            "precheck", reward_type, reward_type.precheck, request, judge
        )

    async def fulfill(
        self,
        reward_type: RewardType[ConfigT, OptionsT, FulfillmentT],
        request: RewardRequest[ConfigT, OptionsT],
    ) -> Fulfilled[FulfillmentT] | PartlyFulfilled[FulfillmentT] | Refused | Doubt:
        """Ask for the reward. Refused is certain: nothing was handed out."""
        judge = partial(judge_fulfillment, reward_type, request.quantity)
        return await self._ask(
            "fulfill", reward_type, reward_type.fulfill, request, judge
        )

    async def probe(
        self,
        reward_type: RewardType[ConfigT, OptionsT, FulfillmentT],
        request: RewardRequest[ConfigT, OptionsT],
    ) -> Fulfilled[FulfillmentT] | PartlyFulfilled[FulfillmentT] | NotFulfilled | Doubt:
        """Ask what became of an earlier request."""
        judge = partial(judge_probe, reward_type, request.quantity)
        return await self._ask("probe", reward_type, reward_type.probe, request, judge)

    async def receive(
        self,
        reward_type: RewardType[ConfigT, OptionsT, FulfillmentT],
        request: RewardRequest[ConfigT, OptionsT],
        message: Mapping[str, Any],
    ) -> (
        Fulfilled[FulfillmentT]
        | PartlyFulfilled[FulfillmentT]
        | NotFulfilled
        | Refused
        | Doubt
    ):
        """Ask what a partner's message says. Refused is certain, as of `fulfill`."""
        judge = partial(judge_message, reward_type, request.quantity)
        method = reward_type.receive
        return await self._ask(
            "receive", reward_type, lambda asked: method(asked, message), request, judge
        )

    async def revoke(
        self,
        reward_type: RewardType[ConfigT, OptionsT, FulfillmentT],
        request: RewardRequest[ConfigT, OptionsT],
    ) -> Revoked | Refused | Doubt:
        """Ask to take the reward back. Refused is certain: the member keeps it."""
        return await self._ask(
            "revoke", reward_type, reward_type.revoke, request, judge_revocation
        )

    def rests(self, reward_type: RewardType[Any, Any, Any]) -> bool:
        """Tell whether the plugin is left alone for a while, since it kept failing."""
        return self.state(reward_type) is State.OPEN

    def state(self, reward_type: RewardType[Any, Any, Any]) -> State:
        """Return what the circuit breaker of the plugin does with a call now."""
        breaker = self._breakers[self._plugin(reward_type)]
        return breaker.state(self._monotonic())

    def health(self) -> dict[str, Health]:
        """Return how each plugin does in this process, by its name."""
        now = self._monotonic()
        return {
            name: Health(self._breakers[name].state(now), lane.running)
            for name, lane in self._lanes.items()
        }

    def close(self) -> None:
        """Stop all lanes. Calls under way are given up; they are in doubt."""
        for lane in self._lanes.values():
            lane.close()

    async def _ask(
        self,
        call: str,
        reward_type: RewardType[Any, Any, Any],
        method: Callable[[Any], object],
        request: RewardRequest[Any, Any],
        judge: Callable[[Outcome], AnswerT],
    ) -> AnswerT | Doubt:
        """Call, and return what *judge* makes of the outcome."""
        name = self._plugin(reward_type)
        breaker = self._breakers[name]
        if not breaker.admit(self._monotonic()):
            return Doubt("is left alone, since it keeps failing", was_asked=False)
        deadline = reward_type.deadline_seconds or self._deadline_seconds
        try:
            with self._observation.by.call(name, call) as block:
                lane = self._lanes[name]
                outcome = await lane.call(method, request, deadline=deadline)
                answer = judge(outcome)
                block.outcome = _word(outcome, answer)
        except BaseException:
            breaker.released()  # the caller gave up; nothing is known of the plugin
            raise
        if outcome == Late(was_begun=False):
            breaker.released()
        elif isinstance(answer, Doubt) and answer.is_fault:
            breaker.failed(self._monotonic())
        elif method == reward_type.precheck:
            breaker.released()  # it need not have asked the partner's system
        else:
            breaker.answered()
        if isinstance(answer, Doubt) and answer.is_fault:
            _log.warning("reward type %s: %s", reward_type.code, answer.reason)
            if isinstance(outcome, Raised):
                _log.info("%s", places(outcome.error))
        if isinstance(answer, Refused) and answer.fault:
            _log.warning("reward type %s: %s", reward_type.code, answer.fault)
        return answer

    def _plugin(self, reward_type: RewardType[Any, Any, Any]) -> str:
        return self._registry.plugin_of(reward_type).name


def _word(outcome: Outcome, answer: object) -> str:
    """Return how a call ended, for the observer."""
    if isinstance(outcome, Late):
        return "late"
    match answer:
        case Refused():
            return "refused"
        case Doubt(is_fault=is_fault):
            return "fault" if is_fault else "unsure"
        case _:
            return "answered"
