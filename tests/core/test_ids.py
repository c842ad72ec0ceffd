"""Global ids: one spelling for each, and everything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInputError
from core.ids import PAIRS, PREFIXES, GlobalId, decode, decode_as, encode

NUMBERS = st.integers(0, 2**63 - 1)
SEQS = st.integers(1, 2**52 - 1)


def test_spelling() -> None:
    assert encode("member", 255) == "mbr_00000000000000ff"
    assert encode("redemption", 2**63 - 1, 31) == "rdm_7fffffffffffffff_1f"


@given(st.sampled_from(sorted(PREFIXES)), NUMBERS, SEQS)
def test_what_is_written_is_read(entity: str, first: int, second: int) -> None:
    key = (first, second) if entity in PAIRS else (first,)

    text = encode(entity, *key)

    assert decode(text) == GlobalId(entity, key)
    assert decode_as(entity, text) == key


@given(st.text(max_size=30))
def test_other_text_is_refused_or_spelled_as_written(text: str) -> None:
    try:
        found = decode(text)
    except InvalidInputError:
        return
    assert encode(found.entity, *found.key) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mbr_",
        "mbr_ff",
        "mbr_00000000000000FF",
        "mbr_80000000000000ff",  # does not fit into 63 bits
        "mbr_00000000000000ff_1",  # a member has no second number
        "txn_00000000000000ff",  # a transaction has one
        "txn_00000000000000ff_0",
        "txn_00000000000000ff_01",
        "xyz_00000000000000ff",
        "mbr_00000000000000ff\n",
        "mbr_00000000000000f\u0661",  # a digit, but not one of ours
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a valid id"):
        decode(text)


def test_id_of_something_else() -> None:
    with pytest.raises(InvalidInputError) as caught:
        decode_as("member", encode("reward", 1), field="memberId")

    assert caught.value.field == "memberId"
    assert caught.value.reason == "is not the id of a member"
