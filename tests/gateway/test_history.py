"""The past over GraphQL: two clocks, statements, schedules, pages, totals."""

import itertools
from typing import Any

import pytest

from core.clock import from_us
from core.ids import encode
from core.ledger.codes import NEVER_US
from core.ledger.commands import (
    Adjust,
    Authorize,
    Award,
    Command,
    Earn,
    Operation,
    Posted,
    Redeem,
    Reverse,
    Step,
)

PTS = 1
DAY_US = 86_400_000_000
_KEYS = itertools.count(1)


class Ledger:
    """Posts on a member, at instants that a test chooses."""

    def __init__(self, api: Any, clock: Any, holder_id: int) -> None:
        self.api = api
        self.clock = clock
        self.holder_id = holder_id
        self.start_us: int = clock.us

    def day(self, number: float) -> str:
        """Return the instant so many days after the start."""
        instant = from_us(self.start_us + int(number * DAY_US))
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def us(self, number: float) -> int:
        return self.start_us + int(number * DAY_US)

    async def on(
        self, number: float, operation: Operation, happened: float | None = None
    ) -> int:
        """Post on a day what happened then, or on another day."""
        self.clock.us = self.us(number)
        command = Command(
            f"test:{next(_KEYS)}",
            b"f",
            (Step(self.holder_id, operation),),
            effective_us=None if happened is None else self.us(happened),
        )
        outcome = await self.api.engine.ledger.post(command)
        assert isinstance(outcome, Posted), outcome
        return outcome.seq


@pytest.fixture
async def bob(staff_api: Any) -> Any:
    payload = await staff_api.change("enrollMember", "member { id }", number="00002")
    return payload["member"]["id"]


@pytest.fixture
def ledger(staff_api: Any, clock: Any, bob: str) -> Ledger:
    """Bob's; he has nothing yet."""
    return Ledger(staff_api, clock, int(bob[4:], 16))


def earn(amount: int, ends: int = NEVER_US, ripe: int | None = None) -> Earn:
    return Earn((Award(PTS, amount, available_at_us=ripe, expires_at_us=ends),))


AT = """query ($m: ID!, $a: DateTime, $k: DateTime) { member(id: $m) {
  balancesAt(asOf: $a, knownAt: $k) { available pending held debt total } } }"""


async def at(ledger: Ledger, **instants: str) -> tuple[int, ...]:
    """Return available, pending, held and debt."""
    member_id = encode("member", ledger.holder_id)
    data = await ledger.api.data(AT, m=member_id, **instants)
    (found,) = data["member"]["balancesAt"]
    *parts, total = found.values()
    assert total == parts[0] + parts[1] + parts[2] - parts[3]
    return tuple(parts)


async def test_what_is_told_late_counts_from_when_it_happened(ledger: Ledger) -> None:
    await ledger.on(1, earn(100))
    await ledger.on(5, earn(30), happened=2)

    day = ledger.day
    assert await at(ledger, a=day(3), k=day(4)) == (100, 0, 0, 0)
    assert await at(ledger, a=day(3), k=day(5)) == (130, 0, 0, 0)
    assert await at(ledger, a=day(3)) == (130, 0, 0, 0)
    assert await at(ledger, a=day(1.5)) == (100, 0, 0, 0)
    assert await at(ledger, a=day(2)) == (130, 0, 0, 0)
    assert await at(ledger, k=day(4)) == (100, 0, 0, 0)
    assert await at(ledger, a=day(0.5)) == (0, 0, 0, 0)
    assert await at(ledger) == (130, 0, 0, 0)


async def test_what_is_told_soon_after_counts_from_when_it_happened(
    ledger: Ledger,
) -> None:
    second = 1 / 86_400
    await ledger.on(1, earn(100))
    await ledger.on(2 + 30 * second, earn(30), happened=2)

    day = ledger.day
    assert await at(ledger, a=day(2), k=day(2 + 29 * second)) == (100, 0, 0, 0)
    assert await at(ledger, a=day(2), k=day(2 + 30 * second)) == (130, 0, 0, 0)
    assert await at(ledger, a=day(2 - second)) == (100, 0, 0, 0)


