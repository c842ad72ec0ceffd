"""Byte-exact: what stands in hashes and cursors can never change."""

import dataclasses

import pytest

from core.errors import InvalidInputError
from core.ledger import chain, cursor
from core.ledger.codes import Account, HolderKind, JournalKind, RefusalCode
from core.ledger.cursor import Position
from core.ledger.state import Entry, Line

ENTRY = Entry(
    program_id=7,
    holder_id=5,
    seq=2,
    kind=JournalKind.EARN,
    key="shop:é",
    fingerprint=b"\x00\x01",
    at_us=1_800_000_000_000_000,
    effective_us=-1,
    ref_seq=None,
    corr_id=None,
    source="purchase",
    external_id="o1",
    balances="[[1,100,0,0,0,100,0,0,0]]",
    terms='{"lots":[[1,2]]}',
    meta="{}",
    hash=b"",
    lines=(Line(1, 1, 100, Account.ISSUED, None, Account.AVAILABLE, 2048, 9),),
)


def test_the_canonical_row_is_fixed() -> None:
    assert chain.canonical(ENTRY) == (
        b"1,7,5,2,2,7:shop:\xc3\xa9,2:\x00\x01,1800000000000000,-1,-,-,8:purchase,2:o1,"
        b"25:[[1,100,0,0,0,100,0,0,0]],"
        b'16:{"lots":[[1,2]]},2:{},1,'
        b"1,1,100,101,-,2,2048,9,-,-,"
    )


def test_genesis_and_links_are_fixed() -> None:
    genesis = chain.genesis(7, 5)

    assert genesis.hex() == (
        "cb646977da25437e1b79894cca3a0a7c444b8c2c5ed80ce20b2ba56c9c2eec5a"
    )
    assert chain.link(genesis, ENTRY).hex() == (
        "ce837dcdccbf6183d4a6b5207502272206027d0b6328b14ce9c3bd4d3323ec12"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"program_id": 8},
        {"key": "shop:e"},
        {"effective_us": 0},
        {"ref_seq": 1},
        {"external_id": None},
        {"terms": "{}"},
        {"meta": '{"a":1}'},
        {"lines": ()},
        {"lines": (ENTRY.lines[0]._replace(order_unit=1),)},
    ],
)
def test_every_field_is_part_of_the_hash(change: dict[str, object]) -> None:
    assert chain.canonical(ENTRY._replace(**change)) != chain.canonical(ENTRY)


def test_fields_cannot_run_into_one_another() -> None:
    one = ENTRY._replace(source="a,1:b", external_id="c")
    other = ENTRY._replace(source="a", external_id="b,1:c")

    assert chain.canonical(one) != chain.canonical(other)


def test_stored_numbers_are_fixed() -> None:
    assert {one.name: int(one) for one in Account} == {
        "PENDING": 1,
        "AVAILABLE": 2,
        "HELD": 3,
        "DEBT": 4,
        "ISSUED": 101,
        "REDEEMED": 102,
        "BREAKAGE": 103,
        "CLAWED_BACK": 104,
        "TRANSIT": 105,
        "ADJUSTED": 106,
        "CAUSE": 107,
        "EXCHANGE": 108,
        "ROUNDING": 109,
        "LOSS": 110,
    }
    assert [int(one) for one in JournalKind] == list(range(1, 23))
    assert [int(one) for one in RefusalCode] == list(range(1, 27))
    assert [int(one) for one in HolderKind] == list(range(1, 6))


SECRET = b"s" * 32
HERE = Position(5, 1, 9, b"12345678")


def test_a_cursor_is_read_back() -> None:
    longer = dataclasses.replace(HERE, hash=b"12345678" * 4)

    assert cursor.decode(cursor.encode(longer, SECRET), SECRET) == HERE


@pytest.mark.parametrize("place", range(56))
def test_a_cursor_that_was_changed_is_refused(place: int) -> None:
    text = cursor.encode(HERE, SECRET)
    other = "A" if text[place % len(text)] != "A" else "B"
    changed = text[: place % len(text)] + other + text[place % len(text) + 1 :]

    with pytest.raises(InvalidInputError):
        cursor.decode(changed, SECRET)


@pytest.mark.parametrize("text", ["", "A", "é", "AAAA", "=" * 8, "A" * 56, " " * 4])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        cursor.decode(text, SECRET)


def test_a_cursor_of_another_installation_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        cursor.decode(cursor.encode(HERE, b"t" * 32), SECRET)
