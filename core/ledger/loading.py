"""Loading: the states that a batch's commands are decided on.

Heads are claimed first, and everything else is read behind the claim: rows that a
locking statement itself reads could be older than its lock (see the two stale-read
traps in the tests). What only those rows can tell, such as the lots of a hold or what
has become due, is read next.
"""

from collections.abc import Sequence

from core.ledger import chain
from core.ledger.claiming import claim
from core.ledger.columns import HOLD, LOT
from core.ledger.commands import Command, Step
from core.ledger.requests import Row, Select, Transaction, read_all
from core.ledger.state import HolderState, Now
from core.ledger.targets import load_targets, targets_wanted
from core.ledger.wanted import (
    SLICE,
    States,
    lots_of,
    shares_of,
    spending,
    state_of,
    take_holds,
    take_lots,
    take_shares,
    take_wallets,
    wallets_of,
    wanted,
)


def load(
    commands: Sequence[Command], real: set[int] | None = None
) -> Transaction[tuple[States, Now]]:
    """Claim the holders of *commands*; return their states, and the present instant.

    Args:
        commands: of a batch.
        real: programs that are known to have no clock of their own; those that are
            found out to have none are added. None: none has one.
    """
    steps = [step for command in commands for step in command.steps]
    asked = [*wanted(commands), *targets_wanted(steps)]
    asked = [one for one in asked if one[0].keys]
    reads = [select for select, _ in asked]
    heads, now_us, answers = yield from claim(commands, chain.genesis, reads)
    states = {head[0]: state_of(head) for head in heads}
    for (_, take), rows in zip(asked, answers, strict=True):
        take(states, rows)
    yield from _load_more_lots(steps, states)
    yield from load_targets(steps, states)
    now = Now(now_us)
    if real is not None:
        now = yield from _load_clocks(states, now_us, real)
    yield from _load_due(states, now)
    yield from _load_held(states)
    return states, now


def _load_clocks(states: States, now_us: int, real: set[int]) -> Transaction[Now]:
    """Read the clocks of programs that may have one of their own."""
    programs = {state.program_id for state in states.values()} - real
    if not programs:
        return Now(now_us)
    keys: list[Row] = [(program_id,) for program_id in sorted(programs)]
    columns = ("program_id", "clock_us")
    (rows,) = yield from read_all([Select("program", columns, columns[:1], keys)])
    own = {program_id: own_us for program_id, own_us in rows if own_us is not None}
    real |= programs - own.keys()
    return Now(now_us, own)


def load_overdue(heads: Sequence[Row], now_us: int) -> Transaction[States]:
    """Return the states of holders that were claimed for what is due on them."""
    states = {head[0]: state_of(head) for head in heads}
    (wallets,) = yield from read_all([wallets_of(states)])
    take_wallets(states, wallets)
    yield from _load_due(states, Now(now_us))
    yield from _load_held(states)
    return states


def _load_more_lots(steps: Sequence[Step], states: States) -> Transaction[None]:
    """Read all lots where the first ones do not cover what is to be spent."""
    short: list[Row] = sorted(
        (holder_id, currency_id)
        for (holder_id, currency_id), amount in spending(steps).items()
        if holder_id in states and _is_short(states[holder_id], currency_id, amount)
    )
    (lots,) = yield from read_all([lots_of(short)])
    take_lots(states, lots)


def _is_short(state: HolderState, currency_id: int, amount: int) -> bool:
    lots = [lot for lot in state.lots.values() if lot.currency_id == currency_id]
    return len(lots) >= SLICE and sum(lot.available for lot in lots) < amount


def load_all_lots(steps: Sequence[Step], states: States) -> Transaction[None]:
    """Read all lots of the currencies that are spent, not only those spent first."""
    keys: list[Row] = sorted(key for key in spending(steps) if key[0] in states)
    (lots,) = yield from read_all([lots_of(keys)])
    take_lots(states, lots)


def _load_due(states: States, now: Now) -> Transaction[None]:
    """Read all that is open of holders of whom time has caught something."""
    keys = [
        (one.holder_id,)
        for one in states.values()
        if _is_due(one, now.of(one.program_id))
    ]
    by = ("holder_id",)
    lots, holds = yield from read_all(
        [
            Select("lot", ("holder_id", *LOT), by, keys, only="is_open"),
            Select("hold", ("holder_id", *HOLD), by, keys, only="is_open"),
        ]
    )
    take_lots(states, lots)
    take_holds(states, holds)
    unknown: list[Row] = [
        (state.holder_id, hold_id)
        for state in states.values()
        for hold_id in state.holds
        if hold_id not in state.allocations
    ]
    (shares,) = yield from read_all([shares_of(unknown)])
    take_shares(states, shares)


def _is_due(state: HolderState, now_us: int) -> bool:
    due_us = state.next_due_us
    return due_us is not None and due_us <= max(now_us, state.last_at_us)


def _load_held(states: States) -> Transaction[None]:
    """Read the lots that carry what is left of the holds."""
    keys: list[Row] = [
        (state.holder_id, share.lot_id)
        for state in states.values()
        for shares in state.allocations.values()
        for share in shares
        if share.remaining and share.lot_id not in state.lots
    ]
    by = ("holder_id", "lot_id")
    (lots,) = yield from read_all([Select("lot", ("holder_id", *LOT), by, keys)])
    take_lots(states, lots)
