"""Serial witness: what two processes did at once, they did in some order.

The journal is that order. Replayed alone, row by row through `decide`, it must give
every result, every balance and every hash again.
"""

import asyncio
import random
import secrets
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from workload import MILES, PROGRAM, PTS, Workload, openings

from core.ledger import chain
from core.ledger.change import Change
from core.ledger.codes import HolderStatus
from core.ledger.commands import Command, Open, Outcome, Refused
from core.ledger.decide import decide
from core.ledger.due import Agenda, carry_out
from core.ledger.history import read_entries, read_heads
from core.ledger.ledger import Ledger
from core.ledger.state import Currency, Entry, HolderState, Known, Target
from core.ledger.verify import verify

MEMBERS = 4
STOCK = 5
CALLERS = 16
COMMANDS = 25
CURRENCIES = {one: Currency(one, PROGRAM, is_transferable=True) for one in (PTS, MILES)}


async def test_what_happened_at_once_happened_in_an_order(
    stored: Any, another: Any
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201
    book, database = stored
    chance = random.Random(seed)
    ledgers = [book.ledger, await another(), await another()]
    members = [book.clock.new_id() for _ in range(MEMBERS)]
    stock = book.clock.new_id()
    work = Workload(chance, book.clock, members, stock, prefix="w")
    commands: dict[str, Command] = {}
    outcomes: dict[str, Outcome] = {}

    def ledger_of(caller: int) -> Ledger:
        """One of them has a process to himself, in which his commands come alone."""
        return ledgers[2] if caller == 0 else ledgers[caller % 2]

    async def post(command: Command, caller: int) -> None:
        commands[command.key] = command
        callers = [caller, caller + 1] if chance.random() < 0.1 else [caller]
        outcome, *again = await asyncio.gather(
            *(ledger_of(one).post(command) for one in callers)
        )
        if again and outcome.replayed:
            outcome, *again = [*again, outcome]
        assert not outcome.replayed
        assert again == [] or again[0] == _replay(outcome)
        outcomes[command.key] = outcome

    async def call(caller: int) -> None:
        for _ in range(COMMANDS):
            book.clock.us += chance.choice([0, 1_000, 200_000, -100_000])
            command = work.next()
            await post(command, caller)
            work.learn(command, outcomes[command.key])

    for command in openings(members, stock, STOCK):
        await post(command, 0)
    await asyncio.gather(*(call(caller) for caller in range(CALLERS)))

    async with database.snapshot() as view:
        heads = await read_heads(view, [*members, stock])
        entries = [one async for one in read_entries(view, heads)]
    refused = await database.read("SELECT idem_key, at_us FROM refusal")
    witness = Witness(commands, outcomes, dict(refused))
    witness.replay(entries)
    assert witness.unexplained == {}
    assert (await verify(database, full=True)).findings == ()


def _replay(outcome: Outcome) -> Outcome:
    """Return what the same command is answered when it comes again."""
    if isinstance(outcome, Refused):
        return replace(outcome, replayed=True)
    own = {outcome.holder_id: outcome.seq}
    return replace(outcome, seqs=own, replayed=True)


@dataclass
class Witness:
    """Holders that live through the journal again, one row after the other."""

    commands: Mapping[str, Command]
    outcomes: Mapping[str, Outcome]
    refused_at_us: Mapping[str, int]

    def __post_init__(self) -> None:
        self.states = dict(self._unborn())
        self.past = {holder_id: [state] for holder_id, state in self.states.items()}
        self.unexplained = {
            key: outcome
            for key, outcome in self.outcomes.items()
            if isinstance(outcome, Refused)
        }

    def _unborn(self) -> Iterator[tuple[int, HolderState]]:
        for command in self.commands.values():
            for step in command.steps:
                if isinstance(step.operation, Open):
                    genesis = chain.genesis(PROGRAM, step.holder_id)
                    yield (
                        step.holder_id,
                        HolderState(
                            step.holder_id,
                            PROGRAM,
                            step.operation.kind,
                            HolderStatus.ACTIVE,
                            *(0, 0, genesis),
                            currencies=CURRENCIES,
                        ),
                    )

    def replay(self, journal: Sequence[Entry]) -> None:
        """Replay all rows; of those that may come next, the oldest first."""
        left: dict[int, deque[Entry]] = defaultdict(deque)
        for entry in journal:
            left[entry.holder_id].append(entry)
        while fronts := [rows[0] for rows in left.values() if rows]:
            ready = [one for one in fronts if self._is_ready(one, left)]
            assert ready, "each of these happened before the others"
            entry = min(ready, key=lambda one: one.at_us)
            if entry.key.startswith("due:"):
                changes = self._pass_time(entry)
            else:
                changes = self._decide(entry, left)
            for change in changes:
                assert change.entry == left[change.entry.holder_id].popleft()
                self._take_in(change)
            self._explain({change.entry.holder_id for change in changes})
        self._explain_by_the_past()

    def _is_ready(self, entry: Entry, left: Mapping[int, deque[Entry]]) -> bool:
        """Tell whether all holders of a command have come to it."""
        if entry.corr_id is None:
            return True
        fronts = [left[step.holder_id] for step in self._command(entry).steps]
        return all(rows and rows[0].corr_id == entry.corr_id for rows in fronts)

    def _command(self, entry: Entry) -> Command:
        if entry.corr_id is None:
            return self.commands[entry.key]
        return self.commands[entry.corr_id.partition(":")[2]]

    def _pass_time(self, entry: Entry) -> tuple[Change, ...]:
        state = self.states[entry.holder_id]
        due = Agenda(state, entry.at_us).pop()
        assert due is not None
        return (carry_out(state, due, entry.at_us),)

    def _decide(
        self, entry: Entry, left: Mapping[int, deque[Entry]]
    ) -> tuple[Change, ...]:
        command = self._command(entry)
        now_us = min(left[step.holder_id][0].at_us for step in command.steps)
        steps = command.steps
        assert all(_is_up_to_date(self.states[one.holder_id], now_us) for one in steps)
        decision = decide(self.states, command, now_us)
        assert decision.outcome == self.outcomes[command.key]
        return decision.changes

    def _take_in(self, change: Change) -> None:
        entry = change.entry
        state = self.states[entry.holder_id]
        targets = state.targets | {entry.seq: Target(entry.kind, entry.lines)}
        if entry.ref_seq in targets:
            target = targets[entry.ref_seq]
            reversals = (*target.reversals, *entry.lines)
            targets[entry.ref_seq] = replace(target, reversals=reversals)
        known = Known(entry.fingerprint, entry.seq, entry.at_us)
        new = replace(
            state,
            status=change.status,
            last_seq=entry.seq,
            last_at_us=entry.at_us,
            last_hash=entry.hash,
            wallets=state.wallets | change.wallets,
            lots=state.lots | change.lots,
            holds=state.holds | change.holds,
            allocations=state.allocations | change.allocations,
            counters=state.counters | change.counters,
            targets=targets,
            known=state.known | {entry.key: known},
        )
        self.states[entry.holder_id] = new
        self.past[entry.holder_id].append(new)

    def _explain(self, moved: set[int]) -> None:
        """Strike out refusals that are right at this moment."""
        for key in [*self.unexplained]:
            holders = {step.holder_id for step in self.commands[key].steps}
            if holders & moved and self._is_right(key, self.states):
                del self.unexplained[key]

    def _explain_by_the_past(self) -> None:
        """Strike out what is right for holders at moments that the replay parted."""
        for key in [*self.unexplained]:
            holders = [step.holder_id for step in self.commands[key].steps]
            moments = (
                dict(zip(holders, states, strict=True))
                for states in product(*(self.past[one] for one in holders))
            )
            if any(self._is_right(key, moment) for moment in moments):
                del self.unexplained[key]

    def _is_right(self, key: str, states: Mapping[int, HolderState]) -> bool:
        """Tell whether a command had to be refused as it was."""
        command, at_us = self.commands[key], self.refused_at_us[key]
        return decide(states, command, at_us).outcome == self.outcomes[key] and all(
            _is_up_to_date(states[s.holder_id], at_us) for s in command.steps
        )


def _is_up_to_date(state: HolderState, now_us: int) -> bool:
    """Tell whether all that is due was done."""
    return Agenda(state, max(now_us, state.last_at_us)).pop() is None
