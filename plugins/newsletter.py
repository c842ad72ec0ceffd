"""A subscription to a newsletter, reported once the member has confirmed it.

Both steps of a double opt-in are told: when it was asked for, and when the link in the
mail was opened. A subscription that nobody confirmed cannot be reported. A member earns
once for each list, however often it leaves and comes back.
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


class NewsletterPayload(BaseModel):
    """What is reported about one confirmed subscription."""

    list_id: str = Field(min_length=1, max_length=100, description="Which list.")
    requested_at: AwareDatetime = Field(description="When the member asked for it.")
    confirmed_at: AwareDatetime = Field(
        description="When the member confirmed it by the link in the mail."
    )

    @field_validator("confirmed_at")
    @classmethod
    def _after_the_request(cls, value: datetime, info: ValidationInfo) -> datetime:
        requested_at = info.data.get("requested_at")
        if requested_at is not None and value <= requested_at:
            raise ValueError("must be after requested_at: it takes both steps")
        return value


class Newsletter(EarningAction[NewsletterPayload]):
    """One confirmed subscription, once for each member and list."""

    code = "newsletter"
    payload = NewsletterPayload
    trust = Trust.INTEGRATOR
    uniqueness = Uniqueness.MEMBER

    def reference(self, payload: NewsletterPayload) -> str:
        """Return the list."""
        return payload.list_id

    def facts(self, payload: NewsletterPayload) -> dict[str, Fact]:
        """Return which list it is."""
        return {"list_id": payload.list_id}

    def occurred_at(self, payload: NewsletterPayload) -> datetime | None:
        """Return when it was confirmed."""
        return payload.confirmed_at


@hookimpl
def register_earning_actions() -> list[Newsletter]:
    """Bring the newsletter."""
    return [Newsletter()]
