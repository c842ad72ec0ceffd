"""A plain model of points, and random histories that every store must agree with.

The model keeps lots as lists and knows nothing of journals, seqs or SQL. After every
step the outcome, the wallet and all lots are compared on the memory and SQLite stores.
"""

import asyncio
import itertools
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.ledger.codes import NEVER_US, HolderKind
from core.ledger.commands import (
    Adjust,
    Authorize,
    Award,
    Capture,
    Command,
    Earn,
    Note,
    Open,
    Posted,
    Redeem,
    Reverse,
    Step,
    Void,
)
from core.ledger.ledger import Ledger
from core.ledger.memory_store import MemoryStore
from core.ledger.sqlite_store import SqliteStore
from core.ledger.verify import verify
from core.storage import program_tables as tables
from core.storage.opening import open_database

PTS, ADA = 1, 5
START = 1_000_000


@dataclass
class ModelLot:
    original: int
    ripe: int
    ends: int
    pending: int = 0
    available: int = 0
    held: int = 0

    def row(self) -> tuple[int, ...]:
        return (self.original, self.pending, self.available, self.held)


@dataclass
class Model:
    """What the algebra says, written as plainly as can be."""

    now: int = START
    debt: int = 0
    lots: list[ModelLot] = field(default_factory=list)
    earned: dict[int, tuple[list[ModelLot], int]] = field(default_factory=dict)
    spent: dict[int, tuple[list[tuple[ModelLot, int]], int]] = field(
        default_factory=dict
    )
    holds: dict[int, list[list[Any]]] = field(default_factory=dict)
    hold_ends: dict[int, int] = field(default_factory=dict)

    def touch(self, now: int) -> None:
        self.now = max(self.now, now)
        while due := self._first_due():
            _, rank, number = due
            if rank == 0:
                lot = self.lots[number]
                lot.available += lot.pending
                lot.pending = 0
                self._repay(lot)
            elif rank == 1:
                self.void(number)
            else:
                self.lots[number].pending = self.lots[number].available = 0

    def _first_due(self) -> tuple[int, int, int] | None:
        due = []
        for number, lot in enumerate(self.lots):
            if lot.pending:
                due.append((lot.ripe, 0, number))
            if lot.pending or lot.available:
                due.append((lot.ends, 2, number))
        due += [
            (self.hold_ends[hold], 1, hold)
            for hold, parts in self.holds.items()
            if any(part for _, part in parts) and self.hold_ends[hold] < NEVER_US
        ]
        return min((one for one in due if one[0] <= self.now), default=None)

    def _repay(self, lot: ModelLot) -> None:
        part = min(self.debt, lot.available)
        self.debt -= part
        lot.available -= part

    @property
    def available(self) -> int:
        return sum(lot.available for lot in self.lots)

    def _draw(self, amount: int) -> list[tuple[ModelLot, int]] | None:
        if amount > self.available:
            return None
        drawn = []
        order = sorted(range(len(self.lots)), key=lambda n: (self.lots[n].ends, n))
        for number in order:
            lot = self.lots[number]
            part = min(lot.available, amount)
            if part:
                lot.available -= part
                amount -= part
                drawn.append((lot, part))
        return drawn

    def earn(self, seq: int, amount: int, ripe: int, ends: int) -> None:
        lot = ModelLot(amount, ripe, ends)
        if ripe > self.now:
            lot.pending = amount
        else:
            lot.available = amount
            self._repay(lot)
        self.lots.append(lot)
        self.earned[seq] = ([lot], 0)

    def redeem(self, seq: int, amount: int) -> bool:
        drawn = self._draw(amount)
        if drawn is not None:
            self.spent[seq] = (drawn, 0)
        return drawn is not None

    def authorize(self, seq: int, amount: int, ends: int) -> bool:
        drawn = self._draw(amount)
        if drawn is None:
            return False
        for lot, part in drawn:
            lot.held += part
        self.holds[seq] = [[lot, part] for lot, part in drawn]
        self.hold_ends[seq] = ends
        return True

    def capture(self, hold: int, seq: int, amount: int | None, *, final: bool) -> bool:
        parts = self.holds.get(hold, [])
        left = sum(part for _, part in parts)
        wanted = left if amount is None else amount
        if left == 0 or wanted > left:
            return False
        drawn = []
        for part in parts:
            taken = min(part[1], wanted)
            wanted -= taken
            part[1] -= taken
            part[0].held -= taken
            if taken:
                drawn.append((part[0], taken))
        self.spent[seq] = (drawn, 0)
        if final:
            self.void(hold)
        return True

    def void(self, hold: int) -> bool:
        parts = self.holds.get(hold, [])
        if not any(part for _, part in parts):
            return False
        for part in parts:
            lot, amount = part
            lot.held -= amount
            if lot.ends > self.now:
                lot.available += amount
            part[1] = 0
        return True

    def reverse(self, seq: int, amount: int | None, grace: int) -> bool:
        if seq in self.earned:
            lots, undone = self.earned[seq]
            left = sum(lot.original for lot in lots) - undone
        else:
            drawn, undone = self.spent[seq]
            left = sum(part for _, part in drawn) - undone
        wanted = left if amount is None else amount
        if left == 0 or wanted > left:
            return False
        if seq in self.earned:
            self.earned[seq] = (lots, undone + wanted)
            self._claw_back(lots[0], wanted)
        else:
            self.spent[seq] = (drawn, undone + wanted)
            self._refund(drawn, undone, wanted, grace)
        return True

    def _claw_back(self, own: ModelLot, amount: int) -> None:
        for bucket in ("pending", "available"):
            part = min(getattr(own, bucket), amount)
            setattr(own, bucket, getattr(own, bucket) - part)
            amount -= part
        part = min(self.available, amount)
        self._draw(part)
        self.debt += amount - part

    def _refund(
        self, drawn: list[tuple[ModelLot, int]], skip: int, amount: int, grace: int
    ) -> None:
        for lot, part in reversed(drawn):
            passed = min(skip, part)
            skip -= passed
            back = min(part - passed, amount)
            amount -= back
            if back:
                ends = max(lot.ends, self.now + grace)
                new = ModelLot(back, self.now, ends)
                new.available = back if ends > self.now else 0
                self.lots.append(new)


