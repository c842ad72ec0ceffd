"""The host: whatever a plugin does, a clear answer or doubt, and nobody else waits."""

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, Field

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
from core.extension.breaker import State
from core.extension.hookspecs import hookimpl
from core.extension.host import Host
from core.extension.registry import Registry
from core.extension.reward_type import AnyRequest, RewardRequest, RewardType
from core.observing import Block, Observation, Observer


class Config(BaseModel):
    place: str = Field(description="Where.")


class Pass(BaseModel):
    code: str = Field(max_length=8, description="Shown at the desk.")
    valid_until: datetime | None = Field(default=None, description="Until when.")


class GoldPass(Pass):
    lounge: str = Field(description="Which room.")


Behavior = Callable[[AnyRequest], Any]


class Acted(RewardType[Config, None, Pass]):
    """A reward type that behaves as a test tells it to."""

    code = "acted"
    config, options, fulfillment = Config, None, Pass

    def __init__(self, behavior: Behavior) -> None:
        self.behavior = behavior

    def fulfill(self, request: AnyRequest) -> Any:
        return self.behavior(request)

    def probe(self, request: AnyRequest) -> Any:
        return self.behavior(request)

    def revoke(self, request: AnyRequest) -> Any:
        return self.behavior(request)


class AsyncActed(Acted):
    """The same as coroutines."""

    async def fulfill(self, request: AnyRequest) -> Any:
        return await self.behavior(request)

    async def probe(self, request: AnyRequest) -> Any:
        return await self.behavior(request)


class Quick(RewardType[Config, None, Pass]):
    """Another plugin's reward type, which answers at once."""

    code = "quick"
    config, options, fulfillment = Config, None, Pass

    async def fulfill(self, request: RewardRequest[Config, None]) -> Pass:
        return Pass(code=request.token)

    async def probe(self, request: RewardRequest[Config, None]) -> Fulfilled[Pass]:
        return Fulfilled(Pass(code=request.token))


class Plugin:
    def __init__(self, reward_type: RewardType[Any, Any, Any]) -> None:
        self.reward_type = reward_type
        self.__name__ = f"plugin of {reward_type.code}"

    @hookimpl
    def register_reward_types(self) -> list[RewardType[Any, Any, Any]]:
        return [self.reward_type]


QUICK = Quick()
REQUEST = AnyRequest(
    token="a-secret",
    member_id="mbr_0000000000000001",
    config=Config(place="VIE"),
    options=None,
    quantity=1,
    requested_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
)


@contextmanager
def hosting(
    acted: Acted, *, deadline_seconds: float = 5.0, **settings: Any
) -> Iterator[Host]:
    registry = Registry.of(Plugin(acted), Plugin(QUICK))
    host = Host(registry, deadline_seconds=deadline_seconds, **settings)
    try:
        yield host
    finally:
        host.close()


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """An event that plain functions wait for; set at the end, so that none stays."""
    event = threading.Event()
    yield event
    event.set()


def returning(value: object) -> Behavior:
    return lambda _: value


def raising(error: BaseException) -> Behavior:
    def behavior(_: AnyRequest) -> None:
        raise error

    return behavior


def awaiting(behavior: Behavior) -> Callable[[AnyRequest], Awaitable[Any]]:
    async def coroutine(request: AnyRequest) -> Any:
        return behavior(request)

    return coroutine


PASS = Pass(code="LH-1")


