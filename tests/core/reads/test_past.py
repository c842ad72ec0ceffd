"""The past as it is read is what a ledger that is never late would tell.

Random histories with everything: backdated facts, pending points, expiry, holds, debts,
transfers, a clock that steps back, and nobody who comes on time.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ledger.codes import BY_TIME, LATE_US, NEVER_US, Account, HolderKind
from core.ledger.commands import Command, Open, Redeem, Reverse, Step
from core.ledger.program_clocks import ProgramClocks
from core.reads import instants
from core.reads.balances import PARTS
from core.reads.past import PROGRAM_SIDE
from core.reads.reads import Reads
from core.reads.selection import Branch, Leaf, Page, Same, Scope, Selection
from core.reads.statements import EVENTS
from core.storage.ledger_tables import TOLD_LATE
from core.storage.program_tables import Member
from tests.core.ledger.asking.asker import Asker
from tests.core.ledger.asking.dice import PROGRAM, PTS, Dice
from tests.core.ledger.conftest import make_memory
from tests.core.reads.punctual import CODES, Punctual, is_punctual, total

TICK_US = 10_000_000
KINDS = (
    *("earn",) * 6,
    *("redeem", "authorize", "capture", "transfer", "reverse") * 2,
    *("adjust", "exchange", "back", "void", "extend", "note"),
)
LATENESS = (*(None,) * 6, 1, 3, 9, 40, -2)
"""By how many ticks a fact is told after it happened."""
TIMES = "SELECT holder_id, last_at_us FROM holder WHERE holder_id IN ($1, $2)"

PAST = settings(
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
CHANCE = st.randoms(use_true_random=False)
LENGTH = st.integers(1, 30)


@dataclass
class History:
    """What two ledgers were told: one on a database, and the punctual one."""

    ada: int
    clock: Any
    chance: Any
    punctual: Punctual
    reads: Reads

    async def read(self, *wanted: Any) -> Any:
        scope = Scope(PROGRAM, self.ada)
        found = await self.reads.one("member", (self.ada,), Selection(wanted), scope)
        assert found is not None
        return found

    def instant(self) -> int:
        """Return an instant until now at which something may have happened."""
        entries = self.punctual.entries(self.ada)
        moments = [self.clock.us]
        for entry in entries:
            moments += [entry.at_us, entry.effective_us]
        near = self.chance.choice(moments) + self.chance.choice([-1_000, 0, 0, 1_000])
        return min(near, self.clock.us)


Tell = Callable[[Any, int], Awaitable[History]]


@pytest.fixture
def tell(stored: Any) -> Tell:
    """Make up a history, and tell it two ledgers."""
    book, database = stored
    start_us = book.clock.us

    async def tell_one(chance: Any, length: int) -> History:
        book.clock.us = start_us
        punctual = Punctual(make_memory(book.clock), book.clock)
        ada, bob = holders = [book.clock.new_id() for _ in range(2)]
        await database.configure(
            lambda session: session.add(
                Member(holder_id=ada, program_id=PROGRAM, joined_at_us=0)
            )
        )
        asker = Asker([ada, ada, bob], 0)
        commands = [
            Command(f"open:{one}", b"", (Step(one, Open(PROGRAM, HolderKind.MEMBER)),))
            for one in holders
        ]
        for number in range(length):
            for command in commands:
                outcome = await book.ledger.post(command)
                assert await punctual.post(command) == outcome
                asker.heard(command, outcome)
            for holder_id, last_at_us in await database.read(TIMES, ada, bob):
                punctual.set_time(holder_id, last_at_us)
            step = chance.choice([0, 0, 1, 7, 15, 40, -6])
            book.clock.us += step * TICK_US
            dice = Dice(chance, book.clock.us, TICK_US)
            made = asker.command(f"past:{number}", dice, dice.one_of(KINDS))
            late = chance.choice(LATENESS)
            happened_us = None if late is None else dice.at(-late)
            commands = [replace(made, effective_us=happened_us)]
        book.clock.us += chance.choice([0, 5, 30, 200]) * TICK_US
        await punctual.wait(ada)
        assert all(map(is_punctual, punctual.entries(ada)))
        reads = Reads(database, ProgramClocks(database, book.clock))
        return History(ada, book.clock, chance, punctual, reads)

    return tell_one


def leaves(*names: str) -> Selection:
    return Selection(tuple(Leaf(name, name) for name in names))


SNAPSHOT = leaves("currency", *PARTS, "total")


def shown(balances: Any) -> list[dict[str, Any]]:
    """Return what is read where balances are so."""
    return [
        {
            "currency": code,
            **{part: parts[part] for part in PARTS},
            "total": total(parts),
        }
        for code, parts in balances.items()
    ]


@PAST
@given(chance=CHANCE, length=LENGTH)
async def test_balances_at_any_two_instants(
    tell: Tell, chance: Any, length: int
) -> None:
    past = await tell(chance, length)
    for _ in range(8):
        as_of_us, known_at_us = sorted([past.instant(), past.instant()])
        asked = chance.choice(
            [
                (as_of_us, known_at_us),
                (None, known_at_us),
                (as_of_us, None),
                (None, None),
            ]
        )
        relation, values = instants.balances_at(*asked, past.clock.us)

        found = await past.read(Branch("found", relation, SNAPSHOT, given=values))

        known_us = values.get("known_at", NEVER_US)
        happened_us = values.get("as_of", known_us)
        expected = past.punctual.balances(past.ada, happened_us, known_us)
        assert found["found"] == shown(expected), asked


@PAST
@given(chance=CHANCE, length=LENGTH)
async def test_a_statement_adds_up_and_says_what_happened(
    tell: Tell, chance: Any, length: int
) -> None:
    past = await tell(chance, length)
    for _ in range(4):
        begin_us, end_us = sorted([past.instant(), past.instant()])
        period: Any = instants.period(begin_us, end_us + 1_000)
        lines = Branch(
            "lines",
            "lines",
            Selection(
                (
                    *leaves(*EVENTS).fields,
                    Same("opening", SNAPSHOT, entity="opening"),
                    Same("closing", SNAPSHOT, entity="closing"),
                )
            ),
        )
        listed = Branch("transactions", "transactions", leaves("booked_at"), Page(99))
        statement = Selection((lines, listed))

        found = await past.read(
            Same("found", statement, entity="statement", given=period)
        )

        before, last = period["from"] - 1, period["to"] - 1
        entries = [
            entry
            for entry in past.punctual.entries(past.ada)
            if before < entry.at_us <= last
        ]
        opening = past.punctual.balances(past.ada, before, before)
        closing = past.punctual.balances(past.ada, last, last)
        events = past.punctual.events(entries)
        lines_found = found["found"]["lines"]
        assert [one["opening"] for one in lines_found] == shown(opening)
        assert [one["closing"] for one in lines_found] == shown(closing)
        assert [{name: one[name] for name in EVENTS} for one in lines_found] == [
            {name: events[code][name] for name in EVENTS} for code in CODES.values()
        ]
        for one in lines_found:
            came = sum(one[name] for name, (came, *_) in EVENTS.items() if came == 1)
            went = sum(one[name] for name, (came, *_) in EVENTS.items() if came != 1)
            total_after = one["opening"]["total"] + came - went
            assert one["closing"]["total"] == total_after


@PAST
@given(chance=CHANCE, length=LENGTH)
async def test_what_runs_out_adds_up_to_the_balance(
    tell: Tell, chance: Any, length: int
) -> None:
    past = await tell(chance, length)
    ends = Branch(
        "ends", "expirations", leaves("expires_at", "available", "pending"), Page(99)
    )
    wanted = Selection((*leaves("available", "pending", "currency").fields, ends))

    found = await past.read(Branch("balances", "balances", wanted))

    schedule = past.punctual.schedule(past.ada)
    for one in found["balances"]:
        rows = [(end["available"], end["pending"]) for end in one["ends"]]
        assert rows == list(schedule[one["currency"]].values())
        assert sum(available for available, _ in rows) == one["available"]
        assert sum(pending for _, pending in rows) == one["pending"]


async def test_what_was_written_off_alone_is_no_balance(stored: Any) -> None:
    """A transaction that moves nothing of the holder's tells no balance to find."""
    book, database = stored
    ada = await book.open()
    earned = await book.earn(ada, 40, policy='{"clawback":"forgive"}')
    await book.do(ada, Redeem(PTS, 30))
    await book.do(ada, Reverse(earned.seq, amount=10))
    await book.earn(ada, 5)
    book.clock.us += TICK_US
    await book.do(ada, Reverse(earned.seq))
    known_us = book.clock.us
    book.clock.us += TICK_US
    await book.earn(ada, 7)
    await database.configure(
        lambda session: session.add(
            Member(holder_id=ada, program_id=PROGRAM, joined_at_us=0)
        )
    )
    relation, values = instants.balances_at(None, known_us, book.clock.us)
    wanted = Branch("found", relation, leaves("currency", "total"), given=values)

    found = await Reads(database, ProgramClocks(database, book.clock)).one(
        "member", (ada,), Selection((wanted,)), Scope(PROGRAM)
    )

    assert found is not None
    assert found["found"][0] == {"currency": "PTS", "total": 5}


def test_every_account_of_the_program_is_told_in_statements() -> None:
    told = [account for *_, accounts in EVENTS.values() for account in accounts]

    assert {account for account in Account if account >= PROGRAM_SIDE} == set(told)


def test_the_index_of_what_is_told_late_is_the_one_that_is_searched() -> None:
    kinds = ", ".join(str(kind.value) for kind in sorted(BY_TIME))

    assert f"kind NOT IN ({kinds}) AND effective_us < at_us - {LATE_US}" == TOLD_LATE
