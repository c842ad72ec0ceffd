"""A file of finished history, always the same: members who earn, spend and forget.

python tests/bench/pasts.py --transactions 1000000 history.jsonl
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import orjson

PER_MEMBER = 20
"""Transactions of a member, on the average."""

_FIRST = datetime(2021, 1, 1, tzinfo=UTC)
_DAYS = 1_500
_LIFE = timedelta(days=365)
_SPENDING = 0.2
_CORRECTIONS = 0.02


def write(path: Path, transactions: int, first: int = 0) -> None:
    """Write a file of so many transactions, of members numbered from *first* on."""
    with path.open("wb") as stream:
        stream.writelines(_lines(transactions, first))


def _lines(transactions: int, first: int) -> Iterator[bytes]:
    chance = random.Random(first)
    left, number = transactions, first
    while left:
        count = min(left, chance.randint(1, 2 * PER_MEMBER - 1))
        left -= count
        number += 1
        yield from map(_line, _member(chance, f"{number:08}", count))


def _member(
    chance: random.Random, number: str, count: int
) -> Iterator[dict[str, object]]:
    joined = _FIRST + timedelta(seconds=chance.randrange(300 * 86_400))
    yield {
        "type": "member",
        "number": number,
        "joinedAt": joined.isoformat(),
        "displayName": f"Member {number}",
        "email": f"member{number}@example.org",
        "opening": [{"currency": "PTS", "points": 100}],
    }
    seconds = sorted(chance.randrange(_DAYS * 86_400) for _ in range(count))
    for place, after in enumerate(seconds):
        at = joined + timedelta(seconds=after)
        yield {
            "member": number,
            "id": f"{number}-{place}",
            "at": at.isoformat(),
            "currency": "PTS",
        } | _deed(chance, at, f"{number}-{place}")


def _deed(chance: random.Random, at: datetime, order: str) -> dict[str, object]:
    dice = chance.random()
    if dice < _SPENDING:
        return {"type": "redeem", "points": chance.randint(1, 4)}
    if dice < _SPENDING + _CORRECTIONS:
        return {"type": "adjust", "points": 5, "reason": "a long wait"}
    return {
        "type": "earn",
        "points": chance.randint(5, 300),
        "expiresAt": (at + _LIFE).isoformat(),
        "source": "purchase",
        "reference": order,
    }


def _line(values: dict[str, object]) -> bytes:
    return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)


@click.command()
@click.option("--transactions", default=1_000_000, show_default=True)
@click.argument("file", type=click.Path(path_type=Path))
def main(transactions: int, file: Path) -> None:
    """Write FILE."""
    write(file, transactions)


if __name__ == "__main__":
    main()
