"""A product review, which a member may report: a person reads it before it earns.

A member reviews a product once. The points wait until somebody has approved the review,
so making reviews up gains nothing.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from guerdon import EarningAction, Fact, Trust, Uniqueness, hookimpl

PhotoUrl = Annotated[str, Field(pattern=r"^https://[!-~]+$", max_length=500)]


class ReviewPayload(BaseModel):
    """What is reported about one review."""

    product_id: str = Field(
        min_length=1, max_length=100, description="What was reviewed."
    )
    stars: int = Field(ge=1, le=5, description="Rating, from 1 to 5.")
    text: str = Field(
        default="", max_length=5_000, description="What the member wrote."
    )
    photo_urls: list[PhotoUrl] = Field(
        default_factory=list,
        max_length=10,
        description="Where the member's photos are; https only.",
    )


class Review(EarningAction[ReviewPayload]):
    """One review of a product, once for each member."""

    code = "review"
    payload = ReviewPayload
    trust = Trust.MEMBER
    uniqueness = Uniqueness.MEMBER
    needs_approval = True

    def reference(self, payload: ReviewPayload) -> str:
        """Return the product: a member reviews it once."""
        return payload.product_id

    def facts(self, payload: ReviewPayload) -> dict[str, Fact]:
        """Return what was reviewed, how it was rated, and how thoroughly."""
        return {
            "product_id": payload.product_id,
            "stars": payload.stars,
            "has_photo": bool(payload.photo_urls),
            "text_length": len(payload.text.strip()),
        }


@hookimpl
def register_earning_actions() -> list[Review]:
    """Bring the review."""
    return [Review()]
