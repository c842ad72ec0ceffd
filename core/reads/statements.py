"""Statements as SQL: what a period began with, what happened, and what it ended with.

A period holds what was booked in it (`core.reads.past`), from its first instant on, up
to its end and without it. So a statement never changes, whatever is told later of what
happened in the period: that stands in the period in which it was told.
"""

from core.ledger.codes import Account
from core.reads import balances, past

EVENTS: dict[str, tuple[int, int, tuple[Account, ...]]] = {
    "earned": (1, 0, (Account.ISSUED,)),
    "refunded": (1, 0, (Account.REDEEMED, Account.CAUSE)),
    "transferred_in": (1, 0, (Account.TRANSIT,)),
    "exchanged_in": (1, 0, (Account.EXCHANGE, Account.ROUNDING)),
    "adjusted": (1, -1, (Account.ADJUSTED,)),
    "redeemed": (0, 1, (Account.REDEEMED, Account.CAUSE)),
    "transferred_out": (0, 1, (Account.TRANSIT,)),
    "exchanged_out": (0, 1, (Account.EXCHANGE, Account.ROUNDING)),
    "expired": (-1, 1, (Account.BREAKAGE,)),
    "clawed_back": (-1, 1, (Account.CLAWED_BACK, Account.LOSS)),
}
"""What can happen: how what came from these accounts counts, and what went to them."""

_OPENING, _CLOSING = "({from} - 1)", "({to} - 1)"
"""The last instants before the period, and in it."""


def _sum(name: str) -> str:
    came, went, accounts = EVENTS[name]
    side = past.PROGRAM_SIDE
    listed = ", ".join(str(int(account)) for account in accounts)
    return (
        f"CAST(sum(CASE WHEN q.src IN ({listed}) AND q.dst < {side} "
        f"THEN {came} * q.amount WHEN q.dst IN ({listed}) AND q.src < {side} "
        f"THEN {went} * q.amount ELSE 0 END) AS bigint) AS {name}"
    )


def _balances(instant: str) -> str:
    """Return rows of all balances at an end of the period.

    `last` is the number of the last transaction before it, and `stored` what the wallet
    still has where something ran out by then that is not recorded to this day.
    """
    wallet = "coalesce({t}w.pending + {t}w.available + {t}w.held - {t}w.debt, 0)"
    stored = f"CASE WHEN {balances.IS_DUE} THEN {wallet} END AS stored"
    return past.snapshot(instant, "b.base AS last", stored)


def _unwritten(end: str) -> str:
    total = f"{end}.available + {end}.pending + {end}.held - {end}.debt"
    return f"coalesce({end}.stored - ({total}), 0)"


_COLUMNS = {
    "currency_id": "opening.currency_id",
    "code": "opening.code",
    **{
        f"{end}_{part}": f"{end}.{part}"
        for end in ("opening", "closing")
        for part in balances.PARTS
    },
    "unwritten": f"{_unwritten('closing')} - {_unwritten('opening')}",
}
LINES = (
    f"(WITH opening AS MATERIALIZED ({_balances(_OPENING)}), "
    f"closing AS MATERIALIZED ({_balances(_CLOSING)}) "
    f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in _COLUMNS.items())}, "
    f"{', '.join(map(_sum, EVENTS))} FROM opening "
    "JOIN closing ON closing.currency_id = opening.currency_id "
    "LEFT JOIN posting q ON q.holder_id = {p}.holder_id "
    "AND q.currency_id = opening.currency_id "
    "AND q.seq > opening.last AND q.seq <= closing.last "
    f"GROUP BY {', '.join(_COLUMNS.values())}) {{t}}"
)
"""A row for each currency of the program: both ends, and the sums between them.

What has run out and is not recorded to this day is `unwritten`.
"""

BOOKED_FROM = "{t}.seq > " + past.number(_OPENING)
BOOKED_TO = "{t}.seq <= " + past.number(_CLOSING)
"""Conditions of transactions that were booked in the period."""
