"""What a rule says, as it is written in a program document and stored as JSON."""

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.ledger.codes import MAX_AMOUNT
from core.ledger.grants import OnExceed
from core.ledger.policy import Clawback
from core.program.rules.expiry import Expiry
from core.program.rules.expressions import Kind, compiled
from core.program.rules.schedules import Schedule

CODE = "^[a-z][a-z0-9_]{0,62}$"
LINE, UNIT = "line", "unit"
_FACTOR = re.compile(r"\d{1,4}(\.\d{1,4})?")
_MAX_LIMITS = 8


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RoundingMode(StrEnum):
    """What becomes of a fraction of a point."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


class RoundingPlace(StrEnum):
    """Where fractions are rounded: for each unit, each line, or once for all."""

    UNIT = "unit"
    LINE = "line"
    ORDER = "order"


class Rounding(_Part):
    """How fractions of points become whole."""

    mode: RoundingMode = RoundingMode.DOWN
    at: RoundingPlace = RoundingPlace.ORDER


class Stacking(StrEnum):
    """How a multiplier goes together with others.

    BEST: of all such, the one with the highest factor alone counts, on the base.
    ADDITIVE: each is taken of the base. MULTIPLICATIVE: in the order of their codes,
    each is taken of all that was given before it.
    """

    BEST = "best"
    ADDITIVE = "additive"
    MULTIPLICATIVE = "multiplicative"


class Multiplier(_Part):
    """What a rule adds to what others give: `factor` less one times theirs."""

    factor: str = Field(description='A decimal number above 1, such as "1.5".')
    of: tuple[Annotated[str, Field(pattern=CODE)], ...] = Field(
        default=(), max_length=100, description="Codes of rules; none: all."
    )
    stacking: Stacking = Stacking.ADDITIVE

    @field_validator("factor")
    @classmethod
    def _check_factor(cls, value: str) -> str:
        if not _FACTOR.fullmatch(value) or Decimal(value) <= 1:
            raise ValueError('must be a decimal number above 1, such as "1.5"')
        return value

    @property
    def bonus(self) -> Fraction:
        """Return what is added, as a part of the base."""
        return Fraction(self.factor) - 1


class Period(StrEnum):
    """The time in which a limit counts, in the program's zone."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    EVER = "ever"


class Limit(_Part):
    """The most that a rule gives one member, in times or in points."""

    times: int | None = Field(default=None, gt=0, le=MAX_AMOUNT)
    points: int | None = Field(default=None, gt=0, le=MAX_AMOUNT)
    per: Period | None = None
    rolling_days: int | None = Field(default=None, gt=0, le=366)
    on_exceed: OnExceed = OnExceed.PARTIAL

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.times is None) == (self.points is None):
            raise ValueError("must have one of times and points")
        if (self.per is None) == (self.rolling_days is None):
            raise ValueError("must have one of per and rolling_days")
        return self


class RuleDefinition(_Part):
    """What a rule says; stored as JSON."""

    points: int | str | None = Field(
        default=None,
        description="Points in minor units: a number, or an expression.",
    )
    per: str | None = Field(
        default=None,
        pattern="^[a-z][a-z0-9_]*$",
        description="Fact whose number multiplies the points, or `line` or `unit` of "
        "`activity.lines`; absent: once.",
    )
    for_each: int = Field(
        default=1,
        gt=0,
        le=MAX_AMOUNT,
        description="So many of what is counted give the points: 3 for each 200 cents.",
    )
    when: str | None = Field(default=None, description="Condition of all of it.")
    select: str | None = Field(
        default=None, description="Condition of a line, with per `line` or `unit`."
    )
    rounding: Rounding = Rounding()
    multiply: Multiplier | None = Field(
        default=None, description="Instead of points: a bonus on those of other rules."
    )
    schedule: Schedule | None = Field(default=None, description="When it applies.")
    limits: tuple[Limit, ...] = Field(default=(), max_length=_MAX_LIMITS)
    cooldown_minutes: int | None = Field(
        default=None, gt=0, le=5_256_000, description="Least time between two times."
    )
    cooldown: OnExceed = Field(
        default=OnExceed.NONE, description="What becomes of one that comes sooner."
    )
    budget: str | None = Field(
        default=None, pattern=CODE, description="Budget that its points come from."
    )
    active: bool = Field(default=True, description="Whether it gives anything.")
    pending_days: int | None = Field(
        default=None, gt=0, le=3650, description="Days until the points can be spent."
    )
    valid_days: int | None = Field(
        default=None,
        gt=0,
        le=36500,
        description="Days the points live, from when they can be spent; absent: ever.",
    )
    expires: Expiry | None = Field(
        default=None, description="How long they live, where days do not say it."
    )
    clawback: Clawback = Field(
        default=Clawback.OTHER_LOTS,
        description="What happens if they are taken back after they were spent.",
    )
    debt_limit: int | None = Field(
        default=None,
        ge=0,
        le=MAX_AMOUNT,
        description="Largest debt that clawback `capped` makes, in minor units.",
    )
    grace_days: int | None = Field(
        default=None,
        gt=0,
        le=3650,
        description="Days that points live at least that come back after their end.",
    )

    @property
    def is_by_line(self) -> bool:
        """Tell whether it counts lines of an order, or their units."""
        return self.per in {LINE, UNIT}

    @field_validator("points", mode="before")
    @classmethod
    def _check_points(cls, value: Any) -> Any:
        if isinstance(value, str | None):
            return value
        if type(value) is not int or not 0 < value <= MAX_AMOUNT:
            raise ValueError(
                f"must be a text, or a whole number from 1 to {MAX_AMOUNT}"
            )
        return value

    @field_validator("when")
    @classmethod
    def _check_when(cls, value: str | None) -> str | None:
        if value is not None:
            compiled(value, Kind.CONDITION)
        return value

    @field_validator("select")
    @classmethod
    def _check_select(cls, value: str | None) -> str | None:
        if value is not None:
            compiled(value, Kind.CONDITION, line=True)
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.points is None) == (self.multiply is None):
            raise ValueError("must have one of points and multiply")
        if isinstance(self.points, str):
            compiled(self.points, Kind.NUMBER, line=self.is_by_line)
        if self.multiply is not None and (self.per or self.for_each > 1):
            raise ValueError("per and for_each are not for a rule that multiplies")
        if self.select is not None and not self.is_by_line:
            raise ValueError("select is for rules with per `line` or `unit`")
        if self.valid_days is not None and self.expires is not None:
            raise ValueError("must have one of valid_days and expires, or none")
        return self
