"""What the engine relies on in a reward type."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel

from core.extension import in_place
from core.extension.answers import Doubt, Fulfilled, NotFulfilled, Refused
from core.extension.documents import write
from core.extension.hookspecs import hookimpl
from core.extension.host import Host
from core.extension.registry import Registry
from core.extension.reward_documents import (
    accept_config,
    read_config,
    read_fulfillment,
    read_options,
)
from core.extension.reward_type import AnyRequest, AnyRewardType, Part, Stored

AnswerT = TypeVar("AnswerT")

_PARALLEL = 50


class _Bundle:
    """A plugin that brings one reward type."""

    def __init__(self, reward_type: AnyRewardType) -> None:
        self._reward_type = reward_type

    @hookimpl
    def register_reward_types(self) -> list[AnyRewardType]:
        return [self._reward_type]


class RewardTypeContract:
    """Subclass it, name it `Test...`, and set at least `reward_type` and `config`."""

    reward_type: ClassVar[AnyRewardType]
    """The reward type under test, with any partner replaced by a sandbox."""

    config: ClassVar[BaseModel]
    """A config under which the sandbox fulfills."""

    options: ClassVar[BaseModel | None] = None
    """Options that fit; None if the reward type has none."""

    refused: ClassVar[Sequence[tuple[BaseModel, BaseModel | None]]] = ()
    """Configs and options under which `fulfill` must refuse."""

    stored: ClassVar[Sequence[Stored]] = ()
    """Documents of earlier versions; required as soon as `version` is above 1."""

    requested_at: ClassVar[datetime] = datetime(2026, 6, 1, 12, tzinfo=UTC)
    """When the member redeems."""

    def effects(self, token: str) -> int | None:
        """Return how often the sandbox handed something out under *token*.

        Override it if your sandbox counts; None leaves it at comparing answers.
        """
        return None

    def test_loads(self) -> None:
        """Guerdon starts with it: code, models, descriptions and types are fine."""
        registry = Registry.of(_Bundle(self.reward_type))

        assert registry.reward_types == (self.reward_type,)

    def test_config_survives_storage(self) -> None:
        """The catalog keeps configs, and an operator may enter this one."""
        text = write(self.config)

        version = self.reward_type.version
        assert read_config(self.reward_type, text, version) == self.config
        values = self.config.model_dump()
        assert accept_config(self.reward_type, values) == self.config

    def test_options_survive_storage(self) -> None:
        """Recovery asks with the options as they were stored."""
        text = None if self.options is None else write(self.options)

        version = self.reward_type.version
        assert read_options(self.reward_type, text, version) == self.options

    def test_units_are_whole(self) -> None:
        """The price is multiplied by the quantity; stock is made of the capacity."""
        quantity = in_place.quantity(self.reward_type, self.options)
        capacity = in_place.capacity(self.reward_type, self.config)

        assert quantity >= 1
        assert capacity is None or capacity >= quantity

    def test_fulfillment_survives_storage(self) -> None:
        """A member may look at it years later."""
        fulfillment = self._with_host(self._fulfilled)

        text = write(fulfillment)
        version = self.reward_type.version
        assert read_fulfillment(self.reward_type, text, version) == fulfillment

    def test_asking_again_changes_nothing(self) -> None:
        """After a lost answer the engine asks again under the same token."""
        request = self._request()

        async def twice(host: Host) -> list[BaseModel]:
            return [await self._fulfilled(host, request) for _ in range(2)]

        first, again = self._with_host(twice)
        assert again == first
        assert self.effects(request.token) in {1, None}

    def test_parallel_calls_have_one_effect(self) -> None:
        """Two processes may recover the same redemption at the same moment."""
        request = self._request()

        async def at_once(host: Host) -> list[BaseModel]:
            calls = [self._fulfilled(host, request) for _ in range(_PARALLEL)]
            return await asyncio.gather(*calls)

        first, *others = self._with_host(at_once)
        assert others == [first] * (_PARALLEL - 1)
        assert self.effects(request.token) in {1, None}

    def test_crash_after_success_is_found_by_probe(self) -> None:
        """A process died before it could write the answer down; another one probes."""
        request = self._request()
        lost = self._with_host(lambda host: self._fulfilled(host, request))

        found = self._with_host(lambda host: host.probe(self.reward_type, request))

        assert found == Fulfilled(lost)
        assert self.effects(request.token) in {1, None}

    def test_probe_has_no_effect(self) -> None:
        """A probe may come before anything was handed out."""
        request = self._request()

        early = self._with_host(lambda host: host.probe(self.reward_type, request))

        assert self.effects(request.token) in {0, None}
        fulfillment = self._with_host(lambda host: self._fulfilled(host, request))
        if isinstance(early, Fulfilled):
            assert early.fulfillment == fulfillment

    def test_revoking_twice_is_revoking_once(self) -> None:
        """A cancellation may be repeated too; its answer is clear, and stays."""
        request = self._request()

        async def revoke_twice(host: Host) -> list[object]:
            await self._fulfilled(host, request)
            return [await host.revoke(self.reward_type, request) for _ in range(2)]

        first, again = self._with_host(revoke_twice)
        assert not isinstance(first, Doubt), first
        assert again == first

    def test_refusals_are_refusals(self) -> None:
        """A definite no gives the points back; any other exception holds them."""
        for config, options in self.refused:
            request = self._request(config, options)

            async def refuse(host: Host, request: AnyRequest = request) -> list[object]:
                answer = await host.fulfill(self.reward_type, request)
                return [answer, await host.probe(self.reward_type, request)]

            answer, after = self._with_host(refuse)
            assert isinstance(answer, Refused), answer
            assert after == NotFulfilled()
            assert self.effects(request.token) in {0, None}

    def test_old_documents_are_upgraded(self) -> None:
        """Stored data keeps the version it was written with, for ever."""
        read: dict[Part, Callable[[AnyRewardType, str, int], BaseModel | None]] = {
            Part.CONFIG: read_config,
            Part.OPTIONS: read_options,
            Part.FULFILLMENT: read_fulfillment,
        }
        if self.reward_type.version > 1:
            assert self.stored, "give a sample of each earlier version in `stored`"
        for old in self.stored:
            text = json.dumps(old.document)
            model = read[old.part](self.reward_type, text, old.version)
            assert isinstance(model, getattr(self.reward_type, old.part))

    def _request(
        self, config: BaseModel | None = None, options: BaseModel | None = None
    ) -> AnyRequest:
        chosen = self.options if config is None else options
        return AnyRequest(
            token=secrets.token_urlsafe(32),
            member_id="mbr_0000000000000001",
            config=self.config if config is None else config,
            options=chosen,
            quantity=in_place.quantity(self.reward_type, chosen),
            requested_at=self.requested_at,
        )

    def _with_host(self, use: Callable[[Host], Awaitable[AnswerT]]) -> AnswerT:
        """Run *use* with a host of its own, as a process would have."""

        async def run() -> AnswerT:
            host = Host(Registry.of(_Bundle(self.reward_type)))
            try:
                return await use(host)
            finally:
                host.close()

        return asyncio.run(run())

    async def _fulfilled(
        self, host: Host, request: AnyRequest | None = None
    ) -> BaseModel:
        """Fulfill, in time, with nothing raised but what is declared."""
        answer: Any = await host.fulfill(self.reward_type, request or self._request())
        assert isinstance(answer, Fulfilled), answer
        fulfillment: BaseModel = answer.fulfillment
        return fulfillment
