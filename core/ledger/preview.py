"""A preview: what a command would do now, decided as if it were posted, and not done.

It loads what posting loads and asks the same `decide`. Nothing is written, no refusal
either, and nobody waits for it; so it promises nothing (`Authorize.expect` does).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core.ledger.change import Change
from core.ledger.codes import Account, HolderStatus
from core.ledger.commands import Command, Outcome
from core.ledger.decide import decide
from core.ledger.draft import Draft
from core.ledger.grants import Given
from core.ledger.loading import load, load_all_lots
from core.ledger.requests import Transaction
from core.ledger.state import HolderState
from core.ledger.workspace import Workspace


class Use(NamedTuple):
    """Available points of one lot."""

    lot_id: int
    amount: int
    expires_at_us: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a command would do, and what its holders have before it.

    Attributes:
        outcome: what posting would answer.
        uses: the available points that it would take from each holder, in their order.
        now_us: the instant of it all; what is due then is done in `states`.
        states: of the holders that the command names, as far as it needs to know them.
        given: what would become of the grants of an earning.
    """

    outcome: Outcome
    uses: Mapping[int, tuple[Use, ...]]
    now_us: int
    states: Mapping[int, HolderState]
    given: tuple[Given, ...] = ()

    def status(self, holder_id: int) -> HolderStatus:
        """Tell whether a holder takes part."""
        return self.states[holder_id].status

    def free(self, holder_id: int, currency_id: int) -> int:
        """Return how much a holder can spend."""
        return Draft(self.states[holder_id], self.now_us).free(currency_id)

    def counter(self, holder_id: int, name: str, period: str) -> int:
        """Return the value of a counter that the command names."""
        return self.states[holder_id].counters.get((name, period), 0)

    def left(self, holder_id: int, currency_id: int) -> list[Use]:
        """Return the available points that the command would leave, soonest first.

        *currency_id* is one that the command spends.
        """
        used = {use.lot_id: use.amount for use in self.uses.get(holder_id, ())}
        lots = Draft(self.states[holder_id], self.now_us).spendable(currency_id)
        left = [
            Use(
                lot.lot_id,
                lot.available - used.get(lot.lot_id, 0),
                lot.expires_at_us,
            )
            for lot in lots
        ]
        return [one for one in left if one.amount]


def preview(command: Command, real: set[int] | None = None) -> Transaction[Preview]:
    """Decide *command*, and forget it; *real* as in `load`."""
    states, now = yield from load([command], real)
    yield from load_all_lots(command.steps, states)
    work = Workspace(states, now.real_us, own_us=now.own_us)
    now_us = work.now_of(command.holder_id)
    for state in states.values():
        work.catch_up(state)
    decision = decide(work.states, command, now_us)
    uses = {one.entry.holder_id: _uses(one) for one in decision.changes}
    given = next((one.given for _, one in decision.companions if one.given), ())
    return Preview(decision.outcome, uses, now_us, work.states, given)


def _uses(change: Change) -> tuple[Use, ...]:
    amounts: dict[int, int] = {}
    for line in change.entry.lines:
        if line.src is Account.AVAILABLE and line.src_lot is not None:
            amounts[line.src_lot] = amounts.get(line.src_lot, 0) + line.amount
    return tuple(
        Use(lot_id, amount, change.lots[lot_id].expires_at_us)
        for lot_id, amount in amounts.items()
    )