async def test_a_correction_does_not_change_what_was_known(ledger: Ledger) -> None:
    seq = await ledger.on(1, earn(100))
    await ledger.on(20, Redeem(PTS, 40))
    month = {"a": ledger.day(30), "k": ledger.day(30)}
    ledger.clock.us = ledger.us(31)
    closed = await at(ledger, **month)

    await ledger.on(35, Reverse(seq), happened=2)

    assert closed == (60, 0, 0, 0)
    assert await at(ledger, **month) == closed
    assert await at(ledger, a=ledger.day(30)) == (0, 0, 0, 40)
    assert await at(ledger, a=ledger.day(10)) == (40, 0, 0, 40)
    assert await at(ledger) == (0, 0, 0, 40)


async def test_time_counts_when_it_is_due_whoever_comes_when(ledger: Ledger) -> None:
    await ledger.on(1, earn(100, ends=ledger.us(10)))
    await ledger.on(2, earn(50, ripe=ledger.us(6)))
    await ledger.on(3, Authorize(PTS, 30, expires_at_us=ledger.us(8)))
    moments = {
        4: (70, 50, 30, 0),
        6: (120, 0, 30, 0),
        8: (150, 0, 0, 0),
        9.9: (150, 0, 0, 0),
        10: (50, 0, 0, 0),
    }
    ledger.clock.us = ledger.us(12)

    async def seen() -> dict[float, tuple[int, ...]]:
        return {day: await at(ledger, k=ledger.day(day)) for day in moments}

    assert await seen() == moments  # nobody has come since day 3
    await ledger.on(13, Adjust(PTS, 1))
    assert await seen() == moments


async def test_an_instant_means_its_whole_millisecond(ledger: Ledger) -> None:
    ledger.start_us += 999  # the last microsecond of what callers see
    await ledger.on(1, earn(100))
    page = "query ($m: ID!) { member(id: $m) { transactions { nodes { postedAt } } } }"
    member_id = encode("member", ledger.holder_id)
    found = await ledger.api.data(page, m=member_id)
    posted = found["member"]["transactions"]["nodes"][0]["postedAt"]

    assert await at(ledger, k=posted) == (100, 0, 0, 0)
    assert await at(ledger, a=posted, k=posted) == (100, 0, 0, 0)


@pytest.mark.parametrize(
    ("as_of", "known_at", "message"),
    [
        (2.1, None, "asOf: must not lie in the future"),
        (None, 2.1, "knownAt: must not lie in the future"),
        (1.5, 1, "asOf: must not be after knownAt"),
    ],
)
async def test_instants_that_make_no_sense_are_refused(
    ledger: Ledger, as_of: float | None, known_at: float | None, message: str
) -> None:
    ledger.clock.us = ledger.us(2)

    answer = await ledger.api.send(
        AT,
        m=encode("member", ledger.holder_id),
        a=None if as_of is None else ledger.day(as_of),
        k=None if known_at is None else ledger.day(known_at),
    )

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == message


STATEMENT = """query ($m: ID!, $f: DateTime!, $t: DateTime, $c: String, $n: Int) {
  member(id: $m) { statement(from: $f, to: $t, currency: $c) {
    from to
    currencies {
      currency opening { total } closing { total available pending held debt currency }
      earned refunded adjusted redeemed expired clawedBack
      transferredIn transferredOut exchangedIn exchangedOut
    }
    transactions(first: $n) {
      nodes { kind bookedAt } pageInfo { hasNextPage }
    }
  } } }"""


async def statement(ledger: Ledger, **variables: Any) -> Any:
    member_id = encode("member", ledger.holder_id)
    data = await ledger.api.data(STATEMENT, m=member_id, **variables)
    return data["member"]["statement"]


