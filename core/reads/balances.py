"""Balances as SQL: the wallet as stored, or what time has made of it since.

The wallet is right until the holder's next due instant. After it, and until the holder
is touched, lots that have ripened or run out and holds that have run out are counted
from the lots, so that a late job never shows in a balance.
"""

_IS_DUE = "{t}h.next_due_us <= {now}"

_LOTS = (
    "(SELECT coalesce(sum({what}), 0) FROM lot l WHERE l.holder_id = {t}h.holder_id "
    "AND l.currency_id = {t}.currency_id AND l.is_open AND l.expires_at_us > {now})"
)
_RELEASED = (
    "(SELECT coalesce(sum(a.authorized - a.captured - a.released), 0) FROM hold x "
    "JOIN allocation a ON a.holder_id = x.holder_id AND a.hold_id = x.hold_id "
    "JOIN lot l ON l.holder_id = a.holder_id AND l.lot_id = a.lot_id "
    "WHERE x.holder_id = {t}h.holder_id AND x.currency_id = {t}.currency_id "
    "AND x.is_open AND x.expires_at_us <= {now}{still})"
)


def _lots(what: str) -> str:
    return _LOTS.replace("{what}", what)


def _released(still: str = "") -> str:
    return _RELEASED.replace("{still}", still)


_DEBT = "coalesce({t}w.debt, 0)"
_RIPE = (
    "(SELECT coalesce(sum(l.pending), 0) FROM lot l "
    "WHERE l.holder_id = {t}h.holder_id AND l.currency_id = {t}.currency_id "
    "AND l.is_open AND l.available_at_us <= {now})"
)
_REPAID = f"CASE WHEN {_DEBT} < {_RIPE} THEN {_DEBT} ELSE {_RIPE} END"
_RIPE_AND_LEFT = (
    "(SELECT coalesce(sum(CASE WHEN r.upto <= {debt} THEN 0 "
    "WHEN r.upto - r.pending >= {debt} THEN r.pending ELSE r.upto - {debt} END), 0) "
    "FROM (SELECT l.pending, l.expires_at_us, "
    "sum(l.pending) OVER (ORDER BY l.available_at_us, l.lot_id) AS upto "
    "FROM lot l WHERE l.holder_id = {t}h.holder_id "
    "AND l.currency_id = {t}.currency_id AND l.is_open "
    "AND l.available_at_us <= {now}) r WHERE r.expires_at_us > {now})"
).replace("{debt}", _DEBT)
"""What ripens pays debt first, lot after lot, also a lot that has run out since."""


def _when_due(then: str, otherwise: str) -> str:
    stored = f"coalesce({{t}}w.{otherwise}, 0)"
    return f"CAST(CASE WHEN {_IS_DUE} THEN {then} ELSE {stored} END AS bigint)"


AVAILABLE = _when_due(
    f"{_lots('l.available')} + {_released(' AND l.expires_at_us > {now}')} "
    f"+ {_RIPE_AND_LEFT}",
    "available",
)
PENDING = _when_due(
    _lots("CASE WHEN l.available_at_us > {now} THEN l.pending ELSE 0 END"), "pending"
)
HELD = _when_due(f"coalesce({{t}}w.held, 0) - {_released()}", "held")
DEBT = _when_due(f"{_DEBT} - {_REPAID}", "debt")

SOURCE = (
    "currency {t} JOIN holder {t}h ON {t}h.holder_id = {p}.holder_id "
    "LEFT JOIN wallet {t}w ON {t}w.holder_id = {t}h.holder_id "
    "AND {t}w.currency_id = {t}.currency_id"
)
"""Every currency of the program, with the member's wallet where there is one."""
