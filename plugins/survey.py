"""A survey that a member answered, reported by the survey system.

A member answers a survey once. Rules see how many questions were answered, so that a
program can pay for each, or for a complete one only.
"""

from datetime import datetime

from pydantic import (
    AwareDatetime,
    BaseModel,
    Field,
    ValidationInfo,
    field_validator,
)

from guerdon import EarningAction, Fact, Trust, Uniqueness, hookimpl


class SurveyPayload(BaseModel):
    """What is reported about one answered survey."""

    survey_id: str = Field(min_length=1, max_length=100, description="Which survey.")
    question_count: int = Field(ge=1, le=1_000, description="Questions that it asked.")
    answered_count: int = Field(ge=0, le=1_000, description="Questions answered.")
    duration_seconds: int = Field(
        ge=0, le=86_400, description="How long the member took."
    )
    completed_at: AwareDatetime | None = Field(
        default=None, description="When it was handed in; when it is told, if left out."
    )

    @field_validator("answered_count")
    @classmethod
    def _no_more_than_asked(cls, value: int, info: ValidationInfo) -> int:
        if value > info.data.get("question_count", value):
            raise ValueError("must not be more than question_count")
        return value


class Survey(EarningAction[SurveyPayload]):
    """One survey that a member answered, once for each member."""

    code = "survey"
    payload = SurveyPayload
    trust = Trust.INTEGRATOR
    uniqueness = Uniqueness.MEMBER

    def reference(self, payload: SurveyPayload) -> str:
        """Return the survey."""
        return payload.survey_id

    def facts(self, payload: SurveyPayload) -> dict[str, Fact]:
        """Return how much was answered; percent are rounded down."""
        asked, answered = payload.question_count, payload.answered_count
        return {
            "survey_id": payload.survey_id,
            "answered_count": answered,
            "answered_percent": 100 * answered // asked,
            "is_complete": answered == asked,
            "duration_seconds": payload.duration_seconds,
        }

    def occurred_at(self, payload: SurveyPayload) -> datetime | None:
        """Return when it was handed in, if that is told."""
        return payload.completed_at


@hookimpl
def register_earning_actions() -> list[Survey]:
    """Bring the survey."""
    return [Survey()]
