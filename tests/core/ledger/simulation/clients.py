"""Clients who want an answer, and ask until they have one."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from core.errors import BusyError, OutcomeUnknownError
from core.ledger.codes import HolderKind
from core.ledger.commands import Command, Note, Open, Outcome, Posted, Step
from core.ledger.requests import GuardError
from tests.core.ledger.asking.asker import Asker
from tests.core.ledger.asking.dice import PROGRAM, Dice
from tests.core.ledger.simulation.weather import (
    SECOND_US,
    START_US,
    Gateway,
    Weather,
)

_NO_ANSWER = (BusyError, OutcomeUnknownError, GuardError)
_PAUSES_S = (0.0, 0.0, 0.05, 0.5, 3.0)


@dataclass
class Heard:
    """What all clients together asked, and what they were answered."""

    asked: dict[tuple[int, str], list[Command]] = field(default_factory=dict)
    answered: list[tuple[Command, Outcome]] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    latest_us: int = START_US


class Client:
    """Asks one thing after the other, and sometimes several at once."""

    def __init__(
        self,
        name: str,
        asker: Asker,
        weather: Weather,
        gateway: Callable[[], Gateway],
        heard: Heard,
    ) -> None:
        """Make a client; *gateway* picks one that lives."""
        self._name = name
        self._asker = asker
        self._weather = weather
        self._chance = weather.chance
        self._gateway = gateway
        self._heard = heard
        self._answered: list[tuple[Command, Outcome]] = []
        self._count = 0

    async def found(self, holders: list[int], stock: int) -> None:
        """Open holders and stock."""
        kinds = {stock: HolderKind.STOCK}
        for holder_id in [*holders, stock]:
            operation = Open(PROGRAM, kinds.get(holder_id, HolderKind.MEMBER))
            step = Step(holder_id, operation)
            await self._insist(Command(self._key(), b"open", (step,)))

    async def live(self) -> None:
        for _ in range(self._chance.randint(6, 14)):
            await asyncio.sleep(self._chance.choice(_PAUSES_S))
            match self._chance.randint(1, 12):
                case 1:
                    await self._several()
                case 2:
                    command = self._command()  # twice at once, perhaps elsewhere
                    await asyncio.gather(self._insist(command), self._insist(command))
                case 3 if self._answered:
                    await self._insist(self._chance.choice(self._answered)[0])
                case 4 if self._answered:
                    first = self._chance.choice(self._answered)[0]
                    other = self._asker.on(first.holder_id, first.key, self._dice())
                    await self._insist(other)
                case 5 if self._weather.strikes("poison"):
                    await self._poison()
                case _:
                    await self._insist(self._command())

    def _key(self) -> str:
        self._count += 1
        return f"{self._name}:{self._count}"

    def _dice(self) -> Dice:
        return Dice(self._chance, self._heard.latest_us, SECOND_US)

    def _command(self) -> Command:
        return self._asker.command(self._key(), self._dice())

    async def _insist(self, command: Command) -> None:
        """Ask until there is an answer, or give up, and never know."""
        self._note_asked(command)
        while (outcome := await self._ask(command, self._gateway())) is None:
            if self._weather.strikes("given up"):
                return
            await asyncio.sleep(self._chance.choice(_PAUSES_S))
        self._note_answered(command, outcome)

    async def _several(self) -> None:
        """Ask one gateway several things in a row; each holder's keep their order."""
        gateway = self._gateway()
        commands = [self._command() for _ in range(5)]
        asked = []
        for command in commands:
            self._note_asked(command)
            asked.append(asyncio.create_task(self._ask(command, gateway)))
            await asyncio.sleep(self._chance.choice([0.0, 0.0, 0.005]))
        last: Counter[int] = Counter()
        for command, task in zip(commands, asked, strict=True):
            outcome = await task
            if outcome is None:
                continue
            self._note_answered(command, outcome)
            if isinstance(outcome, Posted) and command.reference is None:
                for holder_id, seq in outcome.seqs.items():
                    if seq < last[holder_id]:
                        self._heard.out_of_order.append(f"{command}: {outcome}")
                    last[holder_id] = seq

    def _note_asked(self, command: Command) -> None:
        key = (command.holder_id, command.key)
        self._heard.asked.setdefault(key, []).append(command)

    def _note_answered(self, command: Command, outcome: Outcome) -> None:
        self._weather.seen["replayed"] += outcome.replayed
        self._asker.heard(command, outcome)
        self._answered.append((command, outcome))
        self._heard.answered.append((command, outcome))
        if isinstance(outcome, Posted):
            self._heard.latest_us = max(self._heard.latest_us, outcome.at_us)

    async def _ask(self, command: Command, gateway: Gateway) -> Outcome | None:
        """Ask a gateway; None if it does not answer, or not soon."""
        work = asyncio.ensure_future(gateway.ledger.post(command))
        patience_s = self._chance.choice([None, None, 5.0, 0.5])
        await asyncio.wait(
            [work, gateway.death],
            timeout=patience_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not work.done():
            self._weather.seen["left"] += 1
            work.cancel()
            return None
        try:
            return work.result()
        except _NO_ANSWER as error:
            self._weather.seen[type(error).__name__] += 1
            return None

    async def _poison(self) -> None:
        """Ask what no ledger can do; whoever asks at the same time must not suffer."""
        step = Step(self._asker.holders[0], Note(), companions=(object(),))  # type: ignore[arg-type]
        with suppress(AttributeError):
            poison = Command(self._key(), b"poison", (step,))
            await self._ask(poison, self._gateway())
