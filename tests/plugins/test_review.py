"""The review: unique by its id, rated from one to five stars."""

import pytest

from core.errors import InvalidPayloadError
from core.extension.reports import read_report
from guerdon.testing import EarningActionContract
from plugins.review import Review, ReviewPayload


class TestContract(EarningActionContract):
    earning_action = Review()
    payload = ReviewPayload(review_id="r-1", product_id="p-7", stars=5)
    other_payload = ReviewPayload(review_id="r-2", product_id="p-7", stars=5)


def test_report_says_what_was_rated() -> None:
    report = read_report(
        Review(), {"review_id": "r-1", "product_id": "p-7", "stars": 4}
    )

    assert report.reference == "r-1"
    assert report.facts == {"product_id": "p-7", "stars": 4}


@pytest.mark.parametrize("stars", [0, 6])
def test_stars_have_limits(stars: int) -> None:
    with pytest.raises(InvalidPayloadError) as caught:
        read_report(Review(), {"review_id": "r-1", "product_id": "p-7", "stars": stars})

    assert caught.value.field == "stars"
