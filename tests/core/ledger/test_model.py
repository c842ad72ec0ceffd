"""Random histories that the model and every store must agree on.

Hypothesis makes commands up; the same commands go to the model and to the ledger in
memory, on SQLite and on PostgreSQL. All must answer alike; after each step everything
that anybody has, and every row of every store, are compared; at the end both databases
are proven. `make model` tries many more histories than `make test` does (`--histories`
of pytest).
"""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core.ledger.codes import HolderKind
from core.ledger.commands import Authorize, Command, Open, Step
from tests.core.ledger.asking.asker import USUAL, Asker
from tests.core.ledger.asking.dice import PROGRAM, Dice
from tests.core.ledger.model.dues import catch_up, is_behind
from tests.core.ledger.model.seeing import rules_of, see_model, see_store
from tests.core.ledger.model.world import World
from tests.core.ledger.trio import TABLES, Trio

CHANCE = st.randoms(use_true_random=True)
"""Each step has a seed of its own: some can be left out, the others stay the same."""

PAUSES = (0, 0, 0, 0, 1, 7, 15)
TRADE = (
    *("earn", "approve", "redeem", "take_back", "authorize", "capture", "void"),
    *("extend", "reverse", "transfer", "back", "exchange"),
)
HOLDERS = 6
"""How many there are in a history: members, a pool, one of others, one new, a stock."""


class Desk:
    """What all histories of a run share: ledgers, clock, and numbers never used."""

    def __init__(self, runner: asyncio.Runner, trio: Trio, clock: Any) -> None:
        self.runner = runner
        self.trio = trio
        self.clock = clock
        self.start_us: int = clock.us
        self.first_holder = 1