@pytest.mark.parametrize(
    ("behavior", "answer"),
    [
        (returning(PASS), Fulfilled(PASS)),
        (raising(FulfillmentRefused("closed")), Refused("closed")),
        (raising(RevocationRefused("used")), Doubt("fulfill raised RevocationRefused")),
        (raising(TimeoutError()), Doubt("fulfill raised TimeoutError")),
        (raising(SystemExit(1)), Doubt("fulfill raised SystemExit")),
        (raising(KeyboardInterrupt()), Doubt("fulfill raised KeyboardInterrupt")),
        (raising(asyncio.CancelledError()), Doubt("fulfill raised CancelledError")),
        (returning(None), Doubt("fulfill returned a NoneType")),
        (returning({"code": "LH-1"}), Doubt("fulfill returned a dict")),
        (returning(Config(place="VIE")), Doubt("fulfill returned a Config")),
        (
            returning(GoldPass(code="LH-1", lounge="Sky")),
            Doubt("fulfill returned a GoldPass"),
        ),
        (returning(Pass), Doubt("fulfill returned a ModelMetaclass")),
        (
            returning(PASS.model_copy(update={"code": 7})),
            Doubt("fulfill raised UnstorableError"),
        ),
        (
            returning(Pass(code="LH-1", valid_until=datetime(2026, 6, 1))),  # noqa: DTZ001
            Doubt("fulfill raised UnstorableError"),
        ),
        (
            returning(PASS.model_copy(update={"code": "LH-123456"})),
            Doubt("fulfill raised ValidationError"),
        ),
    ],
)
async def test_fulfill_gives_an_answer(behavior: Behavior, answer: object) -> None:
    for acted in (Acted(behavior), AsyncActed(awaiting(behavior))):
        with hosting(acted) as host:
            assert await host.fulfill(acted, REQUEST) == answer


@pytest.mark.parametrize(
    ("behavior", "answer"),
    [
        (returning(Fulfilled(PASS)), Fulfilled(PASS)),
        (returning(NotFulfilled()), NotFulfilled()),
        (returning(Unknown()), Doubt("probe cannot tell yet")),
        (returning(PASS), Doubt("probe returned a Pass")),
        (returning(None), Doubt("probe returned a NoneType")),
        (returning(Fulfilled(Config(place="VIE"))), Doubt("probe returned a Config")),
        (returning(NotFulfilled), Doubt("probe returned a type")),
        (
            raising(FulfillmentRefused("no")),
            Doubt("probe raised FulfillmentRefused"),
        ),
    ],
)
async def test_probe_gives_an_answer(behavior: Behavior, answer: object) -> None:
    for acted in (Acted(behavior), AsyncActed(awaiting(behavior))):
        with hosting(acted) as host:
            assert await host.probe(acted, REQUEST) == answer


@pytest.mark.parametrize(
    ("behavior", "answer"),
    [
        (returning(None), Revoked()),
        (raising(RevocationRefused("used")), Refused("used")),
        (raising(FulfillmentRefused("no")), Doubt("revoke raised FulfillmentRefused")),
        (returning("done"), Doubt("revoke returned a str")),
    ],
)
async def test_revoke_gives_an_answer(behavior: Behavior, answer: object) -> None:
    acted = Acted(behavior)

    with hosting(acted) as host:
        assert await host.revoke(acted, REQUEST) == answer


async def test_wrong_signature_is_doubt() -> None:
    class Short(Acted):
        async def fulfill(self) -> Pass:  # type: ignore[override]
            return PASS

    short = Short(returning(None))
    with hosting(short) as host:
        answer = await host.fulfill(short, REQUEST)

    assert answer == Doubt("fulfill raised TypeError")


async def test_plain_function_may_return_an_awaitable() -> None:
    acted = Acted(awaiting(returning(PASS)))

    with hosting(acted) as host:
        answer = await host.fulfill(acted, REQUEST)

    assert answer == Fulfilled(PASS)


async def test_many_plain_functions_may_return_awaitables() -> None:
    acted = Acted(awaiting(returning(PASS)))

    with hosting(acted, deadline_seconds=2.0) as host:
        answers = [await host.fulfill(acted, REQUEST) for _ in range(20)]

    assert answers == [Fulfilled(PASS)] * 20


async def test_fulfill_may_say_that_it_cannot_tell_yet() -> None:
    acted = Acted(returning(Unknown()))

    with hosting(acted) as host:
        answer = await host.fulfill(acted, REQUEST)

    assert answer == Doubt("fulfill cannot tell yet")
    assert isinstance(answer, Doubt)
    assert not answer.is_fault


async def test_plugin_never_runs_on_the_callers_loop() -> None:
    threads: list[threading.Thread] = []

    def behavior(_: AnyRequest) -> Pass:
        threads.append(threading.current_thread())
        return PASS

    for acted in (Acted(behavior), AsyncActed(awaiting(behavior))):
        with hosting(acted) as host:
            await host.fulfill(acted, REQUEST)

    assert len(threads) == 2
    assert threading.current_thread() not in threads
    assert all(thread.daemon for thread in threads)


