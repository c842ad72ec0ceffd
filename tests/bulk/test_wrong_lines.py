"""What is wrong is told by line and field, and left out together with its member."""

from pathlib import Path
from typing import Any

import pytest

from core.actors import Actor, Role
from core.bulk import batch
from core.engine import Engine
from core.errors import DatabaseFailedError, InvalidInputError
from core.ledger.root import root_of
from core.program import definition, members
from tests.bulk.everything import on_sqlite
from tests.bulk.pasts import (
    PROGRAM,
    adjust,
    bring,
    day,
    earn,
    member,
    redeem,
    written,
)

ADA = member("007", -30)
BOB = member("008", -20)
INSTANT = "must be an instant with a zone, such as 2019-03-01T10:00:00Z"


@pytest.fixture
async def program_id(engine: Engine) -> int:
    return await definition.apply(engine, PROGRAM)


def without(line: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in names}


WRONG: dict[str, tuple[dict[str, Any] | bytes, str]] = {
    "no points": (earn("007", "a", -9, 0), "points: input should be greater than 0"),
    "points below zero": (
        redeem("007", "a", -9, -5),
        "points: input should be greater than 0",
    ),
    "half a point": (
        earn("007", "a", -9, 1) | {"points": 1.5},
        "points: input should be a valid integer",
    ),
    "points as text": (
        earn("007", "a", -9, 1) | {"points": "5"},
        "points: input should be a valid integer",
    ),
    "too many points": (
        earn("007", "a", -9, 2**53),
        "points: input should be less than or equal to 9007199254740991",
    ),
    "nothing adjusted": (adjust("007", "a", -9, 0), "points: must not be 0"),
    "no reason": (
        without(adjust("007", "a", -9, 1), "reason"),
        "reason: field required",
    ),
    "no id": (without(earn("007", "a", -9, 1), "id"), "id: field required"),
    "an empty id": (
        earn("007", "", -9, 1),
        "id: string should have at least 1 character",
    ),
    "no instant": (earn("007", "a", -9, 1) | {"at": "2026-02-30"}, f"at: {INSTANT}"),
    "no zone": (
        earn("007", "a", -9, 1) | {"at": "2026-11-24T10:00:00"},
        f"at: {INSTANT}",
    ),
    "a number as instant": (earn("007", "a", -9, 1) | {"at": 5}, f"at: {INSTANT}"),
    "too long ago": (
        earn("007", "a", -9, 1) | {"at": "1969-12-31T23:59:59Z"},
        "at: must be an instant from 1970 to 2255",
    ),
    "an end after all time": (
        earn("007", "a", -9, 1) | {"expiresAt": "9999-12-31T00:00:00Z"},
        "expiresAt: must be an instant from 1970 to 2255",
    ),
    "before the member joined": (
        earn("007", "a", -31, 1),
        "at: must not be before the member joined",
    ),
    "ahead": (earn("007", "a", 0.001, 1), "at: must not lie ahead"),
    "an end before the beginning": (
        earn("007", "a", -9, 1, availableAt=day(5), expiresAt=day(4)),
        "expiresAt: must be after availableAt",
    ),
    "another's currency": (
        earn("007", "a", -9, 1, currency="EUR"),
        "currency: the program has none such",
    ),
    "what cannot be spent": (
        redeem("007", "a", -9, 1, currency="STATUS"),
        "currency: it cannot be spent",
    ),
    "more than there is": (
        redeem("007", "a", -9, 1),
        "points: 1 points required, 0 available",
    ),
    "a misspelled field": (
        earn("007", "a", -9, 1, expires=day(5)),
        "expires: extra inputs are not permitted",
    ),
    "an unknown type": (
        earn("007", "a", -9, 1) | {"type": "gift"},
        "type: must be member, earn, redeem or adjust",
    ),
    "another member line": (
        ADA | {"displayName": "Ada"},
        "number: another line has it, and says otherwise",
    ),
    "a broken line": (b'{"type":"earn","member":"007","id":"a\n', "is not JSON"),
}


@on_sqlite
@pytest.mark.parametrize("case", WRONG)
async def test_a_wrong_line_leaves_its_member_out(
    engine: Engine, program_id: int, tmp_path: Path, case: str
) -> None:
    line, reason = WRONG[case]
    lines = [ADA, earn("007", "x", -1, 5), line, BOB, earn("008", "a", -9, 5)]

    summary = await bring(engine, program_id, written(tmp_path / "x.jsonl", lines))

    assert [str(error) for error in summary.errors] == [f"line 3: {reason}"]
    assert (summary.members, summary.left_out) == (1, 1)
    found = await engine.database.read("SELECT number FROM member")
    assert found == [("008",)]


