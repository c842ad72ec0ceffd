"""What the engine relies on when it asks more than once, from any process."""

import asyncio

from pydantic import BaseModel

from core.extension.answers import (
    Doubt,
    Fulfilled,
    NotFulfilled,
    PartlyFulfilled,
    Refused,
)
from core.extension.host import Host
from core.extension.reward_type import AnyRequest
from guerdon.testing.samples import Case, RewardTypeSamples, assert_no_fault

_PARALLEL = 50


class CallTests(RewardTypeSamples):
    """One token has one effect, and one answer."""

    def test_asking_again_changes_nothing(self) -> None:
        """After a lost answer the engine asks again under the same token."""
        request = self.request()

        async def twice(host: Host) -> list[BaseModel]:
            return [await self.fulfilled(host, request) for _ in range(2)]

        first, again = self.with_host(twice)
        assert again == first, "a second call must give the fulfillment of the first"
        self.assert_effects(request, 1)

    def test_parallel_calls_have_one_effect(self) -> None:
        """Two processes may recover the same redemption at the same moment."""
        request = self.request()

        async def at_once(host: Host) -> list[BaseModel]:
            calls = [self.fulfilled(host, request) for _ in range(_PARALLEL)]
            return await asyncio.gather(*calls)

        first, *others = self.with_host(at_once)
        assert others == [first] * (_PARALLEL - 1), "calls at once must agree"
        self.assert_effects(request, 1)

    def test_crash_after_success_is_found_by_probe(self) -> None:
        """A process died before it could write the answer down; another one probes."""
        request = self.request()
        lost = self.with_host(lambda host: self.fulfilled(host, request))

        found = self.with_host(lambda host: host.probe(self.reward_type, request))

        assert found == Fulfilled(lost), "probe must find what fulfill handed out"
        self.assert_effects(request, 1)

    def test_probe_has_no_effect(self) -> None:
        """A probe may come before anything was handed out."""
        request = self.request()

        early = self.with_host(lambda host: host.probe(self.reward_type, request))

        assert_no_fault("probe", early)
        self.assert_effects(request, 0)
        fulfillment = self.with_host(lambda host: self.fulfilled(host, request))
        if isinstance(early, Fulfilled):
            assert early.fulfillment == fulfillment

    def test_revoking_twice_is_revoking_once(self) -> None:
        """A cancellation may be repeated too; its answer is clear, and stays."""
        request = self.request()

        async def revoke(host: Host) -> object:
            return await host.revoke(self.reward_type, request)

        async def hand_out_and_revoke(host: Host) -> list[object]:
            await self.fulfilled(host, request)
            return [await revoke(host) for _ in range(2)]

        first, again = self.with_host(hand_out_and_revoke)
        later = self.with_host(revoke)
        assert not isinstance(first, Doubt), f"revoke must answer clearly, but: {first}"
        assert [again, later] == [first, first], "revoke must stay with its answer"

    def test_refusals_are_refusals(self) -> None:
        """A definite no gives the points back; any other exception holds them."""
        for given in self.refused:
            request = self.request(Case(*given))

            async def refuse(host: Host, request: AnyRequest = request) -> list[object]:
                answer = await host.fulfill(self.reward_type, request)
                return [answer, await host.probe(self.reward_type, request)]

            answer, after = self.with_host(refuse)
            assert isinstance(answer, Refused), (
                f"fulfill must raise FulfillmentRefused, but: {answer}"
            )
            assert after == NotFulfilled(), (
                f"after a refusal, probe must say NotFulfilled, but: {after}"
            )
            self.assert_effects(request, 0)

    def test_part_stays_the_same_part(self) -> None:
        """Points of the units that are missing go back once, and for ever."""
        for case in self.partly:
            request = self.request(case)

            async def in_part(
                host: Host, request: AnyRequest = request
            ) -> list[object]:
                asked = [await host.fulfill(self.reward_type, request) for _ in "12"]
                return [*asked, await host.probe(self.reward_type, request)]

            first, again, found = self.with_host(in_part)
            assert isinstance(first, PartlyFulfilled), (
                f"fulfill must hand out some of {request.quantity} units, at least 1 "
                f"and not all of them, but: {first}"
            )
            assert [again, found] == [first, first], (
                "asked again, fulfill and probe must tell the same part"
            )
