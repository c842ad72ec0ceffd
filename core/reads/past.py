"""Balances at a past instant as SQL, by two clocks.

A transaction is *booked* at the instant at which it was recorded; what time does, at
the instant at which it was due, whether or not a job had recorded it by then. Booked
instants never run back along a holder's journal: before each command, and before
nothing else, all is recorded that is due. So the journal up to an instant is found by a
binary search, and the balances after it stand in its rows.

What a holder had *as of* an instant, as *known at* another, is what was booked up to
the first, and what was told afterwards, up to the second, of what had happened before.
"""

from collections.abc import Callable, Mapping

from core.ledger.codes import BY_TIME, LATE_US
from core.reads import balances

_KINDS = ", ".join(str(int(kind)) for kind in sorted(BY_TIME))
_BOOKED = f"CASE WHEN j.kind IN ({_KINDS}) THEN j.effective_us ELSE j.at_us END"

BOOKED = _BOOKED.replace("j.", "{t}.")
"""When a transaction is booked."""

PROGRAM_SIDE = 100
"""Accounts from here on are the program's."""


def number(upto: str) -> str:
    """Return the number of the last transaction booked at *upto* or before, or 0."""
    return (
        f"(SELECT CASE WHEN h.last_at_us <= {upto} THEN h.last_seq ELSE ("
        "WITH RECURSIVE s(lo, n) AS (SELECT CAST(0 AS bigint), h.last_seq + 1 "
        f"UNION ALL SELECT s.lo + CASE WHEN (SELECT {_BOOKED} FROM journal j "
        "WHERE j.holder_id = h.holder_id AND j.seq = s.lo + s.n / 2) "
        f"<= {upto} THEN s.n / 2 ELSE 0 END, s.n - s.n / 2 FROM s WHERE s.n > 1"
        ") SELECT s.lo FROM s WHERE s.n = 1) END "
        "FROM holder h WHERE h.holder_id = {p}.holder_id)"
    )


_LAST_TOUCH = (
    "(SELECT q.seq FROM posting q WHERE q.holder_id = {t}h.holder_id "
    "AND q.currency_id = {t}.currency_id AND q.seq <= b.base "
    f"AND (q.src < {PROGRAM_SIDE} OR q.dst < {PROGRAM_SIDE}) "
    "ORDER BY q.seq DESC LIMIT 1)"
)
_SOURCE = (
    f"b CROSS JOIN {balances.SOURCE} "
    f"LEFT JOIN journal y ON y.holder_id = {{t}}h.holder_id AND y.seq = {_LAST_TOUCH} "
    "LEFT JOIN {each:y.balances:e} ON {element:e:0} = {t}.currency_id"
)
"""Each currency with the row of the journal that tells the balance after `b.base`."""


def snapshot(
    instant: str,
    *columns: str,
    bounds: Mapping[str, str] | None = None,
    moved: Callable[[int], str] = lambda _: "",
) -> str:
    """Return rows of all balances at *instant*.

    Args:
        instant: up to which what was booked counts, and what was due.
        columns: further columns.
        bounds: numbers of transactions, by name.
        moved: returns, for the place of a part's change, what is to be added.
    """
    numbers = {"base": number(instant)} | dict(bounds or {})
    listed = ", ".join(f"{one} AS {name}" for name, one in numbers.items())
    parts = [
        balances.counted(part, f"coalesce({{element:e:{place}}}, 0){moved(place + 4)}")
        + f" AS {part}"
        for place, part in enumerate(balances.PARTS, start=1)
    ]
    sql = (
        f"WITH b AS MATERIALIZED (SELECT {listed}) "
        f"SELECT {', '.join(['{t}.currency_id', '{t}.code', *parts, *columns])} "
        f"FROM {_SOURCE} WHERE {{t}}.program_id = {{t}}h.program_id"
    )
    return sql.replace("{t}", "c").replace("{now}", instant)


def _moved(place: int) -> str:
    """Return what was told, until `known_at`, of what had happened by `as_of`."""
    rows = (
        f"(SELECT coalesce(sum({{element:m:{place}}}), 0) FROM journal j "
        "CROSS JOIN {each:j.balances:m} WHERE j.holder_id = {t}h.holder_id "
        f"AND j.kind NOT IN ({_KINDS}) AND j.effective_us <= {{as_of}} "
        "AND {element:m:0} = {t}.currency_id AND %s)"
    )
    soon = "j.seq > b.base AND j.seq <= b.soon"
    late = (
        f"j.seq > b.soon AND j.seq <= b.last AND j.effective_us < j.at_us - {LATE_US}"
    )
    return f" + {rows % soon} + {rows % late}"


KNOWN_AT = f"({snapshot('{known_at}')}) {{t}}"
"""Balances at an instant, as known then."""

_UNTIL = {"soon": number("{soon}"), "last": number("{known_at}")}
AS_OF = f"({snapshot('{as_of}', bounds=_UNTIL, moved=_moved)}) {{t}}"
"""Balances as of an instant, as known at a later one.

Most of what is told was told soon after it happened, and is found in the minute after;
of what is told late there is an index.
"""
