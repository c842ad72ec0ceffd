"""What a contract for reward types is given: the samples, and how it asks with them."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple, TypeVar

from pydantic import BaseModel

from core.extension import in_place
from core.extension.answers import Doubt, Fulfilled
from core.extension.earning_action import Fact
from core.extension.hookspecs import hookimpl
from core.extension.host import Host
from core.extension.registry import Registry
from core.extension.reward_type import AnyRequest, AnyRewardType, Stored

AnswerT = TypeVar("AnswerT")


class Case(NamedTuple):
    """A wish: what an operator set, what a member chose, what is known of it."""

    config: BaseModel
    options: BaseModel | None = None
    attributes: Mapping[str, Fact] = {}


class Bundle:
    """A plugin that brings one reward type."""

    def __init__(self, reward_type: AnyRewardType) -> None:
        self._reward_type = reward_type

    @hookimpl
    def register_reward_types(self) -> list[AnyRewardType]:
        """Bring it."""
        return [self._reward_type]


class RewardTypeSamples:
    """The samples of one reward type. Set at least `reward_type` and `config`."""

    reward_type: ClassVar[AnyRewardType]
    """The reward type under test, with any partner replaced by a sandbox."""

    config: ClassVar[BaseModel]
    """A config under which the sandbox fulfills."""

    options: ClassVar[BaseModel | None] = None
    """Options that fit; None if the reward type has none."""

    attributes: ClassVar[Mapping[str, Fact]] = {}
    """What is known of the member, of that which `reads_attributes` names."""

    refused: ClassVar[Sequence[Case | tuple[BaseModel, BaseModel | None]]] = ()
    """Wishes which `fulfill` must refuse: configs and options, or cases."""

    refused_early: ClassVar[Sequence[Case]] = ()
    """Wishes which `precheck` must refuse, before any points are set aside."""

    partly: ClassVar[Sequence[Case]] = ()
    """Wishes of which the sandbox hands out some units, but not all."""

    late: ClassVar[Sequence[Case]] = ()
    """Wishes of which `fulfill` cannot tell yet, and a message of the partner does."""

    stored: ClassVar[Sequence[Stored]] = ()
    """Documents of earlier versions; required as soon as `version` is above 1."""

    requested_at: ClassVar[datetime] = datetime(2026, 6, 1, 12, tzinfo=UTC)
    """When the member redeems."""

    def effects(self, token: str) -> int | None:
        """Return how often the sandbox handed something out under *token*.

        Override it if your sandbox counts; None leaves it at comparing answers.
        """
        return None

    def messages(self, request: AnyRequest) -> Sequence[Mapping[str, Any]]:
        """Return what the partner's system may send about *request*: JSON objects.

        Override it if your reward type overrides `receive`.
        """
        return ()

    @property
    def sample(self) -> Case:
        """The wish that the sandbox fulfills."""
        return Case(self.config, self.options, self.attributes)

    def request(self, case: Case | None = None) -> AnyRequest:
        """Return what the engine would ask for *case*, under a token of its own."""
        config, options, attributes = case or self.sample
        token = secrets.token_urlsafe(24)
        quantity = in_place.quantity(self.reward_type, options)
        codes: tuple[str, ...] = ()
        if self.reward_type.uses_codes(config):
            codes = tuple(f"KIT-{n}-{token[:8]}" for n in range(quantity))
        known = self._told(attributes)
        return AnyRequest(
            token=token,
            member_id="mbr_0000000000000001",
            config=config,
            options=options,
            quantity=quantity,
            requested_at=self.requested_at,
            redemption_id="rdm_0000000000000001",
            slot=self.reward_type.slot(config, options, known),
            codes=codes,
            attributes=known,
        )

    def with_host(self, use: Callable[[Host], Awaitable[AnswerT]]) -> AnswerT:
        """Run *use* with a host of its own, as a process would have."""

        async def run() -> AnswerT:
            host = Host(Registry.of(Bundle(self.reward_type)))
            try:
                return await use(host)
            finally:
                host.close()

        return asyncio.run(run())

    async def fulfilled(
        self, host: Host, request: AnyRequest | None = None
    ) -> BaseModel:
        """Fulfill, in time, with nothing raised but what is declared."""
        answer: Any = await host.fulfill(self.reward_type, request or self.request())
        assert isinstance(answer, Fulfilled), (
            f"fulfill must hand out the sample, but: {answer}; the log tells more"
        )
        fulfillment: BaseModel = answer.fulfillment
        return fulfillment

    def assert_effects(self, request: AnyRequest, *allowed: int) -> None:
        """Check what the sandbox counted, if it counts."""
        count = self.effects(request.token)
        assert count is None or count in allowed, (
            f"the sandbox handed out {count} times under one token"
        )

    def _told(self, attributes: Mapping[str, Fact]) -> dict[str, Fact]:
        names = self.reward_type.reads_attributes
        return {name: fact for name, fact in attributes.items() if name in names}


def assert_no_fault(method: str, answer: object) -> None:
    """Check that a method raised and returned nothing that is not declared."""
    is_fault = isinstance(answer, Doubt) and answer.is_fault
    assert not is_fault, (
        f"{method} may raise and return only what its docstring in guerdon.RewardType "
        f"declares, and in time, but: {answer}; the log tells more"
    )