async def tell_a_month(ledger: Ledger) -> None:
    seq = await ledger.on(1, earn(100, ends=ledger.us(25)))
    await ledger.on(11, Redeem(PTS, 30))
    spent = await ledger.on(12, Redeem(PTS, 20))
    await ledger.on(13, Reverse(spent, amount=5))
    await ledger.on(14, Reverse(seq, amount=10))
    await ledger.on(15, Adjust(PTS, 7))
    await ledger.on(16, earn(40, ripe=ledger.us(40)))


async def test_a_statement_says_what_happened(ledger: Ledger) -> None:
    await tell_a_month(ledger)
    ledger.clock.us = ledger.us(31)

    found = await statement(ledger, f=ledger.day(10), t=ledger.day(30), n=3)

    (points,) = found["currencies"]
    assert points == {
        "currency": "PTS",
        "opening": {"total": 100},
        "closing": {
            "total": 47,
            "available": 7,
            "pending": 40,
            "held": 0,
            "debt": 0,
            "currency": "PTS",
        },
        "earned": 40,
        "refunded": 5,
        "adjusted": 7,
        "redeemed": 50,
        "expired": 45,
        "clawedBack": 10,
        "transferredIn": 0,
        "transferredOut": 0,
        "exchangedIn": 0,
        "exchangedOut": 0,
    }
    assert (found["from"], found["to"]) == (ledger.day(10), ledger.day(30))
    assert found["transactions"] == {
        "nodes": [
            {"kind": "EARN", "bookedAt": ledger.day(16)},
            {"kind": "ADJUST", "bookedAt": ledger.day(15)},
            {"kind": "REVERSE_EARN", "bookedAt": ledger.day(14)},
        ],
        "pageInfo": {"hasNextPage": True},
    }


async def test_the_sums_of_a_period_never_change(ledger: Ledger) -> None:
    await tell_a_month(ledger)
    ledger.clock.us = ledger.us(31)
    month = {"f": ledger.day(10), "t": ledger.day(30)}
    sent = await statement(ledger, **month)

    await ledger.on(33, earn(500), happened=20)
    again = await statement(ledger, **month)
    following = await statement(ledger, f=ledger.day(30))

    assert again["currencies"] == sent["currencies"]
    ran_out = {"kind": "EXPIRE", "bookedAt": ledger.day(25)}
    listed = sent["transactions"]["nodes"]
    assert again["transactions"]["nodes"] == [ran_out, ran_out, *listed]
    (points,) = following["currencies"]
    assert points["opening"]["total"] == sent["currencies"][0]["closing"]["total"]
    assert (points["earned"], points["closing"]["total"]) == (500, 547)
    assert following["to"] == "2027-02-17T08:00:00.001Z"


async def test_a_statement_of_one_currency(ledger: Ledger) -> None:
    await tell_a_month(ledger)
    period = {"f": ledger.day(1), "t": ledger.day(16)}

    points = await statement(ledger, **period, c="PTS")
    other = await statement(ledger, **period, c="MILES")

    assert [one["currency"] for one in points["currencies"]] == ["PTS"]
    assert len(points["transactions"]["nodes"]) == 6
    assert (other["currencies"], other["transactions"]["nodes"]) == ([], [])


@pytest.mark.parametrize(
    ("begin", "end", "currency", "message"),
    [
        (1, 2.1, None, "to: must not lie in the future"),
        (1, 1, None, "from: must be before to"),
        (3, None, None, "from: must be before to"),
        (1, 2, "\0", "currency: is not a code"),
    ],
)
async def test_periods_that_make_no_sense_are_refused(
    ledger: Ledger,
    begin: float,
    end: float | None,
    currency: str | None,
    message: str,
) -> None:
    ledger.clock.us = ledger.us(2)

    answer = await ledger.api.send(
        STATEMENT,
        m=encode("member", ledger.holder_id),
        f=ledger.day(begin),
        t=None if end is None else ledger.day(end),
        c=currency,
    )

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == message


EXPIRATIONS = """query ($m: ID!, $n: Int, $a: String) { member(id: $m) { balances {
  available pending
  expirations(first: $n, after: $a) {
    nodes { expiresAt available pending } pageInfo { endCursor hasNextPage } } } } }"""


