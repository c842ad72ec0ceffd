"""Random arguments of commands: amounts, dates, policies.

All chance comes from the `random.Random` that is passed in, so one seed gives the same
again, and Hypothesis can shrink it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from core.ledger.codes import MAX_AMOUNT, NEVER_US
from core.ledger.commands import Award, Count
from core.ledger.grants import Cap, CapUnit, Grant, OnExceed

PROGRAM = 7
PTS, MILES, STATUS, FLOORED, OTHERS, NONE = 1, 2, 3, 4, 5, 99
CURRENCIES = (*(PTS,) * 24, *(MILES,) * 6, *(STATUS, FLOORED) * 2, OTHERS, NONE)
GIFTS = (5, 8, 10, 10, 20, 40, 150)
PARTS = (1, 3, 5, 8, 10, 15, 25, 40)
COUNTS: tuple[tuple[Count, ...], ...] = (
    *((), (), ()),
    (Count("earned", "ever", currency_id=PTS),),
    (Count("times", "2027", by=1, limit=3),),
    (
        Count("times", "2027", by=-1),
        Count("earned", "ever", currency_id=MILES, limit=90),
    ),
)

_TIMES = Cap("rule:a:times", ("day:1",), 3, CapUnit.TIMES)
_ROLLING = Cap("rule:a:points", ("day:2", "day:1"), 60, CapUnit.POINTS)
_GAP = Cap("rule:b:gap", ("last",), 9, CapUnit.GAP, OnExceed.NONE)
CAPS: tuple[tuple[Cap, ...], ...] = (
    *((), ()),
    (_TIMES,),
    (_ROLLING, _TIMES),
    (_GAP,),
    (replace(_ROLLING, periods=("day:1",), on_exceed=OnExceed.NONE),),
    (replace(_TIMES, limit=5, on_exceed=OnExceed.REFUSE, resets_at_us=77), _ROLLING),
    (replace(_GAP, on_exceed=OnExceed.REFUSE),),
)

T = TypeVar("T")


@dataclass
class Dice:
    """Makes arguments up. Times are counted in ticks from now."""

    chance: Random
    now_us: int
    tick_us: int = 1

    def one_of(self, choices: Sequence[T]) -> T:
        return self.chance.choice(choices)

    def once_in(self, times: int) -> bool:
        return self.chance.randint(1, times) == times

    def at(self, ticks: int) -> int:
        return self.now_us + ticks * self.tick_us

    def end(self) -> int:
        """When points run out; perhaps they have already."""
        return self.one_of([NEVER_US, self.at(60), self.at(20), self.at(-2)])

    def currency(self) -> int:
        return self.one_of(CURRENCIES)

    def many(self) -> int:
        """How many points to give."""
        return MAX_AMOUNT if self.once_in(60) else self.one_of(GIFTS)

    def few(self) -> int:
        """How many points to take."""
        return MAX_AMOUNT if self.once_in(60) else self.one_of(PARTS)

    def part(self) -> int | None:
        return self.one_of([None, self.few()])

    def grace(self) -> int | None:
        return self.one_of([None, 0, 25 * self.tick_us])

    def counts(self) -> tuple[Count, ...]:
        return self.one_of(COUNTS)

    def caps(self) -> tuple[Cap, ...]:
        return self.one_of(CAPS)

    def grants(self, awards: int) -> tuple[Grant, ...]:
        """Which awards go together, if any limit is looked at; each may follow one."""
        if not awards or self.once_in(2):
            return ()
        grants = [Grant(1, self.caps()) for _ in range(awards)]
        if awards > 1 and self.once_in(2):
            grants[-1] = Grant(1, self.caps(), (self.chance.randint(0, awards - 2),))
        return tuple(grants)

    def award(self) -> Award:
        if self.once_in(6):
            return self.waiting_award()
        begins = self.one_of([None, None, None, None, 10, 30, -5])
        life = self.one_of([None, None, 90, 90, 40, 15, 3])
        return Award(
            self.currency(),
            self.many(),
            available_at_us=None if begins is None else self.at(begins),
            expires_at_us=NEVER_US if life is None else self.at((begins or 0) + life),
            sys_ref=self.one_of([None, 3]),
            order_line=self.one_of([None, 2]),
            policy=self.policy(),
        )

    def waiting_award(self) -> Award:
        """Points that ripen once they are approved, at once or a while later."""
        wait, life = f'"wait_us":{8 * self.tick_us}', f'"valid_us":{20 * self.tick_us}'
        debt = '"clawback":"debt"'
        return Award(
            self.currency(),
            self.many(),
            available_at_us=NEVER_US,
            sys_ref=3,
            policy=self.one_of(
                ["{}", f"{{{wait}}}", f"{{{life}}}", f"{{{debt},{wait},{life}}}"]
            ),
        )

    def policy(self) -> str:
        grace = f'"grace_us":{25 * self.tick_us}'
        return self.one_of(
            [
                *("{}", '{"clawback":"debt"}', '{"clawback":"forgive"}'),
                *('{"clawback":"capped","debt_limit":7}', f"{{{grace}}}"),
                f'{{"clawback":"debt",{grace}}}',
            ]
        )
