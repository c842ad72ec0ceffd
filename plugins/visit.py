"""A visit to a store, reported by its own systems: a terminal, a gate, a beacon.

A member earns once for each store and day. The day is that of the store's own clock,
whose offset from UTC comes with the instant: what is half past eleven at night in a
store belongs to that evening, wherever the server stands.
"""

from datetime import datetime, timedelta, timezone
from typing import Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from guerdon import EarningAction, Fact, Trust, Uniqueness, hookimpl

_MINUTE = timedelta(minutes=1)


class VisitPayload(BaseModel):
    """What is reported about one visit."""

    store_id: str = Field(min_length=1, max_length=100, description="Which store.")
    entered_at: AwareDatetime = Field(
        description="When the member came in, with the offset of the store's clock."
    )
    utc_offset_minutes: int | None = Field(
        default=None,
        gt=-1_440,
        lt=1_440,
        description="Minutes by which the store's clock is ahead of UTC; that of "
        "entered_at, if left out.",
    )

    @model_validator(mode="after")
    def _keep_the_offset(self) -> Self:
        """Remember the offset: instants are stored in UTC."""
        if self.utc_offset_minutes is None:
            offset = self.entered_at.utcoffset() or timedelta()
            self.utc_offset_minutes = offset // _MINUTE
        return self

    @property
    def local(self) -> datetime:
        """Return the instant by the store's own clock."""
        offset = timedelta(minutes=self.utc_offset_minutes or 0)
        return self.entered_at.astimezone(timezone(offset))


class Visit(EarningAction[VisitPayload]):
    """One visit, once for each member, store and day."""

    code = "visit"
    payload = VisitPayload
    trust = Trust.INTEGRATOR
    uniqueness = Uniqueness.MEMBER

    def reference(self, payload: VisitPayload) -> str:
        """Return the store and its day."""
        return f"{payload.store_id}/{payload.local.date().isoformat()}"

    def facts(self, payload: VisitPayload) -> dict[str, Fact]:
        """Return the store and, by its clock, hour and weekday (1 is Monday)."""
        return {
            "store_id": payload.store_id,
            "hour": payload.local.hour,
            "weekday": payload.local.isoweekday(),
        }

    def occurred_at(self, payload: VisitPayload) -> datetime | None:
        """Return when the member came in."""
        return payload.entered_at


@hookimpl
def register_earning_actions() -> list[Visit]:
    """Bring the visit."""
    return [Visit()]
