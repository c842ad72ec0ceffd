"""What the engine relies on before it sets points aside: units, slots, prechecks."""

import asyncio
import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from core.extension import in_place
from core.extension.answers import FulfillmentRefused, Refused
from core.extension.documents import write
from core.extension.host import Host
from core.extension.reward_type import AnyRequest
from guerdon.testing.samples import Case, RewardTypeSamples, assert_no_fault


class WishTests(RewardTypeSamples):
    """What is asked for is clear, and a no comes before the points are set aside."""

    def test_units_are_whole(self) -> None:
        """The price is multiplied by the quantity; stock is made of the capacity."""
        quantity = in_place.quantity(self.reward_type, self.options)

        assert quantity >= 1
        for slot, units in self._units(self.config).items():
            is_whole = type(units) is int and units >= 0
            assert is_whole, (
                f"capacity of slot {slot!r} must be a whole number from 0, not {units}"
            )

    def test_slot_is_one_of_the_capacity(self) -> None:
        """Units are reserved in the slot; it must have some."""
        for case in (self.sample, *self.partly, *self.late):
            request, again = self.request(case), self.request(case)
            units = self._units(case.config)

            assert again.slot == request.slot, (
                "slot must depend on nothing but its arguments"
            )
            assert isinstance(request.slot, str), f"slot gave {request.slot!r}, no text"
            if units:
                assert request.slot in units, (
                    f"slot gave {request.slot!r}, but capacity has {', '.join(units)}"
                )
        units = self._units(self.config)
        if units:
            request = self.request()
            assert units[request.slot] >= request.quantity, (
                "there are fewer units in the slot of the sample than it asks for"
            )

    def test_codes_of_the_pool_are_handed_out(self) -> None:
        """A code that is reserved for a member is shown to the member, untouched."""
        if not self.reward_type.uses_codes(self.config):
            return
        capacity = self.reward_type.capacity(self.config)
        assert capacity is None, (
            "there are as many units as codes: capacity must be None with uses_codes"
        )
        request = self.request()
        fulfillment = self.with_host(lambda host: self.fulfilled(host, request))
        shown = _texts(fulfillment.model_dump())
        missing = [code for code in request.codes if code not in shown]
        assert not missing, "every code of request.codes must be in the fulfillment"

    def test_precheck_lets_the_sample_pass(self) -> None:
        """It is asked before there is a token, and changes nothing."""
        request = self._before(self.sample)
        answers = self.with_host(
            lambda host: asyncio.gather(
                *(host.precheck(self.reward_type, request) for _ in range(2))
            )
        )

        assert answers == [None, None], (
            f"precheck must let the sample pass, but: {answers}"
        )
        self.assert_effects(request, 0)

    def test_precheck_refuses_and_nothing_else(self) -> None:
        """Points are not even set aside for what it refuses."""
        for case in self._all():
            request = self._before(case)

            async def precheck(host: Host, request: AnyRequest = request) -> object:
                return await host.precheck(self.reward_type, request)

            answer = self.with_host(precheck)
            assert_no_fault("precheck", answer)
            assert answer is None or isinstance(answer, Refused)
            self.assert_effects(request, 0)
            if case in self.refused_early:
                assert answer is not None, f"precheck must refuse {case}"

    def test_details_of_refusals_are_declared(self) -> None:
        """Clients get them as typed errors, so the schema must know their models."""
        for case in self._all():
            for refusal in (
                self._refusal("precheck", self._before(case)),
                self._refusal("fulfill", self.request(case)),
            ):
                if refusal is None:
                    continue
                assert isinstance(refusal.reason, str), "a reason is a text"
                assert refusal.reason.strip(), "a refusal needs a reason for the member"
                if refusal.detail is None:
                    continue
                kind = type(refusal.detail)
                assert kind in self.reward_type.refusals, (
                    f"{kind.__name__} is not among the refusals of the reward type"
                )
                write(refusal.detail)

    def test_unknown_attributes_are_no_fault(self) -> None:
        """Of a member who has just joined, nothing is known."""
        stray = sorted(set(self.attributes) - set(self.reward_type.reads_attributes))
        assert not stray, f"{', '.join(stray)}: not among reads_attributes"
        case = self.sample._replace(attributes={})
        try:
            request = self.request(case)
        except ValueError:
            return  # the member is told what to choose

        async def ask(host: Host) -> list[object]:
            before = replace(request, token="", redemption_id="")
            early = await host.precheck(self.reward_type, before)
            answer = await host.fulfill(self.reward_type, request)
            return [early, answer, await host.probe(self.reward_type, request)]

        answers = self.with_host(ask)
        for method, answer in zip(
            ("precheck", "fulfill", "probe"), answers, strict=True
        ):
            assert_no_fault(method, answer)

    def _all(self) -> list[Case]:
        refused = [Case(*given) for given in self.refused]
        more = (*self.refused_early, *self.partly, *self.late)
        return [self.sample, *refused, *more]

    def _units(self, config: BaseModel) -> Mapping[str, Any]:
        """Return the units of each slot; none if there is no limit."""
        units = self.reward_type.capacity(config)
        if units is None:
            return {}
        return units if isinstance(units, Mapping) else {"": units}

    def _before(self, case: Case) -> AnyRequest:
        """Return what is asked before there is a redemption."""
        return replace(self.request(case), token="", redemption_id="", codes=())

    def _refusal(self, method: str, request: AnyRequest) -> FulfillmentRefused | None:
        """Return the refusal as the plugin raised it; None if there is none."""
        call = getattr(self.reward_type, method)

        async def ask() -> None:
            answer = call(request)
            if inspect.isawaitable(answer):
                await answer

        try:
            asyncio.run(ask())
        except FulfillmentRefused as refusal:
            return refusal
        except Exception:  # noqa: BLE001 - the other tests tell that it is no refusal
            return None
        return None


def _texts(value: object) -> list[str]:
    """Return the texts in a dumped model."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for one in value.values() for text in _texts(one)]
        case list():
            return [text for one in value for text in _texts(one)]
        case _:
            return []
