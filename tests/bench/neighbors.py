"""A plugin that sleeps for a minute on each call, beside members who redeem others.

    python tests/bench/neighbors.py [--seconds 8] [--rounds 4] [sqlite postgresql]

32 clients redeem a discount over HTTP, at a steady rate; in every other round eight
more ask for the reward of the sleeper, as fast as they are answered. Printed is how
long the discounts took, and the ratio with the sleeper to without it.
"""

import argparse
import asyncio
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
import uvloop
from pydantic import BaseModel, Field
from server import started

from core.actors import Actor, Role
from core.engine import Engine
from core.extension.hookspecs import hookimpl
from core.extension.registry import Registry
from core.ids import encode
from core.program import corrections, definition, members, tokens
from core.settings import Settings
from gateway.cli.serve import listen
from guerdon import Probed, RewardRequest, RewardType, Unknown
from plugins import discount

UNBOUNDED: dict[str, int] = {"rate_burst": 0, "system_rate_burst": 0}
"""What clients may spend is not what is measured."""

CLIENTS, SLEEPERS, MEMBERS = 32, 8, 64
PAUSE_S = 0.25
REDEEM = """
mutation ($i: RedeemRewardInput!) {
  redeemReward(input: $i) { redemption { status } userErrors { code } }
}
"""
PROGRAM = {
    "code": "main",
    "name": "Shop",
    "currencies": [{"code": "PTS", "name": "Points"}],
    "rewards": [
        {
            "code": code,
            "type": kind,
            "name": code,
            "currency": "PTS",
            "price": 1,
            "config": config,
        }
        for code, kind, config in (
            ("nap", "sleeper", {"hours": 1}),
            ("ten", "discount", {"percent_off": 10}),
        )
    ],
}


class Nap(BaseModel):
    """Config and fulfillment."""

    hours: int = Field(description="How long.")


class Sleeper(RewardType[Nap, None, Nap]):
    """Sleeps for a minute on each call."""

    code = "sleeper"
    config, options, fulfillment = Nap, None, Nap

    def fulfill(self, request: RewardRequest[Nap, None]) -> Nap:
        time.sleep(60)
        return request.config

    def probe(self, request: RewardRequest[Nap, None]) -> Probed[Nap]:
        time.sleep(60)
        return Unknown()


class Plugin:
    """The sleeper as a plugin."""

    @hookimpl
    def register_reward_types(self) -> list[Sleeper]:
        return [Sleeper()]


def registry() -> Registry:
    """Return the two plugins."""
    return Registry.of(discount, Plugin())


async def serve(url: str, port: int) -> None:
    """Serve until a signal comes."""
    async with Engine.open(
        Settings(database_url=url, **UNBOUNDED), registry()
    ) as engine:
        await listen(engine, None, port)


async def prepare(url: str) -> tuple[str, list[str], dict[str, str]]:
    """Make the program, members with points, and a token."""
    async with Engine.open(
        Settings(database_url=url, **UNBOUNDED), registry()
    ) as engine:
        program_id = await definition.apply(engine, PROGRAM)
        by = Actor(program_id, "bench", Role.ADMIN)
        joined = []
        for number in range(MEMBERS):
            one = await members.enroll(engine, by=by, key=f"m{number}")
            joined.append(encode("member", one.holder_id))
            await corrections.adjust(
                engine,
                by=by,
                key=f"p{number}",
                holder_id=one.holder_id,
                currency="PTS",
                amount=1_000_000,
                reason="bench",
            )
        token = await tokens.create(
            engine, program_id=program_id, role=Role.INTEGRATOR, client_id="bench"
        )
        rows = await engine.database.read("SELECT code, reward_id FROM reward")
    return token, joined, {code: encode("reward", one) for code, one in rows}


class Load:
    """Clients of one server."""

    def __init__(
        self, port: int, token: str, joined: list[str], rewards: dict[str, str]
    ) -> None:
        self._url = f"http://127.0.0.1:{port}/graphql"
        self._joined, self._rewards = joined, rewards
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"},
            limits=httpx.Limits(max_connections=None),
            timeout=30,
        )

    async def round(self, seconds: float, *, is_sleeping: bool) -> list[float]:
        """Return how long each discount took, in seconds."""
        took: list[float] = []
        ends_s = time.monotonic() + seconds
        sleepers = [
            asyncio.create_task(self._ask_sleeper())
            for _ in range(SLEEPERS if is_sleeping else 0)
        ]
        await asyncio.gather(*(self._redeem(took, ends_s) for _ in range(CLIENTS)))
        for one in sleepers:
            one.cancel()
        await asyncio.gather(*sleepers, return_exceptions=True)
        return took

    async def _redeem(self, took: list[float], ends_s: float) -> None:
        await asyncio.sleep(random.uniform(0, PAUSE_S))
        while time.monotonic() < ends_s:
            began_s = time.monotonic()
            answer = await self._send("ten")
            took.append(time.monotonic() - began_s)
            assert answer["redemption"]["status"] == "FULFILLED", answer
            await asyncio.sleep(PAUSE_S)

    async def _ask_sleeper(self) -> None:
        while True:
            await self._send("nap")
            await asyncio.sleep(0.1)

    async def _send(self, reward: str) -> dict[str, dict[str, str]]:
        given = {
            "idempotencyKey": secrets.token_hex(12),
            "memberId": random.choice(self._joined),
            "rewardId": self._rewards[reward],
        }
        body = {"query": REDEEM, "variables": {"i": given}}
        response = await self._client.post(self._url, json=body)
        found: dict[str, dict[str, str]] = response.json()["data"]["redeemReward"]
        return found


@contextmanager
def serving(url: str) -> Iterator[int]:
    """Run a server in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, __file__, "--serve", url, str(port)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def percentile(took: list[float], share: float) -> float:
    """Return the value below which *share* of all lie, in milliseconds."""
    return sorted(took)[int(len(took) * share)] * 1_000


async def measure(url: str, seconds: float, rounds: int) -> str:
    """Run rounds without and with the sleeper, in turns."""
    token, joined, rewards = await prepare(url)
    with serving(url) as port:
        load = Load(port, token, joined, rewards)
        await load.round(3, is_sleeping=False)
        pairs = []
        for _ in range(rounds):
            alone = await load.round(seconds, is_sleeping=False)
            beside = await load.round(seconds, is_sleeping=True)
            pairs.append((alone, beside))
    lines = []
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        each = [(percentile(one, share), percentile(two, share)) for one, two in pairs]
        ratios = sorted(two / one for one, two in each)
        alone_ms, beside_ms = (median(side) for side in zip(*each, strict=True))
        lines.append(
            f"{name}: {alone_ms:.1f} ms alone, {beside_ms:.1f} ms beside the sleeper; "
            f"ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        uvloop.run(serve(given.database[0], int(given.database[1])))
        return
    for kind in given.database:
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="guerdon-"))
            url = f"sqlite:///{folder}/neighbors.db"
            if kind == "postgresql":
                url = stack.enter_context(started()).create("neighbors")
            print(kind)  # noqa: T201
            print(uvloop.run(measure(url, given.seconds, given.rounds)))  # noqa: T201


if __name__ == "__main__":
    main()
