"""Bad input: every field has its own error, and nothing at all is stored of it."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, get_args

import pytest

from core.errors import InvalidInputError
from core.ledger import shape
from core.ledger.codes import NEVER_US, HolderKind, HolderStatus, RefusalCode
from core.ledger.commands import (
    Adjust,
    Approve,
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
    Receive,
    Redeem,
    Reverse,
    Send,
    SetStatus,
    Step,
    Void,
)
from core.ledger.grants import Draw
from core.ledger.transact import transact

PTS = 1
MOST = 2**53 - 1
ID = 2**63 - 1

GOOD: list[Any] = [
    Open(7, HolderKind.MEMBER),
    Earn((Award(PTS, 1),)),
    Approve(1),
    Redeem(PTS, 1, sys_ref=1),
    Authorize(PTS, 1, expires_at_us=9, expect=((1, 1),)),
    Extend(1, 9),
    Capture(1, 1, sys_ref=1),
    Void(1),
    Reverse(1, 1, grace_us=1),
    Adjust(PTS, 1),
    Send(PTS, 1),
    Receive(1),
    Exchange(PTS, 1, 2, 1, 1),
    SetStatus(HolderStatus.FROZEN),
    Note(),
    Draw(1),
]
AWARD = Award(PTS, 1, available_at_us=1, sys_ref=1, order_line=1, order_unit=1)
COUNT = Count("visits", "all", by=1, currency_id=PTS, limit=9)
NAMES = {
    "currency_id": "currency",
    "program_id": "program",
    "hold_id": "hold",
    "seq": "transaction",
    "sys_ref": "sysRef",
    "order_line": "orderLine",
    "order_unit": "orderUnit",
    "available_at_us": "availableAt",
    "expires_at_us": "expiresAt",
    "grace_us": "grace",
    "gives": "rate",
    "takes": "rate",
}
"""What errors call a field that Python calls otherwise."""

NOT_WHOLE = [True, 1.0, 1.5, Decimal(1), "1", float("nan"), b"1", [1]]


def wrong(*steps: Step, **more: Any) -> str:
    """Check a command that must fail, and return the field that is to blame."""
    given: dict[str, Any] = {"key": "test:k", "fingerprint": b"f"} | more
    with pytest.raises(InvalidInputError) as caught:
        shape.check(Command(steps=steps, **given))
    return caught.value.field


def steps_of(operation: Any) -> tuple[Step, ...]:
    """Return steps in which *operation* has its place."""
    match operation:
        case Send():
            return Step(5, operation), Step(6, Receive(5))
        case Receive():
            return Step(1, Send(PTS, 1)), Step(6, operation)
        case Draw():
            return Step(5, Earn((Award(PTS, 1),))), Step(6, operation)
        case _:
            return (Step(5, operation),)


def test_every_operation_is_among_the_good_and_passes() -> None:
    assert {type(one) for one in GOOD} == set(get_args(Operation))
    for operation in GOOD:
        shape.check(Command("test:k", b"f", steps_of(operation)))


@pytest.mark.parametrize("operation", GOOD, ids=lambda one: type(one).__name__)
def test_every_field_of_every_operation_is_checked(operation: Any) -> None:
    for field in fields(operation):
        bad = [1, "x", None] if field.name in {"final", "owes", "cause"} else NOT_WHOLE
        for value in bad:
            steps = steps_of(replace(operation, **{field.name: value}))

            expected = NAMES.get(field.name, field.name)
            assert wrong(*steps) == expected, (field.name, value)


def test_every_field_of_an_award_and_of_a_count_is_checked() -> None:
    for value in NOT_WHOLE:
        for field in fields(AWARD):
            award = replace(AWARD, **{field.name: value})
            expected = NAMES.get(field.name, field.name)
            assert wrong(Step(5, Earn((award,)))) == expected
        for field in fields(COUNT):
            if field.type is str and type(value) is str:
                continue  # any text is a good one there
            count = replace(COUNT, **{field.name: value})
            expected = NAMES.get(field.name, field.name)
            assert wrong(Step(5, Note(), (count,))) == expected, (field.name, value)


OUT_OF_RANGE: list[tuple[Any, str, list[int]]] = [
    (Redeem(PTS, 1), "amount", [0, -1, MOST + 1, 2**64]),
    (Redeem(PTS, 1), "currency_id", [-1, ID + 1]),
    (Redeem(PTS, 1), "sys_ref", [-1, ID + 1]),
    (Authorize(PTS, 1), "amount", [0, -1, MOST + 1]),
    (Authorize(PTS, 1), "expires_at_us", [-1, NEVER_US + 1]),
    (Extend(1, 9), "hold_id", [0, -1, ID + 1]),
    (Extend(1, 9), "expires_at_us", [-1, NEVER_US + 1]),
    (Capture(1), "amount", [0, -1, MOST + 1]),
    (Void(1), "hold_id", [0, -1, ID + 1]),
    (Reverse(1), "seq", [0, -1, ID + 1]),
    (Reverse(1), "amount", [0, -1, MOST + 1]),
    (Reverse(1), "grace_us", [-1, MOST + 1]),
    (Adjust(PTS, 1), "amount", [0, MOST + 1, -MOST - 1]),
    (Send(PTS, 1), "amount", [0, -1, MOST + 1]),
    (Exchange(PTS, 1, 2, 1, 1), "amount", [0, -1, MOST + 1]),
    (Exchange(PTS, 1, 2, 1, 1), "into", [-1, PTS, ID + 1]),
    (Exchange(PTS, 1, 2, 1, 1), "gives", [0, -1, MOST + 1]),
    (Exchange(PTS, 1, 2, 1, 1), "takes", [0, -1, MOST + 1]),
    (Open(7, HolderKind.MEMBER), "program_id", [0, -1, ID + 1]),
]


@pytest.mark.parametrize(("operation", "attribute", "values"), OUT_OF_RANGE)
def test_numbers_have_their_range(
    operation: Any, attribute: str, values: list[int]
) -> None:
    for value in values:
        steps = steps_of(replace(operation, **{attribute: value}))

        assert wrong(*steps) == NAMES.get(attribute, attribute), value


def test_awards_and_counts_have_their_range() -> None:
    for attribute, value in (
        ("amount", 0),
        ("amount", -1),
        ("amount", MOST + 1),
        ("order_line", -1),
        ("order_unit", MOST + 1),
        ("expires_at_us", NEVER_US + 1),
    ):
        award = replace(AWARD, **{attribute: value})
        assert wrong(Step(5, Earn((award,)))) == NAMES.get(attribute, attribute)
    for attribute, value in (
        ("by", -MOST - 1),
        ("by", MOST + 1),
        ("limit", -1),
        ("name", ""),
        ("period", "x" * 256),
    ):
        count = replace(COUNT, **{attribute: value})
        assert wrong(Step(5, Note(), (count,))) == attribute
    assert wrong(Step(5, Earn((AWARD,) * 1025))) == "awards"


@pytest.mark.parametrize("ends_us", [99, 100])
def test_points_cannot_run_out_before_they_ripen(ends_us: int) -> None:
    award = Award(PTS, 1, available_at_us=100, expires_at_us=ends_us)

    assert wrong(Step(5, Earn((award,)))) == "expiresAt"


COMMANDS: list[tuple[dict[str, Any], str]] = [
    ({"key": ""}, "key"),
    ({"key": "x" * 401}, "key"),
    ({"key": "x\0"}, "key"),
    ({"key": "\ud800"}, "key"),
    ({"key": 5}, "key"),
    ({"key": "due:expire:2048"}, "key"),
    ({"key": "step:5:test:k"}, "key"),
    ({"fingerprint": "f"}, "fingerprint"),
    ({"effective_us": -1}, "effective"),
    ({"effective_us": 1.5}, "effective"),
    ({"effective_us": NEVER_US + 1}, "effective"),
    ({"reference": "order"}, "reference"),
    ({"reference": ("order",)}, "reference"),
    ({"reference": ("", "1")}, "reference"),
    ({"reference": ("order", "")}, "reference"),
    ({"reference": ("order", "x" * 256)}, "reference"),
    ({"reference": ("order", "a\0b")}, "reference"),
    ({"reference": ("order", 17)}, "reference"),
    ({"meta": {"reason": b"x"}}, "meta"),
    ({"meta": {"reason": "\ud800"}}, "meta"),
    ({"meta": {"reason": "a\0b"}}, "meta"),
    ({"meta": {"reason": "\\\0"}}, "meta"),
    ({"meta": 5}, "meta"),
]


@pytest.mark.parametrize(("given", "field"), COMMANDS, ids=repr)
def test_what_goes_with_a_command_is_checked(given: Any, field: str) -> None:
    assert wrong(Step(5, Note()), **given) == field


def test_a_backslash_is_no_null() -> None:
    meta = {"reason": r"see \u0000 in the manual"}

    shape.check(Command("test:k", b"f", (Step(5, Note()),), meta=meta))


@pytest.mark.parametrize("holder", [0, -1, True, 1.0, "5", ID + 1, None])
def test_a_holder_is_a_number(holder: Any) -> None:
    assert wrong(Step(holder, Note())) == "holder"


def test_steps_are_operations_of_different_holders() -> None:
    opening = Step(5, Open(7, HolderKind.MEMBER))
    limited = Step(5, Open(7, HolderKind.MEMBER), (COUNT,))

    assert wrong() == "steps"
    assert wrong(Step(5, Note()), Step(5, Note())) == "steps"
    assert wrong(opening, Step(6, Note())) == "steps"
    assert wrong(limited) == "steps"
    for nonsense in (None, "redeem", AWARD, COUNT, Command("k", b"f", ())):
        assert wrong(Step(5, nonsense)) == "operation"


async def test_nothing_is_stored_of_what_has_no_shape(stored: Any) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 50)
    tables = ("holder", "journal", "posting", "lot", "wallet", "refusal", "counter")
    before = [await database.read(f"SELECT * FROM {one}") for one in tables]

    for operation in (Redeem(PTS, 0), Redeem(PTS, 1.0), Adjust(PTS, 0)):
        with pytest.raises(InvalidInputError):
            await book.post(Step(ada, operation), key="k")
    with pytest.raises(InvalidInputError):
        await book.post(Step(99, Open(7, HolderKind.POOL)), Step(ada, Note()))

    after = [await database.read(f"SELECT * FROM {one}") for one in tables]
    assert after == before
    await book.do(ada, Redeem(PTS, 1), key="k")  # the key is as good as new


TRACELESS = [
    (Redeem(99, 1), RefusalCode.CURRENCY_UNKNOWN),
    (Redeem(5, 1), RefusalCode.CURRENCY_UNKNOWN),
    (Capture(9), RefusalCode.HOLD_UNKNOWN),
    (Reverse(9), RefusalCode.TRANSACTION_UNKNOWN),
]
STORED = [
    (Redeem(PTS, 51), RefusalCode.INSUFFICIENT_POINTS),
    (Reverse(1), RefusalCode.NOT_REVERSIBLE),
]


async def test_a_rule_that_says_no_is_stored_and_an_unknown_name_is_not(
    stored: Any,
) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 50)

    for operation, code in TRACELESS + STORED:
        refused = await book.post(Step(ada, operation), key=repr(operation))
        assert refused.code is code
    nobody = await book.post(Step(999, Redeem(PTS, 1)))

    assert nobody.code is RefusalCode.HOLDER_UNKNOWN
    rows = await database.read("SELECT idem_key, code FROM refusal")
    assert dict(rows) == {f"test:{one!r}": code for one, code in STORED}
    assert await database.read("SELECT count(*) FROM journal") == [(2,)]


async def test_counters_stay_within_what_clients_read_exactly(book: Any) -> None:
    ada = await book.open()
    up, down = Count("visits", "all", by=MOST), Count("visits", "all", by=-1)
    await book.post(Step(ada, Note(), (up,)))

    refused = await book.refuse(Step(ada, Note(), (replace(up, by=1),)))
    await book.post(Step(ada, Note(), (down,)))

    assert refused.code is RefusalCode.AMOUNT_TOO_LARGE
    assert book.tables["counter"][ada, "visits", "all"]["value"] == MOST - 1


async def test_everything_in_a_wallet_counts_towards_its_size(book: Any) -> None:
    ada = await book.open()
    await book.earn(ada, MOST - 20)
    await book.do(ada, Authorize(PTS, 10))
    await book.earn(ada, 15, available_at_us=book.clock.us + 100)

    too_many = await book.refused(ada, Earn((Award(PTS, 6),)))
    await book.earn(ada, 5)

    assert too_many.code is RefusalCode.AMOUNT_TOO_LARGE
    assert book.wallet(ada) == (15, MOST - 25, 10, 0)


async def test_of_two_that_open_one_holder_the_first_does(book: Any) -> None:
    opens = [
        Command(f"test:{kind.name}", b"f", (Step(5, Open(7, kind)),))
        for kind in (HolderKind.POOL, HolderKind.MEMBER)
    ]

    first, second = await book.ledger.store.run(lambda: transact(opens))

    assert first.seq == 1
    assert second.code is RefusalCode.HOLDER_EXISTS
    assert book.tables["holder"][(5,)]["kind"] == HolderKind.POOL
