"""What the engine relies on when a partner's system sends messages."""

from collections.abc import Mapping
from typing import Any

from core.extension.answers import Doubt, Fulfilled, PartlyFulfilled
from core.extension.host import Host
from core.extension.reward_type import AnyRequest
from guerdon.testing.samples import RewardTypeSamples, assert_no_fault

_NOTHING: Mapping[str, Any] = {}


class MessageTests(RewardTypeSamples):
    """A message may come twice, late, or before the call that caused it returned."""

    def test_messages_agree_with_calls(self) -> None:
        """Whoever asks, however often, in whatever order: there is one answer."""
        for case in (self.sample, *self.partly, *self.late):
            request = self.request(case)
            messages = (_NOTHING, *self.messages(request))

            async def ask(
                host: Host,
                request: AnyRequest = request,
                messages: tuple[Mapping[str, Any], ...] = messages,
            ) -> tuple[list[object], list[object]]:
                before = [await self._received(host, request, one) for one in messages]
                answer: object = await host.fulfill(self.reward_type, request)
                late = [
                    await self._received(host, request, one)
                    for one in (*messages, *reversed(messages))
                ]
                found = await host.probe(self.reward_type, request)
                return before, [answer, *late, found]

            before, after = self.with_host(ask)
            _assert_one_answer([*before, *after])
            self.assert_effects(request, 0, 1)

    def test_message_has_no_effect_of_its_own(self) -> None:
        """It may come when nothing was asked for: by mistake, or long after."""
        request = self.request()

        async def receive(host: Host) -> None:
            for message in (_NOTHING, *self.messages(request)):
                await self._received(host, request, message)

        self.with_host(receive)
        self.assert_effects(request, 0)

    def test_message_repeats_its_answer(self) -> None:
        """A partner's system sends again what was not acknowledged."""
        request = self.request()
        for message in (_NOTHING, *self.messages(request)):

            async def twice(
                host: Host, message: Mapping[str, Any] = message
            ) -> list[object]:
                return [await self._received(host, request, message) for _ in "12"]

            first, again = self.with_host(twice)
            assert again == first, f"twice the message {message}, and two answers"

    def test_late_answers_come_by_message(self) -> None:
        """Points stay held until somebody tells what became of the order."""
        for case in self.late:
            request = self.request(case)

            async def ask(host: Host, request: AnyRequest = request) -> list[object]:
                answer: object = await host.fulfill(self.reward_type, request)
                told = [
                    await self._received(host, request, message)
                    for message in self.messages(request)
                ]
                return [answer, *told]

            answer, *told = self.with_host(ask)
            assert_no_fault("fulfill", answer)
            assert isinstance(answer, Doubt), f"fulfill must answer Unknown to {case}"
            assert any(_is_positive(one) for one in told), (
                f"none of the messages tells what became of {case}"
            )

    async def _received(
        self, host: Host, request: AnyRequest, message: Mapping[str, Any]
    ) -> object:
        answer = await host.receive(self.reward_type, request, message)
        assert_no_fault(f"receive of {dict(message)}", answer)
        return answer


def _is_positive(answer: object) -> bool:
    return isinstance(answer, Fulfilled | PartlyFulfilled)


def _assert_one_answer(answers: list[object]) -> None:
    """Check that all clear answers are one, whoever gave them."""
    clear = [answer for answer in answers if _is_positive(answer)]
    for answer in clear:
        assert answer == clear[0], (
            f"receive, fulfill and probe must agree, but: {answer}, and {clear[0]}"
        )
    assert clear, "neither a call nor a message handed the sample out"
