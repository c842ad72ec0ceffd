"""Points that wait for a person: approved, rejected, and never by themselves."""

from typing import Any

import pytest

from core.errors import InvalidInputError
from core.ledger.codes import NEVER_US, HolderStatus, JournalKind, RefusalCode
from core.ledger.commands import (
    Adjust,
    Approve,
    Award,
    Command,
    Count,
    Earn,
    Note,
    Posted,
    Redeem,
    Refused,
    Reverse,
    SetStatus,
    Step,
)
from core.ledger.transact import transact
from core.ledger.verify import verify

PTS = 1
DAY_US = 86_400_000_000
WAITS: dict[str, Any] = {"available_at_us": NEVER_US, "expires_at_us": NEVER_US}


def dates(book: Any, holder_id: int) -> list[tuple[int, int]]:
    """Return when each lot ripens and runs out, in their order."""
    return [
        (row["available_at_us"], row["expires_at_us"])
        for key, row in sorted(book.tables["lot"].items())
        if key[0] == holder_id
    ]


async def test_time_alone_approves_nothing(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, 30, **WAITS)

    book.clock.us += 40_000 * DAY_US
    await book.do(ada, Note())

    assert book.wallet(ada) == (30, 0, 0, 0)
    assert book.tables["holder"][ada,]["next_due_us"] is None


async def test_an_approval_lets_points_be_spent(book: Any) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 30, 12, **WAITS)
    book.clock.us += DAY_US

    approved = await book.do(ada, Approve(earned.seq))

    assert book.wallet(ada) == (0, 42, 0, 0)
    assert dates(book, ada) == [(book.clock.us, NEVER_US)] * 2
    assert book.postings(ada, approved.seq) == [
        (30, "PENDING", "AVAILABLE"),
        (12, "PENDING", "AVAILABLE"),
    ]
    row = book.journal(ada, approved.seq)
    assert (row["kind"], row["ref_seq"]) == (JournalKind.APPROVE, earned.seq)
    await book.do(ada, Redeem(PTS, 42))


async def test_life_begins_with_the_approval(book: Any) -> None:
    ada = await book.open()
    policy = f'{{"valid_us":{30 * DAY_US}}}'
    earned = await book.earn(ada, 30, policy=policy, **WAITS)
    book.clock.us += 20 * DAY_US
    approved_us = book.clock.us

    await book.do(ada, Approve(earned.seq))

    assert dates(book, ada) == [(approved_us, approved_us + 30 * DAY_US)]
    book.clock.us = approved_us + 30 * DAY_US - 1
    await book.do(ada, Note())
    assert book.wallet(ada) == (0, 30, 0, 0)
    book.clock.us += 1
    await book.do(ada, Note())
    assert book.wallet(ada) == (0, 0, 0, 0)


async def test_points_may_ripen_a_while_after_it(book: Any) -> None:
    ada = await book.open()
    policy = f'{{"wait_us":{14 * DAY_US},"valid_us":{30 * DAY_US}}}'
    earned = await book.earn(ada, 30, policy=policy, **WAITS)
    ripe_us = book.clock.us + 14 * DAY_US

    approved = await book.do(ada, Approve(earned.seq))

    assert book.postings(ada, approved.seq) == []
    assert book.wallet(ada) == (30, 0, 0, 0)
    assert dates(book, ada) == [(ripe_us, ripe_us + 30 * DAY_US)]
    book.clock.us = ripe_us
    await book.do(ada, Note())
    assert book.wallet(ada) == (0, 30, 0, 0)


async def test_what_is_approved_pays_debt_first(book: Any) -> None:
    ada = await book.open()
    spent = await book.earn(ada, 50)
    waits = await book.earn(ada, 30, **WAITS)
    await book.do(ada, Redeem(PTS, 50))
    await book.do(ada, Reverse(spent.seq))
    assert book.wallet(ada) == (30, 0, 0, 50)

    approved = await book.do(ada, Approve(waits.seq))

    assert book.wallet(ada) == (0, 0, 0, 20)
    assert book.postings(ada, approved.seq) == [
        (30, "PENDING", "AVAILABLE"),
        (30, "AVAILABLE", "DEBT"),
    ]


async def test_only_what_waits_is_approved(book: Any) -> None:
    ada = await book.open()
    ripens_us = book.clock.us + DAY_US
    awards = (
        Award(PTS, 10),
        Award(PTS, 20, available_at_us=ripens_us),
        Award(PTS, 30, **WAITS),
    )
    earned = await book.do(ada, Earn(awards))

    await book.do(ada, Approve(earned.seq))

    assert book.lots(ada) == [(10, 0, 10, 0), (20, 20, 0, 0), (30, 0, 30, 0)]
    assert dates(book, ada)[1] == (ripens_us, NEVER_US)


async def test_what_is_left_after_a_part_was_taken_back(book: Any) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 30, **WAITS)
    await book.do(ada, Reverse(earned.seq, 12))

    await book.do(ada, Approve(earned.seq))
    assert book.wallet(ada) == (0, 18, 0, 0)
    await book.do(ada, Reverse(earned.seq))

    assert book.wallet(ada) == (0, 0, 0, 0)
    outcome = await book.refused(ada, Reverse(earned.seq))
    assert outcome == Refused(RefusalCode.NOT_REVERSIBLE, {"kind": "REVERSED"})


