"""What stands in a database, held against what its writers were told.

Every fault is named in a line of its own; a sound run has none.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from intent_log import Logged
from writer import connect

from core.clock import SystemClock
from core.ledger.codes import Account
from core.ledger.commands import (
    Adjust,
    Authorize,
    Capture,
    Command,
    Earn,
    Operation,
    Outcome,
    Posted,
    Redeem,
    Refused,
    Send,
    Step,
    Void,
)
from core.ledger.verify import verify
from core.storage.database import Database
from core.storage.opening import open_database

Place = tuple[int, str]
"""A holder, and a key of its journal."""

_GAPS = (
    "SELECT holder_id, max(seq), count(*) FROM journal GROUP BY holder_id "
    "HAVING min(seq) <> 1 OR max(seq) <> count(*)"
)
_CHUNK = 500
_OPEN_TRANSACTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL "
    "AND application_name = 'guerdon' AND pid <> pg_backend_pid()"
)


class Kind(Enum):
    """What can be wrong."""

    LOST = "lost"
    DOUBLED = "doubled"
    GAP = "gaps"
    FINDING = "findings of verify"
    OTHER = "other faults"


class Fault(NamedTuple):
    """One thing that is wrong."""

    kind: Kind
    what: str

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.what}"


@dataclass
class Audit:
    """Counts of a run, and its faults."""

    posted: int = 0
    refused: int = 0
    unknown: int = 0
    earlier: int = 0
    """Answered from a commit whose first answer was lost."""

    faults: list[Fault] = field(default_factory=list)

    def count(self, kind: Kind) -> int:
        """Return how many faults are of a kind."""
        return sum(fault.kind is kind for fault in self.faults)

    def line(self) -> str:
        """Return all of it in one line."""
        faults = ", ".join(f"{self.count(kind)} {kind.value}" for kind in Kind)
        return (
            f"{self.posted + self.refused} acknowledged ({self.refused} refusals), "
            f"{self.unknown} with an unknown outcome, {self.earlier} answered from an "
            f"earlier commit: {faults}"
        )


async def audit(url: str, logs: Sequence[Logged]) -> Audit:
    """Check everything."""
    found = Audit()
    intents: dict[str, Command] = {}
    answers: dict[str, Outcome] = {}
    for log in logs:
        intents |= log.intents
        found.unknown += len(log.unknown)
        found.faults += _others(_disagreements(log))
        answers |= {key: outcomes[0] for key, outcomes in log.outcomes.items()}
    found.posted = sum(isinstance(one, Posted) for one in answers.values())
    found.refused = len(answers) - found.posted
    found.earlier = sum(one.replayed for one in answers.values())
    database = await open_database(url, migrate=False)
    found.faults += _others(await _left_open(database))
    found.faults += await _gaps(database)
    found.faults += await _journal_faults(database, intents, answers)
    found.faults += _others(await _hold_faults(database, intents, answers))
    rows = await _rows(database)
    found.faults += _others(await _changed_answers(url, intents, answers))
    if await _rows(database) != rows:
        found.faults.append(Fault(Kind.DOUBLED, "a repeated command did something"))
    report = await verify(database, full=True)
    found.faults += [Fault(Kind.FINDING, str(one)) for one in report.findings]
    await database.close()
    return found


def _others(faults: Iterable[str]) -> list[Fault]:
    return [Fault(Kind.OTHER, what) for what in faults]


def _disagreements(log: Logged) -> Iterator[str]:
    for key in log.intents:
        outcomes = log.outcomes.get(key, [])
        if not outcomes:
            yield f"{key} has no outcome"
        elif len({_essence(one) for one in outcomes}) > 1:
            yield f"{key} has several outcomes: {outcomes}"


def _essence(outcome: Outcome) -> tuple[Any, ...]:
    """Return what every answer to the same command must say."""
    if isinstance(outcome, Posted):
        return ("posted", outcome.holder_id, outcome.seq, outcome.at_us)
    return ("refused", outcome.code, *sorted(outcome.detail.items()))


async def _left_open(database: Database) -> Iterable[str]:
    """Nothing may be in the way of whoever comes next."""
    if database.dialect == "sqlite":
        rows = await database.read("PRAGMA integrity_check", bounded=False)
        return [] if rows == [("ok",)] else [f"integrity: {rows}"]
    for _ in range(30):  # a server sees a moment later that a client is dead
        ((number,),) = await database.read(_OPEN_TRANSACTIONS)
        if number == 0:
            return []
        await asyncio.sleep(0.1)
    return [f"{number} transactions are open"]


async def _gaps(database: Database) -> list[Fault]:
    """Each holder's numbers count from one, whatever did not come to pass."""
    return [
        Fault(Kind.GAP, f"holder {holder_id} is at {last} with {size} transactions")
        for holder_id, last, size in await database.read(_GAPS, bounded=False)
    ]


async def _rows(database: Database) -> tuple[list[Any], list[Any]]:
    """Return keys and numbers of the journal, without what time did, and refusals."""
    return (
        await database.read(
            "SELECT holder_id, idem_key, seq FROM journal "
            "WHERE idem_key NOT LIKE 'due:%' ORDER BY 1, 3",
            bounded=False,
        ),
        await database.read(
            "SELECT holder_id, idem_key, code FROM refusal ORDER BY 1, 2",
            bounded=False,
        ),
    )


