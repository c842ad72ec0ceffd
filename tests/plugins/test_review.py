"""The review: once for each member and product, and nothing before a person read it."""

from core.extension.earning_action import Trust, Uniqueness
from core.extension.reports import read_report
from guerdon.testing import EarningActionContract
from plugins.review import Review, ReviewPayload

PHOTO = "https://photos.example/1.jpg"


class TestContract(EarningActionContract):
    earning_action = Review()
    payload = ReviewPayload(product_id="p-7", stars=5)
    other_payload = ReviewPayload(
        product_id="p-8", stars=1, text="Broke at once.", photo_urls=[PHOTO]
    )
    needs_approval = True
    refused = (
        ({"stars": 0}, "stars"),
        ({"stars": 6}, "stars"),
        ({"product_id": ""}, "product_id"),
        ({"text": "x" * 5_001}, "text"),
        ({"photo_urls": ["http://photos.example/1.jpg"]}, "photo_urls.0"),
        ({"photo_urls": [PHOTO] * 11}, "photo_urls"),
    )


def test_report_says_how_thorough_it_is() -> None:
    report = read_report(
        Review(),
        {
            "product_id": "p-7",
            "stars": 4,
            "text": "  It fits.\n",
            "photo_urls": [PHOTO],
        },
    )

    assert report.facts == {
        "product_id": "p-7",
        "stars": 4,
        "has_photo": True,
        "text_length": 8,
    }


def test_a_member_reviews_a_product_once() -> None:
    good = read_report(Review(), {"product_id": "p-7", "stars": 5})
    bad = read_report(Review(), {"product_id": "p-7", "stars": 1})

    assert good.reference == bad.reference == "p-7"
    assert Review().uniqueness is Uniqueness.MEMBER
    assert Review().trust is Trust.MEMBER
