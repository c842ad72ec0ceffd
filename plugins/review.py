"""A product review, reported by the review system once it is published.

Until reviews can wait for approval, only the operator's systems are believed: a member
could make up any number of them.
"""

from pydantic import BaseModel, Field

from guerdon import EarningAction, Fact, Trust, hookimpl


class ReviewPayload(BaseModel):
    """What is reported about one review."""

    review_id: str = Field(
        min_length=1, max_length=100, description="The review system's own id."
    )
    product_id: str = Field(
        min_length=1, max_length=100, description="What was reviewed."
    )
    stars: int = Field(ge=1, le=5, description="Rating, from 1 to 5.")


class Review(EarningAction[ReviewPayload]):
    """One review that was published."""

    code = "review"
    payload = ReviewPayload
    trust = Trust.INTEGRATOR

    def reference(self, payload: ReviewPayload) -> str:
        """Return the review's id."""
        return payload.review_id

    def facts(self, payload: ReviewPayload) -> dict[str, Fact]:
        """Return what was reviewed and how it was rated."""
        return {"product_id": payload.product_id, "stars": payload.stars}


@hookimpl
def register_earning_actions() -> list[Review]:
    """Bring the review."""
    return [Review()]