async def _journal_faults(
    database: Database, intents: Mapping[str, Command], answers: Mapping[str, Outcome]
) -> list[Fault]:
    """Each key that was acknowledged stands there once, and nothing else does."""
    journal, refusals = await _rows(database)
    places = Counter((holder_id, key) for holder_id, key, _ in journal)
    seqs = {(holder_id, key): seq for holder_id, key, seq in journal}
    steps = {
        place: step
        for key, answer in answers.items()
        if isinstance(answer, Posted)
        for place, step in _places(intents[key])
    }
    faults = [
        Fault(Kind.DOUBLED, f"{place} is {n} times there")
        for place, n in places.items()
        if n > 1
    ]
    faults += [Fault(Kind.LOST, str(one)) for one in steps.keys() - places.keys()]
    others = [
        f"{place} was not acknowledged"
        for place in places.keys() - steps.keys()
        if not place[1].startswith(("open:", "fill"))
    ]
    expected: dict[Place, int] = {}
    for key, answer in answers.items():
        place = (intents[key].holder_id, key)
        if isinstance(answer, Refused):
            expected[place] = int(answer.code)
        elif seqs.get(place) != answer.seq:
            others.append(f"{place} is {seqs.get(place)}, not {answer.seq}")
    actual = {(holder_id, key): code for holder_id, key, code in refusals}
    others += [
        f"{one} is refused otherwise" for one in expected.items() ^ actual.items()
    ]
    others += await _wrong_amounts(database, steps, seqs)
    return faults + _others(others)


def _places(command: Command) -> Iterator[tuple[Place, Step]]:
    """Yield where each step of a command stands in the journal."""
    first, *others = command.steps
    yield (first.holder_id, command.key), first
    for step in others:
        yield (step.holder_id, f"step:{command.holder_id}:{command.key}"), step


async def _wrong_amounts(
    database: Database, steps: Mapping[Place, Step], seqs: Mapping[Place, int]
) -> list[str]:
    moved: Counter[tuple[int, int, Account]] = Counter()
    for holder_id, seq, src, dst, amount in await database.read(
        "SELECT holder_id, seq, src, dst, amount FROM posting", bounded=False
    ):
        moved[holder_id, seq, Account(src)] -= amount
        moved[holder_id, seq, Account(dst)] += amount
    faults = []
    for place, step in steps.items():
        stated = _stated(step.operation)
        if stated is None or place not in seqs:
            continue
        account, amount = stated
        found = moved[place[0], seqs[place], account]
        if found != amount:
            faults.append(f"{place} moved {found}, not {amount}")
    return faults


def _stated(operation: Operation) -> tuple[Account, int] | None:
    """Return an account and what the operation must do to it, where it says that."""
    match operation:
        case Earn(awards=awards):
            return Account.ISSUED, -sum(one.amount for one in awards)
        case Redeem(amount=amount) | Capture(amount=int(amount)):
            return Account.REDEEMED, amount
        case Authorize(amount=amount):
            return Account.HELD, amount
        case Send(amount=amount):
            return Account.TRANSIT, amount
        case Adjust(amount=amount):
            return Account.ADJUSTED, -amount
        case _:
            return None


async def _hold_faults(
    database: Database, intents: Mapping[str, Command], answers: Mapping[str, Outcome]
) -> list[str]:
    """What was ended is closed; what was not has what its captures left."""
    ended, captured = _endings(
        step
        for key, answer in answers.items()
        if isinstance(answer, Posted)
        for step in intents[key].steps
    )
    faults = []
    for *place, authorized, taken, released, ends_us in await database.read(
        "SELECT holder_id, hold_id, authorized, captured, released, expires_at_us "
        "FROM hold",
        bounded=False,
    ):
        hold = tuple(place)
        left = authorized - taken - released
        if hold in ended and left:
            faults.append(f"hold {hold} was ended and still has {left}")
        if hold not in ended and taken != captured[hold]:
            faults.append(f"hold {hold} lost {taken}, not {captured[hold]}")
        if hold not in ended and ends_us is None and released:
            faults.append(f"hold {hold} was never ended and released {released}")
    return faults


def _endings(steps: Iterable[Step]) -> tuple[set[Any], Counter[Any]]:
    """Return the holds that were ended, and what was captured of the others."""
    ended, captured = set(), Counter[Any]()
    for step in steps:
        match step.operation:
            case Capture(hold_id, None, _) | Capture(hold_id, _, True) | Void(hold_id):
                ended.add((step.holder_id, hold_id))
            case Capture(hold_id, int(amount)):
                captured[step.holder_id, hold_id] += amount
    return ended, captured


async def _changed_answers(
    url: str, intents: Mapping[str, Command], answers: Mapping[str, Outcome]
) -> list[str]:
    """Repeat every command in a process that knows nothing of it."""
    ledger = await connect(url, SystemClock())
    commands = [*intents.values()]
    faults = []
    for first in range(0, len(commands), _CHUNK):
        chunk = commands[first : first + _CHUNK]
        again = await asyncio.gather(*(ledger.post(one) for one in chunk))
        faults += [
            f"{command.key} is answered {answer}, not {answers[command.key]}"
            for command, answer in zip(chunk, again, strict=True)
            if not answer.replayed or _essence(answer) != _essence(answers[command.key])
        ]
    await ledger.close()
    return faults
