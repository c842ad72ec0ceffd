"""Callers in a closed loop: each posts, waits for the answer and posts again."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from members import FIRST, POINTS
from server import Server, client_seconds

from core.ledger.commands import Award, Command, Earn, Operation, Posted, Redeem, Step
from core.ledger.ledger import Ledger

AMOUNT = 100
RULE = 1
FINGERPRINT = bytes(range(16))
Call = Callable[[], Awaitable[object]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """How long a run warms up, and how long it is measured."""

    warm_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """What was done in the measured time, and the processor time that it took."""

    commands: int
    seconds: float
    client_s: float
    server_s: float

    @property
    def rate(self) -> float:
        """Return commands per second."""
        return self.commands / self.seconds

    @property
    def client_us(self) -> float:
        """Return the client's processor time per command."""
        return 1e6 * self.client_s / self.commands

    @property
    def server_us(self) -> float:
        """Return the server's processor time per command."""
        return 1e6 * self.server_s / self.commands

    @property
    def cpu_us(self) -> float:
        """Return processor time per command, of client and server."""
        return self.client_us + self.server_us


class Meter:
    """Reads the clocks; a run is what passed between two readings."""

    def __init__(self, server: Server | None) -> None:
        self._server = server

    def read(self, done: int) -> tuple[int, float, float, float]:
        """Return what is done, the time, and processor times of client and server."""
        server_s = 0.0 if self._server is None else self._server.cpu_seconds()
        return done, time.monotonic(), client_seconds(), server_s


async def crowd(
    call: Call, callers: int, window: Window, server: Server | None = None
) -> Run:
    """Let *callers* tasks repeat *call*, and measure them."""
    done = 0
    is_over = False

    async def caller() -> None:
        nonlocal done
        while not is_over:
            await call()
            done += 1

    meter = Meter(server)
    tasks = [asyncio.create_task(caller()) for _ in range(callers)]
    await asyncio.sleep(window.warm_s)
    begin = meter.read(done)
    await asyncio.sleep(window.seconds)
    end = meter.read(done)
    is_over = True
    await asyncio.gather(*tasks)
    return _between(begin, end)


async def post_all(
    ledger: Ledger, commands: Iterable[Command], callers: int, server: Server | None
) -> Run:
    """Let *callers* tasks share out *commands* and post them all; measure that."""
    source = iter(commands)
    done = 0

    async def caller() -> None:
        nonlocal done
        for command in source:
            _check(await ledger.post(command))
            done += 1

    meter = Meter(server)
    begin = meter.read(0)
    await asyncio.gather(*(caller() for _ in range(callers)))
    return _between(begin, meter.read(done))


async def alternate(calls: int, one: Call, other: Call) -> tuple[float, float]:
    """Await each *calls* times, in turns, and return the median seconds of each."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(calls):
        for call, times in zip((one, other), seconds, strict=True):
            begin = time.perf_counter()
            await call()
            times.append(time.perf_counter() - begin)
    return median(seconds[0]), median(seconds[1])


async def rounds(
    count: int, *variants: Callable[[], Awaitable[T]]
) -> tuple[list[T], ...]:
    """Run all variants *count* times, in turns, every other round backwards."""
    found: tuple[list[T], ...] = tuple([] for _ in variants)
    order = list(zip(variants, found, strict=True))
    for _ in range(count):
        for variant, results in order:
            results.append(await variant())
        order.reverse()
    return found


def earning(ledger: Ledger, members: range) -> Call:
    """Return a call that lets a random one of *members* earn."""

    async def call() -> None:
        _check(await ledger.post(earn(random.choice(members))))

    return call


def redeeming(ledger: Ledger, members: range) -> Call:
    """Return a call that lets a random one of *members* spend a point."""

    async def call() -> None:
        _check(await ledger.post(redeem(random.choice(members), 1)))

    return call


def earn(member: int) -> Command:
    """Return the command that is measured: one award by a rule."""
    return _command(member, Earn((Award(POINTS, AMOUNT, sys_ref=RULE),)))


def redeem(member: int, amount: int) -> Command:
    """Return a command that spends."""
    return _command(member, Redeem(POINTS, amount))


def _command(member: int, operation: Operation) -> Command:
    key = f"bench:{random.randrange(10**17, 10**18)}"
    return Command(key, FINGERPRINT, (Step(FIRST + member, operation),))


def _check(outcome: object) -> None:
    assert isinstance(outcome, Posted), outcome


def _between(
    begin: tuple[int, float, float, float], end: tuple[int, float, float, float]
) -> Run:
    done, seconds, client_s, server_s = (b - a for a, b in zip(begin, end, strict=True))
    return Run(max(1, int(done)), seconds, client_s, server_s)
