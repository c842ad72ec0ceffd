"""The page about rules: every example is applied, and earns what stands beside it."""

import json
import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.actors import Actor, Role
from core.clock import to_us
from core.engine import Engine
from core.program import activities, activity_types, attributes, definition, members

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```\n\n```earns\n(.*?)```", PAGE, re.DOTALL)
LINE = re.compile(r"(\w+) (\{.*\})(?: at (\S+))? -> (\d+)")
ZONE = ZoneInfo("Europe/Amsterdam")
TYPES = ("ordered", "reviewed", "visited", "opened")


def test_there_are_examples_of_everything() -> None:
    assert len(EXAMPLES) == PAGE.count("```toml") == 6


@pytest.mark.parametrize(("document", "earns"), EXAMPLES)
async def test_an_example_earns_what_it_says(
    engine: Engine, clock: Any, document: str, earns: str
) -> None:
    clock.us = to_us(datetime(2027, 4, 1, tzinfo=ZONE))
    program = {
        "code": "main",
        "name": "Main",
        "time_zone": ZONE.key,
        "currencies": [{"code": "PTS", "name": "Points"}],
    }
    program_id = await definition.apply(engine, program | tomllib.loads(document))
    admin = Actor(program_id, "desk", Role.ADMIN)
    for code in TYPES:
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
                    "lines": {
                        "type": "array",
                        "items": {"type": "object", "additionalProperties": True},
                    },
                },
                "required": ["id"],
            },
            reference="id",
            facts=["cents"],
        )
    ada = (await members.enroll(engine, by=admin, key="ada")).holder_id
    await attributes.change(
        engine, by=admin, key="city", holder_id=ada, attributes={"city": "Utrecht"}
    )
    lines = earns.splitlines()
    for number, line in enumerate(lines):
        found = LINE.fullmatch(line)
        assert found is not None, line
        code, payload, at, points = found.groups()
        at_us = None
        if at is not None:
            at_us = to_us(datetime.fromisoformat(at).replace(tzinfo=ZONE))
        recorded = await activities.record(
            engine,
            by=admin,
            key=f"example-{number}",
            holder_id=ada,
            activity_type=code,
            payload={"id": f"x{number}"} | json.loads(payload),
            occurred_at_us=at_us,
        )

        assert sum(recorded.points.values()) == int(points), line