@pytest.mark.parametrize("decide", [Approve, Reverse])
async def test_a_decision_is_made_once(book: Any, decide: Any) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 30, **WAITS)
    await book.do(ada, decide(earned.seq))

    outcome = await book.refused(ada, Approve(earned.seq))

    assert outcome == Refused(RefusalCode.NOT_WAITING, {})


async def test_nothing_else_can_be_approved(book: Any) -> None:
    ada, bob = await book.open(), await book.open()
    waits = await book.earn(bob, 30, **WAITS)
    plain = await book.earn(ada, 30)
    given = await book.do(ada, Adjust(PTS, 5))
    spent = await book.do(ada, Redeem(PTS, 5))
    nothing = await book.earn(ada)

    for seq in (1, plain.seq, given.seq, spent.seq, nothing.seq):
        outcome = await book.refused(ada, Approve(seq))
        assert outcome == Refused(RefusalCode.NOT_WAITING, {})
    outcome = await book.refused(ada, Approve(waits.seq + 50))
    assert outcome == Refused(RefusalCode.TRANSACTION_UNKNOWN, {})

    assert book.wallet(ada) == (0, 30, 0, 0)
    assert book.wallet(bob) == (30, 0, 0, 0)


async def test_an_approval_is_not_undone_by_itself(book: Any) -> None:
    ada = await book.open()
    earned = await book.earn(ada, 30, **WAITS)
    approved = await book.do(ada, Approve(earned.seq))

    outcome = await book.refused(ada, Reverse(approved.seq))

    assert outcome == Refused(RefusalCode.NOT_REVERSIBLE, {"kind": "APPROVE"})


@pytest.mark.parametrize("status", [HolderStatus.FROZEN, HolderStatus.CLOSED])
async def test_what_is_begun_can_be_ended(book: Any, status: HolderStatus) -> None:
    ada = await book.open()
    one = await book.earn(ada, 30, **WAITS)
    other = await book.earn(ada, 12, **WAITS)
    await book.do(ada, SetStatus(status))

    await book.do(ada, Approve(one.seq))
    await book.do(ada, Reverse(other.seq))

    assert book.wallet(ada) == (0, 30, 0, 0)


async def test_an_approval_issues_nothing(book: Any) -> None:
    """Whoever counts at the approval says how much."""
    ada = await book.open()
    earned = await book.earn(ada, 30, **WAITS)
    counts = (Count("net", "all", currency_id=PTS), Count("said", "all", by=30))

    await book.post(Step(ada, Approve(earned.seq), counts))

    counters = {key[1]: row["value"] for key, row in book.tables["counter"].items()}
    assert counters == {"said": 30}


async def test_an_award_that_waits_has_no_other_end(book: Any) -> None:
    ada = await book.open()

    with pytest.raises(InvalidInputError, match="expiresAt"):
        await book.earn(
            ada, 30, available_at_us=NEVER_US, expires_at_us=book.clock.us + DAY_US
        )

    assert book.kinds(ada) == [JournalKind.OPEN]


async def test_databases_keep_it_and_prove_it(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    policy = f'{{"wait_us":{DAY_US},"valid_us":{30 * DAY_US}}}'
    later = await book.earn(ada, 30, policy=policy, **WAITS)
    soon = await book.earn(ada, 12, 5, **WAITS)
    never = await book.earn(ada, 7, **WAITS)
    book.clock.us += DAY_US
    approved_us = book.clock.us

    first, again = [
        await book.post(Step(ada, Approve(later.seq)), key="test:once")
        for _ in range(2)
    ]
    await book.do(ada, Approve(soon.seq))
    await book.do(ada, Reverse(never.seq))

    assert isinstance(first, Posted)
    assert (again.seq, again.replayed) == (first.seq, True)
    sql = (
        "SELECT pending, available, available_at_us, expires_at_us FROM lot "
        "WHERE holder_id = $1 ORDER BY lot_id"
    )
    assert await database.read(sql, ada) == [
        (30, 0, approved_us + DAY_US, approved_us + 31 * DAY_US),
        (0, 12, approved_us, NEVER_US),
        (0, 5, approved_us, NEVER_US),
        (0, 0, NEVER_US, NEVER_US),
    ]
    assert (await verify(database, full=True)).findings == ()
    book.clock.us += DAY_US
    await book.do(ada, Note())
    assert (await database.read(sql, ada))[0][:2] == (0, 30)
    assert (await verify(database, full=True)).findings == ()


async def test_false_dates_are_found(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    earned = await book.earn(ada, 30, policy='{"valid_us":5000}', **WAITS)
    await book.do(ada, Approve(earned.seq))
    await database.configure(
        lambda session: session.connection().exec_driver_sql(
            "UPDATE lot SET expires_at_us = expires_at_us + 1"
        )
    )

    findings = (await verify(database, full=True)).findings

    assert [(one.check, one.holder_id) for one in findings] == [("REBUILD", ada)]


async def test_what_waits_and_its_approval_in_one_batch(stored: Any) -> None:
    """The approval names what only the same batch brings."""
    book, database = stored
    ada = await book.open()
    earn = Command("test:1", b"f", (Step(ada, Earn((Award(PTS, 30, **WAITS),))),))
    approve = Command("test:2", b"f", (Step(ada, Approve(2)),))

    earned, approved = await book.ledger.store.run(lambda: transact([earn, approve]))

    assert (earned.seq, approved.seq) == (2, 3)
    assert await database.read("SELECT pending, available FROM wallet") == [(0, 30)]
    assert (await verify(database, full=True)).findings == ()
