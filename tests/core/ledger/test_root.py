"""The root: one figure for all histories, the same wherever they are kept."""

import hashlib
from typing import Any

from core.ledger.root import Root, root_of
from core.ledger.verify import verify


def test_its_form_can_never_change() -> None:
    root = Root()
    root.take(5, 2, b"\x00\x01")
    root.take(6, 1, b"\x02")

    told = b"guerdon root 1" + b"5,2,2:\x00\x01," + b"6,1,1:\x02,"
    assert root.text == hashlib.sha256(told).hexdigest()


async def test_the_proof_tells_the_root_of_the_heads(stored: Any) -> None:
    book, database = stored
    holders = sorted([await book.open() for _ in range(3)], reverse=True)
    await book.earn(holders[0], 100)

    plain, full = await verify(database), await verify(database, full=True)
    some = await verify(database, holders=holders[:1])

    assert plain.root == full.root == await root_of(database)
    assert some.root is None


async def test_every_transaction_changes_the_root(stored: Any) -> None:
    book, database = stored
    ada, bob = await book.open(), await book.open()
    roots = [await root_of(database)]

    for holder_id in (ada, bob, ada):
        await book.earn(holder_id, 1)
        roots.append(await root_of(database))

    assert len(set(roots)) == 4


async def test_the_same_history_has_the_same_root_on_each_database(
    stored: Any,
) -> None:
    book, database = stored
    ada = await book.open()
    await book.earn(ada, 100, expires_at_us=book.clock.us + 50)

    assert await root_of(database) == (
        "27ab5cb1fb3f0219823b2fd6a60d2913074b627f70d36e4cab041286f2bbe09c"
    )
