"""Balances as SQL: the wallet as stored, or what time has made of it since.

The wallet is right until the holder's next due instant. After it, and until the holder
is touched, lots that have ripened or run out and holds that have run out are counted
from the lots, so that a late job never shows in a balance.

`{t}` is the currency, `{t}h` the holder, `{t}w` the wallet.
"""

PARTS = ("available", "pending", "held", "debt")

IS_DUE = "{t}h.next_due_us <= {now}"

_OPEN_LOTS = (
    "FROM lot l WHERE l.holder_id = {t}h.holder_id "
    "AND l.currency_id = {t}.currency_id AND l.is_open"
)
_RIPE_LOTS = f"{_OPEN_LOTS} AND l.available_at_us <= {{now}}"
_DEBT = "coalesce({t}w.debt, 0)"

LIVING = (
    "SELECT l.expires_at_us, l.available, "
    "CASE WHEN l.available_at_us > {now} THEN l.pending ELSE 0 END AS pending "
    f"{_OPEN_LOTS} AND l.expires_at_us > {{now}}"
)
"""What is in lots that have not run out; all there is, if nothing is due."""

_FREED = (
    "SELECT CASE WHEN l.expires_at_us > x.expires_at_us THEN l.expires_at_us "
    "ELSE x.expires_at_us + {member:l.policy:grace_us} END AS expires_at_us, "
    "a.authorized - a.captured - a.released AS amount FROM hold x "
    "CROSS JOIN allocation a CROSS JOIN lot l "  # in this order, also on SQLite
    "WHERE x.holder_id = {t}h.holder_id AND x.currency_id = {t}.currency_id "
    "AND x.is_open AND x.expires_at_us <= {now} "
    "AND a.holder_id = x.holder_id AND a.hold_id = x.hold_id "
    "AND l.holder_id = a.holder_id AND l.lot_id = a.lot_id"
)
"""What holds give back that have run out, and until when it lives: as long as its lot
or, if that had run out before, by the grace of its policy."""

FREED = f"SELECT * FROM ({_FREED}) f WHERE f.expires_at_us > {{now}}"
"""The part of it that has not run out since."""

RIPE = (
    "SELECT r.expires_at_us, CASE WHEN r.upto <= {debt} THEN 0 "
    "WHEN r.upto - r.pending >= {debt} THEN r.pending ELSE r.upto - {debt} END "
    "AS amount FROM (SELECT l.pending, l.expires_at_us, "
    "sum(l.pending) OVER (ORDER BY l.available_at_us, l.lot_id) AS upto "
    f"{_RIPE_LOTS}) r WHERE r.expires_at_us > {{now}}"
).replace("{debt}", _DEBT)
"""What has ripened. It pays debt first, lot after lot, also one that ran out since."""


def _sum(what: str, rows: str) -> str:
    return f"(SELECT coalesce(sum(s.{what}), 0) FROM ({rows}) s)"


_RIPENED = f"(SELECT coalesce(sum(l.pending), 0) {_RIPE_LOTS})"
_REPAID = f"CASE WHEN {_DEBT} < {_RIPENED} THEN {_DEBT} ELSE {_RIPENED} END"

_BY_TIME = {
    "available": " + ".join(
        [_sum("available", LIVING), _sum("amount", FREED), _sum("amount", RIPE)]
    ),
    "pending": _sum("pending", LIVING),
    "held": f"coalesce({{t}}w.held, 0) - {_sum('amount', _FREED)}",
    "debt": f"{_DEBT} - {_REPAID}",
}


def counted(part: str, otherwise: str) -> str:
    """Return a part of a balance: by what is due, or *otherwise* if nothing is."""
    return (
        f"CAST(CASE WHEN {IS_DUE} THEN {_BY_TIME[part]} ELSE {otherwise} END AS bigint)"
    )


def present(part: str) -> str:
    """Return a part of a balance as it is now."""
    return counted(part, f"coalesce({{t}}w.{part}, 0)")


SOURCE = (
    "currency {t} JOIN holder {t}h ON {t}h.holder_id = {p}.holder_id "
    "LEFT JOIN wallet {t}w ON {t}w.holder_id = {t}h.holder_id "
    "AND {t}w.currency_id = {t}.currency_id"
)
"""Every currency of the program, with the member's wallet where there is one."""

EXPIRATIONS = (
    "(SELECT s.expires_at_us, CAST(sum(s.available) AS bigint) AS available, "
    "CAST(sum(s.pending) AS bigint) AS pending FROM ("
    f"{LIVING} UNION ALL "
    f"SELECT d.expires_at_us, d.amount, 0 FROM ({FREED} UNION ALL {RIPE}) d "
    f"WHERE {IS_DUE}) s GROUP BY s.expires_at_us "
    "HAVING sum(s.available + s.pending) > 0)"
).replace("{t}", "{p}") + " {t}"
"""When the points of a balance run out, soonest first."""
