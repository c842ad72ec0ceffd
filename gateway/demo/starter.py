"""The program that an empty database starts with."""

import tomllib
from importlib.resources import files
from typing import Any

from core.engine import Engine
from core.program import definition


def document() -> dict[str, Any]:
    """Return the starter program."""
    text = files("gateway.demo").joinpath("program.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


async def ensure_program(engine: Engine) -> int:
    """Return the oldest program; the starter program, if there is none yet."""
    found = await definition.find(engine)
    return await definition.apply(engine, document()) if found is None else found
