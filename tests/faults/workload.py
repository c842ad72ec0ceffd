"""Random commands of every kind on a few holders, which meet as often as can be."""

import random
from collections import deque
from collections.abc import Sequence
from itertools import count

from core.clock import Clock
from core.ledger.codes import STOCK_UNIT, HolderKind, HolderStatus
from core.ledger.commands import (
    Adjust,
    Authorize,
    Award,
    Capture,
    Command,
    Count,
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
from core.storage import program_tables as tables

PROGRAM = 7
PTS = 1
MILES = 2
SECOND_US = 1_000_000
_POLICIES = (
    "{}",
    '{"clawback":"debt"}',
    '{"clawback":"forgive"}',
    '{"clawback":"capped","debt_limit":20}',
    '{"grace_us":2000000}',
)
_REMEMBERED = 30

Steps = tuple[Step, ...]


def currencies() -> list[tables.Currency]:
    """Return the currencies in which the commands count."""
    return [
        tables.Currency(
            currency_id=number,
            program_id=PROGRAM,
            code=code,
            name=code,
            is_transferable=True,
        )
        for number, code in ((PTS, "PTS"), (MILES, "MILES"))
    ]


def openings(members: Sequence[int], stock: int, units: int) -> list[Command]:
    """Return what must be posted first: the holders, and what is in stock."""
    kinds = dict.fromkeys(members, HolderKind.MEMBER) | {stock: HolderKind.STOCK}
    commands = [
        Command(f"open:{one}", b"f", (Step(one, Open(PROGRAM, kind)),))
        for one, kind in kinds.items()
    ]
    fill = Step(stock, Adjust(STOCK_UNIT, units))
    return [*commands, Command("fill", b"f", (fill,))]


class Workload:
    """Makes commands; what it is told of their outcomes makes later ones meaningful."""

    def __init__(
        self,
        chance: random.Random,
        clock: Clock,
        members: Sequence[int],
        stock: int,
        *,
        prefix: str,
        first: int = 1,
    ) -> None:
        self._chance = chance
        self._clock = clock
        self._members = members
        self._stock = stock
        self._prefix = prefix
        self._numbers = count(first)
        self._holds: deque[Steps] = deque(maxlen=_REMEMBERED)
        self._undoable: deque[Steps] = deque(maxlen=_REMEMBERED)
        self._frozen: int | None = None
        self._makers = {
            self._earn: 25,
            self._redeem: 15,
            self._authorize: 15,
            self._capture: 12,
            self._void: 6,
            self._extend: 4,
            self._reverse: 8,
            self._transfer: 12,
            self._exchange: 3,
            self._adjust: 3,
            self._set_status: 4,
            self._note: 1,
        }

    def next(self) -> Command:
        """Make a command under a key of its own."""
        makers, weights = [*self._makers], [*self._makers.values()]
        steps = self._chance.choices(makers, weights)[0]()
        key = f"{self._prefix}:{next(self._numbers)}"
        is_referred = self._chance.random() < 0.1
        return Command(
            key,
            fingerprint_of("work", {"key": key}),
            steps,
            reference=("work", key) if is_referred else None,
        )

    def learn(self, command: Command, outcome: Outcome) -> None:
        """Remember holds that can be ended, and transactions that can be reversed."""
        if not isinstance(outcome, Posted):
            return
        first = command.steps[0]
        match first.operation:
            case Authorize():
                self._holds.append(
                    tuple(
                        Step(step.holder_id, Void(outcome.seqs[step.holder_id]))
                        for step in command.steps
                        if step.holder_id in outcome.seqs
                    )
                )
            case Earn() | Redeem() | Capture() | Adjust() | Exchange():
                step = Step(first.holder_id, Reverse(outcome.seq))
                self._undoable.append((step,))
            case Send() if len(outcome.seqs) > 1:
                receiver = command.steps[1].holder_id
                self._undoable.append(
                    (
                        Step(receiver, Reverse(outcome.seqs[receiver])),
                        Step(first.holder_id, Receive(receiver)),
                    )
                )

    def _one(self, operation: Operation, *counts: Count) -> Steps:
        return (Step(self._chance.choice(self._members), operation, counts),)

    def _amount(self, most: int) -> int:
        return self._chance.randint(1, most)

    def _soon_us(self) -> int:
        return self._clock.now_us() + self._chance.randint(1, 3 * SECOND_US)

    def _earn(self) -> Steps:
        awards = []
        for _ in range(self._chance.randint(1, 3)):
            soon_us = self._soon_us()
            dates = self._chance.choice(
                [
                    *({}, {}, {"available_at_us": soon_us}),
                    {"expires_at_us": soon_us + self._amount(SECOND_US)},
                ]
            )
            policy = self._chance.choice(_POLICIES)
            awards.append(Award(PTS, self._amount(40), policy=policy, **dates))
        return self._one(Earn(tuple(awards)), Count("earned", "all", currency_id=PTS))

    def _redeem(self) -> Steps:
        limited = Count("redeemed", str(self._amount(20)), by=1, limit=5)
        counts = [limited] if self._chance.random() < 0.3 else []
        return self._one(Redeem(PTS, self._amount(60)), *counts)

    def _authorize(self) -> Steps:
        ends_us = self._soon_us() if self._chance.random() < 0.4 else None
        (step,) = self._one(Authorize(PTS, self._amount(40), ends_us))
        if self._chance.random() < 0.3:
            return (step, Step(self._stock, Authorize(STOCK_UNIT, 1)))
        return (step,)

    def _capture(self) -> Steps:
        if not self._holds:
            return self._authorize()
        first, *others = self._hold()
        final = self._chance.random() < 0.5
        amount = self._chance.choice([None, self._amount(20)])
        operation = Capture(first.operation.hold_id, amount, final)
        return (Step(first.holder_id, operation), *(others if final else ()))

    def _void(self) -> Steps:
        return self._hold() if self._holds else self._authorize()

    def _extend(self) -> Steps:
        if not self._holds:
            return self._authorize()
        first = self._chance.choice(self._holds)[0]
        later_us = self._soon_us() + SECOND_US
        return (Step(first.holder_id, Extend(first.operation.hold_id, later_us)),)

    def _hold(self) -> Steps:
        """Return the steps that void a hold.

        It is not always forgotten: others end it too, and must be told that it is over.
        """
        hold = self._chance.choice(self._holds)
        if self._chance.random() < 0.6:
            self._holds.remove(hold)
        return hold

    def _reverse(self) -> Steps:
        if not self._undoable:
            return self._earn()
        first, *others = self._chance.choice(self._undoable)
        amount = self._chance.choice([None, self._amount(20)])
        return (
            Step(first.holder_id, Reverse(first.operation.seq, amount)),
            *others,
        )

    def _transfer(self) -> Steps:
        sender, receiver = self._chance.sample(self._members, 2)
        return (
            Step(sender, Send(PTS, self._amount(40))),
            Step(receiver, Receive(sender)),
        )

    def _exchange(self) -> Steps:
        return self._one(Exchange(PTS, self._amount(40), MILES, gives=2, takes=3))

    def _adjust(self) -> Steps:
        return self._one(Adjust(PTS, self._amount(30) * self._chance.choice([-1, 1])))

    def _set_status(self) -> Steps:
        """Freeze somebody, or let him thaw: one at a time."""
        if self._frozen is None:
            self._frozen = self._chance.choice(self._members)
            return (Step(self._frozen, SetStatus(HolderStatus.FROZEN)),)
        thawed, self._frozen = self._frozen, None
        return (Step(thawed, SetStatus(HolderStatus.ACTIVE)),)

    def _note(self) -> Steps:
        return self._one(Note())
