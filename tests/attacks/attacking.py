"""Attacks a gateway and prints a table of what came of it.

    python tests/attacks/attacking.py

For each attack: the answer, how long it took, the memory of the gateway before and
after, and the slowest of the plain queries that another caller sent meanwhile.
"""

import asyncio
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import bodies  # noqa: F401  (importing notes the attacks down)
import documents  # noqa: F401
import forgeries  # noqa: F401
import sockets  # noqa: F401
from attack import ATTACKS, Attack
from target import Target, attacked, beside

SETTINGS = {"GUERDON_RECEIVE_TIMEOUT_MS": "2000"}
"""The gateway is attacked as it comes, but it waits less long."""

tell = partial(print, flush=True)
_FORM = "{:52} {:34} {:>8} {:>9} {:>6} {:>16}"


async def main(folder: Path) -> list[str]:
    """Run all attacks, print the table, and return what was wrong."""
    tell(_FORM.format("attack", "answer", "ms", "MB before", "after", "slowest plain"))
    async with attacked(folder, SETTINGS) as target:
        faults = [fault for one in ATTACKS if (fault := await _run(one, target))]
        faults += target.complaints()
    tell(f"{len(ATTACKS)} attacks, {len(faults)} faults")
    return faults


async def _run(one: Attack, target: Target) -> str:
    """Run an attack, print its line, and return what was wrong, if anything."""
    before_mb = target.memory_mb()
    async with beside(target) as latency:
        begun = time.perf_counter()
        try:
            answer = await one.send(target)
        except Exception as error:  # noqa: BLE001  (told in the table)
            answer = f"{type(error).__name__}: {error}"
        taken_ms = (time.perf_counter() - begun) * 1_000
    figures = (taken_ms, before_mb, target.memory_mb(), latency.worst_ms)
    shown = [f"{one:.1f}" for one in figures]
    tell(_FORM.format(one.name[:52], answer[:34], *shown))
    if answer in one.expected:
        return ""
    return f"{one.name}: {answer}, not {' or '.join(one.expected)}"


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        found = asyncio.run(main(Path(scratch)))
    for line in found:
        tell("  ", line)
    sys.exit(1 if found else 0)
