"""The check-in: once for each member and event, whichever door it was."""

from datetime import UTC, datetime

from core.extension.earning_action import Trust, Uniqueness
from core.extension.reports import read_report
from guerdon.testing import EarningActionContract
from plugins.event_check_in import EventCheckIn, EventCheckInPayload

CAME_IN = datetime(2026, 6, 1, 18, tzinfo=UTC)


class TestContract(EarningActionContract):
    earning_action = EventCheckIn()
    payload = EventCheckInPayload(
        event_id="opening", door_code="north", checked_in_at=CAME_IN
    )
    other_payload = EventCheckInPayload(
        event_id="finale", door_code="north", checked_in_at=CAME_IN
    )
    refused = (
        ({"event_id": ""}, "event_id"),
        ({"door_code": ""}, "door_code"),
        ({"checked_in_at": "2026-06-01T18:00:00"}, "checked_in_at"),
    )


def test_another_door_is_the_same_event() -> None:
    values = {"event_id": "opening", "checked_in_at": "2026-06-01T20:00:00+02:00"}

    north = read_report(EventCheckIn(), values | {"door_code": "north"})
    south = read_report(EventCheckIn(), values | {"door_code": "south"})

    assert north.reference == south.reference == "opening"
    assert north.facts == {"event_id": "opening", "door_code": "north"}
    assert north.occurred_at == CAME_IN


def test_members_do_not_check_themselves_in() -> None:
    assert EventCheckIn().trust is Trust.INTEGRATOR
    assert EventCheckIn().uniqueness is Uniqueness.MEMBER
