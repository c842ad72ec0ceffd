"""How long points live: for days, for months, or until a fixed day of the year.

Months end on the same day of a later one, or on its last if it has no such day; such
points, and those with a fixed day, live until that day ends in the program's zone.
"""

import calendar
from datetime import date, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.ledger.codes import NEVER_US
from core.program.rules.local_time import end_of_day, local

_DAY_US = 86_400_000_000
_LEAP_YEAR = 2000
_LAST_YEAR = 2200
"""What would live longer lives for ever."""

Day = Annotated[str, Field(pattern=r"^\d\d-\d\d$")]


class Expiry(BaseModel):
    """When points run out that can be spent from an instant on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after_days: int | None = Field(default=None, gt=0, le=36500)
    after_months: int | None = Field(default=None, gt=0, le=1200)
    on: tuple[Day, ...] = Field(
        default=(), max_length=12, description="Days of the year, such as 12-31."
    )
    at_least_days: int = Field(
        default=0, ge=0, le=3650, description="With `on`: a day sooner is passed over."
    )

    @field_validator("on")
    @classmethod
    def _check_days(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        for one in days:
            try:
                date.fromisoformat(f"{_LEAP_YEAR}-{one}")
            except ValueError:
                raise ValueError(f"{one} is no day of the year") from None
        return days

    @model_validator(mode="after")
    def _check(self) -> Self:
        given = [self.after_days is not None, self.after_months is not None, *self.on]
        if sum(map(bool, given[:2])) + bool(self.on) != 1:
            raise ValueError("must have one of after_days, after_months and on")
        if self.at_least_days and not self.on:
            raise ValueError("at_least_days goes with `on`")
        return self

    def end_us(self, from_us: int, zone: ZoneInfo) -> int:
        """Return when points run out that can be spent from *from_us* on."""
        if self.after_days is not None:
            return from_us + self.after_days * _DAY_US
        day = local(from_us, zone).date()
        if self.after_months is not None:
            last = _later(day, self.after_months)
        else:
            last = self._fixed(day + timedelta(days=self.at_least_days))
        return NEVER_US if last.year > _LAST_YEAR else end_of_day(last, zone)

    def _fixed(self, earliest: date) -> date:
        """Return the first of the fixed days from *earliest* on."""
        days = [
            _day_of(year, *map(int, one.split("-")))
            for year in (earliest.year, earliest.year + 1)
            for one in self.on
        ]
        return min(one for one in days if one >= earliest)


def _later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return _day_of(min(day.year + years, 9_000), month + 1, day.day)


def _day_of(year: int, month: int, day: int) -> date:
    """Return a day; one that the month does not have is its last."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
