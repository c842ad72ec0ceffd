"""The model's ledger: commands, their keys, and everybody's points.

An independent statement of what the ledger does, slow and plain: a command acts on its
holders at once, and if the answer is no, they are put back as they were.
"""

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from core.ledger.codes import MAX_AMOUNT, STOCK_UNIT
from core.ledger.codes import JournalKind as Kind
from core.ledger.codes import RefusalCode as Code
from core.ledger.commands import (
    Adjust,
    Approve,
    Authorize,
    Capture,
    Command,
    Earn,
    Exchange,
    Extend,
    Note,
    Open,
    Operation,
    Outcome,
    Posted,
    Receive,
    Redeem,
    Refused,
    Reverse,
    Send,
    SetStatus,
    Step,
    Void,
)
from core.ledger.grants import Draw
from tests.core.ledger.model import points, undoing
from tests.core.ledger.model.cutting import Purse, cut
from tests.core.ledger.model.dues import catch_up
from tests.core.ledger.model.things import Deed, Holder, No, Rules
from tests.core.ledger.model.undoing import Parcel

NOT_KEPT = {
    Code.CURRENCY_UNKNOWN,
    Code.HOLDER_UNKNOWN,
    Code.HOLDER_CLOSED,
    Code.HOLD_UNKNOWN,
    Code.TRANSACTION_UNKNOWN,
    Code.IN_THE_FUTURE,
}
"""Refusals of what is not there; the same question may be answered otherwise later."""

FIVE_MINUTES = 300_000_000
ONLY_IF_ACTIVE = (Earn, Redeem, Authorize, Send, Exchange)
ONLY_IF_NOT_CLOSED = (Adjust, Extend, SetStatus)


def _set_status(me: Holder, _: Deed, asked: SetStatus) -> None:
    me.status = asked.status


def _nothing(*_: object) -> None:
    """Only the deed is to be remembered."""


WAYS: dict[type, tuple[Kind, Callable[[Holder, Deed, Any], None]]] = {
    Open: (Kind.OPEN, _nothing),
    Approve: (Kind.APPROVE, points.approve),
    Redeem: (Kind.REDEEM, points.redeem),
    Authorize: (Kind.AUTHORIZE, points.authorize),
    Extend: (Kind.HOLD_EXTEND, points.extend),
    Capture: (Kind.CAPTURE, points.capture),
    Void: (Kind.VOID, points.void),
    Adjust: (Kind.ADJUST, points.adjust),
    Exchange: (Kind.EXCHANGE, points.exchange),
    SetStatus: (Kind.STATUS, _set_status),
    Note: (Kind.NOTE, _nothing),
}
"""What can be asked of one holder alone, and what is done then."""


@dataclass
class Said:
    """What was answered, and to what."""

    fingerprint: bytes
    answer: Outcome


