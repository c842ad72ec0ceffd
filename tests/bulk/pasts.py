"""Lines of imports, and the same told to a live ledger."""

import random
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from core.bulk.history import Order, Summary, import_history
from core.clock import from_us, to_us
from core.engine import Engine
from core.ledger.codes import NEVER_US, HolderKind
from core.ledger.commands import (
    Adjust,
    Award,
    Count,
    Earn,
    Note,
    Open,
    Operation,
    Redeem,
    Refused,
    Step,
)
from tests.conftest import START_US

DAY_US = 86_400_000_000
PTS, STATUS = 1, 2
PROGRAM = {
    "code": "main",
    "name": "Shop",
    "currencies": [
        {"code": "PTS", "name": "Points"},
        {"code": "STATUS", "name": "Status", "redeemable": False, "qualifying": False},
    ],
    "tiers": [
        {"code": "bronze", "name": "Bronze", "threshold": 0},
        {"code": "silver", "name": "Silver", "threshold": 100},
    ],
}
Fields = Mapping[str, Any]


def day(number: float) -> str:
    """Return an instant so many days before the present of the tests, or after it."""
    return from_us(int(START_US + number * DAY_US)).isoformat()


def member(number: str, joined: float = -1000, **more: Any) -> dict[str, Any]:
    return {"type": "member", "number": number, "joinedAt": day(joined), **more}


def transaction(
    kind: str, member: str, id: str, at: float, points: int, **more: Any
) -> dict[str, Any]:
    base = {"type": kind, "member": member, "id": id, "at": day(at), "points": points}
    return base | {"currency": "PTS"} | more


def earn(member: str, id: str, at: float, points: int, **more: Any) -> dict[str, Any]:
    return transaction("earn", member, id, at, points, **more)


def redeem(member: str, id: str, at: float, points: int, **more: Any) -> dict[str, Any]:
    return transaction("redeem", member, id, at, points, **more)


def adjust(member: str, id: str, at: float, points: int, **more: Any) -> dict[str, Any]:
    return transaction("adjust", member, id, at, points, reason="sorry", **more)


def written(path: Path, lines: Iterable[Fields | bytes]) -> Path:
    """Write lines to a file."""
    path.write_bytes(
        b"".join(
            line if isinstance(line, bytes) else orjson.dumps(line) + b"\n"
            for line in lines
        )
    )
    return path


async def bring(engine: Engine, program_id: int, path: Path, **more: Any) -> Summary:
    """Import a file in this process."""
    order = Order(path, **({"name": "old", "workers": 0} | more))
    return await import_history(engine, program_id, order)


def random_past(chance: random.Random, number: str) -> list[dict[str, Any]]:
    """Return a member and what it did; it always had what it spent."""
    joined = -chance.randint(500, 900)
    opening = [{"currency": "PTS", "points": chance.choice([-40, 30, 500])}]
    if opening[0]["points"] > 0 and chance.random() < 0.5:
        opening[0]["expiresAt"] = day(joined + chance.randint(0, 600))
    lines = [member(number, joined, opening=opening)]
    for place in range(chance.randint(1, 40)):
        at = joined + chance.random() * -joined
        name = f"{number}-{place}"
        ends = at + chance.randint(-3, 300)
        dice = chance.random()
        if dice < 0.2:
            lines.append(adjust(number, name, at, chance.randint(1, 50)))
        elif dice < 0.4:
            more = {"currency": "STATUS", "reference": name}
            lines.append(earn(number, name, at, chance.randint(1, 50), **more))
        elif dice < 0.6:
            lines.append(earn(number, name, at, 100, expiresAt=day(ends)))
        elif dice < 0.8:
            more = {"availableAt": day(at + 30), "expiresAt": day(at + 100)}
            lines.append(earn(number, name, at, 100, **more))
        else:
            lines.append(redeem(number, name, at, chance.randint(1, 20)))
    return lines


async def tell(book: Any, holder_id: int, program_id: int, lines: list[Fields]) -> None:
    """Post to a live ledger what the lines tell, while its clock goes along.

    What is refused is taken out of *lines*.
    """
    now_us = book.clock.us
    own = lines[0]
    events = [(own["joinedAt"], Open(program_id, HolderKind.MEMBER), (), None)]
    events += [(own["joinedAt"], _opening(one), (), None) for one in own["opening"]]
    for line in sorted(lines[1:], key=lambda one: _us(one["at"])):
        counted = line["type"] == "earn" and line["currency"] == "PTS"
        counts = (Count("earned", "all", currency_id=PTS),) if counted else ()
        events.append((line["at"], _operation(line), counts, line))
    for at, operation, counts, line in events:
        book.clock.us = _us(at)
        outcome = await book.post(Step(holder_id, operation, counts))
        if isinstance(outcome, Refused):
            lines.remove(line)
    book.clock.us = now_us
    await book.do(holder_id, Note())


def _opening(opening: Fields) -> Operation:
    points, end = opening["points"], opening.get("expiresAt")
    return Adjust(PTS, points, _end(end), owes=points < 0)


def _operation(line: Fields) -> Operation:
    currency_id = PTS if line["currency"] == "PTS" else STATUS
    points, end = line["points"], _end(line.get("expiresAt"))
    if line["type"] == "redeem":
        return Redeem(currency_id, points)
    if line["type"] == "adjust":
        return Adjust(currency_id, points, end)
    ripens = line.get("availableAt")
    ripens_at_us = None if ripens is None else _us(ripens)
    return Earn((Award(currency_id, points, ripens_at_us, end),))


def _end(text: str | None) -> int:
    return NEVER_US if text is None else _us(text)


def _us(text: str) -> int:
    return to_us(datetime.fromisoformat(text))
