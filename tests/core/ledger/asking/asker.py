"""Random commands that make some sense: they name what was there a moment ago."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from core.ledger.codes import NEVER_US, STOCK_UNIT, HolderKind, HolderStatus
from core.ledger.commands import (
    MAX_SKEW_US,
    Adjust,
    Approve,
    Authorize,
    Award,
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
    Reverse,
    Send,
    SetStatus,
    Step,
    Void,
    fingerprint_of,
)
from core.ledger.grants import Draw, Grant
from tests.core.ledger.asking.dice import FLOORED, MILES, PROGRAM, PTS, STATUS, Dice

Steps = tuple[Step, ...]

REVERSIBLE = (Earn, Redeem, Capture, Adjust, Exchange, Receive)
USUAL = (
    *("earn",) * 8,
    *("authorize", "reverse") * 4,
    *("redeem", "capture", "transfer", "take_back", "approve") * 3,
    *("adjust", "exchange", "back", "reserve", "void", "extend") * 2,
    *("set_status", "note", "open", "prize"),
)
"""How often what is asked, where nothing else is said."""


@dataclass
class Known:
    """What the outside knows of a holder: what it had, and how far its log goes."""

    last: int = 1
    holds: list[int] = field(default_factory=list)
    earned: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    reversible: list[int] = field(default_factory=list)
    currencies: list[int] = field(default_factory=list)
    is_frozen: bool = False


class Asker:
    """Makes commands up on some holders, and learns from the answers."""

    def __init__(self, holders: Sequence[int], stock: int) -> None:
        """Points go between *holders*; *stock* is one more."""
        self.holders = holders
        self.stock = stock
        self.known: dict[int, Known] = defaultdict(Known)
        self.senders: dict[tuple[int, int], int] = {}

    def command(self, key: str, dice: Dice, kind: str | None = None) -> Command:
        """Make a command up, of the kind that is wanted."""
        kind = kind or dice.one_of(USUAL)
        joint = JOINT.get(kind)
        steps = self._single(dice, kind) if joint is None else joint(self, dice)
        return _sealed(key, dice, steps)

    def on(self, holder_id: int, key: str, dice: Dice) -> Command:
        """Make a command up on this holder alone."""
        kind = dice.one_of(list(SINGLE))
        operation = SINGLE[kind](self, dice, holder_id)
        return _sealed(key, dice, (Step(holder_id, operation),))

    def heard(self, command: Command, outcome: Outcome) -> None:
        """Learn what came to be."""
        if not isinstance(outcome, Posted) or outcome.replayed:
            return
        for step in command.steps:
            seq, known = outcome.seqs[step.holder_id], self.known[step.holder_id]
            known.last = max(known.last, seq)
            if isinstance(step.operation, REVERSIBLE):
                known.reversible.append(seq)
            match step.operation:
                case Earn(awards=awards):
                    known.earned.append(seq)
                    if any(one.available_at_us == NEVER_US for one in awards):
                        known.waiting.append(seq)
                    known.currencies += [one.currency_id for one in awards]
                case Exchange(into=into):
                    known.currencies.append(into)
                case Authorize():
                    known.holds.append(seq)
                case Receive(sender=sender):
                    self.senders[step.holder_id, seq] = sender
                case SetStatus(status=status):
                    known.is_frozen = status is HolderStatus.FROZEN

    # Commands on one holder

    def _single(self, dice: Dice, kind: str) -> Steps:
        needs, otherwise = NEEDS.get(kind, (None, ""))
        able = self.holders
        if needs is not None:
            able = [one for one in self.holders if getattr(self.known[one], needs)]
        if not able:
            return self._single(dice, otherwise)
        holder_id = dice.one_of(able)
        operation = SINGLE[kind](self, dice, holder_id)
        return (Step(holder_id, operation, dice.counts()),)

    def earn(self, dice: Dice, holder_id: int) -> Operation:
        count = dice.one_of([1, 1, 1, 2, 3, 0])
        return Earn(tuple(dice.award() for _ in range(count)), dice.grants(count))

    def approve(self, dice: Dice, holder_id: int) -> Operation:
        """Approve what waits, as a rule; or what does not, or is not there."""
        known = self.known[holder_id]
        seq = dice.one_of(known.waiting[-3:] or known.earned[-3:] or [1])
        if dice.once_in(9):
            seq = dice.chance.randint(1, known.last + 1)
        return Approve(seq)

    def redeem(self, dice: Dice, holder_id: int) -> Operation:
        return Redeem(self._owned(dice, holder_id), dice.few(), sys_ref=4)

    def authorize(self, dice: Dice, holder_id: int) -> Operation:
        ends = dice.one_of([None, None, 60, 30, 12, -3])
        ends_us = None if ends is None else dice.at(ends)
        return Authorize(self._owned(dice, holder_id), dice.few(), ends_us)

    def capture(self, dice: Dice, holder_id: int) -> Operation:
        is_final = dice.one_of([True, False])
        return Capture(
            self._hold(dice, holder_id), dice.part(), is_final, cause=dice.once_in(3)
        )

    def void(self, dice: Dice, holder_id: int) -> Operation:
        return Void(self._hold(dice, holder_id))

    def extend(self, dice: Dice, holder_id: int) -> Operation:
        return Extend(self._hold(dice, holder_id), dice.at(dice.one_of([90, 5])))

    def reverse(self, dice: Dice, holder_id: int) -> Operation:
        known = self.known[holder_id]
        seq = dice.one_of(known.reversible[-5:] or [1])
        if dice.once_in(9):
            seq = dice.chance.randint(1, known.last + 1)
        return Reverse(seq, dice.part(), dice.grace())

    def take_back(self, dice: Dice, holder_id: int) -> Operation:
        """Take the whole of an earning back; what is spent becomes a debt, perhaps."""
        return Reverse(dice.one_of(self.known[holder_id].earned[-3:] or [1]))

    def adjust(self, dice: Dice, holder_id: int) -> Operation:
        amount = dice.one_of([1, -1]) * dice.few()
        return Adjust(self._owned(dice, holder_id), amount, dice.end())

    def exchange(self, dice: Dice, holder_id: int) -> Operation:
        currency_id = self._owned(dice, holder_id)
        others = [one for one in (PTS, MILES, STATUS, FLOORED) if one != currency_id]
        into = dice.one_of(others)
        gives, takes = dice.chance.randint(1, 7), dice.chance.randint(1, 7)
        amount, end_us = dice.few(), dice.end()
        return Exchange(currency_id, amount, into, gives, takes, end_us, dice.policy())

    def set_status(self, dice: Dice, holder_id: int) -> Operation:
        if self.known[holder_id].is_frozen:
            return SetStatus(HolderStatus.ACTIVE)
        statuses = [HolderStatus.ACTIVE, HolderStatus.FROZEN, HolderStatus.FROZEN]
        return SetStatus(
            HolderStatus.CLOSED if dice.once_in(9) else dice.one_of(statuses)
        )

    def note(self, dice: Dice, holder_id: int) -> Operation:
        return Note()

    # Commands on several holders, or on one that is not there yet

    def open(self, dice: Dice) -> Steps:
        kind = dice.one_of([HolderKind.MEMBER, HolderKind.POOL])
        return (Step(dice.one_of(self.holders), Open(PROGRAM, kind)),)

    def transfer(self, dice: Dice) -> Steps:
        rich = [one for one in self.holders if self.known[one].currencies]
        if not rich:
            return self._single(dice, "earn")
        one = dice.one_of(rich)
        send = Send(self._owned(dice, one), dice.few())
        return Step(one, send), Step(self._other(dice, one), Receive(one))

    def back(self, dice: Dice) -> Steps:
        """Send a transfer back; now and then to a wrong holder, or to none."""
        if not self.senders:
            return self.transfer(dice)
        holder_id, seq = dice.one_of(list(self.senders))
        sender = self.senders[holder_id, seq]
        if dice.once_in(9):
            seq = self.known[holder_id].last
        back = Step(holder_id, Reverse(seq, dice.part()))
        to = dice.one_of([*[sender] * 6, self._other(dice, holder_id), None])
        return (back,) if to is None else (back, Step(to, Receive(holder_id)))

    def reserve(self, dice: Dice) -> Steps:
        """Act on a holder and on the stock, as a redemption does."""
        kind = dice.one_of(["authorize", "authorize", "capture", "void", "reverse"])
        hold_id = self._hold(dice, self.stock)
        on_stock: Sequence[Operation] = (
            *(Authorize(STOCK_UNIT, 1), Authorize(STOCK_UNIT, 9)),
            *(Earn((Award(STOCK_UNIT, 5),)), Capture(hold_id), Void(hold_id)),
        )
        return (*self._single(dice, kind), Step(self.stock, dice.one_of(on_stock)))

    def prize(self, dice: Dice) -> Steps:
        """Give points that come from a budget, as the stock is one."""
        award, amount = dice.award(), dice.one_of([1, 2, 4, 9])
        award = replace(award, amount=amount)
        grants = (Grant(1, dice.caps(), (), self.stock),)
        earn = Step(dice.one_of(self.holders), Earn((award,), grants), dice.counts())
        return (earn, Step(self.stock, Draw(amount)))

    # Arguments that depend on what is known

    def _owned(self, dice: Dice, holder_id: int) -> int:
        """Return a currency that the holder has had, as a rule."""
        mine = self.known[holder_id].currencies[-4:]
        return dice.currency() if not mine or dice.once_in(9) else dice.one_of(mine)

    def _hold(self, dice: Dice, holder_id: int) -> int:
        holds = self.known[holder_id].holds[-3:]
        return 999 if not holds or dice.once_in(12) else dice.one_of(holds)

    def _other(self, dice: Dice, one: int) -> int:
        return dice.one_of([holder for holder in self.holders if holder != one])


def _sealed(key: str, dice: Dice, steps: Steps) -> Command:
    """Put steps under a key; now and then with what else a command may say."""
    effective_us = None
    if not isinstance(steps[0].operation, Open):
        ahead_us = dice.at(7) + MAX_SKEW_US
        effective_us = dice.one_of([*[None] * 36, dice.at(-7), dice.at(-7), ahead_us])
    number = dice.chance.randint(1, 30)
    return Command(
        key,
        fingerprint_of("test", {"steps": str(steps)}),
        steps,
        effective_us=effective_us,
        reference=("shop", f"order {number}") if number > 25 else None,
        meta={"why": "é"} if dice.once_in(20) else {},
    )


SINGLE: dict[str, Callable[[Asker, Dice, int], Operation]] = {
    "earn": Asker.earn,
    "approve": Asker.approve,
    "redeem": Asker.redeem,
    "authorize": Asker.authorize,
    "capture": Asker.capture,
    "void": Asker.void,
    "extend": Asker.extend,
    "reverse": Asker.reverse,
    "take_back": Asker.take_back,
    "adjust": Asker.adjust,
    "exchange": Asker.exchange,
    "set_status": Asker.set_status,
    "note": Asker.note,
}
NEEDS = {
    "redeem": ("currencies", "earn"),
    "authorize": ("currencies", "earn"),
    "exchange": ("currencies", "earn"),
    "reverse": ("reversible", "earn"),
    "take_back": ("earned", "earn"),
    "approve": ("waiting", "earn"),
    "capture": ("holds", "authorize"),
    "void": ("holds", "authorize"),
    "extend": ("holds", "authorize"),
}
"""What a holder must have had to be asked for it, and what is asked if nobody had."""

JOINT: dict[str, Callable[[Asker, Dice], Steps]] = {
    "open": Asker.open,
    "transfer": Asker.transfer,
    "back": Asker.back,
    "reserve": Asker.reserve,
    "prize": Asker.prize,
}