MEMBERS: dict[str, tuple[dict[str, Any], str]] = {
    "no number": (
        member("-"),
        "number: must be 1 to 64 letters, digits, '.', '_' or '-'",
    ),
    "no e-mail": (member("9", email="x"), "email: must be an e-mail address"),
    "no name": (
        member("9", displayName=" "),
        "displayName: must have 1 to 80 characters, none of them null",
    ),
    "joined ahead": (member("9", 1), "joinedAt: must not lie ahead"),
    "never joined": (without(member("9"), "joinedAt"), "joinedAt: field required"),
    "an opening of nothing": (
        member("9", opening=[{"currency": "PTS", "points": 0}]),
        "opening.0.points: must not be 0",
    ),
    "an opening in another currency": (
        member("9", opening=[{"currency": "EUR", "points": 1}]),
        "opening.0.currency: the program has none such",
    ),
    "an opening before the member": (
        member("9", opening=[{"currency": "PTS", "points": 1, "at": day(-1001)}]),
        "opening.0.at: must not be before the member joined",
    ),
    "a debt with an end": (
        member("9", opening=[{"currency": "PTS", "points": -1, "expiresAt": day(1)}]),
        "opening.0.expiresAt: is not for what is owed",
    ),
    "two openings": (
        member("9", opening=[{"currency": "PTS", "points": 1}] * 2),
        "opening: a currency stands twice",
    ),
}


@on_sqlite
@pytest.mark.parametrize("case", MEMBERS)
async def test_a_wrong_member_is_left_out(
    engine: Engine, program_id: int, tmp_path: Path, case: str
) -> None:
    line, reason = MEMBERS[case]

    summary = await bring(engine, program_id, written(tmp_path / "x.jsonl", [line]))

    assert [str(error) for error in summary.errors] == [f"line 1: {reason}"]
    assert await engine.database.read("SELECT number FROM member") == []


