"""What rules cost: judging an activity, and recording one through the gateway.

Ten rules apply, among 10, 100 and 1,000 that are active: the others are of other types
of activity or, to be seen beside it, of the same type with a condition not met.
Through the gateway an activity with ten applying rules is held against one with a
single rule that gives plain points. All is interleaved, and the best round counts.
"""

import asyncio
import itertools
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import click

from core.actors import Actor, Role
from core.engine import Engine
from core.extension.registry import Registry
from core.ids import encode
from core.program import activity_types, definition, members, tokens
from core.program.activity_kinds import find_kind
from core.program.judgement import Case, judged
from core.settings import Settings
from gateway.app import create_app

SIZES = (10, 100, 1_000)
APPLYING = 10
_ROUNDS = 7
_JUDGEMENTS = 300
_ACTIVITIES = 400
_CALLERS = 16
_MUTATION = (
    "mutation ($i: RecordActivityInput!) { recordActivity(input: $i) "
    "{ points userErrors { message } } }"
)
_KEYS = itertools.count(1)


def program(size: int, *, same_type: bool) -> dict[str, Any]:
    """Return a program with *size* rules, ten of which apply to an order."""
    rules = [
        {
            "code": f"applies_{number}",
            "activity": "ordered",
            "currency": "PTS",
            "points": "activity.cents",
            "for_each": 100,
            "when": f"activity.cents >= {number} && activity.shop == 'Utrecht'",
        }
        for number in range(APPLYING)
    ]
    rules += [
        {
            "code": f"other_{number}",
            "activity": "ordered" if same_type else f"other_{number % 90}",
            "currency": "PTS",
            "points": 1,
            "when": f"activity.shop == 'Shop {number}'",
        }
        for number in range(size - APPLYING)
    ]
    return {
        "code": "main",
        "name": "Bench",
        "currencies": [{"code": "PTS", "name": "Points"}],
        "rules": [
            *rules,
            {"code": "bare", "activity": "bare", "currency": "PTS", "points": 10},
        ],
    }


@asynccontextmanager
async def opened(
    folder: str, size: int, *, same_type: bool = False
) -> AsyncIterator[tuple[Engine, Actor]]:
    """Open an engine with such a program, and the types that it needs."""
    url = f"sqlite:///{folder}/{size}-{same_type}.db"
    async with Engine.open(Settings(database_url=url), Registry.installed()) as engine:
        document = program(size, same_type=same_type)
        program_id = await definition.apply(engine, document)
        admin = Actor(program_id, "bench", Role.ADMIN)
        for code in ("ordered", "bare"):
            await activity_types.register(
                engine,
                by=admin,
                key=f"register-{code}",
                code=code,
                name=code,
                schema={
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "cents": {"type": "integer"},
                        "shop": {"type": "string"},
                    },
                    "required": ["id"],
                },
                reference="id",
            )
        yield engine, admin


def order(number: int) -> dict[str, Any]:
    return {"id": f"o{number}", "cents": 12_345, "shop": "Utrecht"}


async def judging(engine: Engine, program_id: int, holder_id: int) -> float:
    """Return the microseconds of judging one order."""
    kind = await find_kind(engine, program_id, "ordered")
    case = Case("ordered", kind.read(order(0)), engine.clock.now_us())
    start = time.perf_counter()
    for _ in range(_JUDGEMENTS):
        await judged(engine, program_id, case, holder_id)
    return (time.perf_counter() - start) / _JUDGEMENTS * 1e6


async def cost_of_judging(folder: str) -> list[str]:
    """Measure each size in turn, several times over."""
    lines = []
    for same_type in (False, True):
        async with AsyncExitStack() as stack:
            scenes: list[tuple[Engine, int, int]] = []
            for size in SIZES:
                engine, admin = await stack.enter_async_context(
                    opened(folder, size, same_type=same_type)
                )
                ada = await members.enroll(engine, by=admin, key="ada")
                scenes.append((engine, admin.program_id, ada.holder_id))
            rounds = [
                [await judging(*scene) for scene in scenes] for _ in range(_ROUNDS)
            ]
        best = [min(column) for column in zip(*rounds, strict=True)]
        where = "of the same type" if same_type else "of other types"
        lines += [
            f"| {size:>5} | {where} | {us:7.1f} | {us / best[0]:.2f} |"
            for size, us in zip(SIZES, best, strict=True)
        ]
    return lines


Call = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


def caller(app: Any, token: str) -> Call:
    """Return what posts to the application, without a network."""
    headers = [
        (b"content-type", b"application/json"),
        (b"authorization", f"Bearer {token}".encode()),
        (b"host", b"test"),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("test", 80),
        "client": ("127.0.0.1", 1),
        "headers": headers,
    }

    async def call(query: str, variables: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        parts: list[bytes] = []
        asked = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Any:
            for message in asked:
                return message
            return await asyncio.Event().wait()

        async def send(message: Any) -> None:
            parts.append(message.get("body", b""))

        await app(dict(scope), receive, send)
        answer: dict[str, Any] = json.loads(b"".join(parts))
        return answer

    return call


async def recording(call: Call, who: list[str], kind: str) -> float:
    """Return the activities that are recorded in a second."""

    async def some(member_id: str) -> None:
        for _ in range(_ACTIVITIES // _CALLERS):
            number = next(_KEYS)
            given = {
                "idempotencyKey": f"bench-key-{number:010}",
                "memberId": member_id,
                "type": kind,
                "payload": order(number),
            }
            answer = await call(_MUTATION, {"i": given})
            if answer.get("errors") or answer["data"]["recordActivity"]["userErrors"]:
                raise AssertionError(answer)

    start = time.perf_counter()
    await asyncio.gather(*map(some, who))
    return _ACTIVITIES / (time.perf_counter() - start)


async def cost_through_the_gateway(folder: str) -> list[str]:
    """Hold an activity with ten applying rules against a bare one."""
    settings = Settings(
        database_url=f"sqlite:///{folder}/10-False.db",
        rate_burst=0,
        system_rate_burst=0,
    )
    async with Engine.open(settings, Registry.installed()) as engine:
        program_id = await definition.find(engine) or 0
        admin = Actor(program_id, "bench", Role.ADMIN)
        token = await tokens.create(engine, program_id=program_id, role=Role.ADMIN)
        call = caller(create_app(engine), token)
        who = [
            encode(
                "member",
                (await members.enroll(engine, by=admin, key=f"m{one}")).holder_id,
            )
            for one in range(_CALLERS)
        ]
        rounds = [
            [await recording(call, who, kind) for kind in ("bare", "ordered")]
            for _ in range(_ROUNDS)
        ]
    bare, ten = (max(column) for column in zip(*rounds, strict=True))
    return [f"| {bare:8.0f} | {ten:8.0f} | {ten / bare:.2f} |"]


@click.command()
def main() -> None:
    """Measure, and print two tables."""
    with tempfile.TemporaryDirectory() as folder:
        judged_lines = asyncio.run(cost_of_judging(folder))
        gateway_lines = asyncio.run(cost_through_the_gateway(folder))
    click.echo("| rules | those that do not apply | us per activity | to 10 |")
    click.echo("| ----- | ----- | ----- | ----- |")
    click.echo("\n".join(judged_lines))
    click.echo()
    click.echo("| bare activities/s | with ten rules | ratio |")
    click.echo("| ----- | ----- | ----- |")
    click.echo("\n".join(gateway_lines))


if __name__ == "__main__":
    main()