async def test_what_runs_out_soonest_comes_first(ledger: Ledger) -> None:
    await ledger.on(1, earn(100, ends=ledger.us(30)))
    await ledger.on(1, earn(20, ends=ledger.us(20)))
    await ledger.on(2, earn(5, ends=ledger.us(30), ripe=ledger.us(9)))
    await ledger.on(2, earn(300))
    await ledger.on(3, earn(60, ends=ledger.us(4)))
    await ledger.on(3, Authorize(PTS, 70))  # 60, and 10 of the next
    ledger.clock.us = ledger.us(5)
    member_id = encode("member", ledger.holder_id)

    async def page(**more: Any) -> Any:
        data = await ledger.api.data(EXPIRATIONS, m=member_id, **more)
        return data["member"]["balances"][0]

    whole = await page()
    first = await page(n=2)
    after = first["expirations"]["pageInfo"]["endCursor"]
    rest = await page(n=2, a=after)

    rows = [
        {"expiresAt": ledger.day(20), "available": 10, "pending": 0},
        {"expiresAt": ledger.day(30), "available": 100, "pending": 5},
        {"expiresAt": None, "available": 300, "pending": 0},
    ]
    assert (whole["available"], whole["pending"]) == (410, 5)
    assert whole["expirations"]["nodes"] == rows
    assert first["expirations"]["nodes"] + rest["expirations"]["nodes"] == rows
    assert first["expirations"]["pageInfo"]["hasNextPage"]
    assert not rest["expirations"]["pageInfo"]["hasNextPage"]


TRANSACTIONS = """query (
  $m: ID!, $f: Int, $a: String, $l: Int, $b: String,
  $k: [TransactionKind!], $from: DateTime, $to: DateTime
) { member(id: $m) {
  transactions(first: $f, after: $a, last: $l, before: $b,
    kinds: $k, from: $from, to: $to) {
    edges { cursor node { kind } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } } }"""


async def transactions(ledger: Ledger, **variables: Any) -> tuple[list[int], Any]:
    """Return the numbers of a page's transactions, and where it lies."""
    member_id = encode("member", ledger.holder_id)
    data = await ledger.api.data(TRANSACTIONS, m=member_id, **variables)
    found = data["member"]["transactions"]
    seqs = [int(edge["cursor"].split(".")[1], 16) for edge in found["edges"]]
    return seqs, found["pageInfo"]


async def test_pages_go_forward_and_backward(ledger: Ledger) -> None:
    for day in range(1, 8):
        await ledger.on(day, earn(10))

    async def page(**variables: Any) -> tuple[list[int], bool, bool]:
        seqs, info = await transactions(ledger, **variables)
        return seqs, info["hasPreviousPage"], info["hasNextPage"]

    assert await page(f=3) == ([8, 7, 6], False, True)
    assert await page(f=3, a="transactions.6") == ([5, 4, 3], True, True)
    assert await page(f=3, a="transactions.3") == ([2, 1], True, False)
    assert await page(l=3) == ([3, 2, 1], True, False)
    assert await page(l=3, b="transactions.3") == ([6, 5, 4], True, True)
    assert await page(l=3, b="transactions.6") == ([8, 7], False, True)
    assert await page(f=9, a="transactions.7", b="transactions.4") == (
        [6, 5],
        True,
        True,
    )
    assert await page(l=1, a="transactions.7", b="transactions.4") == ([5], True, True)
    assert await page(l=2, b="transactions.8") == ([], False, True)


