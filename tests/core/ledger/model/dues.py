"""What time does to a holder, before anything else is done to it."""

from core.ledger.codes import JournalKind as Kind
from tests.core.ledger.model.points import give_back
from tests.core.ledger.model.things import Holder

_RIPEN, _END_HOLD, _RUN_OUT = range(3)


def catch_up(me: Holder, clock: int) -> None:
    """Do what is due, in the order in which it fell due, each as a deed of its own.

    At one instant points ripen first, then holds end, then lots run out.
    """
    while due := _first_due(me, clock):
        when, what, number = due
        if what == _RIPEN:
            _ripen(me, clock, number)
        elif what == _END_HOLD:
            _end_hold(me, clock, number, when)
        else:
            me.lots[number].run_out()
            me.deeds.append(me.begin(Kind.EXPIRE, clock))


def is_behind(me: Holder, clock: int) -> bool:
    """Tell whether something is due by this clock."""
    return any(when <= clock for when, _, _ in _dues(me))


def _first_due(me: Holder, clock: int) -> tuple[int, int, int] | None:
    now = me.now(clock)
    return min((due for due in _dues(me) if due[0] <= now), default=None)


def _dues(me: Holder) -> list[tuple[int, int, int]]:
    due = []
    for number, lot in me.lots.items():
        if lot.pending:
            due.append((lot.begins, _RIPEN, number))
        if lot.pending or lot.free:
            due.append((lot.ends, _RUN_OUT, number))
    for number, hold in me.holds.items():
        if hold.left and hold.ends is not None:
            due.append((hold.ends, _END_HOLD, number))
    return due


def _ripen(me: Holder, clock: int, number: int) -> None:
    lot = me.lots[number]
    lot.free += lot.pending
    lot.pending = 0
    me.repay(lot)
    me.deeds.append(me.begin(Kind.ACTIVATE, clock))


def _end_hold(me: Holder, clock: int, number: int, when: int) -> None:
    deed = me.begin(Kind.HOLD_EXPIRE, clock)
    give_back(me, deed, me.holds[number], when)
    me.holds[number].ran_out = True
    me.deeds.append(deed)