async def test_coroutines_of_a_plugin_share_one_loop() -> None:
    loops: list[object] = []

    def behavior(_: AnyRequest) -> Pass:
        loops.append(asyncio.get_running_loop())
        return PASS

    acted = AsyncActed(awaiting(behavior))
    with hosting(acted) as host:
        for _ in range(2):
            await host.fulfill(acted, REQUEST)

    assert loops[0] is loops[1]
    assert loops[0] is not asyncio.get_running_loop()


async def test_context_follows_the_call() -> None:
    request_id = contextvars.ContextVar("request_id", default="none")
    request_id.set("r-1")

    def behavior(_: AnyRequest) -> Pass:
        return Pass(code=request_id.get())

    for acted in (Acted(behavior), AsyncActed(awaiting(behavior))):
        with hosting(acted) as host:
            answer = await host.fulfill(acted, REQUEST)
        assert answer == Fulfilled(Pass(code="r-1"))


async def sleep(_: AnyRequest) -> None:
    await asyncio.sleep(60)


async def sleep_stubbornly(_: AnyRequest) -> None:
    for _attempt in range(3):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            continue


def test_hanging_coroutine_is_doubt_in_time() -> None:
    check_hanging(AsyncActed(sleep))


def test_coroutine_that_will_not_end_is_doubt_in_time() -> None:
    check_hanging(AsyncActed(sleep_stubbornly))


def test_blocking_coroutine_is_doubt_in_time(release: threading.Event) -> None:
    check_hanging(AsyncActed(awaiting(lambda _: release.wait(60))))


def test_hanging_function_is_doubt_in_time(release: threading.Event) -> None:
    check_hanging(Acted(lambda _: release.wait(60)))


def check_hanging(acted: Acted) -> None:
    """All slots and more hang; another plugin answers meanwhile, long before them."""

    async def run() -> list[object]:
        with hosting(acted, deadline_seconds=1, slots=2) as host:
            hanging = [
                asyncio.create_task(host.fulfill(acted, REQUEST)) for _ in range(3)
            ]
            await asyncio.sleep(0.05)
            for _ in range(20):
                assert await host.fulfill(QUICK, REQUEST) == Fulfilled(
                    Pass(code="a-secret")
                )
            assert not any(one.done() for one in hanging)
            return list(await asyncio.gather(*hanging))

    *begun, third = asyncio.run(run())

    late = Doubt("fulfill did not answer in time")
    assert begun == [late, late]
    # The first two give their slots back as its own time ends: it may just begin.
    assert third in {late, Doubt("fulfill had no free slot", was_asked=False)}


async def test_slot_is_free_when_the_call_has_ended(release: threading.Event) -> None:
    acted = Acted(lambda _: release.wait(60))

    with hosting(acted, deadline_seconds=0.1, slots=1) as host:
        assert await host.fulfill(acted, REQUEST) == Doubt(
            "fulfill did not answer in time"
        )
        assert await host.fulfill(acted, REQUEST) == Doubt(
            "fulfill had no free slot", was_asked=False
        )
        acted.behavior = returning(PASS)
        release.set()
        assert await host.fulfill(acted, REQUEST) == Fulfilled(PASS)


async def test_no_more_calls_at_once_than_slots() -> None:
    lock = threading.Lock()
    running, most = 0, 0

    def behavior(_: AnyRequest) -> Pass:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1
        return PASS

    acted = Acted(behavior)
    with hosting(acted, slots=3) as host:
        answers = await asyncio.gather(
            *(host.fulfill(acted, REQUEST) for _ in range(12))
        )

    assert answers == [Fulfilled(PASS)] * 12
    assert most == 3


async def test_deadline_of_a_reward_type_wins(release: threading.Event) -> None:
    class Hasty(Acted):
        deadline_seconds = 0.05

    hasty = Hasty(lambda _: release.wait(60))
    with hosting(hasty, deadline_seconds=60) as host:
        answer = await host.fulfill(hasty, REQUEST)

    assert answer == Doubt("fulfill did not answer in time")


