"""The newsletter: nothing counts that nobody confirmed."""

from datetime import UTC, datetime

from core.extension.earning_action import Trust, Uniqueness
from core.extension.reports import read_report
from guerdon.testing import EarningActionContract
from plugins.newsletter import Newsletter, NewsletterPayload

ASKED = datetime(2026, 6, 1, 12, tzinfo=UTC)
CONFIRMED = datetime(2026, 6, 1, 12, 5, tzinfo=UTC)


class TestContract(EarningActionContract):
    earning_action = Newsletter()
    payload = NewsletterPayload(
        list_id="weekly", requested_at=ASKED, confirmed_at=CONFIRMED
    )
    other_payload = NewsletterPayload(
        list_id="monthly", requested_at=ASKED, confirmed_at=CONFIRMED
    )
    refused = (
        ({"confirmed_at": "2026-06-01T12:00:00Z"}, "confirmed_at"),
        ({"confirmed_at": "2026-06-01T13:59:00+02:00"}, "confirmed_at"),
        ({"confirmed_at": None}, "confirmed_at"),
        ({"list_id": ""}, "list_id"),
    )


def test_it_counts_from_the_confirmation() -> None:
    report = read_report(
        Newsletter(),
        {
            "list_id": "weekly",
            "requested_at": "2026-06-01T12:00:00Z",
            "confirmed_at": "2026-06-01T14:05:00+02:00",
        },
    )

    assert report.occurred_at == CONFIRMED
    assert report.facts == {"list_id": "weekly"}
    assert report.reference == "weekly"


def test_who_leaves_and_comes_back_earns_once() -> None:
    assert Newsletter().uniqueness is Uniqueness.MEMBER
    assert Newsletter().trust is Trust.INTEGRATOR
