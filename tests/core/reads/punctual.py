"""A ledger in memory on which everything that is due is done on time.

What it holds is what anybody should see of a ledger that is touched whenever somebody
comes: the oracle for balances at past instants and for statements.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from core.ledger.codes import BY_TIME, Account
from core.ledger.commands import Award, Command, Earn, Outcome, Step
from core.ledger.ledger import Ledger
from core.ledger.memory_store import MemoryStore
from core.ledger.state import Entry, Line
from core.reads.balances import PARTS
from tests.core.ledger.asking.dice import MILES, NONE, PTS, STATUS
from tests.core.ledger.proving import PROGRAM_SIDE, histories

FLOORED = 4
CODES = {PTS: "PTS", MILES: "MILES", STATUS: "STATUS", FLOORED: "FLOORED"}
"""The currencies of the program."""

_NOTHING = Earn((Award(NONE, 1),))
"""Names a currency that is not there: it is refused, and leaves no trace."""

_PART = {
    Account.AVAILABLE: ("available", 1),
    Account.PENDING: ("pending", 1),
    Account.HELD: ("held", 1),
    Account.DEBT: ("debt", -1),
}
_EVENT = {
    Account.ISSUED: ("earned", "clawed_back"),
    Account.REDEEMED: ("refunded", "redeemed"),
    Account.CAUSE: ("refunded", "redeemed"),
    Account.BREAKAGE: ("-expired", "expired"),
    Account.CLAWED_BACK: ("-clawed_back", "clawed_back"),
    Account.LOSS: ("-clawed_back", "clawed_back"),
    Account.TRANSIT: ("transferred_in", "transferred_out"),
    Account.ADJUSTED: ("adjusted", "-adjusted"),
    Account.EXCHANGE: ("exchanged_in", "exchanged_out"),
    Account.ROUNDING: ("exchanged_in", "exchanged_out"),
}
"""What it is called that points come from an account, or go to it."""

Balances = dict[str, Counter[str]]


class Punctual:
    """A ledger that is told what another is told, and is never late."""

    def __init__(self, memory: MemoryStore, clock: Any) -> None:
        self.memory = memory
        self.clock = clock
        self.ledger = Ledger(memory, queue=100)

    async def post(self, command: Command) -> Outcome:
        """Do what is due until now at its instant, and then what is asked."""
        for step in command.steps:
            await self.wait(step.holder_id)
        return await self.ledger.post(command)

    async def wait(self, holder_id: int) -> None:
        """Let time pass for a holder, until now."""
        now_us: int = self.clock.us
        number = 0
        while (due_us := self._due(holder_id)) is not None:
            self.clock.us, number = due_us, number + 1
            key = f"wait:{now_us}:{number}"
            await self.ledger.post(Command(key, b"", (Step(holder_id, _NOTHING),)))
            self.clock.us = now_us

    def set_time(self, holder_id: int, last_at_us: int) -> None:
        """Let a holder have seen an instant at which the other ledger was late."""
        self.memory.tables["holder"][holder_id,]["last_at_us"] = last_at_us

    def _due(self, holder_id: int) -> int | None:
        """Return when something was due that is not done yet."""
        head = self.memory.tables["holder"].get((holder_id,))
        if head is None or head["next_due_us"] is None:
            return None
        due_us: int = head["next_due_us"]
        return due_us if due_us <= max(self.clock.us, head["last_at_us"]) else None

    def entries(self, holder_id: int) -> list[Entry]:
        return histories(self.memory)[holder_id]

    def balances(self, holder_id: int, as_of_us: int, known_at_us: int) -> Balances:
        """Return balances as of an instant, as known at another."""
        found = {code: Counter(dict.fromkeys(PARTS, 0)) for code in CODES.values()}
        for entry in self.entries(holder_id):
            happened_us = min(entry.effective_us, entry.at_us)
            if happened_us <= as_of_us and entry.at_us <= known_at_us:
                for line in entry.lines:
                    for part, by in _moves(line):
                        found[CODES[line.currency_id]][part] += by
        return found

    def events(self, entries: list[Entry]) -> Balances:
        """Add up what happened in some transactions."""
        names = {name.strip("-") for pair in _EVENT.values() for name in pair}
        found = {code: Counter(dict.fromkeys(names, 0)) for code in CODES.values()}
        for entry in entries:
            for line in entry.lines:
                name = _event(line)
                if name is not None:
                    by = -line.amount if name.startswith("-") else line.amount
                    found[CODES[line.currency_id]][name.strip("-")] += by
        return found

    def schedule(self, holder_id: int) -> dict[str, dict[int, tuple[int, int]]]:
        """Return what runs out when: available and pending points, by currency."""
        found: dict[str, dict[int, tuple[int, int]]] = {
            one: {} for one in CODES.values()
        }
        for (owner, _), lot in sorted(self.memory.tables["lot"].items()):
            if owner == holder_id and lot["available"] + lot["pending"]:
                ends = found[CODES[lot["currency_id"]]]
                available, pending = ends.get(lot["expires_at_us"], (0, 0))
                ends[lot["expires_at_us"]] = (
                    available + lot["available"],
                    pending + lot["pending"],
                )
        return {code: dict(sorted(ends.items())) for code, ends in found.items()}


def total(parts: Mapping[str, int]) -> int:
    return parts["available"] + parts["pending"] + parts["held"] - parts["debt"]


def is_punctual(entry: Entry) -> bool:
    """Tell whether time did what it does on time."""
    return entry.kind not in BY_TIME or entry.at_us == entry.effective_us


def _moves(line: Line) -> Iterator[tuple[str, int]]:
    for account, amount in ((line.src, -line.amount), (line.dst, line.amount)):
        if account in _PART:
            part, sign = _PART[account]
            yield part, sign * amount


def _event(line: Line) -> str | None:
    """Return what a posting between holder and program is called."""
    if line.src >= PROGRAM_SIDE > line.dst:
        return _EVENT[line.src][0]
    if line.dst >= PROGRAM_SIDE > line.src:
        return _EVENT[line.dst][1]
    return None
