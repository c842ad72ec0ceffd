"""Instants that callers give: checked, and brought to what the statements compare.

Callers see instants with milliseconds, so one that they name means its whole
millisecond: what is shown under it, or before it, counts.
"""

from core.errors import InvalidInputError
from core.ledger.codes import LATE_US, NEVER_US
from core.reads.selection import Given

_MS = 1_000


def balances_at(
    as_of_us: int | None, known_at_us: int | None, now_us: int
) -> tuple[str, Given]:
    """Return the relation of a member's balances at a past instant, and what it takes.

    Args:
        as_of_us: when they were so; as `known_at_us`, if None.
        known_at_us: when that was known; now, if None.
        now_us: the present instant.

    Raises:
        InvalidInputError: an instant lies in the future, or they are the wrong way
            round.
    """
    for name, instant_us in (("asOf", as_of_us), ("knownAt", known_at_us)):
        if instant_us is not None and instant_us > now_us:
            raise InvalidInputError(field=name, reason="must not lie in the future")
    if as_of_us is None:
        if known_at_us is None:
            return "balances", {}
        return "balances_known_at", {"known_at": _whole(known_at_us)}
    as_of_us = _whole(as_of_us)
    known_at_us = NEVER_US if known_at_us is None else _whole(known_at_us)
    if as_of_us > known_at_us:
        raise InvalidInputError(field="asOf", reason="must not be after knownAt")
    return "balances_as_of", {
        "as_of": as_of_us,
        "known_at": known_at_us,
        "soon": min(as_of_us + LATE_US, known_at_us),
    }


def period(from_us: int | None, to_us: int | None) -> Given:
    """Return a period, which one that has no beginning or no end need not be.

    Raises:
        InvalidInputError: it ends before it begins.
    """
    given = {
        name: instant_us - instant_us % _MS
        for name, instant_us in (("from", from_us), ("to", to_us))
        if instant_us is not None
    }
    if "from" in given and "to" in given and given["from"] >= given["to"]:
        raise InvalidInputError(field="from", reason="must be before to")
    return given


def past_period(from_us: int, to_us: int | None, now_us: int) -> Given:
    """Return a period that is over; one without an end goes up to and with now.

    Raises:
        InvalidInputError: it ends before it begins, or in the future.
    """
    if to_us is not None and to_us > now_us:
        raise InvalidInputError(field="to", reason="must not lie in the future")
    return period(from_us, now_us + _MS if to_us is None else to_us)


def _whole(instant_us: int) -> int:
    """Return the last instant of a millisecond."""
    return instant_us - instant_us % _MS + _MS - 1
