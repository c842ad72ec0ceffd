"""Caps: the limits of a rule on one day, as the ledger counts them.

All versions of a rule count together, so publishing one resets nothing. Days, weeks
from Monday on, months and years are those of the program's zone, by when the activity
occurred. A rolling limit looks at the day of the activity and those before it.
"""

from datetime import date, timedelta

from core.ledger.grants import Cap, CapUnit
from core.program.rules.definition import Limit, Period
from core.program.rules.local_time import end_of_day
from core.program.rules.rule import Rule
from core.program.rules.scene import Scene

_MINUTE_US = 60_000_000


def caps_of(rule: Rule, scene: Scene) -> tuple[Cap, ...]:
    """Return what the ledger is to count of a rule."""
    definition = rule.definition
    caps = [_cap(rule, one, scene) for one in definition.limits]
    if definition.cooldown_minutes is not None:
        least_us = definition.cooldown_minutes * _MINUTE_US
        name = f"rule:{rule.code}:gap"
        caps.append(Cap(name, ("last",), least_us, CapUnit.GAP, definition.cooldown))
    return tuple(caps)


def _cap(rule: Rule, limit: Limit, scene: Scene) -> Cap:
    unit = CapUnit.POINTS if limit.times is None else CapUnit.TIMES
    most = limit.points if limit.times is None else limit.times
    day = scene.shown.date()
    if limit.rolling_days is not None:
        days = [day - timedelta(days=back) for back in range(limit.rolling_days)]
        periods = tuple(f"day:{one}" for one in days)
        last = None
    else:
        period, last = _period(limit.per or Period.EVER, day)
        periods = (period,)
    return Cap(
        f"rule:{rule.code}:{unit}",
        periods,
        most or 0,
        unit,
        limit.on_exceed,
        None if last is None else end_of_day(last, scene.zone),
    )


def _period(per: Period, day: date) -> tuple[str, date | None]:
    """Return the name of a period, and its last day."""
    match per:
        case Period.DAY:
            return f"day:{day}", day
        case Period.WEEK:
            year, week, weekday = day.isocalendar()
            return f"week:{year}-{week:02}", day + timedelta(days=7 - weekday)
        case Period.MONTH:
            following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            return f"month:{day:%Y-%m}", following - timedelta(days=1)
        case Period.YEAR:
            return f"year:{day.year}", date(day.year, 12, 31)
        case Period.EVER:
            return "ever", None
