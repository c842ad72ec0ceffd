"""A ledger in memory with a random past: where a law about points begins."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import assume

from core.ledger.codes import HolderKind
from core.ledger.commands import Award, Command, Earn, Note, Open, Outcome, Posted, Step
from tests.core.ledger.asking.asker import USUAL, Asker
from tests.core.ledger.asking.dice import PROGRAM, PTS, Dice

ADA, BOB, STOCK = HOLDERS = (1, 2, 3)
BUCKETS = ("available", "pending", "held", "debt")
"""In the order in which a journal row tells them."""

_KINDS = [kind for kind in USUAL if kind != "set_status"]


@dataclass
class Past:
    """A ledger, and what it was told: each command, when, and what it answered."""

    book: Any
    asker: Asker = field(default_factory=lambda: Asker([ADA, ADA, BOB], STOCK))
    told: list[tuple[int, Command, Outcome]] = field(default_factory=list)
    moments: dict[tuple[int, int], dict[int, tuple[int, ...]]] = field(
        default_factory=dict
    )
    """The wallets of each holder after each of its transactions that ended a batch."""

    @property
    def now_us(self) -> int:
        return int(self.book.clock.us)

    async def say(self, command: Command) -> Outcome:
        outcome: Outcome = await self.book.ledger.post(command)
        self.told.append((self.now_us, command, outcome))
        self.asker.heard(command, outcome)
        for (holder_id,), head in self.book.tables["holder"].items():
            self.moments[holder_id, head["last_seq"]] = self.wallets(holder_id)
        return outcome

    async def post(self, *steps: Step) -> Outcome:
        return await self.say(Command(f"law:{len(self.told)}", b"f", steps))

    async def do(self, holder_id: int, operation: Any) -> Posted:
        """Post what should be possible; an example in which it is not tells nothing."""
        outcome = await self.post(Step(holder_id, operation))
        assume(isinstance(outcome, Posted))
        assert isinstance(outcome, Posted)
        return outcome

    async def catch_up(self) -> None:
        """Let time do what is due."""
        for holder_id in HOLDERS:
            await self.post(Step(holder_id, Note()))

    async def again(self, new_book: Callable[[], Any]) -> "Past":
        """Return another ledger with the same past."""
        other = Past(new_book())
        for now_us, command, _ in self.told:
            other.book.clock.us = now_us
            await other.say(command)
        other.book.clock.us = self.now_us
        return other

    def wallets(self, holder_id: int) -> dict[int, tuple[int, ...]]:
        """Return what a holder has of each currency; of nothing there is no wallet."""
        found = {
            currency_id: tuple(row[name] for name in BUCKETS)
            for (owner, currency_id), row in self.book.tables["wallet"].items()
            if owner == holder_id
        }
        return {one: wallet for one, wallet in found.items() if any(wallet)}

    def everything(self) -> list[Any]:
        """Return all wallets, and what is where in all lots."""
        lots = {
            key: tuple(row[name] for name in ("pending", "available", "held"))
            for key, row in self.book.tables["lot"].items()
        }
        return [lots, *(self.wallets(holder_id) for holder_id in HOLDERS)]

    def held(self, hold_id: int) -> tuple[tuple[int, int], ...]:
        """Return the lots of a hold of ADA's, and how much of each, in their order."""
        shares = sorted(
            (row["ord"], row["lot_id"], row["authorized"])
            for key, row in self.book.tables["allocation"].items()
            if key[:2] == (ADA, hold_id)
        )
        return tuple(share[1:] for share in shares)

    def available(self, holder_id: int, currency_id: int = PTS) -> int:
        return self.wallets(holder_id).get(currency_id, (0,))[0]


async def past_of(new_book: Callable[[], Any], chance: Any, length: int) -> Past:
    """Make a past up, and bring it to the present instant; ADA has some points."""
    past = Past(new_book())
    for holder_id in HOLDERS:
        kind = HolderKind.STOCK if holder_id == STOCK else HolderKind.MEMBER
        await past.do(holder_id, Open(PROGRAM, kind))
    for number in range(length):
        past.book.clock.us += chance.choice([0, 0, 1, 7, 15])
        dice = Dice(chance, past.now_us)
        kind_asked = dice.one_of(_KINDS)
        await past.say(past.asker.command(f"past:{number}", dice, kind_asked))
    if length:
        await past.post(Step(ADA, Earn((Award(PTS, 50),))))
    await past.catch_up()
    return past
