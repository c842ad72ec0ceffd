"""SF-08: the whole life of a member, from a program made by API alone."""

from typing import Any

from core.engine import Engine
from core.ledger.verify import verify

DOCUMENT = {
    "code": "books",
    "name": "Book Club",
    "currencies": [{"code": "LEAF", "name": "Leaves"}],
    "rules": [
        {
            "code": "purchase",
            "activity": "purchase",
            "currency": "LEAF",
            "points": 2,
            "per": "amount_major",
        }
    ],
    "rewards": [
        {
            "code": "five_off",
            "type": "discount",
            "name": "5 % off",
            "currency": "LEAF",
            "price": 60,
            "config": {"percent_off": 5},
        }
    ],
}


async def test_sf_08_from_set_up_to_redemption(owner: Any, engine: Engine) -> None:
    books = await owner.found(DOCUMENT)
    ada = await books.enroll(number="1")
    earned = await books.buy(ada, "o1", 50)
    redeemed = await books.redeem(ada, "five_off")

    assert earned == 100
    assert redeemed == {"status": "FULFILLED", "pointsSpent": 60}
    found = await books.read(
        "query ($id: ID!) { program { code totals { currency issued redeemed "
        "outstanding } } member(id: $id) { transactions(first: 9) "
        "{ nodes { kind } } } }",
        id=ada,
    )
    assert found["program"] == {
        "code": "books",
        "totals": [
            {"currency": "LEAF", "issued": 100, "redeemed": 60, "outstanding": 40}
        ],
    }
    kinds = {one["kind"] for one in found["member"]["transactions"]["nodes"]}
    assert {"EARN", "CAPTURE"} <= kinds
    assert (await verify(engine.database)).findings == ()


async def test_a_program_is_made_once_and_apart(owner: Any) -> None:
    key = "make-the-book-club-once"
    first = await owner.do(
        "createProgram", "code secret replayed", document=DOCUMENT, idempotencyKey=key
    )
    again = await owner.do(
        "createProgram", "code secret replayed", document=DOCUMENT, idempotencyKey=key
    )
    taken = await owner.change("createProgram", "code", document=DOCUMENT)
    faulty = await owner.change(
        "createProgram", "code", document={**DOCUMENT, "code": "x", "rewards": [{}]}
    )

    assert first["secret"].startswith("gdn_")
    assert again == {**first, "secret": None, "replayed": True}
    assert taken["userErrors"][0]["code"] == "PROGRAM_CODE_TAKEN"
    assert faulty["userErrors"][0]["code"] == "PROGRAM_FAULTY"
    assert (await owner.read("{ program { code } }"))["program"]["code"] == "main"