async def test_late_coroutine_is_cancelled() -> None:
    ended = threading.Event()

    async def behavior(_: AnyRequest) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    acted = AsyncActed(behavior)
    with hosting(acted, deadline_seconds=0.05) as host:
        await host.fulfill(acted, REQUEST)
        assert ended.wait(2)


async def test_caller_who_gives_up_frees_the_slot() -> None:
    acted = AsyncActed(sleep)

    with hosting(acted, slots=1) as host:
        call = asyncio.create_task(host.fulfill(acted, REQUEST))
        await asyncio.sleep(0.05)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        acted.behavior = awaiting(returning(PASS))
        answer = await host.fulfill(acted, REQUEST)

    assert answer == Fulfilled(PASS)


async def test_closing_ends_the_loop_of_each_plugin() -> None:
    ended = threading.Event()

    async def behavior(_: AnyRequest) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    acted = AsyncActed(behavior)
    with hosting(acted) as host:
        call = asyncio.create_task(host.fulfill(acted, REQUEST))
        await asyncio.sleep(0.05)

    assert ended.wait(2)
    assert await call == Doubt("fulfill raised CancelledError")


async def test_fault_is_logged_and_its_text_not_repeated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    acted = Acted(raising(RuntimeError("key sk-123 was refused")))

    with hosting(acted) as host:
        answer = await host.fulfill(acted, REQUEST)

    assert answer == Doubt("fulfill raised RuntimeError")
    assert caplog.messages == ["reward type acted: fulfill raised RuntimeError"]


async def test_no_log_repeats_what_a_plugin_says(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    acted = Acted(raising(RuntimeError(f"401 for key sk-1 and {REQUEST.token}")))

    with hosting(acted) as host:
        await host.fulfill(acted, REQUEST)

    assert "sk-1" not in caplog.text
    assert REQUEST.token not in caplog.text
    assert "RuntimeError" in caplog.text
    assert "test_host.py" in caplog.text


async def test_what_a_plugin_says_can_be_stored() -> None:
    acted = Acted(raising(FulfillmentRefused("no\0way \ud800" + "x" * 600)))

    with hosting(acted) as host:
        answer = await host.fulfill(acted, REQUEST)

    assert isinstance(answer, Refused)
    assert answer.reason.startswith("noway ?xxx")
    assert len(answer.reason) == 500


async def test_a_plugin_that_keeps_failing_is_not_asked() -> None:
    acted = Acted(raising(RuntimeError("down")))

    with hosting(acted, faults=2, pause_seconds=60) as host:
        answers = [await host.fulfill(acted, REQUEST) for _ in range(3)]

        assert [getattr(one, "was_asked", None) for one in answers] == [
            True,
            True,
            False,
        ]
        assert host.rests(acted)
        states = sorted(one.state for one in host.health().values())
        assert states == [State.CLOSED, State.OPEN]


class Diary(Observer):
    """Writes down how calls end."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str]] = []

    @contextmanager
    def call(self, plugin: str, method: str) -> Iterator[Block]:
        block = Block()
        try:
            yield block
        finally:
            self.seen.append((plugin, method, block.outcome))


async def test_an_observer_sees_how_each_call_ended(release: threading.Event) -> None:
    diary = Diary()
    answers: list[Behavior] = [
        returning(PASS),
        raising(FulfillmentRefused("no")),
        raising(RuntimeError()),
        lambda _: release.wait(),
    ]
    acted = Acted(answers[0])
    observed = {"observation": Observation(diary), "deadline_seconds": 0.2}

    with hosting(acted, **observed) as host:
        for acted.behavior in answers:
            await host.fulfill(acted, REQUEST)
        acted.behavior = returning(Unknown())
        await host.probe(acted, REQUEST)
        acted.behavior = lambda _: release.wait()
        leaving = asyncio.create_task(host.revoke(acted, REQUEST))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait({leaving})

    assert {plugin for plugin, *_ in diary.seen} == {"plugin of acted"}
    assert [(method, outcome) for _, method, outcome in diary.seen] == [
        ("fulfill", "answered"),
        ("fulfill", "refused"),
        ("fulfill", "fault"),
        ("fulfill", "late"),
        ("probe", "unsure"),
        ("revoke", "cancelled"),
    ]