class World:
    """Everybody who has points, and all that was answered."""

    def __init__(self, rules: dict[int, Rules]) -> None:
        self.rules = rules
        self.holders: dict[int, Holder] = {}
        self.said: dict[tuple[int, str], Said] = {}
        self.said_of: dict[tuple[int, tuple[str, str]], Said] = {}

    def post(self, command: Command, clock: int) -> Outcome:
        """Answer a command at the instant *clock*."""
        ids = [step.holder_id for step in command.steps]
        for one in ids:
            if one in self.holders:
                catch_up(self.holders[one], clock)
        earlier = self._earlier(command)
        if earlier is not None:
            return earlier
        before = {one: copy.deepcopy(self.holders.get(one)) for one in ids}
        answer: Outcome
        try:
            answer = self._carry_out(command, clock)
        except No as no:
            self._put_back(before)
            answer = Refused(no.code, no.detail)
        self._remember(command, answer)
        return answer

    def foresee(
        self, command: Command, clock: int
    ) -> tuple[Outcome, tuple[tuple[int, int], ...]]:
        """Tell the answer to a command, and which lots its hold would be made of."""
        other = copy.deepcopy(self)
        answer = other.post(command, clock)
        if not isinstance(answer, Posted) or answer.replayed:
            return answer, ()
        hold = other.holders[command.holder_id].holds.get(answer.seq)
        shares = [] if hold is None else hold.shares
        return answer, tuple((one.lot, one.size) for one in shares)

    def _earlier(self, command: Command) -> Outcome | None:
        owner = command.holder_id
        said, conflict = self.said.get((owner, command.key)), Code.KEY_REUSED
        if said is None and command.reference is not None:
            said = self.said_of.get((owner, command.reference))
            conflict = Code.REFERENCE_REUSED
        if said is None:
            return None
        if said.fingerprint != command.fingerprint:
            return Refused(conflict, {})
        if isinstance(said.answer, Refused):
            return replace(said.answer, replayed=True)
        return replace(said.answer, replayed=True, seqs={owner: said.answer.seq})

    def _put_back(self, before: dict[int, Holder | None]) -> None:
        for one, holder in before.items():
            self.holders.pop(one, None)
            if holder is not None:
                self.holders[one] = holder

    def _remember(self, command: Command, answer: Outcome) -> None:
        if isinstance(answer, Refused) and answer.code in NOT_KEPT:
            return
        said = Said(command.fingerprint, answer)
        self.said[command.holder_id, command.key] = said
        if isinstance(answer, Posted) and command.reference is not None:
            self.said_of[command.holder_id, command.reference] = said

    def _carry_out(self, command: Command, clock: int) -> Posted:
        if (command.effective_us or 0) > clock + FIVE_MINUTES:
            raise No(Code.IN_THE_FUTURE, now=clock)
        holders = self._holders_of(command)
        parcels: dict[int, Parcel] = {}
        purse = Purse(
            {one.id: one.free(STOCK_UNIT) for one in _budgets(holders, command)}
        )
        deeds: dict[int, Deed] = {}
        for me, step in zip(holders, command.steps, strict=True):
            _check_status(me, step.operation)
            match step.operation:
                case Earn() as asked:
                    deed = me.begin(Kind.EARN, clock)
                    happened = command.effective_us
                    happened = deed.at if happened is None else happened
                    points.earn(me, deed, cut(me, asked, happened, purse))
                case Draw():
                    amount = purse.taken.get(me.id, 0)
                    deed = me.begin(Kind.REDEEM if amount else Kind.NOTE, clock)
                    points.draw(me, deed, amount)
                case operation:
                    deed = _do(me, operation, clock, parcels)
            deeds[me.id] = deed
            _count(me, deed, step)
        if parcels:
            raise No(Code.NOT_REVERSIBLE, kind="NOT_RECEIVED")
        for one, deed in deeds.items():
            self.holders[one].deeds.append(deed)
        own = deeds[command.holder_id]
        numbers = {one: deed.number for one, deed in deeds.items()}
        return Posted(command.holder_id, own.number, own.at, numbers)

    def _holders_of(self, command: Command) -> list[Holder]:
        """Return who is named; all must be there, and of one program."""
        for step in command.steps:
            asked, one = step.operation, step.holder_id
            if isinstance(asked, Open) and one in self.holders:
                raise No(Code.HOLDER_EXISTS)
            if isinstance(asked, Open):
                new = Holder(one, asked.program_id, asked.kind, self.rules)
                self.holders[one] = new
            if one not in self.holders:
                raise No(Code.HOLDER_UNKNOWN)
        holders = [self.holders[step.holder_id] for step in command.steps]
        if len({me.program for me in holders}) > 1:
            raise No(Code.HOLDER_UNKNOWN)
        return holders


def _budgets(holders: list[Holder], command: Command) -> list[Holder]:
    return [
        me
        for me, step in zip(holders, command.steps, strict=True)
        if isinstance(step.operation, Draw)
    ]


def _check_status(me: Holder, asked: Operation) -> None:
    """What is begun can always be ended; what is new needs who takes part."""
    if isinstance(asked, ONLY_IF_ACTIVE):
        me.must_take_part(even_frozen=False)
    elif isinstance(asked, ONLY_IF_NOT_CLOSED):
        me.must_take_part(even_frozen=True)


def _do(me: Holder, asked: Operation, clock: int, parcels: dict[int, Parcel]) -> Deed:
    """Let somebody do what is asked; what is sent goes to the parcels."""
    match asked:
        case Reverse():
            deed, parcel = undoing.undo(me, clock, asked)
            if parcel is not None:
                parcels[me.id] = parcel
        case Send():
            deed = me.begin(Kind.TRANSFER_OUT, clock)
            parcels[me.id] = undoing.send(me, asked)
        case Receive(sender=sender):
            deed = me.begin(Kind.TRANSFER_IN, clock)
            undoing.receive(me, deed, sender, parcels.pop(sender, None))
        case _:
            kind, way = WAYS[type(asked)]
            deed = me.begin(kind, clock)
            way(me, deed, asked)
    return deed


def _count(me: Holder, deed: Deed, step: Step) -> None:
    """Add to counters; one that ends where it began is left alone."""
    added: Counter[tuple[str, str]] = Counter()
    for count in step.counts:
        name = (count.name, count.period)
        added[name] += count.by
        if count.currency_id is not None:
            added[name] += deed.issued[count.currency_id]
        value = me.counters.get(name, 0) + added[name]
        if count.limit is not None and value > count.limit:
            raise No(Code.LIMIT_REACHED, limit=count.limit)
        if abs(value) > MAX_AMOUNT:
            raise No(Code.AMOUNT_TOO_LARGE)
    for name, by in added.items():
        if by:
            me.counters[name] = me.counters.get(name, 0) + by
