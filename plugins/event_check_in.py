"""A member who came to an event, reported by the system at the door.

A member checks in once for each event, whichever door it takes. The code of the door is
kept, so that a report can be traced to who sent it.
"""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field

from guerdon import EarningAction, Fact, Trust, Uniqueness, hookimpl


class EventCheckInPayload(BaseModel):
    """What is reported about one member at the door."""

    event_id: str = Field(min_length=1, max_length=100, description="Which event.")
    door_code: str = Field(
        min_length=1, max_length=100, description="Code of the door, or of its scanner."
    )
    checked_in_at: AwareDatetime = Field(description="When the member came in.")


class EventCheckIn(EarningAction[EventCheckInPayload]):
    """One member at one event, once."""

    code = "event_check_in"
    payload = EventCheckInPayload
    trust = Trust.INTEGRATOR
    uniqueness = Uniqueness.MEMBER

    def reference(self, payload: EventCheckInPayload) -> str:
        """Return the event."""
        return payload.event_id

    def facts(self, payload: EventCheckInPayload) -> dict[str, Fact]:
        """Return which event it was, and by which door the member came."""
        return {"event_id": payload.event_id, "door_code": payload.door_code}

    def occurred_at(self, payload: EventCheckInPayload) -> datetime | None:
        """Return when the member came in."""
        return payload.checked_in_at


@hookimpl
def register_earning_actions() -> list[EventCheckIn]:
    """Bring the check-in."""
    return [EventCheckIn()]
