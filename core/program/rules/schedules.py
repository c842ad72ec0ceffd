"""Schedules: when a rule applies, by what clocks in a named zone show.

All intervals are half open. An activity is inside by when it occurred, whenever it was
told. On days with 23 or 25 hours a day is a day and an hour of the clock is itself.
"""

import re
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NaiveDatetime,
    field_validator,
    model_validator,
)

from core.program.rules.local_time import instant_of, local, zone_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PARTS = {
    "DAILY": {"INTERVAL", "COUNT", "UNTIL", "BYDAY"},
    "WEEKLY": {"INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"},
    "MONTHLY": {"INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH"},
}
"""Parts of a recurrence by its frequency: those with a bound on the work they make."""

_VALUE = re.compile(r"[A-Z0-9,+-]{1,100}")
_WHOLE = re.compile(r"[1-9]\d{0,3}")
_CLOCK = r"^([01]\d|2[0-4]):[0-5]\d$"
_MAX_HOURS = 24 * 366

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hours(_Part):
    """A part of each day, as clocks show it; 24:00 is its end."""

    start: Annotated[str, Field(pattern=_CLOCK)] = "00:00"
    end: Annotated[str, Field(pattern=_CLOCK)] = "24:00"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.start < self.end <= "24:00":
            raise ValueError("must end after its start, at 24:00 at the latest")
        return self


class Schedule(_Part):
    """When a rule applies; what is not said is always so.

    With `repeats`, an RRULE that counts from `start`, it applies for `lasts_hours` from
    each of its instants on.
    """

    start: NaiveDatetime | None = None
    end: NaiveDatetime | None = None
    zone: str | None = Field(default=None, description="The program's, if left out.")
    weekdays: tuple[Weekday, ...] = ()
    hours: Hours | None = None
    repeats: str | None = Field(default=None, max_length=200)
    lasts_hours: int | None = Field(default=None, gt=0, le=_MAX_HOURS)

    @field_validator("zone")
    @classmethod
    def _check_zone(cls, value: str | None) -> str | None:
        if value is not None:
            zone_of(value)
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.start and self.end and self.start >= self.end:
            raise ValueError("must end after its start")
        if (self.repeats is None) != (self.lasts_hours is None):
            raise ValueError("repeats and lasts_hours go together")
        if self.repeats is not None:
            if self.start is None:
                raise ValueError("repeats needs a start to count from")
            _check_recurrence(self.repeats)
            first = _recurrence(self.repeats, self.start).after(self.start, inc=True)
            if first is None:
                raise ValueError(f"repeats never comes to pass: {self.repeats}")
        return self

    def covers(self, instant_us: int, zone: ZoneInfo) -> bool:
        """Tell whether it applies at an instant; *zone* is the program's."""
        if self.zone is not None:
            zone = zone_of(self.zone)
        if self.start and instant_us < instant_of(self.start, zone):
            return False
        if self.end and instant_us >= instant_of(self.end, zone):
            return False
        shown = local(instant_us, zone)
        if self.weekdays and WEEKDAYS[shown.weekday()] not in self.weekdays:
            return False
        clock = f"{shown:%H:%M}"
        if self.hours and not self.hours.start <= clock < self.hours.end:
            return False
        return self.repeats is None or self._repeats_over(instant_us, shown, zone)

    def _repeats_over(self, instant_us: int, shown: datetime, zone: ZoneInfo) -> bool:
        if self.start is None or self.repeats is None or self.lasts_hours is None:
            raise AssertionError("checked when it was made")
        lasts = timedelta(hours=self.lasts_hours)
        day = datetime.combine(shown.date(), time())
        starts = _starts(self.repeats, self.start, day, lasts)
        return any(
            instant_of(one, zone) <= instant_us < instant_of(one + lasts, zone)
            for one in starts
        )


def _check_recurrence(text: str) -> None:
    parts = dict(one.partition("=")[::2] for one in text.split(";"))
    frequency = parts.pop("FREQ", "")
    if frequency not in _PARTS:
        known = ", ".join(_PARTS)
        raise ValueError(f"must be an RRULE with a FREQ of {known}")
    for name, value in parts.items():
        if name not in _PARTS[frequency]:
            known = ", ".join(sorted(_PARTS[frequency]))
            raise ValueError(f"{name} is not known with {frequency}; there are {known}")
        form = _WHOLE if name in {"INTERVAL", "COUNT"} else _VALUE
        if not form.fullmatch(value):
            raise ValueError(f"{name} cannot be {value!r}")


@lru_cache(maxsize=1024)
def _recurrence(text: str, start: datetime) -> rrule | rruleset:
    """Return the instants of a recurrence, which are kept once they were counted."""
    try:
        return rrulestr(text, dtstart=start, cache=True)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"repeats is no RRULE: {text}") from error


@lru_cache(maxsize=4096)
def _starts(
    text: str, start: datetime, day: datetime, lasts: timedelta
) -> tuple[datetime, ...]:
    """Return what starts so that it may last into a day, or starts on it."""
    found = _recurrence(text, start).between(
        day - lasts - timedelta(days=1), day + timedelta(days=2), inc=True
    )
    return tuple(found)
