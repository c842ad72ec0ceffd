"""The survey: once for each member, worth what was answered."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.extension.earning_action import Trust, Uniqueness
from core.extension.reports import read_report
from guerdon.testing import EarningActionContract
from plugins.survey import Survey, SurveyPayload

ANSWERED = {
    "survey_id": "spring",
    "question_count": 9,
    "answered_count": 9,
    "duration_seconds": 140,
}


class TestContract(EarningActionContract):
    earning_action = Survey()
    payload = SurveyPayload.model_validate(ANSWERED)
    other_payload = SurveyPayload(
        survey_id="summer",
        question_count=3,
        answered_count=0,
        duration_seconds=0,
        completed_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
    )
    refused = (
        ({"answered_count": 10}, "answered_count"),
        ({"question_count": 0}, "question_count"),
        ({"duration_seconds": 86_401}, "duration_seconds"),
        ({"completed_at": "2026-06-01T12:00:00"}, "completed_at"),
    )


@pytest.mark.parametrize(
    ("answered", "percent", "is_complete"),
    [(0, 0, False), (1, 11, False), (8, 88, False), (9, 100, True)],
)
def test_percent_are_rounded_down(
    answered: int, percent: int, is_complete: Any
) -> None:
    report = read_report(Survey(), ANSWERED | {"answered_count": answered})

    assert report.facts == {
        "survey_id": "spring",
        "answered_count": answered,
        "answered_percent": percent,
        "is_complete": is_complete,
        "duration_seconds": 140,
    }


def test_it_happened_when_it_was_handed_in() -> None:
    told = ANSWERED | {"completed_at": "2026-06-01T14:00:00+02:00"}

    report = read_report(Survey(), told)

    assert report.occurred_at == datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert read_report(Survey(), ANSWERED).occurred_at is None


def test_a_member_answers_once() -> None:
    assert Survey().uniqueness is Uniqueness.MEMBER
    assert Survey().trust is Trust.INTEGRATOR