class Histories(RuleBasedStateMachine):
    """One history."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.trio, self.clock = desk, desk.trio, desk.clock
        self.clock.us = desk.start_us
        self.trio.forget()
        self.first = desk.first_holder
        desk.first_holder += HOLDERS
        self.keys = itertools.count(1)
        self.world = World(rules_of(self.trio.memory))
        ada, bob, pool, eve, new, stock = range(self.first, self.first + HOLDERS)
        often = [ada] * 8 + [bob] * 5 + [pool] * 2 + [eve, new]
        self.asker = Asker(often, stock)
        self.asked: list[Command] = []

    def key(self) -> str:
        return f"test:{next(self.keys)}"

    def post(self, *commands: Command) -> None:
        """Post in one batch; all must answer as the model does."""
        for one in commands:
            note(f"{self.clock.us} {one}")
        answers = [self.world.post(one, self.clock.us) for one in commands]
        for given in self.desk.runner.run(self.trio.post(commands)):
            assert given == answers
        for command, answer in zip(commands, answers, strict=True):
            self.asker.heard(command, answer)
        self.asked += commands

    @invariant()
    def all_have_the_same(self) -> None:
        expected, found = see_model(self.world), see_store(self.trio.memory)
        for name in sorted({*expected, *found}):
            assert found[name] == expected[name], name
        last = self.first + HOLDERS - 1
        remembered, *stored = self.desk.runner.run(self.trio.rows(self.first, last))
        for rows in stored:
            for table in TABLES:
                assert rows[table] == remembered[table], table

    def dice(self, chance: Random) -> Dice:
        return Dice(chance, self.clock.us)

    @initialize()
    def begin(self) -> None:
        ada, bob, pool, eve, _, stock = range(self.first, self.first + HOLDERS)
        for holder_id, program_id, kind in (
            (ada, PROGRAM, HolderKind.MEMBER),
            (bob, PROGRAM, HolderKind.MEMBER),
            (pool, PROGRAM, HolderKind.POOL),
            (eve, PROGRAM + 1, HolderKind.MEMBER),
            (stock, PROGRAM, HolderKind.STOCK),
        ):
            step = Step(holder_id, Open(program_id, kind))
            self.post(Command(self.key(), b"open", (step,)))

    @rule(chance=CHANCE, kinds=st.lists(st.sampled_from(USUAL), min_size=1, max_size=8))
    def ask(self, chance: Random, kinds: list[str]) -> None:
        for kind in kinds:
            self.clock.us += chance.choice(PAUSES)
            self.post(self.asker.command(self.key(), self.dice(chance), kind))

    @rule(chance=CHANCE, kinds=st.lists(st.sampled_from(TRADE), min_size=1, max_size=8))
    def trade(self, chance: Random, kinds: list[str]) -> None:
        self.ask(chance, kinds)

    @rule(chance=CHANCE)
    def several(self, chance: Random) -> None:
        """Ask several things in one batch, one of them twice or in two ways."""
        dice = self.dice(chance)
        asked = [self.asker.command(self.key(), dice) for _ in range(3)]
        first = asked[0]
        other = self.asker.on(first.holder_id, first.key, dice)
        asked.insert(chance.randint(0, 3), dice.one_of([first, other]))
        self.post(*asked)

    @rule(chance=CHANCE)
    def again(self, chance: Random) -> None:
        self.post(chance.choice(self.asked))

    @rule(chance=CHANCE)
    def otherwise(self, chance: Random) -> None:
        """Ask something else under a known key."""
        first = chance.choice(self.asked)
        self.post(self.asker.on(first.holder_id, first.key, self.dice(chance)))

    @rule(chance=CHANCE, between=st.sampled_from([None, None, *TRADE]))
    def foresee(self, chance: Random, between: str | None) -> None:
        """Look ahead, then hold the ledger to it; now and then not to the letter."""
        dice = self.dice(chance)
        command = self.asker.command(self.key(), dice, "authorize")
        answer, held = self.world.foresee(command, self.clock.us)
        previews = self.desk.runner.run(self.trio.preview(command))
        assert [one.outcome for one in previews] == [answer] * len(previews)
        self.all_have_the_same()
        (step,) = command.steps
        if not isinstance(step.operation, Authorize):
            return  # nobody has anything to set aside yet
        for preview in previews:
            uses = preview.uses.get(command.holder_id, ())
            assert tuple((use.lot_id, use.amount) for use in uses) == held
        if between is not None:
            self.ask(chance, [between])
        expect = dice.one_of([held, held, held, held[1:]])
        strict = replace(step, operation=replace(step.operation, expect=expect))
        self.post(replace(command, steps=(strict,)))

    @rule()
    def sweep(self) -> None:
        """Let time do what is due on holders that nobody touches."""
        for me in self.world.holders.values():
            if is_behind(me, self.clock.us):
                catch_up(me, self.clock.us)
        self.desk.runner.run(self.trio.sweep())

    @rule(ticks=st.sampled_from([1, 40, -5, 1_000]))
    def pass_time(self, ticks: int) -> None:
        self.clock.us += ticks

    def teardown(self) -> None:
        holders = range(self.first, self.first + HOLDERS)
        assert self.desk.runner.run(self.trio.findings(holders)) == []


@pytest.fixture
def desk(
    sqlite_url: str,
    postgres_url: str,
    new_memory: Any,
    open_stored: Any,
    clock: Any,
) -> Iterator[Desk]:
    async def enter(stack: AsyncExitStack) -> Trio:
        opened = [
            await stack.enter_async_context(open_stored(url, clock))
            for url in (sqlite_url, postgres_url)
        ]
        ledgers = [book.ledger for book, _ in opened]
        databases = [database for _, database in opened]
        return Trio(lambda: new_memory(clock), ledgers, databases)

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        yield Desk(runner, runner.run(enter(stack)), clock)
        runner.run(stack.aclose())


@pytest.mark.usefixtures("small_slices")
def test_every_store_does_as_the_model_does(
    desk: Desk, pytestconfig: pytest.Config
) -> None:
    size = settings(
        max_examples=pytestconfig.getoption("--histories"),
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )

    run_state_machine_as_test(lambda: Histories(desk), settings=size)

    assert desk.runner.run(desk.trio.findings()) == []
