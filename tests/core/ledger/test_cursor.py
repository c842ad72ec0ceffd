"""Cursors of streams: one spelling each, made here and not to be made up."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInputError
from core.ledger.cursor import Position, decode, encode

SECRET = b"s" * 32
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= "
POSITIONS = st.builds(
    Position,
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=8, max_size=8),
)


@given(POSITIONS)
def test_what_is_written_is_read(position: Position) -> None:
    assert decode(encode(position, SECRET), SECRET) == position


@given(POSITIONS, st.integers(0, 54), st.sampled_from(ALPHABET))
def test_no_other_text_means_the_same(position: Position, at: int, sign: str) -> None:
    cursor = encode(position, SECRET)
    forged = cursor[:at] + sign + cursor[at + 1 :]
    if forged == cursor:
        return

    with pytest.raises(InvalidInputError, match="is not a cursor of this stream"):
        decode(forged, SECRET)


@pytest.mark.parametrize("last", range(4))
def test_spare_bits_and_padding_are_refused(last: int) -> None:
    cursor = encode(Position(1, 1, 1, b"x" * 8), SECRET)
    data = base64.urlsafe_b64decode(cursor + "=")
    alphabet = ALPHABET[:64]
    spellings = [cursor + "=", cursor + "==", f" {cursor}", f"{cursor}\n"]
    spelled = cursor[:-1] + alphabet[(alphabet.index(cursor[-1]) & ~3) | last]
    if spelled != cursor:
        assert base64.urlsafe_b64decode(spelled + "=") == data
        spellings.append(spelled)

    for forged in spellings:
        with pytest.raises(InvalidInputError):
            decode(forged, SECRET)


@given(st.text(max_size=80))
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        decode(text, SECRET)


def test_the_secret_of_another_installation_does_not_do() -> None:
    cursor = encode(Position(1, 1, 1, b"x" * 8), SECRET)

    with pytest.raises(InvalidInputError):
        decode(cursor, b"t" * 32)
