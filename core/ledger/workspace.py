"""The states of a batch while its commands are decided one after the other.

A workspace holds what was loaded, lets each decision act on what the one before left,
and remembers which values are new and which changed, so that a store writes each table
once. The states it is given are its own to change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.ledger.change import Change
from core.ledger.codes import JournalKind
from core.ledger.commands import Command, Outcome, Posted, Refused
from core.ledger.companions import ActivityDecision, NewActivity, RedemptionChange
from core.ledger.decide import Decision, decide
from core.ledger.due import Agenda, carry_out, next_due
from core.ledger.state import Entry, HolderState, Known, Target

Key = tuple[Any, ...]
CompanionKind = tuple[str, bool, tuple[str, ...]]
"""Table of companions, whether they update it, and the columns that find a row."""


@dataclass(slots=True)
class Touched:
    """Keys of one kind of value: those that are new, and those that changed."""

    new: set[Any] = field(default_factory=set)
    changed: set[Any] = field(default_factory=set)

    def add(self, key: Any, *, is_new: bool) -> None:
        """Remember *key*; what is new stays new when it changes again."""
        if is_new:
            self.new.add(key)
        elif key not in self.new:
            self.changed.add(key)


class Workspace:
    """A batch in work."""

    def __init__(
        self,
        states: dict[int, HolderState],
        now_us: int,
        due_meta: Mapping[str, Any] | None = None,
        own_us: Mapping[int, int] | None = None,
    ) -> None:
        """Begin.

        Args:
            states: of the holders that commands name.
            now_us: the present instant.
            due_meta: recorded with what time does.
            own_us: what the clocks of programs show that have one of their own.
        """
        self.states = states
        self.now_us = now_us
        self._own_us = own_us or {}
        self._due_meta = due_meta
        self.heads_before = {one.holder_id: one.last_seq for one in states.values()}
        self.dues_before = {one.holder_id: one.next_due_us for one in states.values()}
        self.wallets_before = {
            (one.holder_id, currency_id): wallet.as_of_seq
            for one in states.values()
            for currency_id, wallet in one.wallets.items()
        }
        self.entries: list[Entry] = []
        self.refusals: list[tuple[Command, Refused, int]] = []
        self.refusers: set[int] = set()
        self.companions: dict[CompanionKind, dict[Key, dict[str, Any]]] = {}
        self.wallets = Touched()
        self.lots = Touched()
        self.dated: set[tuple[int, int]] = set()
        self.holds = Touched()
        self.counters = Touched()

    def run(self, command: Command) -> Outcome:
        """Do what is due on the command's holders, then decide and take it in."""
        for step in command.steps:
            if (state := self.states.get(step.holder_id)) is not None:
                self.catch_up(state)
        decision = decide(self.states, command, self.now_of(command.holder_id))
        self._take_in(command, decision)
        return decision.outcome

    def now_of(self, holder_id: int) -> int:
        """Return the present instant of a holder's program."""
        state = self.states.get(holder_id) if self._own_us else None
        if state is None:
            return self.now_us
        return self._own_us.get(state.program_id, self.now_us)

    def catch_up(self, state: HolderState, most: int | None = None) -> None:
        """Do what is due on a holder; not more than *most* pieces, if that is given."""
        now_us = max(self.now_of(state.holder_id), state.last_at_us)
        if state.next_due_us is None or state.next_due_us > now_us:
            return
        agenda = Agenda(state, now_us)
        done = 0
        while done != most and (due := agenda.pop()) is not None:
            change = carry_out(state, due, now_us, self._due_meta)
            self._apply(change)
            agenda.take_in(change)
            done += 1
        state.next_due_us = next_due(state)  # all that is open was read: it was due

    def _take_in(self, command: Command, decision: Decision) -> None:
        for change in decision.changes:
            self._apply(change)
        for companion, written in decision.companions:
            row = companion.row(written)
            key = tuple(row[column] for column in companion.key)
            kind = (companion.table, companion.updates, companion.key)
            rows = self.companions.setdefault(kind, {})
            rows[key] = row
            if isinstance(companion, RedemptionChange):
                stages = self.states[written.holder_id].stages
                stages[companion.hold_id] = (companion.status, companion.attempts)
            elif isinstance(companion, NewActivity | ActivityDecision):
                approvals = self.states[written.holder_id].approvals
                approvals[row["seq"]] = companion.approval
        outcome = decision.outcome
        owner = self.states.get(command.holder_id)
        if owner is None:
            return
        if isinstance(outcome, Posted):
            if not outcome.replayed and command.reference is not None:
                known = Known(command.fingerprint, outcome.seq, outcome.at_us)
                owner.references[command.reference] = known
        elif decision.is_new_refusal:
            owner.known[command.key] = Known(
                command.fingerprint, refusal=outcome.code, detail=outcome.detail
            )
            now_us = self.now_of(owner.holder_id)
            self.refusals.append((command, outcome, now_us))
            self.refusers.add(owner.holder_id)

    def _apply(self, change: Change) -> None:
        entry = change.entry
        state = self.states[entry.holder_id]
        holder_id = state.holder_id
        for currency_id, wallet in change.wallets.items():
            is_new = (holder_id, currency_id) not in self.wallets_before
            self.wallets.add((holder_id, currency_id), is_new=is_new)
            state.wallets[currency_id] = wallet
        for lot_id, lot in change.lots.items():
            self.lots.add((holder_id, lot_id), is_new=lot_id not in state.lots)
            if change.entry.kind is JournalKind.APPROVE:
                self.dated.add((holder_id, lot_id))
            state.lots[lot_id] = lot
        for hold_id, hold in change.holds.items():
            self.holds.add((holder_id, hold_id), is_new=hold_id not in state.holds)
            state.holds[hold_id] = hold
        state.allocations.update(change.allocations)
        for key, value in change.counters.items():
            self.counters.add((holder_id, *key), is_new=key not in state.counters)
            state.counters[key] = value
        if entry.ref_seq in state.targets:
            target = state.targets[entry.ref_seq]
            undone = (*target.reversals, *entry.lines)
            state.targets[entry.ref_seq] = replace(target, reversals=undone)
        if entry.seq in state.coming:
            state.targets[entry.seq] = Target(entry.kind, entry.lines)
        state.known[entry.key] = Known(entry.fingerprint, entry.seq, entry.at_us)
        state.last_seq = entry.seq
        state.last_at_us = entry.at_us
        state.last_hash = entry.hash
        state.status = change.status
        state.next_due_us = change.next_due_us
        self.entries.append(entry)