async def test_transactions_of_some_kinds_and_of_a_period(ledger: Ledger) -> None:
    await tell_a_month(ledger)  # 1 is OPEN, 2 to 8 are of the days 1 and 11 to 16
    await ledger.on(31, Adjust(PTS, 1))  # after two lots have run out on day 25
    day = ledger.day

    async def found(**variables: Any) -> list[int]:
        return (await transactions(ledger, **variables))[0]

    assert await found(k=["ADJUST", "REVERSE_EARN", "ADJUST"]) == [11, 7, 6]
    assert await found(k=["EARN", "OPEN"]) == [8, 2, 1]
    assert await found(k=["EARN", "OPEN"], l=2, b="transactions.1") == [8, 2]
    assert await found(k=["REDEEM", "ADJUST"], f=2, a="transactions.b") == [7, 4]
    assert await found(k=["EXCHANGE"]) == []
    assert await found(**{"from": day(12), "to": day(14)}) == [5, 4]
    assert await found(**{"from": day(25), "to": day(30)}) == [10, 9]
    assert await found(**{"from": day(26)}) == [11]
    assert await found(to=day(11)) == [2, 1]
    assert await found(k=["REDEEM"], to=day(12)) == [3]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"f": 1, "l": 1}, "last: does not go with first"),
        ({"l": 0}, "last: must be 1 to 100"),
        ({"b": "members.1"}, "before: is not a cursor of this list"),
        ({"a": "x"}, "after: is not a cursor of this list"),
        ({"k": []}, "kinds: must not be empty"),
        (
            {"from": "2027-01-02T00:00:00Z", "to": "2027-01-02T00:00:00Z"},
            "from: must be before to",
        ),
    ],
)
async def test_pages_that_make_no_sense_are_refused(
    ledger: Ledger, variables: dict[str, Any], message: str
) -> None:
    member_id = encode("member", ledger.holder_id)

    answer = await ledger.api.send(TRANSACTIONS, m=member_id, **variables)

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == message


EVERYTHING = """query ($m: ID!, $f: DateTime!) { member(id: $m) {
  balances { total expirations { nodes { available } } }
  balancesAt(knownAt: $f) { total }
  statement(from: $f) { currencies { currency } transactions { nodes { id } } }
  transactions(kinds: [EARN]) { nodes { id } } } }"""


async def test_who_may_not_see_a_member_sees_nothing_of_its_past(
    ledger: Ledger, bob: str, ada: Any, caller: Any
) -> None:
    await ledger.on(1, earn(100))
    since = ledger.day(0)

    own = await (await caller("member", ledger.holder_id)).data(
        EVERYTHING, m=bob, f=since
    )
    other = await caller("member", ada.holder_id)
    theirs = await other.data(EVERYTHING, m=bob, f=since)
    nobody = await other.data(EVERYTHING, m="mbr_0000000000000000", f=since)

    assert len(own["member"]["statement"]["transactions"]["nodes"]) == 2
    assert theirs == nobody == {"member": None}


async def test_all_of_the_past_is_one_statement(
    ledger: Ledger, bob: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell_a_month(ledger)
    kind = type(ledger.api.engine.database)
    read, seen = kind.read, []

    async def counted(self: Any, sql: str, *parameters: Any, **more: Any) -> Any:
        seen.append(sql)
        return await read(self, sql, *parameters, **more)

    monkeypatch.setattr(kind, "read", counted)
    await ledger.api.data(EVERYTHING, m=bob, f=ledger.day(2))

    assert len(seen) == 2  # the token, and all the rest


TOTALS = """{ program { code totals {
  currency issued adjusted redeemed expired clawedBack exchanged outstanding } } }"""


async def test_totals_of_the_program_are_for_staff(
    ledger: Ledger, caller: Any, ada: Any
) -> None:
    await tell_a_month(ledger)
    await ledger.on(31, Adjust(PTS, 1))

    found = await ledger.api.data(TOTALS)

    assert found["program"]["totals"] == [
        {
            "currency": "PTS",
            "issued": 310 + 140,
            "adjusted": 8,
            "redeemed": 45,
            "expired": 45,
            "clawedBack": 10,
            "exchanged": 0,
            "outstanding": 310 + 48,
        }
    ]
    for role, holder_id in (("integrator", None), ("member", ada.holder_id)):
        answer = await (await caller(role, holder_id)).send(TOTALS)
        assert answer["data"]["program"] == {"code": "main", "totals": None}
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
