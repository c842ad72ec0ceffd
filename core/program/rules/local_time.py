"""Local time: from clocks on walls to instants and back.

Twice a year a wall clock skips an hour or shows one twice. An instant that was skipped
is the next that exists; of one that comes twice the first is meant.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.clock import from_us, to_us


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """Return the zone of an IANA name.

    Raises:
        ValueError: there is none such.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{name!r} is no IANA time zone") from error


def local(instant_us: int, zone: ZoneInfo) -> datetime:
    """Return what clocks in the zone show, without their zone."""
    return from_us(instant_us).astimezone(zone).replace(tzinfo=None)


def instant_of(shown: datetime, zone: ZoneInfo) -> int:
    """Return the first instant at which clocks show at least *shown*."""
    instant_us = to_us(shown.replace(tzinfo=zone))
    if local(instant_us, zone) == shown:
        return instant_us
    return _end_of_gap(shown, zone)


def _end_of_gap(shown: datetime, zone: ZoneInfo) -> int:
    """Return when clocks have skipped *shown*: the instant is searched by halves."""
    early = to_us(shown.replace(tzinfo=zone, fold=1))
    late = to_us(shown.replace(tzinfo=zone, fold=0))
    while late - early > 1:
        middle = (early + late) // 2
        if local(middle, zone) < shown:
            early = middle
        else:
            late = middle
    return late


def end_of_day(day: date, zone: ZoneInfo) -> int:
    """Return the instant at which the next day begins."""
    return instant_of(datetime.combine(day + timedelta(days=1), time()), zone)
