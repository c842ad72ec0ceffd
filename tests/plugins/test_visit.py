"""The visit: once for each member, store and day by the store's own clock."""

import json
from datetime import UTC, datetime

import pytest

from core.extension.earning_action import Trust, Uniqueness
from core.extension.reports import read_report
from guerdon.testing import EarningActionContract
from plugins.visit import Visit, VisitPayload


def visit(entered_at: str, **more: int) -> dict[str, object]:
    return {"store_id": "graz-1", "entered_at": entered_at, **more}


class TestContract(EarningActionContract):
    earning_action = Visit()
    payload = VisitPayload(
        store_id="graz-1",
        entered_at=datetime.fromisoformat("2026-06-01T23:30:00-05:00"),
    )
    other_payload = VisitPayload(
        store_id="graz-1",
        entered_at=datetime.fromisoformat("2026-06-02T00:30:00-05:00"),
    )
    refused = (
        ({"store_id": ""}, "store_id"),
        ({"entered_at": "2026-06-01T23:30:00"}, "entered_at"),
        ({"utc_offset_minutes": 1_440}, "utc_offset_minutes"),
    )


@pytest.mark.parametrize(
    ("entered_at", "day"),
    [
        ("2026-06-01T23:30:00-05:00", "2026-06-01"),
        ("2026-06-02T04:30:00Z", "2026-06-02"),
        ("2026-06-02T00:30:00+14:00", "2026-06-02"),
        ("2026-12-31T23:59:59.999999+05:45", "2026-12-31"),
    ],
)
def test_the_day_is_the_stores(entered_at: str, day: str) -> None:
    assert read_report(Visit(), visit(entered_at)).reference == f"graz-1/{day}"


def test_twice_a_day_is_once() -> None:
    morning = read_report(Visit(), visit("2026-06-01T08:00:00+02:00"))
    night = read_report(Visit(), visit("2026-06-01T23:59:00+02:00"))

    assert morning.reference == night.reference


def test_the_offset_can_be_told_apart() -> None:
    """Some systems know instants in UTC only, and the zone of the store."""
    told = visit("2026-06-02T04:30:00Z", utc_offset_minutes=-300)

    report = read_report(Visit(), told)

    assert report.reference == "graz-1/2026-06-01"
    assert report.facts == {"store_id": "graz-1", "hour": 23, "weekday": 1}
    assert report.occurred_at == datetime(2026, 6, 2, 4, 30, tzinfo=UTC)


def test_the_offset_is_stored() -> None:
    report = read_report(Visit(), visit("2026-06-01T23:30:00-05:00"))

    assert json.loads(report.document) == {
        "store_id": "graz-1",
        "entered_at": "2026-06-02T04:30:00.000000Z",
        "utc_offset_minutes": -300,
    }


def test_members_do_not_report_visits() -> None:
    assert Visit().trust is Trust.INTEGRATOR
    assert Visit().uniqueness is Uniqueness.MEMBER