AMOUNTS = st.integers(1, 30)
WAITS = st.sampled_from([-5, 0, 0, 10])
LIVES = st.sampled_from([None, 15, 40, 90])
SOME = st.none() | AMOUNTS


class Histories(RuleBasedStateMachine):
    """Random commands against the model and two stores."""

    def now_us(self) -> int:
        return self.clock

    def new_id(self) -> int:
        return next(self.ids)

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.clock, self.ids, self.keys = START, itertools.count(1), itertools.count(1)
        self.model = Model()
        self.said: list[tuple[Command, Any]] = []
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'l.db'}"
        self.database = self.run(open_database(url))
        self.memory = MemoryStore(self)
        points = tables.Currency(currency_id=PTS, program_id=1, code="PTS", name="x")
        self.memory.put("currency", **points.model_dump())
        self.run(self.database.configure(lambda session: session.add(points)))
        stores = (self.memory, SqliteStore(self.database, self))
        self.ledgers = [Ledger(store, queue=100) for store in stores]
        self.say(Open(1, HolderKind.MEMBER))

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def say(self, operation: Any) -> Any:
        """Post to all stores; they must answer alike."""
        command = Command(f"t:{next(self.keys)}", b"f", (Step(ADA, operation),))
        outcomes = [self.run(ledger.post(command)) for ledger in self.ledgers]
        assert outcomes[0] == outcomes[1]
        self.said.append((command, outcomes[0]))
        return outcomes[0]

    def check(self, outcome: Any, *, expected: bool) -> None:
        assert isinstance(outcome, Posted) == expected, outcome

    def next_seq(self) -> int:
        """Return the number that the next transaction will have."""
        self.say(Note())
        self.model.touch(self.clock)
        return self.memory.tables["holder"][(ADA,)]["last_seq"] + 1

    @rule(amount=st.integers(20, 60), ripe=WAITS, ends=LIVES)
    def earn(self, amount: int, ripe: int, ends: int | None) -> None:
        seq = self.next_seq()
        now = self.model.now
        last = NEVER_US if ends is None else now + max(ripe, 0) + ends
        award = Award(PTS, amount, available_at_us=now + ripe, expires_at_us=last)

        self.check(self.say(Earn((award,))), expected=True)

        self.model.earn(seq, amount, now + ripe, last)

    @rule(amount=AMOUNTS)
    def redeem(self, amount: int) -> None:
        seq = self.next_seq()

        outcome = self.say(Redeem(PTS, amount))

        self.check(outcome, expected=self.model.redeem(seq, amount))

    @rule(amount=AMOUNTS, ends=st.sampled_from([None, 12]))
    def authorize(self, amount: int, ends: int | None) -> None:
        seq = self.next_seq()
        last = None if ends is None else self.model.now + ends

        outcome = self.say(Authorize(PTS, amount, expires_at_us=last))

        expected = self.model.authorize(seq, amount, NEVER_US if last is None else last)
        self.check(outcome, expected=expected)

    @rule(data=st.data(), amount=SOME, final=st.booleans())
    def capture(
        self,
        data: Any,
        amount: int | None,
        final: bool,  # noqa: FBT001  (drawn by name)
    ) -> None:
        seq = self.next_seq()
        hold = data.draw(st.sampled_from([*self.model.holds, 999]))

        outcome = self.say(Capture(hold, amount, final=final))

        expected = self.model.capture(hold, seq, amount, final=final)
        self.check(outcome, expected=expected)

    @rule(data=st.data())
    def void(self, data: Any) -> None:
        self.next_seq()
        hold = data.draw(st.sampled_from([*self.model.holds, 999]))

        self.check(self.say(Void(hold)), expected=self.model.void(hold))

    @rule(data=st.data(), amount=SOME, grace=st.integers(0, 50))
    def reverse(self, data: Any, amount: int | None, grace: int) -> None:
        self.next_seq()
        targets = [*self.model.earned, *self.model.spent]
        if not targets:
            return
        seq = data.draw(st.sampled_from(targets))

        outcome = self.say(Reverse(seq, amount, grace_us=grace))

        self.check(outcome, expected=self.model.reverse(seq, amount, grace))

    @rule(amount=AMOUNTS)
    def take(self, amount: int) -> None:
        self.next_seq()

        outcome = self.say(Adjust(PTS, -amount))

        self.check(outcome, expected=self.model._draw(amount) is not None)

    @rule(step=st.sampled_from([-7, 1, 10, 40]))
    def pass_time(self, step: int) -> None:
        self.clock += step

    @rule(data=st.data())
    def repeat(self, data: Any) -> None:
        command, first = data.draw(st.sampled_from(self.said))

        outcomes = [self.run(ledger.post(command)) for ledger in self.ledgers]

        assert outcomes[0] == outcomes[1]
        assert outcomes[0].replayed
        assert getattr(outcomes[0], "seq", None) == getattr(first, "seq", None)
        self.model.touch(self.clock)

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "ledgers"):
            return
        self.say(Note())
        self.model.touch(self.clock)
        lots = self.memory.tables["lot"]
        found = [
            tuple(row[name] for name in ("original", "pending", "available", "held"))
            for _, row in sorted(lots.items())
        ]
        assert found == [lot.row() for lot in self.model.lots]
        wallet = self.memory.tables["wallet"].get((ADA, PTS))
        if wallet is not None:
            assert wallet["debt"] == self.model.debt
            assert wallet["available"] == self.model.available

    def teardown(self) -> None:
        if not hasattr(self, "ledgers"):
            return
        assert self.run(verify(self.database)).ok
        for table in ("lot", "wallet", "hold", "allocation"):
            rows = self.run(self.database.read(f'SELECT count(*) FROM "{table}"'))
            assert rows == [(len(self.memory.tables[table]),)]
        hashes = self.run(self.database.read("SELECT hash FROM journal ORDER BY seq"))
        journal = sorted(self.memory.tables["journal"].items())
        assert [row["hash"] for _, row in journal] == [one for (one,) in hashes]
        self.run(self.database.close())
        self.loop.close()
        self.folder.cleanup()


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