@on_sqlite
async def test_nothing_is_written_if_nobody_can_tell_whose_a_line_is(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    lines = [
        ADA,
        b'{"type":"earn","mem\n',
        b"[]\n",
        b"\n",
        earn("007", "a", -9, 5) | {"member": 7},
        BOB,
        earn("008", "a", -9, -5),
    ]

    summary = await bring(engine, program_id, written(tmp_path / "x.jsonl", lines))

    unknown = "nobody can tell of which member it tells"
    assert [str(error) for error in summary.errors] == [
        f"line 2: {unknown}",
        f"line 3: {unknown}",
        f"line 5: {unknown}",
        "line 7: points: input should be greater than 0",
    ]
    assert (summary.is_written, summary.members, summary.left_out) == (False, 1, 1)
    assert await engine.database.read("SELECT holder_id FROM holder") == []


@on_sqlite
async def test_a_file_that_was_cut_off_leaves_the_last_member_out(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    line = b'{"type":"earn","member":"008","id":"a","at":"2026-11-24T10:00:00Z"'
    cut = [ADA, BOB, earn("007", "a", -9, 5), line]

    summary = await bring(engine, program_id, written(tmp_path / "x.jsonl", cut))

    assert [str(error) for error in summary.errors] == [
        "line 4: the file ends in the middle of this line"
    ]
    assert await engine.database.read("SELECT number FROM member") == [("007",)]


@on_sqlite
async def test_transactions_without_their_member(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    lines = [earn("009", "b", -3, 5), earn("009", "a", -9, 5), ADA]

    summary = await bring(engine, program_id, written(tmp_path / "x.jsonl", lines))

    assert [str(error) for error in summary.errors] == [
        "line 1: member: no line of the file is the member's own"
    ]
    assert summary.members == 1


@on_sqlite
async def test_the_same_id_or_reference_for_something_else(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    lines = [
        ADA,
        earn("007", "a", -9, 5),
        earn("007", "a", -8, 5),
        BOB,
        earn("008", "a", -9, 5, reference="o1"),
        earn("008", "b", -8, 5, reference="o1"),
    ]

    summary = await bring(engine, program_id, written(tmp_path / "x.jsonl", lines))

    assert [str(error) for error in summary.errors] == [
        "line 3: id: another line has it, and says otherwise",
        "line 6: reference: another line has it",
    ]
    assert (summary.members, summary.left_out) == (0, 2)


async def test_a_dry_run_tells_all_and_writes_nothing(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    lines = [
        member("007", -30, opening=[{"currency": "PTS", "points": 40}]),
        earn("007", "a", -9, 5, expiresAt=day(-1)),
        redeem("007", "b", -8, 30),
        BOB,
        redeem("008", "a", -9, 5),
    ]
    file = written(tmp_path / "x.jsonl", lines)
    root = await root_of(engine.database)

    dry = await bring(engine, program_id, file, is_dry=True)
    assert await root_of(engine.database) == root
    assert await engine.database.read("SELECT 1 FROM directory") == []
    done = await bring(engine, program_id, file)

    assert (dry.is_written, done.is_written) == (False, True)
    for summary in (dry, done):
        points = summary.totals["PTS"]
        assert (summary.members, summary.transactions, summary.left_out) == (1, 3, 1)
        assert (points.issued, points.redeemed, points.expired) == (5, 30, 0)
        assert (points.adjusted, points.outstanding) == (40, 15)
        assert summary.errors == done.errors
    assert await root_of(engine.database) != root


async def test_a_member_of_somebody_else_is_left_alone(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    shop = Actor(program_id, "shop", Role.INTEGRATOR)
    await members.enroll(engine, by=shop, key="k", number="007")
    first = written(tmp_path / "x.jsonl", [earn("007", "a", -9, 5), ADA, BOB])
    root = await root_of(engine.database)

    summary = await bring(engine, program_id, first)
    other = await bring(engine, program_id, first, name="new")
    alone = await bring(
        engine, program_id, written(tmp_path / "y.jsonl", [earn("007", "a", -9, 5)])
    )

    taken = "another member has this number"
    assert [str(error) for error in summary.errors] == [f"line 2: number: {taken}"]
    assert [str(error) for error in other.errors] == [
        f"line 2: number: {taken}",
        f"line 3: number: {taken}",
    ]
    assert [str(error) for error in alone.errors] == [f"line 1: member: {taken}"]
    assert (summary.members, summary.left_out, other.left_out) == (1, 1, 2)
    assert await root_of(engine.database) != root


async def test_what_was_imported_cannot_be_told_otherwise(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    lines = [ADA, earn("007", "a", -9, 5), earn("007", "b", -8, 5)]
    await bring(engine, program_id, written(tmp_path / "x.jsonl", lines))
    root = await root_of(engine.database)
    lines[2] = earn("007", "b", -8, 6)
    lines += [earn("007", "c", -7, 5), ADA | {"displayName": "Ada"}, BOB]

    summary = await bring(engine, program_id, written(tmp_path / "x.jsonl", lines))

    assert [str(error) for error in summary.errors] == [
        "line 3: id: was imported before, and said otherwise",
        "line 4: id: the member was imported before, without this line",
        "line 5: number: was imported before, and said otherwise",
    ]
    assert (summary.members, summary.skipped, summary.left_out) == (1, 2, 1)
    assert await root_of(engine.database) != root
    found = await engine.database.read("SELECT count(*) FROM journal WHERE kind = 2")
    assert found == [(2,)]


async def test_who_is_enrolled_meanwhile_is_found(
    engine: Engine, program_id: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Actor(program_id, "shop", Role.INTEGRATOR)
    known = batch._known

    async def too_early(*arguments: Any) -> dict[str, int]:
        found = await known(*arguments)
        await members.enroll(engine, by=shop, key="k", number="007")
        return found

    monkeypatch.setattr(batch, "_known", too_early)
    file = written(tmp_path / "x.jsonl", [ADA, BOB])

    summary = await bring(engine, program_id, file)

    assert [str(error) for error in summary.errors] == [
        "line 1: number: another member has this number"
    ]
    assert (summary.members, summary.left_out) == (1, 1)


async def test_an_id_that_is_taken_is_replaced(
    engine: Engine, program_id: int, tmp_path: Path, clock: Any
) -> None:
    shop = Actor(program_id, "shop", Role.INTEGRATOR)
    eve = await members.enroll(engine, by=shop, key="k", number="009")
    ids = iter([77, 77, eve.holder_id, 78, 79])
    clock.new_id = lambda: next(ids)

    summary = await bring(engine, program_id, written(tmp_path / "x.jsonl", [ADA, BOB]))

    assert (summary.members, summary.errors) == (2, ())
    found = await engine.database.read("SELECT holder_id FROM member ORDER BY number")
    assert found == [(78,), (79,), (eve.holder_id,)]


async def test_a_database_that_breaks_off_is_told(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    drop = "ALTER TABLE lot RENAME TO lots"
    await engine.database.configure(
        lambda session: session.connection().exec_driver_sql(drop)
    )
    lines = [ADA, earn("007", "a", -9, 5)]

    with pytest.raises(DatabaseFailedError):
        await bring(engine, program_id, written(tmp_path / "x.jsonl", lines))

    assert await engine.database.read("SELECT 1 FROM directory") == []


@on_sqlite
async def test_a_name_has_a_form(
    engine: Engine, program_id: int, tmp_path: Path
) -> None:
    for name in ("", "a b", "../x", "a/b", "x" * 65, "é"):
        with pytest.raises(InvalidInputError, match="name: must be 1 to 64"):
            await bring(engine, program_id, tmp_path / "none.jsonl", name=name)
